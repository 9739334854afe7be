//! For each finding, format and linker: a binary with exactly that fault in it, which has to be
//! found, and its clean twin, on which nothing may be found. Prints the table.
//!
//! Long because every fault that takes more than one object is planted here, beside the others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab::layout::section;
use linktab_tests::side_by_side;
use linktab_tests::verify::cases::CASES;
use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{codes, linktab, must, scratch};
use linktab_verify::commands::Exit;
use serde_json::Value;

struct Bench {
    target: Target,
    folder: PathBuf,
    runtime: PathBuf,
}

impl Bench {
    fn new(target: Target) -> Bench {
        let folder = scratch("oracle").join(target.slug());
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let runtime = folder.join("runtime.o");
        target.compile("runtime.c", &[], &runtime);
        Bench { target, folder, runtime }
    }

    fn modules(&self, fault: u32) -> PathBuf {
        self.modules_with(fault, &[])
    }

    fn modules_with(&self, fault: u32, flags: &[&str]) -> PathBuf {
        let object = self.folder.join(format!("modules-{fault}{}.o", flags.concat()));
        let number = format!("-DFAULT={fault}");
        self.target.compile("modules.c", &[&[&*number], flags].concat(), &object);
        object
    }

    fn link(&self, name: &str, inputs: &[&Path], flags: &[&str]) -> PathBuf {
        let output = self.folder.join(name);
        self.target.link(inputs, flags, &output);
        output
    }

    /// A shared object that the loader knows by its file's name.
    fn library(&self, name: &str, flags: &[&str]) -> PathBuf {
        let object = self.folder.join(name).with_extension("o");
        self.target.compile("missing.c", flags, &object);
        self.link(name, &[&object], &[self.target.shared(), &["-soname", name]].concat())
    }

    fn program(&self, fault: u32) -> PathBuf {
        self.program_with(fault, &[])
    }

    fn program_with(&self, fault: u32, flags: &[&str]) -> PathBuf {
        let modules = self.modules_with(fault, flags);
        self.link(&format!("fault-{fault}{}", flags.concat()), &[&self.runtime, &modules], &[])
    }
}

/// How many cells of the table were right.
#[derive(Default)]
struct Tally {
    cells: BTreeMap<&'static str, [usize; 2]>,
    faults: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        for (code, [found, planted]) in other.cells {
            let cell = self.cells.entry(code).or_default();
            cell[0] += found;
            cell[1] += planted;
        }
        self.faults.extend(other.faults);
    }

    fn expect(
        &mut self,
        case: (&'static str, &str),
        bench: &Bench,
        faulty: (Exit, Vec<String>),
        clean: (Exit, Vec<String>),
    ) {
        let cell = self.cells.entry(case.0).or_default();
        // The fault, and at most what cannot be separated from it.
        let is_found = faulty.1.first().is_some_and(|code| code == case.0) && faulty.1.len() == 1;
        cell[0] += usize::from(is_found);
        cell[1] += 1;
        if !is_found {
            self.faults.push(format!("{}: {} ({}): found {:?}", bench.target.name, case.0, case.1, faulty));
        }
        if clean != (Exit::Clean, Vec::new()) {
            self.faults
                .push(format!("{}: {} ({}): clean twin: {:?}", bench.target.name, case.0, case.1, clean));
        }
    }
}

#[test]
fn every_fault_is_found_and_clean_twins_are_clean() {
    let targets = Target::installed();
    let mut tally = Tally::default();
    for of_target in side_by_side(targets.iter().copied(), judge) {
        tally.add(of_target);
    }
    println!("found/planted over {} formats and linkers", targets.len());
    for (code, [found, planted]) in &tally.cells {
        println!("{code}  {found}/{planted}");
    }
    assert_eq!(tally.faults, Vec::<String>::new());
}

fn judge(target: Target) -> Tally {
    let mut tally = Tally::default();
    let bench = Bench::new(target);
    let clean = bench.program(0);
    for case in CASES {
        let faulty = bench.program_with(case.fault, case.flags);
        let twin =
            if case.twin == (0, &[]) { clean.clone() } else { bench.program_with(case.twin.0, case.twin.1) };
        tally.expect((case.code, case.what), &bench, codes(&faulty, case.faulty), codes(&twin, case.clean));
    }
    imported(&bench, &mut tally);
    dropped(&bench, &mut tally);
    locked(&bench, &clean, &mut tally);
    unregistered(&bench, &mut tally);
    own_file(&bench, &clean, &mut tally);
    under_another_name(&bench, &mut tally);
    others(&bench, &clean, &mut tally);
    tally
}

