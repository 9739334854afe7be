//! The forms in which programs are handed over: what a linker option, a packer or a strip tool makes
//! of one. Each is read, or refused by its name with what to do instead, and never called clean.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::targets::{ALL, Target};
use linktab_tests::verify::{fixtures, has, linktab, must, scratch};

/// A target with the objects that its programs are linked from.
struct Bench {
    target: Target,
    folder: PathBuf,
    runtime: PathBuf,
}

impl Bench {
    fn new(name: &str, test: &str) -> Bench {
        let target = *ALL.iter().find(|target| target.name == name).expect("a known target");
        let folder = scratch("forms").join(test).join(target.slug());
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let runtime = folder.join("runtime.o");
        target.compile("runtime.c", &[], &runtime);
        Bench { target, folder, runtime }
    }

    /// Benches for linkers of x86-64, those that are installed.
    fn of_linkers(kind: &str, linkers: &[&str], test: &str) -> Vec<Bench> {
        let is_wanted = |target: &Target| {
            let linker = target.name.strip_prefix(&format!("elf x86-64 {kind} "));
            linker.is_some_and(|linker| linkers.contains(&linker))
        };
        Target::installed()
            .iter()
            .filter(|target| is_wanted(target))
            .map(|it| Bench::new(it.name, test))
            .collect()
    }

    fn object(&self, source: &str, flags: &[&str]) -> PathBuf {
        let object = self.folder.join(Path::new(source).with_extension("o"));
        self.target.compile(source, flags, &object);
        object
    }

    /// Links the runtime and sources.
    fn program(&self, name: &str, sources: &[&str], flags: &[&str]) -> PathBuf {
        let mut objects = vec![self.runtime.clone()];
        objects.extend(sources.iter().map(|source| self.object(source, &[])));
        let inputs: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
        let output = self.folder.join(name);
        self.target.link(&inputs, flags, &output);
        output
    }
}

/// All that `list` and `check` say of a file, with its folder and all addresses replaced.
fn told(path: &Path) -> String {
    let folder = format!("{}/", path.parent().expect("a file is in a folder").display());
    let path = path.to_str().expect("an ASCII path");
    let mut told = String::new();
    for arguments in [&["list"][..], &["check", "--no-config"]] {
        let ran = linktab(arguments.iter().chain([&path]));
        let (out, err) = (ran.out.replace(&folder, ""), ran.err.replace(&folder, ""));
        let exit = ran.exit as u8;
        told.push_str(&format!(
            "$ linktab {}\n{}{}exit {exit}\n\n",
            arguments[0],
            without_addresses(&out),
            without_addresses(&err)
        ));
    }
    told.trim_end().to_owned()
}

