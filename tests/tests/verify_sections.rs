//! Programs whose section headers say less than the truth, or something else: the program walks what
//! symbols bound and the loader mapped, and so does the tool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::account::decoded;
use linktab_tests::verify::native::{Place, compile, link, native_linkers, printed};
use linktab_tests::verify::{codes, has, linktab, must, scratch};
use linktab_verify::commands::Exit;

/// The objects of a program that walks its own table.
struct Objects {
    folder: PathBuf,
    place: Place,
    objects: Vec<PathBuf>,
}

impl Objects {
    fn new(test: &str, place: Place, flags: &[&str]) -> Objects {
        let folder = scratch("sections").join(format!("{test}-{place:?}").to_lowercase());
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let objects = ["walk.o", "modules.o", "archived.o"].map(|object| folder.join(object));
        compile(place, "walk.c", &[&["-DMAIN"], flags].concat(), &objects[0]);
        compile(place, "modules.c", flags, &objects[1]);
        compile(place, "archived.c", flags, &objects[2]);
        let objects = objects.to_vec();
        Objects { folder, place, objects }
    }

    fn link(&self, name: &str, linker: &str, flags: &[&str]) -> PathBuf {
        let program = self.folder.join(name);
        link(self.place, linker, &self.objects, flags, &program);
        program
    }

    /// Links with GNU ld's own script, in which a part was replaced. Unlike its own, the script is for
    /// one kind of program.
    fn link_by_script(&self, name: &str, replace: (&str, &str)) -> PathBuf {
        let kind = if self.place == Place::Pie { "-pie" } else { "-no-pie" };
        let told = must(Command::new("ld.bfd").args([kind, "--verbose"])).stdout;
        let told = String::from_utf8(told).expect("a script is text");
        let script =
            told.split("==================================================").nth(1).expect("a script");
        assert!(script.contains(replace.0), "the script of this GNU ld has another form: {script}");
        let path = self.folder.join(format!("{name}.lds"));
        fs::write(&path, script.replacen(replace.0, replace.1, 1)).expect("the scratch folder is writable");
        self.link(name, "-fuse-ld=bfd", &[&format!("-Wl,-T,{}", path.display())])
    }
}

/// What a program prints is what is read of it, and nothing is found.
fn agrees(program: &Path) {
    let expected = printed(program);
    assert_eq!(expected.len(), 5, "{}", program.display());
    let mut read = decoded(program);
    read.sort();
    assert_eq!(read, expected, "{}", program.display());
    assert_eq!(codes(program, &[]), (Exit::Clean, vec![]), "{}", program.display());
}

/// A line of a linker script that lays the records out, with something before and behind them.
fn records(before: &str, behind: &str) -> String {
    format!(
        "__start_linkme_LINKTAB = .; {before} KEEP(*(linkme_LINKTAB)) __stop_linkme_LINKTAB = .; {behind}"
    )
}

#[test]
fn a_linker_script_may_put_the_records_elsewhere() {
    if !has("clang") || !has("ld.bfd") {
        return;
    }
    for place in [Place::Pie, Place::Fixed] {
        for (test, flags) in [("script", &[][..]), ("script-old", &["-DOLD_LOCATOR"])] {
            let objects = Objects::new(test, place, flags);
            let data = "  .data           :\n  {\n";
            let merged = format!("{data}{}", records("", ""));
            agrees(&objects.link_by_script("merged", (data, &merged)));
            let renamed = format!("  .records : {{ {} }}\n{data}", records("", ""));
            agrees(&objects.link_by_script("renamed", (data, &renamed)));
            // The section holds more than what the program walks.
            let more =
                format!("  linkme_LINKTAB : {{ {} }}\n{data}", records("", "QUAD(1) *(.data.linktab)"));
            agrees(&objects.link_by_script("more", (data, &more)));
            // The program walks more than records, and would stop before its first import.
            let padded = format!("  linkme_LINKTAB : {{ {} }}\n{data}", records(&"QUAD(1) ".repeat(8), ""));
            let padded = objects.link_by_script("padded", (data, &padded));
            assert_eq!(codes(&padded, &[]), (Exit::Findings, vec!["LT008".to_owned()]));
            // The program walks fewer records than there are, or none.
            let (one, rest) = ("KEEP(*modules.o(linkme_LINKTAB))", "*(linkme_LINKTAB)");
            let fewer = format!("{one} __stop_linkme_LINKTAB = .; {rest}");
            let none = format!("__stop_linkme_LINKTAB = .; {rest}");
            for (name, bounds, found) in
                [("fewer", fewer, &["LT007"][..]), ("none", none, &["LT007", "LT014"])]
            {
                let script = format!("  linkme_LINKTAB : {{ __start_linkme_LINKTAB = .; {bounds} }}\n{data}");
                let lost = objects.link_by_script(name, (data, &script));
                let found = found.iter().map(|&code| code.to_owned()).collect();
                assert_eq!(codes(&lost, &[]), (Exit::Findings, found), "{name}");
            }
        }
    }
}