/// LT006 and LT009 once more: a symbol that another file defines, or none.
fn imported(bench: &Bench, tally: &mut Tally) {
    let (target, is_mach_o) = (bench.target, bench.target.format == "mach-o");
    if target.format == "pe" || target.linker.contains(&"-static") {
        return;
    }
    let modules = bench.modules(0);
    let import = |what: &str, flags: &[&str], inputs: &[&Path], options: &[&str]| {
        let object = bench.folder.join(format!("imported-{what}.o"));
        target.compile("imported.c", flags, &object);
        let inputs = [&[&*bench.runtime, &*modules, &*object], inputs].concat();
        codes(&bench.link(&format!("imported-{what}.so"), &inputs, options), &[])
    };
    let shared = target.shared();
    // The stub of libSystem defines it.
    let library = (!is_mach_o).then(|| bench.library("libmissing.so", &[]));
    let found: Vec<&Path> = library.iter().map(PathBuf::as_path).collect();
    let clean = import("found", &[], &found, shared);

    let open = if is_mach_o { &["-undefined", "dynamic_lookup", "-flat_namespace"][..] } else { &[] };
    let nowhere = import("nowhere", &[], &[], &[shared, open].concat());
    tally.expect(("LT006", "undefined"), bench, nowhere, clean.clone());
    let twice = import("twice", &["-DTWICE"], &found, shared);
    tally.expect(("LT009", "one imported init function twice"), bench, twice.clone(), clean);
    let program = import("program", &[], &found, &[]);
    let weak = import("weak", &["-DWEAK"], &found, &[]);
    tally.expect(("LT009", "beside an import of a program"), bench, twice.clone(), program);
    tally.expect(("LT009", "beside a weak import"), bench, twice, weak.clone());
    if !is_mach_o {
        let (of_c, keep) = (bench.library("libm.so.6", &["-DEMPTY"]), &["--no-as-needed"][..]);
        let nowhere = import("nowhere-with-c", &[], &[&of_c], &[shared, keep].concat());
        tally.expect(("LT006", "undefined, beside C's library"), bench, nowhere, weak);
    }
}

/// LT007: an archive member that nothing refers to; and a record that is not retained.
fn dropped(bench: &Bench, tally: &mut Tally) {
    let member = bench.folder.join("archived.o");
    bench.target.compile("archived.c", &[], &member);
    let archive = bench.folder.join("libarchived.a");
    let _ = fs::remove_file(&archive);
    must(Command::new("llvm-ar").arg("crs").arg(&archive).arg(&member));
    let modules = bench.modules(0);
    let faulty = bench.link("dropped", &[&bench.runtime, &modules, &archive], &[]);
    let clean = bench.link("kept", &[&bench.runtime, &modules, &member], &[]);
    let inputs = ["--inputs", archive.to_str().expect("an ASCII path")];
    tally.expect(("LT007", "never pulled"), bench, codes(&faulty, &inputs), codes(&clean, &inputs));

    // The same name, and not the same record.
    let (rival, rivals) = (bench.folder.join("rival.o"), bench.folder.join("librival.a"));
    bench.target.compile("archived.c", &["-DLINKTAB_ORIGIN_PACKAGE=\"rival\""], &rival);
    let _ = fs::remove_file(&rivals);
    must(Command::new("llvm-ar").arg("crs").arg(&rivals).arg(&rival));
    let other = ["--inputs", rivals.to_str().expect("an ASCII path")];
    tally.expect(("LT007", "another of its name"), bench, codes(&clean, &other), codes(&clean, &inputs));

    split(bench, tally);
    // GNU ld and mold keep whatever `__start_` symbols bound; so does Mach-O's `used`.
    if !bench.target.linker.iter().any(|word| word.ends_with("lld")) || bench.target.format != "elf" {
        return;
    }
    bench.target.compile("archived.c", &["-Dretain=used"], &member);
    let faulty = bench.link("collected", &[&bench.runtime, &modules, &member], &["-z", "start-stop-gc"]);
    let clean = bench.link("not-collected", &[&bench.runtime, &modules, &member], &["-z", "nostart-stop-gc"]);
    let inputs = ["--inputs", member.to_str().expect("an ASCII path")];
    tally.expect(("LT007", "collected"), bench, codes(&faulty, &inputs), codes(&clean, &inputs));
}

/// LT007 once more: two sections of one name, of which the program reads one. What mold makes of records
/// that are read-only beside an anchor that is not, is made by renaming a section here.
fn split(bench: &Bench, tally: &mut Tally) {
    if bench.target.format != "elf" {
        return;
    }
    let (member, elsewhere) = (bench.folder.join("archived.o"), bench.folder.join("elsewhere.o"));
    let rename = |from: &str, to: &str, input: &Path, output: &Path| {
        let rename = ["--rename-section", &format!("{from}={to}")];
        must(Command::new("llvm-objcopy").args(rename).arg(input).arg(output));
    };
    rename("linkme_LINKTAB", "elsewhere", &member, &elsewhere);
    let modules = bench.modules(0);
    let whole = bench.link("one-section", &[&bench.runtime, &modules, &member], &[]);
    let apart = bench.link("apart", &[&bench.runtime, &modules, &elsewhere], &[]);
    let halves = bench.folder.join("two-sections");
    rename("elsewhere", "linkme_LINKTAB", &apart, &halves);
    tally.expect(("LT007", "split"), bench, codes(&halves, &[]), codes(&whole, &[]));
}

