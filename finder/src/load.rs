//! A record in, a module out, as CPython's own loader would have made it.
//!
//! Top down: `route` (which way), `trampoline` (what CPython calls in place of an init function), `call`
//! (the calls themselves), `slot` with `placeholder`, and `context` (the two tricks), `export` (PEP 793), `mismatch`
//! (warnings), `answer`, `named` (a spec that is a name only), and `versions` (what versions of CPython do differently).

use core::ffi::CStr;

use crate::object::Attached;

pub mod call;
pub mod route;
pub mod versions;

mod answer;
mod context;
#[cfg(Py_3_15)]
mod export;
mod mismatch;
mod named;
mod placeholder;
mod slot;
mod trampoline;

/// Puts a module of linktab's own into the table of built-in modules, and the entry that stands for
/// single-phase extensions.
///
/// # Errors
///
/// Out of memory, or too late.
pub fn prepare(name: &'static CStr, init: slot::Init) -> core::result::Result<(), &'static str> {
    slot::enter(name, init)?;
    slot::prepare(trampoline::trampoline)
}

/// Whether the running interpreter has that entry. Where the table can still grow, it gets what
/// [`prepare`] puts there.
pub fn has_slot(_: Attached<'_>, name: &'static CStr, init: slot::Init) -> bool {
    if versions::TABLE_IS_COPIED { slot::is_available() } else { prepare(name, init).is_ok() }
}
