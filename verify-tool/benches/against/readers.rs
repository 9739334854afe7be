//! Who reads the binary, and how it is asked.
//!
//! `nm` and `readelf -r` print all symbols and all relocations, and judge nothing: whoever uses them
//! has yet to put the two together. The Python scripts do what `linktab check` does of it: each
//! record's name, its init function and that function's symbol, and no name twice.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::modules;

const PYELFTOOLS: &str = "
import sys
from elftools.elf.elffile import ELFFile
with open(sys.argv[1], 'rb') as f:
    elf = ELFFile(f)
    section = elf.get_section_by_name('linkme_LINKTAB')
    start, data = section['sh_addr'], bytearray(section.data())
    for r in elf.get_section_by_name('.rela.dyn').iter_relocations():
        at = r['r_offset'] - start
        if 0 <= at < len(data):
            data[at:at + 8] = r['r_addend'].to_bytes(8, 'little')
    symbols = {s['st_value']: s.name for s in elf.get_section_by_name('.symtab').iter_symbols()}
    loads = [(s['p_vaddr'], s['p_filesz'], s.data()) for s in elf.iter_segments() if s['p_type'] == 'PT_LOAD']
    def text(address, size):
        return next(d[address - a:address - a + size] for a, n, d in loads if a <= address < a + n).decode()
";

const LIEF: &str = "
import sys, lief
elf = lief.parse(sys.argv[1])
section = elf.get_section('linkme_LINKTAB')
start, data = section.virtual_address, bytearray(section.content)
for r in elf.dynamic_relocations:
    at = r.address - start
    if 0 <= at < len(data):
        data[at:at + 8] = r.addend.to_bytes(8, 'little')
symbols = {s.value: s.name for s in elf.symtab_symbols}
loads = [(s.virtual_address, s.physical_size, bytes(s.content)) for s in elf.segments if s.type == lief.ELF.Segment.TYPE.LOAD]
def text(address, size):
    return next(d[address - a:address - a + size] for a, n, d in loads if a <= address < a + n).decode()
";

/// Behind both: `data` is the table as the loader leaves it.
const JUDGE: &str = "
import struct
names = {}
for at in range(0, len(data), 64):
    magic, _, name, init, origin, size = struct.unpack_from('<IIQQQI', data, at)
    assert magic == 0x4c4b5442
    names.setdefault(text(name, size), []).append(symbols[init])
print(len(names), [name for name, inits in names.items() if len(inits) > 1])
";

/// One reader.
pub struct Reader {
    pub name: &'static str,
    program: OsString,
    arguments: Vec<OsString>,
}

impl Reader {
    /// The command that reads a file, and is stopped when it takes too long.
    pub fn command(&self, path: &Path, patience: Duration) -> Command {
        // Our own is not wrapped by `timeout`, nor is anything as quick: its start would count.
        let is_slow = ["pyelftools", "LIEF"].contains(&self.name);
        let mut command = if is_slow {
            let mut command = Command::new("timeout");
            command.arg(patience.as_secs().to_string()).arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command.args(&self.arguments).arg(path);
        command
    }

    /// Says so when a reader is not installed.
    fn is_installed(&self, probe: &[&str]) -> bool {
        let mut command = Command::new(&self.program);
        let status = command.args(probe).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_installed = status.is_ok_and(|status| status.success());
        if !is_installed {
            println!("skipped: {} is not installed", self.name);
        }
        is_installed
    }
}

/// Those that are installed. `folder` has the program's object, and gets its lock.
pub fn readers(folder: &Path, program: &Path) -> Vec<Reader> {
    // The Python of `cargo xtask bench` has both packages.
    let python = env::var_os("LINKTAB_TOOLS_PYTHON").unwrap_or_else(|| "python3".into());
    let linktab = OsString::from(env!("CARGO_BIN_EXE_linktab"));
    let ours = |name, command: &str| Reader {
        name,
        program: linktab.clone(),
        arguments: [command, "--no-config"][..if command == "check" { 2 } else { 1 }]
            .iter()
            .map(Into::into)
            .collect(),
    };
    let (lock, object) = (folder.join("linktab.lock"), folder.join(modules::OBJECT));
    let mut locking = Command::new(&linktab);
    locking.args(["lock", "--lock"]).arg(&lock).arg(program).stdout(Stdio::null());
    assert!(locking.status().is_ok_and(|status| status.success()), "the modules can be locked");
    let check = |name, with: &[(&str, &Path)]| {
        let mut reader = ours(name, "check");
        reader.arguments.extend(with.iter().flat_map(|(option, file)| [option.into(), file.into()]));
        // Behind it stands the program: `--inputs` takes all files there are.
        reader.arguments.push("--".into());
        reader
    };
    let others = |name, program: &str, arguments: &[&str]| Reader {
        name,
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
    };
    let script = |name, script: &str| Reader {
        name,
        program: python.clone(),
        arguments: vec!["-c".into(), format!("{script}{JUDGE}").into()],
    };
    let all = [
        (ours("linktab check", "check"), "--version"),
        (check("check --lock", &[("--lock", &lock)]), "--version"),
        (check("check --inputs", &[("--inputs", &object)]), "--version"),
        (ours("linktab list", "list"), "--version"),
        (others("readelf -r", "readelf", &["-rW"]), "--version"),
        (others("nm", "nm", &[]), "--version"),
        (others("llvm-readobj -r", "llvm-readobj", &["-r"]), "--version"),
        (others("llvm-nm", "llvm-nm", &[]), "--version"),
        (script("pyelftools", PYELFTOOLS), "import elftools"),
        (script("LIEF", LIEF), "import lief"),
    ];
    let is_installed = |(reader, probe): &(Reader, &str)| match *probe {
        "--version" => reader.is_installed(&["--version"]),
        import => reader.is_installed(&["-c", import]),
    };
    all.into_iter().filter(is_installed).map(|(reader, _)| reader).collect()
}
