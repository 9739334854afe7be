//! Forms of Mach-O: every pointer format of chained fixups, universal files and archives, libraries and
//! bundles, stripped and signed files. Whatever the form, the records are those that went in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::account::{Account, images};
use linktab_tests::verify::chained::{Encoding, reencode};
use linktab_tests::verify::cross_check::cross_check;
use linktab_tests::verify::targets::Target;
use linktab_tests::verify::universal::universal;
use linktab_tests::verify::{has, linktab, llvm, must, scratch};
use linktab_verify::commands::Exit;

const ARM64: &str = "mach-o arm64 chained";
const X86_64: &str = "mach-o x86-64 chained";

/// `cputype` of each (mach/machine.h).
const CPUS: [(&str, u32, u32); 2] = [(ARM64, 0x0100_000c, 0), (X86_64, 0x0100_0007, 3)];

/// Objects of one target in a folder of one test.
struct Bench {
    target: Target,
    folder: PathBuf,
}

impl Bench {
    /// `None` when the compiler is not installed, which then is said.
    fn new(test: &str, target: &str) -> Option<Bench> {
        let target = Target::installed().into_iter().find(|installed| installed.name == target)?;
        let folder = scratch("mach-o").join(test).join(target.slug());
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        Some(Bench { target, folder })
    }

    fn object(&self, source: &str) -> PathBuf {
        let object = self.folder.join(source).with_extension("o");
        self.target.compile(source, &[], &object);
        object
    }

    fn link(&self, name: &str, sources: &[&str], flags: &[&str]) -> PathBuf {
        let objects: Vec<PathBuf> = sources.iter().map(|source| self.object(source)).collect();
        let objects: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
        let output = self.folder.join(name);
        self.target.link(&objects, flags, &output);
        output
    }

    fn program(&self) -> PathBuf {
        self.link("app", &["runtime.c", "modules.c"], &[])
    }

    /// A library with one init function that another one defines.
    fn library(&self) -> PathBuf {
        self.link("importing.dylib", &["modules.c", "imported.c"], &["-dylib"])
    }
}

/// Everything that the tool says of a file, but for its path.
fn listed(file: &Path) -> String {
    let path = file.to_str().expect("an ASCII path");
    let ran = linktab(["list", "--output-format", "json", path]);
    assert_eq!((ran.exit, &*ran.err), (Exit::Clean, ""), "{path}");
    ran.out.replace(path, "file").replace("\"arm64e\"", "\"aarch64\"")
}

/// The records of one image, without addresses: those differ between forms.
fn names(account: &Account) -> Vec<String> {
    let without = |line: &String| {
        line.split(' ')
            .filter(|word| !word.starts_with("0x") && *word != "none")
            .collect::<Vec<_>>()
            .join(" ")
    };
    account.records.iter().map(without).collect()
}

fn only(file: &Path) -> Account {
    let mut images = images(file);
    assert_eq!(images.len(), 1, "{}", file.display());
    images.pop().expect("there is one")
}

fn encodings() -> Vec<Encoding> {
    let mut all = Vec::new();
    for imports in 1..=3 {
        all.push(Encoding { pointers: 6, signed: false, imports });
        for pointers in [1, 9, 12] {
            all.extend([false, true].map(|signed| Encoding { pointers, signed, imports }));
        }
    }
    all
}

#[test]
fn every_format_of_chained_fixups_tells_the_same_records() {
    let (mut compared, mut readable) = (0, Vec::new());
    for target in [ARM64, X86_64] {
        let Some(bench) = Bench::new("chained", target) else { return };
        for file in [bench.program(), bench.library()] {
            let bytes = fs::read(&file).expect("it was just linked");
            let expected = listed(&file);
            for encoding in encodings() {
                // Signed pointers are arm64e's.
                if target == X86_64 && encoding.pointers != 6 {
                    continue;
                }
                let copy =
                    file.with_extension(format!("{encoding:?}").replace([' ', ':', '{', '}', ','], ""));
                fs::write(&copy, reencode(&bytes, encoding)).expect("the scratch folder is writable");
                assert_eq!(listed(&copy), expected, "{target} {} {encoding:?}", file.display());
                let check = linktab(["check", "--no-config", "-A", "LT006", copy.to_str().expect("ASCII")]);
                assert_eq!(check.exit, Exit::Clean, "{}", check.out);
                compared += 1;
                // LIEF 1.0 adds the base to unsigned pointers of format 1, which are addresses already.
                if encoding.pointers != 1 {
                    readable.push(copy);
                }
            }
        }
    }
    println!("chained fixups: {compared} files re-encoded, the same records in each");
    cross_check(&readable);
}

