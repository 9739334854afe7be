//! A spec in, the same spec with the place of the shared object that its extension was before, where code asks for it.
//!
//! Knows the origin of a record that `linktab adopt` wrote: the path in the wheel. The folder is that of the package as it
//! is imported now, so that what lies beside the extension is found where it lies.

use linktab::Record;

use super::query::{Query, This};
use crate::object::{Borrowed, Result};
use crate::state::Held;

/// Sets `origin` and `has_location`, from which importlib sets `__file__` (`_init_module_attrs`). A module in no
/// package, and one whose package has no folder, keeps what it has.
pub fn place(this: This<'_>, query: Query<'_>, record: &Record, spec: Borrowed<'_>) -> Result<()> {
    let Some(below) = below_package(record) else { return Ok(()) };
    if query.path.is_none() {
        return Ok(());
    }
    let folders = query.path.to_tuple()?;
    let folders = folders.borrow().items()?;
    let Some(folder) = folders.first().filter(|folder| folder.borrow().is_text()) else { return Ok(()) };
    let below = this.at().str(&format!("/{below}"))?;
    let add = folder.borrow().get(c"__add__")?;
    let origin = add.borrow().call(&[below.borrow()])?;
    spec.set(c"origin", origin.borrow())?;
    spec.set(c"has_location", this.held(Held::True)?)
}

/// The file's path below the folder of the package around it: its name, behind the folder of a package's own.
fn below_package(record: &Record) -> Option<&'static str> {
    let file = record.origin().file;
    let names = if record.is_package() { 2 } else { 1 };
    let start = file.rmatch_indices('/').nth(names - 1).map_or(0, |(slash, _)| slash + 1);
    Some(&file[start..]).filter(|below| !below.is_empty())
}
