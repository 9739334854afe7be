//! dyld info in, imported pointers of a record table out.
//!
//! Rebases need no work: the slot's bytes hold the address. Weak binds neither: a weak definition
//! has its rebase, and its bind only says that another file may replace it.

use object::Endianness;
use object::macho::{BIND_SYMBOL_FLAGS_WEAK_IMPORT, DyldInfoCommand};

use super::imports::{self, Bind};
use super::{File, malformed};
use crate::error::Error;
use crate::image::Table;

/// Most binds that are gone through: one opcode may stand for almost endlessly many
/// (`BIND_OPCODE_DO_BIND_ULEB_TIMES_SKIPPING_ULEB`).
const MAX_BINDS: u64 = 20_000_000;

pub fn apply(file: &File<'_>, command: &DyldInfoCommand<Endianness>, table: &mut Table) -> Result<(), Error> {
    let what = "bind opcodes";
    let binds =
        command.binds(file.endian, file.bytes, file.arch.pointer).map_err(|error| malformed(what, error))?;
    let end = table.bytes.len() as u64;
    let mut left = MAX_BINDS;
    let mut found = Vec::new();
    for bind in binds {
        let bind = bind.map_err(|error| malformed(what, error))?;
        left = left.checked_sub(1).ok_or_else(|| Error::limit("binds", MAX_BINDS))?;
        let Some(segment) = file.segments.get(usize::from(bind.segment_index)) else {
            return Err(Error::malformed(format!("a bind names segment {}", bind.segment_index)));
        };
        let address = segment.address.wrapping_add(bind.segment_offset);
        let offset = address.wrapping_sub(table.address);
        if offset < end {
            let name = String::from_utf8_lossy(bind.symbol);
            let name = name.strip_prefix('_').unwrap_or(&name).to_owned();
            let weak = bind.flags.0 & BIND_SYMBOL_FLAGS_WEAK_IMPORT.0 != 0;
            found.push(Bind { offset, name, library: bind.dylib.0, weak });
        }
    }
    imports::settle(file, found, table)
}