/// LT001 once more, where the section of records has another name or is part of another one. ELF programs with
/// such a section run in `verify_sections.rs`.
fn under_another_name(bench: &Bench, tally: &mut Tally) {
    let target = bench.target;
    let options: &[&[&str]] = match (target.format, target.linker[0]) {
        ("mach-o", _) => &[
            &["-rename_section", "__DATA", section::MACH_O, "__DATA", "__elsewhere"],
            &["-rename_segment", "__DATA", "__ELSEWHERE"],
        ],
        ("pe", "rust-lld") => {
            &[&["-Xlink=-merge:.linkme_LINKTAB=.data"], &["-Xlink=-merge:.linkme_LINKTAB=.rdata"]]
        }
        ("pe", _) => &[&[]],
        _ => return,
    };
    for (number, options) in options.iter().enumerate() {
        let link = |fault: u32| {
            let inputs = [&*bench.runtime, &*bench.modules(fault)];
            let program = bench.link(&format!("elsewhere-{number}-{fault}"), &inputs, options);
            if target.format == "pe" && target.linker[0] != "rust-lld" {
                let rename = ["--rename-section", &format!("{}=elsewhere", section::PE)];
                must(Command::new("x86_64-w64-mingw32-objcopy").args(rename).arg(&program));
            }
            if number == 0 && target.linker[0] == "rust-lld" {
                assert!(
                    !holds(&program, section::MACH_O) && !holds(&program, section::PE),
                    "{}",
                    target.name
                );
            }
            codes(&program, &[])
        };
        tally.expect(("LT001", "in a section of another name"), bench, link(1), link(0));
    }
}

