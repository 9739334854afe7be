//! Export hooks (PEP 793, CPython 3.15): slots in, a module out, as `import_run_modexport`
//! (Python/import.c) makes it.
//!
//! Everything here exists on 3.15 and later only; `route.rs` refuses such records before.

use linktab::Record;
use pyo3_ffi as ffi;
use pyo3_ffi::PySlot;

use crate::object::{Borrowed, Kind, Owned, Raised, Result};

/// Calls the hook and makes the module, not yet executed. No package context and no cache: both are
/// matters of single-phase modules.
pub fn create<'a>(record: &'static Record, spec: Borrowed<'a>) -> Result<Owned<'a>> {
    let at = spec.attached();
    let name = record.name();
    let hook = record.init();
    // SAFETY: the record says that this is an export hook (record.rs, invariant 2), and `at` shows
    // that this thread has an attached thread state.
    let slots = unsafe { hook() }.cast::<PySlot>();
    if slots.is_null() {
        if at.occurred() {
            return Err(Raised::already(at));
        }
        let message = format!("module export hook for module '{name}' failed without setting an exception");
        return Err(at.raise(Kind::SystemError, &message));
    }
    if at.occurred() {
        let message = format!("module export hook for module '{name}' raised unreported exception");
        return Err(at.raise_from_current(Kind::SystemError, &message));
    }
    // CPython's loader makes the array the module's token; from outside only a slot can say so, and
    // there may be one token only.
    let wrapped = [
        ffi::PySlot_PTR_STATIC(ffi::Py_mod_token, slots.cast()),
        ffi::PySlot_PTR_STATIC(ffi::Py_slot_subslots, slots.cast()),
        ffi::PySlot_END(),
    ];
    // SAFETY: what a hook returns is an array with an end.
    let array = if unsafe { has_token(slots) } { slots.cast_const() } else { wrapped.as_ptr() };
    // SAFETY: an array with an end, which is read during the call only, and a live spec.
    let module = unsafe { ffi::PyModule_FromSlotsAndSpec(array, spec.as_pointer()) };
    // SAFETY: a new reference, or an exception.
    unsafe { at.own(module) }
}

/// Whether an array has a token of its own, here or in an array that it includes.
///
/// # Safety
///
/// `slots` leads to an array of slots that ends with an empty one.
unsafe fn has_token(mut slots: *const PySlot) -> bool {
    loop {
        // SAFETY: the caller's promise: the end has not been passed.
        let slot = unsafe { slots.read() };
        match i32::from(slot.sl_id) {
            ffi::Py_slot_end => return false,
            ffi::Py_mod_token => return true,
            ffi::Py_slot_subslots => {
                // SAFETY: slots of this kind hold a pointer.
                let inner = unsafe { slot.anon2.sl_ptr }.cast_const().cast::<PySlot>();
                // SAFETY: to an array with an end, or null.
                if !inner.is_null() && unsafe { has_token(inner) } {
                    return true;
                }
            }
            _ => {}
        }
        // SAFETY: this was not the end.
        slots = unsafe { slots.add(1) };
    }
}