/// Columns move with the length of an address: runs of blanks count as two.
fn without_addresses(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("0x") {
        out.push_str(before);
        out.push_str("0x…");
        rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    out.push_str(rest);
    let lines = out.lines().map(|line| {
        let indent = line.len() - line.trim_start().len();
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        format!("{}{}\n", &line[..indent], cells.join("  "))
    });
    lines.collect()
}

/// Asserts that all tell the same, and returns it.
fn same(told: Vec<(String, String)>) -> String {
    let (_, first) = told.first().expect("one linker at least").clone();
    for (name, other) in &told {
        assert_eq!(*other, first, "{name}");
    }
    first
}

/// An IFUNC is chosen when the program is loaded: GNU ld and mold leave the resolver in the slot
/// (`R_*_IRELATIVE`), and lld an entry of the procedure linkage table, which is a function.
#[test]
fn an_init_function_that_is_chosen_at_load_time() {
    for (linkers, name) in [(["bfd", "mold"], "ifunc_irelative"), (["lld", "rust-lld"], "ifunc_plt")] {
        let mut all = Vec::new();
        for kind in ["pie", "static"] {
            for bench in Bench::of_linkers(kind, &linkers, "ifunc") {
                let program = bench.program("app", &["ifunc.c"], &[]);
                // Without a dynamic section, only the sections tell where the relocation is.
                let headers =
                    must(Command::new("llvm-readelf").arg("--program-headers").arg(&program)).stdout;
                let is_dynamic = String::from_utf8_lossy(&headers).contains("DYNAMIC");
                assert_eq!(is_dynamic, kind == "pie", "{}", bench.target.name);
                all.push((bench.target.name.to_owned(), told(&program)));
            }
        }
        insta::assert_snapshot!(name, same(all));
    }
}

/// An exported one stays a symbol's, in objects too: any other file may define it first.
#[test]
fn an_exported_init_function_that_is_chosen_at_load_time() {
    let mut all = Vec::new();
    for bench in Bench::of_linkers("pie", &["bfd", "lld", "mold", "rust-lld"], "ifunc-exported") {
        let library = bench.program("plugin.so", &["ifunc.c"], &["-no-pie", "-shared"]);
        let twins = bench.folder.join("twins.so");
        let object = bench.object("ifunc.c", &["-DTWICE"]);
        bench.target.link(&[&bench.runtime, &object], &["-no-pie", "-shared"], &twins);
        all.push((bench.target.name.to_owned(), format!("{}\n\n{}", told(&library), told(&twins))));
    }
    insta::assert_snapshot!("ifunc_exported", same(all));
    for name in ["elf x86 pie (REL)", "elf arm pie (REL)", "elf aarch64 pie", "elf riscv64 pie"] {
        let object = Bench::new(name, "ifunc-exported").object("ifunc.c", &[]);
        let ran = linktab(["list", object.to_str().expect("an ASCII path")]);
        assert!(ran.out.contains("PyInit_chosen (resolver, 0x"), "{name}: {}", ran.out);
    }
}

#[test]
fn relocations_that_stay_in_the_output_change_nothing() {
    let mut all = Vec::new();
    for kind in ["pie", "static"] {
        for bench in Bench::of_linkers(kind, &["bfd", "lld", "rust-lld"], "emit-relocs") {
            let program = bench.program("app", &["modules.c"], &["--emit-relocs"]);
            let sections = must(Command::new("llvm-readelf").arg("--sections").arg(&program)).stdout;
            let has_copy = String::from_utf8_lossy(&sections).contains(".relalinkme_LINKTAB");
            assert!(has_copy, "{}: the relocations are there", bench.target.name);
            all.push((bench.target.name.to_owned(), told(&program)));
        }
    }
    insta::assert_snapshot!("emit_relocs", same(all));
}

#[test]
fn a_shared_object_may_leave_an_init_function_to_another_file() {
    let mut all = Vec::new();
    for bench in Bench::of_linkers("pie", &["bfd", "lld", "mold", "rust-lld"], "imported") {
        let library = bench.program("plugin.so", &["modules.c", "imported.c"], &["-no-pie", "-shared"]);
        all.push((bench.target.name.to_owned(), told(&library)));
    }
    insta::assert_snapshot!("imported", same(all));
}

#[test]
fn without_section_headers_the_note_tells_where_the_records_are() {
    let mut all = Vec::new();
    for bench in Bench::of_linkers("pie", &["bfd", "lld", "mold", "rust-lld"], "headless") {
        let program = bench.program("linked", &["modules.c"], &[]);
        let headless = bench.folder.join("app");
        must(Command::new("llvm-objcopy").arg("--strip-sections").arg(&program).arg(&headless));
        all.push((bench.target.name.to_owned(), told(&headless)));
    }
    insta::assert_snapshot!("headless", same(all));
}

#[test]
fn without_section_headers_and_note_nobody_can_tell() {
    let bench = Bench::new("elf x86-64 pie rust-lld", "noteless");
    let (bare, modules) = (bench.object("runtime.c", &["-DNO_RUNTIME"]), bench.object("modules.c", &[]));
    let (linked, headless) = (bench.folder.join("linked"), bench.folder.join("app"));
    bench.target.link(&[&bare, &modules], &[], &linked);
    must(Command::new("llvm-objcopy").arg("--strip-sections").arg(&linked).arg(&headless));
    insta::assert_snapshot!("noteless", told(&headless));
}

/// The packed format of Android, with addends (x86-64) and without (x86).
#[test]
fn packed_relocations_of_android_are_refused_by_name() {
    let mut all = Vec::new();
    for name in ["elf x86-64 pie rust-lld", "elf x86 pie (REL)", "elf aarch64 pie"] {
        let bench = Bench::new(name, "android");
        let program = bench.program("app", &["modules.c"], &["--pack-dyn-relocs=android"]);
        all.push((name.to_owned(), told(&program)));
    }
    insta::assert_snapshot!("android", same(all));
}

#[test]
fn a_separate_debug_file_is_refused_by_name() {
    let bench = Bench::new("elf x86-64 pie rust-lld", "debug");
    let program = bench.program("linked", &["modules.c"], &[]);
    let debug = bench.folder.join("app.debug");
    let mut all = Vec::new();
    for tool in ["objcopy", "llvm-objcopy"] {
        must(Command::new(tool).arg("--only-keep-debug").arg(&program).arg(&debug));
        all.push((tool.to_owned(), told(&debug)));
    }
    // Its program headers stay those of the program.
    if has("eu-strip") {
        must(Command::new("eu-strip").arg("-f").arg(&debug).arg(&program));
        all.push(("eu-strip".to_owned(), told(&debug)));
    }
    insta::assert_snapshot!("only_keep_debug", same(all));
}

#[test]
fn a_separate_debug_file_of_a_pe_program_is_refused_by_name() {
    let bench = Bench::new("pe x86-64", "debug");
    let program = bench.program("linked", &["modules.c"], &[]);
    let debug = bench.folder.join("app.debug");
    let tools = ["llvm-objcopy", "x86_64-w64-mingw32-objcopy"].into_iter().filter(|tool| has(tool));
    let told = |tool: &str| {
        must(Command::new(tool).arg("--only-keep-debug").arg(&program).arg(&debug));
        (tool.to_owned(), told(&debug))
    };
    insta::assert_snapshot!("only_keep_debug_of_pe", same(tools.map(told).collect()));
}

#[test]
fn a_debug_companion_of_a_mach_o_program_is_refused_by_name() {
    if !has("dsymutil") {
        return;
    }
    let bench = Bench::new("mach-o arm64 chained", "debug");
    let (runtime, modules) = (bench.object("runtime.c", &["-g"]), bench.object("modules.c", &["-g"]));
    let (program, bundle) = (bench.folder.join("app"), bench.folder.join("app.dSYM"));
    bench.target.link(&[&runtime, &modules], &[], &program);
    must(Command::new("dsymutil").arg(&program).arg("-o").arg(&bundle));
    insta::assert_snapshot!("dsym", told(&bundle.join("Contents/Resources/DWARF/app")));
}

/// Both files are committed: `tests/fixtures/verify/packed/README.md` tells how they were made.
#[test]
fn what_upx_packed_is_refused_by_name() {
    let packed = fixtures().join("packed");
    insta::assert_snapshot!("upx", told(&packed.join("app.upx")));
    insta::assert_snapshot!("upx_shared_object", told(&packed.join("plugin.upx")));
}

/// PE has its section headers still, under names of UPX's own.
#[test]
fn a_pe_program_with_the_sections_of_upx_is_refused_by_name() {
    let bench = Bench::new("pe x86-64", "upx");
    let program = bench.program("linked", &["modules.c"], &[]);
    let mut bytes = fs::read(&program).expect("it was just linked");
    let at = bytes.windows(8).position(|name| name == b".text\0\0\0").expect("a section header");
    bytes[at..at + 8].copy_from_slice(b"UPX0\0\0\0\0");
    let packed = bench.folder.join("app.exe");
    fs::write(&packed, bytes).expect("the scratch folder is writable");
    insta::assert_snapshot!("upx_pe", told(&packed));
}