fn listed(program: &Path) -> String {
    linktab(["list", program.to_str().expect("an ASCII path")]).out
}

/// Offsets of the fields of a 64-bit section header (gABI, "Section Header").
const ADDRESS: usize = 0x10;
const OFFSET: usize = 0x18;

/// Changes a field in the header of a section, by its name.
fn lie(program: &Path, section: &str, field: usize, change: impl Fn(u64) -> u64) {
    let mut bytes = fs::read(program).expect("the program can be read");
    let word =
        |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    let half = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let (table, count, names) = (word(&bytes, 0x28) as usize, half(0x3c), half(0x3e));
    let strings = word(&bytes, table + 64 * names + OFFSET) as usize;
    let header = (0..count).map(|index| table + 64 * index).find(|&header| {
        let name = u32::from_le_bytes(bytes[header..header + 4].try_into().expect("four bytes")) as usize;
        bytes[strings + name..].starts_with(&[section.as_bytes(), b"\0"].concat())
    });
    let at = header.expect("the section is there") + field;
    let value = change(word(&bytes, at));
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    fs::write(program, bytes).expect("the program can be written");
}

/// The loader maps segments: nobody holds the offset of a section to anything.
#[test]
fn headers_that_lie_about_places_are_not_believed() {
    for (linker, flag) in native_linkers() {
        for (test, flags) in [("lies", &[][..]), ("lies-old", &["-DOLD_LOCATOR"])] {
            let objects = Objects::new(&format!("{test}-{linker}").replace(' ', "-"), Place::Pie, flags);
            let program = objects.link("app", &flag, &[]);
            // A copy of the table behind everything, with other names in it, is what the header points at.
            let start = fs::metadata(&program).expect("a file").len();
            let copy: Vec<u8> = fs::read(&program).expect("it was just linked").into_iter().collect();
            fs::write(&program, [&copy[..], &vec![0x41; 4 << 10]].concat())
                .expect("the program can be written");
            lie(&program, "linkme_LINKTAB", OFFSET, |_| start);
            agrees(&program);
            for section in [".note.linktab", ".dynamic"] {
                lie(&program, section, OFFSET, |offset| offset + 64);
                agrees(&program);
            }
            lie(&program, "linkme_LINKTAB", ADDRESS, |address| address + 0x10_0000);
            agrees(&program);

            // Without other symbols, those for the loader name the functions.
            let stripped = objects.link("stripped", &flag, &["-rdynamic", "-s"]);
            let told = listed(&stripped);
            assert!(told.contains("PyInit_alpha (0x"), "{told}");
            for section in [".dynsym", ".dynstr"] {
                lie(&stripped, section, OFFSET, |offset| offset + 64);
                assert_eq!(listed(&stripped), told, "{linker}, {section}");
            }
        }
    }
}

/// CPython ends its tables with an entry of zeros, and no symbol tells their sizes: a linker that puts its
/// table of global offsets behind them leaves relocations there that are no pointer's.
#[test]
fn what_lies_behind_a_table_of_frozen_modules_is_not_read() {
    for frozen in ["-DFROZEN=10", "-DFROZEN=11", "-DFROZEN=13"] {
        let objects = Objects::new(&format!("frozen{frozen}"), Place::Pie, &["-DFAULT=1221", frozen]);
        for (name, linker) in native_linkers() {
            let program = objects.link(name, &linker, &[]);
            let found = codes(&program, &[]);
            assert_eq!(found, (Exit::Clean, vec!["LT012".to_owned()]), "{}", program.display());
        }
    }
}
