//! dyld info in, imported pointers of a record table out.
//!
//! Rebases need no work: the slot's bytes hold the address. Weak binds neither: a weak definition
//! has its rebase, and its bind only says that another file may replace it.

use object::Endianness;
use object::macho::DyldInfoCommand;

use super::{File, malformed};
use crate::error::Error;
use crate::image::{Symbolic, Table};

/// Most binds that are gone through: one opcode may stand for almost endlessly many
/// (`BIND_OPCODE_DO_BIND_ULEB_TIMES_SKIPPING_ULEB`).
const MAX_BINDS: u64 = 20_000_000;

pub fn apply(file: &File<'_>, command: &DyldInfoCommand<Endianness>, table: &mut Table) -> Result<(), Error> {
    let what = "bind opcodes";
    let binds =
        command.binds(file.endian, file.bytes, file.arch.pointer).map_err(|error| malformed(what, error))?;
    let end = table.bytes.len() as u64;
    let mut left = MAX_BINDS;
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
            table.symbolic.push((offset, Symbolic::Import(name)));
        }
    }
    table.symbolic.sort_by_key(|(offset, _)| *offset);
    table.symbolic.dedup_by_key(|(offset, _)| *offset);
    Ok(())
}
