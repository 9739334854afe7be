//! What an init function answered: a definition (multi-phase) or a finished module (single-phase).

use linktab::Phase;
use pyo3_ffi as ffi;

use crate::object::Owned;

/// What an init function answered, checked.
pub enum Answer<'a> {
    /// A module definition, which nobody owns: multi-phase.
    Definition(Definition),
    /// A finished module: single-phase.
    Module(Owned<'a>),
}

/// A `PyModuleDef` that an init function returned.
///
/// Invariant: not null, initialised, and alive as long as the program (`PyModuleDef_Init`).
#[derive(Clone, Copy)]
pub struct Definition(*mut ffi::PyModuleDef);

impl Definition {
    /// # Safety
    ///
    /// The invariant.
    pub unsafe fn new(pointer: *mut ffi::PyModuleDef) -> Definition {
        Definition(pointer)
    }

    pub fn as_pointer(self) -> *mut ffi::PyModuleDef {
        self.0
    }
}

/// Whether a record answers as its phase says.
pub fn is_as_registered(phase: Phase, answer: &Answer<'_>) -> bool {
    match answer {
        Answer::Definition(_) => phase == Phase::Multi,
        Answer::Module(_) => phase == Phase::Single,
    }
}
