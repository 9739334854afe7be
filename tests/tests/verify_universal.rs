//! Universal files whose architectures differ: each is compared with, and pinned and held against, its own.

use std::fs;
use std::path::{Path, PathBuf};

use linktab_tests::verify::targets::Target;
use linktab_tests::verify::universal::universal;
use linktab_tests::verify::{linktab, scratch};
use linktab_verify::commands::Exit;

/// `cputype` and `cpusubtype` of each (mach/machine.h).
const CPUS: [(&str, u32, u32); 2] =
    [("mach-o arm64 chained", 0x0100_000c, 0), ("mach-o x86-64 chained", 0x0100_0007, 3)];

/// A folder with thin programs, named by fault and architecture, and universal files of them.
struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// `None` when the compiler is not installed, which then is said.
    fn new(test: &str) -> Option<Bench> {
        let folder = scratch("universal").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        for (name, _, _) in CPUS {
            let target = Target::installed().into_iter().find(|target| target.name == name)?;
            let runtime = folder.join(format!("{}-runtime.o", target.slug()));
            target.compile("runtime.c", &[], &runtime);
            // Sound; with one module more; and with one that is no package any more.
            for fault in [0, 313, 12] {
                let object = folder.join(format!("{}-{fault}.o", target.slug()));
                target.compile("modules.c", &[&format!("-DFAULT={fault}")], &object);
                target.link(&[&runtime, &object], &[], &object.with_extension("thin"));
            }
        }
        Some(Bench { folder })
    }

    fn thin(&self, cpu: usize, fault: u32) -> PathBuf {
        self.folder.join(format!("{}-{fault}.thin", CPUS[cpu].0.replace(' ', "-")))
    }

    /// A file of one slice for each fault: arm64, then x86-64.
    fn universal(&self, name: &str, faults: &[u32], wide: bool) -> PathBuf {
        let thin = |(cpu, fault): (usize, &u32)| fs::read(self.thin(cpu, *fault)).expect("a thin file");
        let bytes: Vec<Vec<u8>> = faults.iter().enumerate().map(thin).collect();
        let slices: Vec<_> = CPUS.iter().zip(&bytes).map(|(cpu, bytes)| (cpu.1, cpu.2, &**bytes)).collect();
        let file = self.folder.join(name);
        fs::write(&file, universal(&slices, wide)).expect("the scratch folder is writable");
        file
    }

    fn told(&self, arguments: &[&str], files: &[&Path]) -> String {
        let files = files.iter().map(|file| file.to_str().expect("an ASCII path"));
        let ran = linktab(arguments.iter().copied().chain(files));
        let folder = format!("{}/", self.folder.display());
        let told = format!("{}{}exit {}\n", ran.out, ran.err, ran.exit as u8).replace(&folder, "");
        // A fixture's lines move.
        let mut parts = told.split("modules.c:");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |told, part| {
            told + "modules.c:…" + part.trim_start_matches(|c: char| c.is_ascii_digit())
        })
    }
}

#[test]
fn each_architecture_is_compared_with_its_own() {
    let Some(bench) = Bench::new("diff") else { return };
    let (arm, intel) = (bench.thin(0, 0), bench.thin(1, 0));
    let sound = bench.universal("sound", &[0, 0], false);
    let one_more = bench.universal("one-more", &[0, 313], false);
    let both_more = bench.universal("both-more", &[313, 313], true);
    let mixed = bench.universal("mixed", &[12, 313], true);
    let only_arm = bench.universal("only-arm", &[0], false);
    let pairs: [(&Path, &Path); 11] = [
        (&sound, &sound),
        (&sound, &one_more),
        (&one_more, &sound),
        (&sound, &both_more),
        (&one_more, &mixed),
        (&sound, &only_arm),
        (&only_arm, &one_more),
        (&arm, &one_more),
        (&intel, &one_more),
        (&one_more, &intel),
        (&arm, &intel),
    ];
    let told = |(old, new): &(&Path, &Path)| {
        let name = |path: &Path| path.file_name().expect("a file").to_string_lossy().into_owned();
        format!("$ linktab diff {} {}\n{}", name(old), name(new), bench.told(&["diff"], &[old, new]))
    };
    insta::assert_snapshot!(pairs.iter().map(told).collect::<Vec<_>>().join("\n"));
}

#[test]
fn each_architecture_is_pinned_and_held_against_its_own() {
    let Some(bench) = Bench::new("lock") else { return };
    let lock = bench.folder.join("app.lock");
    let path = lock.to_str().expect("an ASCII path");
    let mut all = Vec::new();
    let mut run = |what: &str, told: String| all.push(format!("# {what}\n{told}"));
    let (app, other) = (bench.universal("app", &[0, 313], false), bench.universal("other", &[313, 0], false));
    let check = ["check", "--no-config", "--locked", "--lock", path, "--output-format", "concise"];
    run("written", bench.told(&["lock", "--lock", path], &[&app]));
    run("the file", fs::read_to_string(&lock).expect("it was written"));
    run("fresh", bench.told(&["lock", "--check", "--lock", path], &[&app]));
    run("clean", bench.told(&check, &[&app]));
    run("the other way round", bench.told(&["lock", "--check", "--lock", path], &[&other]));
    run("the other way round, checked", bench.told(&check, &[&other]));
    for (what, file) in [("arm64 alone", bench.thin(0, 0)), ("x86-64 alone", bench.thin(1, 313))] {
        run(what, bench.told(&check, &[&file]));
        run("it is not what was locked", bench.told(&["lock", "--check", "--lock", path], &[&file]));
    }
    run("x86-64 without the module", bench.told(&check, &[&bench.thin(1, 0)]));
    let lost = bench.universal("lost", &[0], false);
    run("a lost architecture", bench.told(&["lock", "--check", "--lock", path], &[&lost]));
    let phase = bench.universal("package", &[12, 313], false);
    run("no package any more", bench.told(&["lock", "--check", "--lock", path], &[&phase]));
    insta::assert_snapshot!(all.join("\n"));
    // A file of one architecture says nothing of it: a lock is for every machine.
    let thin = bench.thin(0, 0);
    assert_eq!(linktab(["lock", "--lock", path, thin.to_str().expect("ASCII")]).exit, Exit::Clean);
    assert!(!fs::read_to_string(&lock).expect("it was written").contains("architectures"));
    assert!(bench.told(&check, &[&bench.universal("both", &[0, 0], false)]).ends_with("exit 0\n"));
}