fn holds(file: &Path, text: &str) -> bool {
    let bytes = fs::read(file).expect("it was just linked");
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// LT002, LT004 and LT010 with a lock.
fn locked(bench: &Bench, clean: &Path, tally: &mut Tally) {
    let lock = bench.folder.join("linktab.lock");
    let (path, program) = (lock.to_str().expect("an ASCII path"), clean.to_str().expect("an ASCII path"));
    let _ = fs::remove_file(&lock);
    assert_eq!(linktab(["lock", "--lock", path, program]).exit, Exit::Clean);
    assert_eq!(linktab(["lock", "--check", "--lock", path, program]).exit, Exit::Clean);
    let text = fs::read_to_string(&lock).expect("it was just written");
    let sound = codes(clean, &["--locked", "--lock", path]);
    let changed = text.replace("phase = \"single\"", "phase = \"multi\"");
    let shorter: String = text.split("\n[[module]]").take(4).collect::<Vec<_>>().join("\n[[module]]");
    let longer = format!("{text}\n[[module]]\nname = \"acme.zeta\"\nphase = \"multi\"\n");
    let elsewhere = text.replace("registered-by = \"modules.c\"", "registered-by = \"other.c\"");
    for (code, what, text) in [
        ("LT004", "locked phase", changed),
        ("LT010", "not locked", shorter),
        ("LT002", "locked", longer),
        ("LT002", "locked from another origin", elsewhere),
    ] {
        fs::write(&lock, text).expect("the lock can be written");
        tally.expect((code, what), bench, codes(clean, &["--locked", "--lock", path]), sound.clone());
        assert_eq!(linktab(["lock", "--check", "--lock", path, program]).exit, Exit::Findings);
    }
}

/// LT018 once more: what is its business, and what a shared object is.
fn unregistered(bench: &Bench, tally: &mut Tally) {
    let found = codes(&bench.program(18), &[]);
    let bare = bench.folder.join("bare.o");
    bench.target.compile("runtime.c", &["-DNO_RUNTIME"], &bare);
    let elsewhere = bench.link("no-table", &[&bare, &bench.modules(1809)], &[]);
    tally.expect(("LT018", "beside a file without linktab"), bench, found, codes(&elsewhere, &[]));
    if bench.target.linker.contains(&"-static") {
        return;
    }
    let wheel = bench.modules(1808);
    let wheel = bench.link("wheel.so", &[&bare, &wheel], bench.target.shared());
    let program = codes(&bench.program(1808), &[]);
    tally.expect(("LT018", "a hook of a wheel, in a program"), bench, program, codes(&wheel, &[]));
}

/// LT023: an object that went into the link; and a program, where nothing tells which.
fn own_file(bench: &Bench, clean: &Path, tally: &mut Tally) {
    let object = |flag: &str| {
        let object = bench.folder.join(format!("asks{flag}.o"));
        bench.target.compile("asks.c", &[flag], &object);
        object
    };
    let asks = object("-DPYTHON");
    let input = |object: &Path| codes(clean, &["--inputs", object.to_str().expect("an ASCII path")]);
    for twin in ["-DNO_PYTHON", "-DOF_CPYTHON"] {
        let (found, twin) = (input(&asks), input(&object(twin)));
        assert_eq!(found.0, Exit::Clean, "it is a note");
        tally.expect(("LT023", "an input asks"), bench, found, twin);
    }
    if bench.target.format != "elf" || bench.target.linker.contains(&"-static") {
        return;
    }
    let library = bench.library("libasked.so", &["-DASKED"]);
    let modules = bench.modules(0);
    let link = |name: &str, object: &Path| {
        codes(&bench.link(name, &[&bench.runtime, &modules, object, &library], &[]), &[])
    };
    let (faulty, twin) = (link("asks", &asks), link("asks-of-cpython", &object("-DNEW")));
    tally.expect(("LT023", "the program asks"), bench, faulty, twin);
}

/// LT007 of a stripped program whose records were collected, where a runtime from before the anchor left nothing
/// that tells of itself either: the inputs alone show that there was to be a table.
fn stripped_to_nothing(bench: &Bench, tally: &mut Tally) {
    let (old, bare) = (bench.folder.join("old-runtime.o"), bench.folder.join("nothing"));
    bench.target.compile("runtime.c", &["-DOLD_LOCATOR"], &old);
    let modules = bench.modules(0);
    let program = bench.link("empty", &[&old, &bench.modules(14)], &[]);
    must(Command::new("llvm-strip").arg(&program).arg("-o").arg(&bare));
    let clean = codes(&bare, &[]);
    if bench.target.format != "pe" {
        // There the note, or the name of the exported function, is in what is loaded.
        assert_eq!(clean, (Exit::Findings, vec!["LT014".to_owned()]), "{}", bench.target.name);
        return;
    }
    let with_inputs = ["-A", "LT014", "--inputs", modules.to_str().expect("an ASCII path")];
    let (exit, mut found) = codes(&bare, &with_inputs);
    found.dedup();
    tally.expect(("LT007", "stripped to nothing"), bench, (exit, found), clean);
}

/// LT014 the other way round, LT015, LT016 and LT017.
fn others(bench: &Bench, clean: &Path, tally: &mut Tally) {
    if bench.target.format == "elf" {
        let bare = bench.folder.join("bare.o");
        let faulty = bench.link("no-runtime", &[&bare, &bench.modules(0)], &[]);
        tally.expect(("LT014", "table without runtime"), bench, codes(&faulty, &[]), codes(clean, &[]));
        let among_functions = codes(&bench.program(608), &[]);
        tally.expect(("LT006", "a variable among functions"), bench, among_functions, codes(clean, &[]));
    }
    let stripped = |program: &Path| {
        let copy = program.with_extension("stripped");
        must(Command::new("llvm-strip").arg(program).arg("-o").arg(&copy));
        copy
    };
    let clean_stripped = codes(&stripped(clean), &[]);
    let faulty = codes(&stripped(&bench.program(606)), &["-A", "LT006"]);
    tally.expect(("LT015", "stripped"), bench, faulty, clean_stripped.clone());
    let faulty = codes(&stripped(&bench.program(14)), &[]);
    tally.expect(("LT014", "runtime without table, stripped"), bench, faulty, clean_stripped);
    stripped_to_nothing(bench, tally);

    let (exit, found) = codes(clean, &["--max-records", "1"]);
    assert_eq!(exit, Exit::Unreadable, "what was not read is not clean");
    tally.expect(("LT016", "limit"), bench, (exit, found), codes(clean, &["--max-records", "100"]));

    // The lock of the cases above would be found beside it.
    let folder = bench.folder.join("config");
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let config = folder.join("linktab.toml");
    let text = "[[allow]]\ncode = \"LT018\"\nmodule = \"PyInit_extra\"\nreason = \"loaded by hand\"\n";
    fs::write(&config, text).expect("the config can be written");
    let program = bench.program(18);
    let with_config = |program: &Path| {
        let (program, config) = (program.to_str().expect("ASCII"), config.to_str().expect("ASCII"));
        let ran = linktab(["check", "--config", config, "--output-format", "json", program]);
        let document: Value = serde_json::from_str(&ran.out).expect("a JSON document");
        let findings = document["findings"].as_array().expect("a list").iter();
        (ran.exit, findings.map(|it| it["code"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>())
    };
    tally.expect(("LT017", "unused"), bench, with_config(clean), with_config(&program));
}
