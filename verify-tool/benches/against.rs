//! `linktab list` against other readers, on one binary with 10,000 modules and on the same padded to
//! 4 GiB: medians, as ratios to ours. `cargo bench -p linktab-verify --bench against`.
//!
//! What is compared is the time to tell the records (ours), all relocations (`readelf -r`), all
//! symbols (`nm`), or the section's bytes with the relocations that lie in it (pyelftools, LIEF). A
//! reader that is not installed is left out by name.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const MODULES: usize = 10_000;
const RUNS: usize = 5;

const PYELFTOOLS: &str = "
import sys
from elftools.elf.elffile import ELFFile
with open(sys.argv[1], 'rb') as f:
    e = ELFFile(f)
    s = e.get_section_by_name('linkme_LINKTAB')
    start, end = s['sh_addr'], s['sh_addr'] + s['sh_size']
    data = s.data()
    slots = {r['r_offset']: r['r_addend'] for r in e.get_section_by_name('.rela.dyn').iter_relocations()
             if start <= r['r_offset'] < end}
    print(len(data) // 64, len(slots))
";

const LIEF: &str = "
import sys, lief
b = lief.parse(sys.argv[1])
s = b.get_section('linkme_LINKTAB')
start, end = s.virtual_address, s.virtual_address + s.size
data = bytes(s.content)
slots = {r.address: r.addend for r in b.dynamic_relocations if start <= r.address < end}
print(len(data) // 64, len(slots))
";

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let small = build(&folder);
    let padded = folder.join("padded");
    fs::copy(&small, &padded).expect("the target folder is writable");
    let file = fs::OpenOptions::new().write(true).open(&padded).expect("it was just written");
    file.set_len(4 << 30).expect("sparse files are allowed");
    let size = fs::metadata(&small).map_or(0, |metadata| metadata.len());
    println!("{MODULES} modules, {} KiB, and padded to 4 GiB; medians of {RUNS} runs", size >> 10);
    println!("{:<24} {:>12} {:>8} {:>12} {:>8}", "reader", "small", "ratio", "4 GiB", "ratio");
    let ours = [&small, &padded].map(|path| time(&mut linktab(path)).expect("linktab reads it"));
    for (name, command) in readers() {
        let times = [&small, &padded].map(|path| time(&mut command(path)));
        let cell = |index: usize| match times[index] {
            Some(time) => format!(
                "{:>9.1} ms {:>7.1}x",
                time.as_secs_f64() * 1e3,
                time.as_secs_f64() / ours[index].as_secs_f64()
            ),
            None => format!("{:>12} {:>8}", "over 30 s", "-"),
        };
        println!("{name:<24} {} {}", cell(0), cell(1));
    }
    fs::remove_file(padded).expect("it can be removed");
}

fn linktab(path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linktab"));
    command.arg("list").arg(path);
    command
}

type Reader = (&'static str, Box<dyn Fn(&Path) -> Command>);

fn readers() -> Vec<Reader> {
    let program = |name: &'static str, arguments: Vec<&'static str>| -> Box<dyn Fn(&Path) -> Command> {
        Box::new(move |path| {
            // LIEF reads all of a file, four gigabytes of zeros too.
            let mut command = Command::new("timeout");
            command.args(["30", name]).args(&arguments).arg(path);
            command
        })
    };
    let all: Vec<Reader> = vec![
        ("linktab list", Box::new(linktab)),
        ("nm", program("nm", vec![])),
        ("readelf -r", program("readelf", vec!["-rW"])),
        ("llvm-readobj -r", program("llvm-readobj", vec!["-r"])),
        ("pyelftools", program("python3", vec!["-c", PYELFTOOLS])),
        ("LIEF", program("python3", vec!["-c", LIEF])),
    ];
    let is_there = |reader: &Reader| {
        let module = match reader.0 {
            "pyelftools" => Some("import elftools"),
            "LIEF" => Some("import lief"),
            _ => None,
        };
        let mut probe = match module {
            Some(_) => Command::new("python3"),
            None => (reader.1)(Path::new("--version")),
        };
        if let Some(import) = module {
            probe.args(["-c", import]);
        }
        let found = probe
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| module.is_none() || status.success());
        if !found {
            println!("skipped: {} is not installed", reader.0);
        }
        found
    };
    all.into_iter().filter(is_there).collect()
}

/// The median of a command's wall time, `None` when it fails.
fn time(command: &mut Command) -> Option<Duration> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        if !status.success() {
            return None;
        }
        times.push(start.elapsed());
        // Whoever reads four gigabytes is not asked five times.
        if start.elapsed() > Duration::from_secs(5) {
            return times.pop();
        }
    }
    times.sort();
    times.get(RUNS / 2).copied()
}

/// Compiles records with names of about 31 bytes, and links them position-independently.
fn build(folder: &Path) -> PathBuf {
    let mut source = String::from("#include <linktab.h>\nint main(void) { return 0; }\n");
    for index in 0..MODULES {
        let _ = write!(
            source,
            "static void *init_{index}(void) {{ return (void *){index}; }}\n\
             LINKTAB_RECORD(\"application.package{:03}._native{index:05}\", init_{index}, LINKTAB_MULTI, {index})\n",
            index % 500
        );
    }
    let (file, program) = (folder.join("modules.c"), folder.join("modules"));
    fs::write(&file, source).expect("the target folder is writable");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let status = Command::new("cc")
        .args(["-O0", "-fPIE", "-pie", "-w", "-I"])
        .arg(include)
        .arg(&file)
        .arg("-o")
        .arg(&program)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "cc compiles the records");
    program
}
