//! Binds in, what they come to out: an address of this image, or a name that another one defines.
//!
//! The linker binds by name what it could take from itself: a weak definition, whose copies the loader
//! makes one of, and everything in a flat namespace. The first definition in the order of loading wins,
//! and a program comes before its libraries.

use std::collections::HashMap;

use super::{File, exports};
use crate::error::Error;
use crate::image::{Symbolic, Table};

/// A pointer that is bound by name.
pub struct Bind {
    /// Where it is in the table.
    pub offset: u64,
    /// The symbol, without the underscore in front.
    pub name: String,
    /// The number of the library among those that are needed, or what stands for none (mach-o/loader.h,
    /// `BIND_SPECIAL_DYLIB_*`).
    pub library: i32,
    /// Whether it may be missing (`weak_import`).
    pub weak: bool,
}

/// The image itself.
const SELF: i32 = 0;
/// Whichever image comes first.
const FLAT: i32 = -2;

/// Writes what the binds come to into the table.
pub fn settle(file: &File<'_>, binds: Vec<Bind>, table: &mut Table) -> Result<(), Error> {
    let mut own: HashMap<&[u8], Option<u64>> = HashMap::new();
    own.extend(binds.iter().filter(|bind| bind.library <= 0).map(|bind| (bind.name.as_bytes(), None)));
    if !own.is_empty() {
        exports::walk(file.bytes, &file.exports_trie(), |exported, offset| {
            let plain = exported.strip_prefix(b"_").unwrap_or(exported);
            if let Some(address) = own.get_mut(plain) {
                *address = Some(file.base().wrapping_add(offset));
            }
        })?;
    }
    for bind in &binds {
        let here = (bind.library <= 0).then(|| own.get(bind.name.as_bytes()).copied().flatten()).flatten();
        match here {
            Some(address) => {
                file.arch.put_word(&mut table.bytes, bind.offset as usize, address);
            }
            None => {
                let has_library = bind.weak || !matches!(bind.library, SELF | FLAT);
                let import = Symbolic::Import { name: bind.name.clone(), has_library };
                table.symbolic.push((bind.offset, import));
            }
        }
    }
    table.sort();
    table.symbolic.dedup_by_key(|(offset, _)| *offset);
    Ok(())
}
