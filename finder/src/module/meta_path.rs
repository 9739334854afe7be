//! The two finders in their places on `sys.meta_path`.

use crate::object::{Borrowed, Result};

/// Puts the finders of a module `linktab` in their places, where they are not there already.
pub fn enter(module: Borrowed<'_>) -> Result<()> {
    let finder = module.get(c"finder")?;
    let implied = module.get(c"implied_packages")?;
    enter_finders(finder.borrow(), implied.borrow())
}

/// The same while that module is executed, which it is by this.
pub fn enter_finders(finder: Borrowed<'_>, implied: Borrowed<'_>) -> Result<()> {
    let meta_path = finder.attached().sys(c"meta_path")?;
    if !meta_path.borrow().contains(finder)? {
        meta_path.borrow().insert(0, finder)?;
    }
    if !meta_path.borrow().contains(implied)? {
        meta_path.borrow().push(implied)?;
    }
    Ok(())
}
