//! The module `_linktab_slot`: what linktab's entry in the table of built-in modules is while it stands for
//! nothing.
//!
//! It is listed in `sys.builtin_module_names`, and `pydoc -k` imports every module of that list. It is empty.

use core::ffi::CStr;
use core::ptr;

use pyo3_ffi as ffi;

use super::versions;
use crate::object::table::Table;

/// Its name, which is that of the entry.
pub const NAME: &CStr = c"_linktab_slot";

static SLOTS: Table<[ffi::PyModuleDef_Slot; versions::SHARES_NOTHING.len()]> =
    Table::new(versions::SHARES_NOTHING);

static DEFINITION: Table<ffi::PyModuleDef> = Table::new(ffi::PyModuleDef {
    m_base: ffi::PyModuleDef_HEAD_INIT,
    m_name: NAME.as_ptr(),
    m_doc: c"Stands in the table of built-in modules for single-phase extensions of this executable."
        .as_ptr(),
    m_size: 0,
    m_methods: ptr::null_mut(),
    m_slots: SLOTS.0.get().cast(),
    m_traverse: None,
    m_clear: None,
    m_free: None,
});

/// What its init function answers. An attached thread calls it.
pub fn definition() -> *mut ffi::PyObject {
    // SAFETY: a static definition.
    unsafe { ffi::PyModuleDef_Init(DEFINITION.0.get()) }
}
