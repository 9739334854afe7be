//! The two finders in their places on `sys.meta_path`.

use crate::object::{Borrowed, Result};

/// Puts the finders of the module `linktab` in their places, where they are not there already.
/// Executing that module does it.
pub fn enter(module: Borrowed<'_>) -> Result<()> {
    let meta_path = module.attached().sys(c"meta_path")?;
    let finder = module.get(c"finder")?;
    let implied = module.get(c"implied_packages")?;
    if !meta_path.borrow().contains(finder.borrow())? {
        meta_path.borrow().insert(0, finder.borrow())?;
    }
    if !meta_path.borrow().contains(implied.borrow())? {
        meta_path.borrow().push(implied.borrow())?;
    }
    Ok(())
}
