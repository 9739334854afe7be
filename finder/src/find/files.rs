//! A file that has the name of an extension of the table: what is behind on `sys.meta_path` in, a word about it
//! out, or its spec where the user lets files come first.
//!
//! Nobody looks for such files unless the user asks: an import of an extension asks no other finder.

use std::env;

use linktab::Record;

use super::own;
use super::query::{Query, This, quoted};
use crate::object::{Attached, Borrowed, Owned, Result};
use crate::state::Files;

/// The variable that lets files come first, unless it is empty or Python was told to ignore the environment.
const FILES_FIRST: &str = "LINKTAB_FILES_FIRST";

/// What the user wants to be done about files.
pub fn wishes(at: Attached<'_>) -> Result<Files> {
    let flags = at.sys(c"flags")?;
    let ignored = flags.borrow().get(c"ignore_environment")?.borrow().is_true()?;
    let first = !ignored && env::var_os(FILES_FIRST).is_some_and(|value| !value.is_empty());
    Ok(Files { tell: flags.borrow().get(c"verbose")?.borrow().is_true()?, first })
}

/// Whether a finder can have files: linktab's own for packages has none, and explains what it has not.
/// Another table's is of another type of that name.
pub fn has_files(finder: Borrowed<'_>) -> bool {
    !own::is_finder(finder, &[own::PACKAGE_FINDER])
}

/// The spec of a file that comes before an extension. With `-v`, says which of both it is.
pub fn before<'a>(this: This<'a>, query: Query<'a>, record: &Record) -> Result<Option<Owned<'a>>> {
    if own::is(record) {
        return Ok(None);
    }
    let first = this.state.files.first;
    let other = match query.ask_those_behind(this, has_files) {
        Err(raised) if !first => {
            raised.clear(this.at());
            None
        }
        other => other?,
    };
    // A folder without `__init__.py` comes behind extensions on disk too (Lib/importlib/_bootstrap_external.py,
    // `FileFinder.find_spec`).
    let Some(file) = other.filter(is_file) else { return Ok(None) };
    if this.state.files.tell {
        let (name, origin) = (quoted(query.name), quoted(file.borrow().get(c"origin")?.borrow()));
        tell(
            this,
            &if first {
                format!(
                    "linktab: {origin} is imported instead of the static extension {name} ({FILES_FIRST})"
                )
            } else {
                format!(
                    "linktab: the static extension {name} is imported instead of {origin}; {FILES_FIRST}=1 lets files come first"
                )
            },
        )?;
    }
    Ok(Some(file).filter(|_| first))
}

fn is_file(spec: &Owned<'_>) -> bool {
    let has_location = spec.borrow().get(c"has_location").and_then(|has| has.borrow().is_true());
    has_location.unwrap_or_else(|raised| {
        raised.clear(spec.borrow().attached());
        false
    })
}

/// A line of `-v`, as importlib writes its own.
fn tell(this: This<'_>, text: &str) -> Result<()> {
    let at = this.at();
    let write = at
        .imported(c"_frozen_importlib")?
        .borrow()
        .get(c"_verbose_message")
        .map(|write| at.prolong(write))?;
    write.borrow().call(&[at.str("{}")?.borrow(), at.str(text)?.borrow()]).map(drop)
}