/// The loader maps segments: nobody holds the offset of a section to anything.
#[test]
fn a_section_that_lies_about_its_place_is_not_believed() {
    for target in [ARM64, X86_64] {
        let Some(bench) = Bench::new("lies", target) else { return };
        let program = bench.program();
        let (expected, mut bytes) = (listed(&program), fs::read(&program).expect("it was just linked"));
        // `struct section_64` begins with the section's name, and has its offset behind 48 bytes (mach-o/loader.h).
        let name = b"__linkmekOkYfEtH";
        let at = bytes.windows(name.len()).position(|window| window == name).expect("the section") + 48;
        let copy = u32::try_from(bytes.len()).expect("a small program");
        bytes[at..at + 4].copy_from_slice(&copy.to_le_bytes());
        bytes.extend([0x41; 4 << 10]);
        fs::write(&program, bytes).expect("the scratch folder is writable");
        assert_eq!(listed(&program), expected, "{target}");
    }
}

#[test]
fn a_format_that_is_not_read_is_named() {
    let Some(bench) = Bench::new("unread", ARM64) else { return };
    let mut told = String::new();
    for (file, pointers, imports) in [(bench.program(), 10, 1), (bench.library(), 6, 4)] {
        let bytes = fs::read(&file).expect("it was just linked");
        fs::write(&file, reencode(&bytes, Encoding { pointers, signed: false, imports })).expect("writable");
        let path = file.to_str().expect("ASCII");
        let ran = linktab(["check", path]);
        assert_eq!(ran.exit, Exit::Unreadable);
        told.push_str(&ran.out.replace(path, "file"));
    }
    insta::assert_snapshot!("unread_formats", told);
}

#[test]
fn a_universal_file_is_its_slices() {
    let benches: Vec<Bench> =
        CPUS.iter().filter_map(|(target, ..)| Bench::new("universal", target)).collect();
    let [arm64, x86_64] = &benches[..] else { return };
    // What one slice has and the other lacks must not get lost.
    let apps = [arm64.program(), x86_64.link("app", &["runtime.c", "modules.c", "archived.c"], &[])];
    let expected: Vec<Vec<String>> = apps.iter().map(|app| only(app).records).collect();
    assert_eq!([expected[0].len(), expected[1].len()], [4, 5]);

    let contents = apps.each_ref().map(|app| fs::read(app).expect("it was just linked"));
    let slices: Vec<_> =
        CPUS.iter().zip(&contents).map(|((_, cpu, subtype), bytes)| (*cpu, *subtype, &bytes[..])).collect();
    let folder = &arm64.folder;
    let mut files = Vec::new();
    for wide in [false, true] {
        let file = folder.join(format!("universal-{wide}"));
        fs::write(&file, universal(&slices, wide)).expect("the scratch folder is writable");
        files.push(file);
    }
    if let Some(mut lipo) = llvm("llvm-lipo") {
        let file = folder.join("universal-lipo");
        must(lipo.arg("-create").args(&apps).arg("-output").arg(&file));
        files.push(file);
    }
    for file in &files {
        let mut found: Vec<(String, Vec<String>)> =
            images(file).into_iter().map(|image| (image.arch, image.records)).collect();
        found.sort();
        assert_eq!(
            found,
            [("aarch64".to_owned(), expected[0].clone()), ("x86-64".to_owned(), expected[1].clone())]
        );
        let path = file.to_str().expect("ASCII");
        assert_eq!(linktab(["check", "--no-config", path]).exit, Exit::Clean);
        // A module that one slice lacks is missing, and `--arch` looks at one slice.
        let expect = ["check", "--no-config", "--expect", "acme.archived", path];
        assert_eq!(linktab(expect).exit, Exit::Findings, "{path}");
        let one = ["check", "--no-config", "--arch", "x86-64", "--expect", "acme.archived", path];
        assert_eq!(linktab(one).exit, Exit::Clean, "{path}");
    }
    println!("universal: {} files", files.len());
    // LIEF 1.0 knows no header with 64-bit offsets.
    files.retain(|file| !file.ends_with("universal-true"));
    cross_check(&files);
}

