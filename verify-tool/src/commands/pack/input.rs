//! A path in, an executable that can be packed out: looked at, and not run. Refuses what has no
//! `linktab_finder::main()` or no CPython inside, each with the fix.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use linktab::layout::mark;

use super::super::{Stop, linked};
use crate::{Format, Inventory, Limits, plain};

/// An executable that was recognised.
pub struct Input {
    /// With a slash in it: other names would be looked for on PATH.
    pub path: PathBuf,
    /// Where in the file it says whether it was packed.
    pub mark: u64,
    /// The symbols that its records are told by.
    pub symbols: Vec<String>,
    pub is_elf: bool,
}

impl Input {
    pub fn recognise(path: &Path) -> Result<Input, Stop> {
        let shown = plain::path(path);
        let refuse = |why: &str| Err(Stop::Usage(format!("{shown}: {why}")));
        let cannot = |error: io::Error| Stop::Usage(format!("cannot read {shown}: {error}"));
        let path = path.canonicalize().map_err(cannot)?;
        if !path.metadata().map_err(cannot)?.is_file() {
            return refuse("expected an executable, found no regular file");
        }
        let outcome = linked::read(&path, &Limits::default());
        if let Some(error) = outcome.errors.first() {
            return Err(Stop::Usage(error.to_string()));
        }
        let [inventory] = outcome.inventories.as_slice() else {
            return refuse(
                "expected an executable for one machine, found several: take one of them out with `lipo`",
            );
        };
        let mark = judge(inventory).map_err(|why| Stop::Usage(format!("{shown}: {why}")))?;
        if inventory.facts.compressed || is_packed(&path, mark).map_err(cannot)? {
            return refuse("has its Python code behind it already: pack the file that the linker made");
        }
        let symbols = inventory.records.iter().filter_map(|record| record.symbol.as_deref());
        let symbols = symbols.map(str::to_owned).collect();
        Ok(Input { path, mark, symbols, is_elf: inventory.format == Format::Elf })
    }
}

/// Where the mark is, or why the file cannot be packed.
fn judge(inventory: &Inventory) -> Result<u64, String> {
    let facts = &inventory.facts;
    if let Some(library) = facts.python_needed.as_ref().filter(|_| facts.has_runtime) {
        return Err(format!(
            "CPython is not inside: the loader looks for `{}` on the machine: link a static libpython \
             (`PYO3_CONFIG_FILE` says which) and pack that",
            plain::plain(library)
        ));
    }
    facts.mark.ok_or_else(|| {
        let found = match (facts.has_runtime, inventory.kind) {
            (true, _) => "linktab's finder without `main()`, or that of an older version",
            (false, crate::ImageKind::Executable) => "an executable without linktab's finder",
            (false, _) => "no executable",
        };
        format!("expected an executable whose main function calls `linktab_finder::main()`, found {found}")
    })
}

fn is_packed(path: &Path, at: u64) -> io::Result<bool> {
    let mut state = [0; 4];
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(at + mark::STATE as u64))?;
    file.read_exact(&mut state)?;
    Ok(u32::from_ne_bytes(state) != mark::EMPTY)
}