#[test]
fn a_universal_archive_is_its_members() {
    let benches: Vec<Bench> = CPUS.iter().filter_map(|(target, ..)| Bench::new("archive", target)).collect();
    let [arm64, x86_64] = &benches[..] else { return };
    let mut archives = Vec::new();
    for (bench, sources) in [(arm64, &["modules.c"][..]), (x86_64, &["modules.c", "archived.c"])] {
        let archive = bench.folder.join("libmodules.a");
        let _ = fs::remove_file(&archive);
        let objects = sources.iter().map(|source| bench.object(source));
        must(Command::new("llvm-ar").args(["--format=darwin", "crs"]).arg(&archive).args(objects));
        archives.push(archive);
    }
    let mut files = Vec::new();
    let contents: Vec<Vec<u8>> = archives.iter().map(|it| fs::read(it).expect("just written")).collect();
    let slices: Vec<_> =
        CPUS.iter().zip(&contents).map(|((_, cpu, subtype), bytes)| (*cpu, *subtype, &bytes[..])).collect();
    for wide in [false, true] {
        let file = arm64.folder.join(format!("libuniversal-{wide}.a"));
        fs::write(&file, universal(&slices, wide)).expect("the scratch folder is writable");
        files.push(file);
    }
    if let Some(mut lipo) = llvm("llvm-lipo") {
        let file = arm64.folder.join("libuniversal-lipo.a");
        must(lipo.arg("-create").args(&archives).arg("-output").arg(&file));
        files.push(file);
    }
    for file in files {
        let mut told: Vec<String> = images(&file)
            .iter()
            .map(|image| {
                let member = image.member.as_deref().unwrap_or("none");
                format!("{member} ({})\n  {}", image.arch, names(image).join("\n  "))
            })
            .collect();
        told.sort();
        insta::assert_snapshot!("universal_archive", told.join("\n"));
    }
}

#[test]
fn libraries_bundles_stripped_and_signed_files_hold_the_same_records() {
    let (mut compared, mut linked) = (0, Vec::new());
    for target in [ARM64, "mach-o arm64 dyld info", X86_64, "mach-o x86-64 dyld info"] {
        let Some(bench) = Bench::new("forms", target) else { return };
        let expected = names(&only(&bench.program()));
        assert_eq!(expected.len(), 4);
        let mut files = vec![
            bench.object("modules.c"),
            bench.link("lib.dylib", &["modules.c"], &["-dylib"]),
            bench.link("module.so", &["modules.c"], &["-bundle"]),
            bench.link("signed", &["runtime.c", "modules.c"], &["-adhoc_codesign"]),
            bench.link("unsigned", &["runtime.c", "modules.c"], &["-no_adhoc_codesign"]),
        ];
        for file in files.clone() {
            if has("llvm-strip") && file.extension().is_none_or(|extension| extension != "o") {
                let stripped = file.with_extension("stripped");
                must(Command::new("llvm-strip").arg(&file).arg("-o").arg(&stripped));
                files.push(stripped);
            }
        }
        for file in &files {
            assert_eq!(names(&only(file)), expected, "{target} {}", file.display());
            // Final forms can be checked, objects only listed.
            let expected = if file.ends_with("modules.o") { Exit::Unreadable } else { Exit::Clean };
            let path = file.to_str().expect("ASCII");
            assert_eq!(linktab(["check", "--no-config", path]).exit, expected, "{path}");
        }
        compared += files.len();
        linked.extend(files.into_iter().filter(|file| !file.ends_with("modules.o")));
    }
    println!("Mach-O: {compared} files of 4 targets hold the same records");
    cross_check(&linked);
}
