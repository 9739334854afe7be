//! The calls that make and run a module: an init function or a definition in, a module out.
//!
//! Each is one step of CPython's own loader (Python/importdl.c, Python/import.c), with its checks.
//! Which steps in which order, per version and phase, is `route.rs`.

use std::ffi::{CStr, CString};

use linktab::Record;
use pyo3_ffi as ffi;

use super::answer::{Answer, Definition};
use super::named::Named;
use super::{context, mismatch, versions};
use crate::object::{Attached, Borrowed, Kind, Owned, Raised, Result};

/// Calls a record's init function in its package context and checks the answer, as
/// `_PyImport_LoadDynamicModuleWithSpec` (up to 3.12) and `_PyImport_RunModInitFunc` (3.13) do.
pub fn call_init<'a>(at: Attached<'a>, record: &'static Record) -> Result<Answer<'a>> {
    let name = record.name();
    let init = record.init();
    // SAFETY: the record says that this is a module's init function (record.rs, invariant 2), and
    // `at` shows that this thread has an attached thread state.
    let (answer, passed_by) = with_c_name(name, |name| context::within(name, || unsafe { init() }));
    let answer = answer.cast::<ffi::PyObject>();
    let fault = |message| at.raise(Kind::SystemError, message);
    if answer.is_null() {
        if !at.occurred() {
            return Err(fault(&format!("initialization of {name} failed without raising an exception")));
        }
        return Err(Raised::already(at));
    }
    if at.occurred() {
        return Err(at.raise_from_current(
            Kind::SystemError,
            &format!("initialization of {name} raised unreported exception"),
        ));
    }
    // SAFETY: not null; every object begins with its type.
    let class = unsafe { ffi::Py_TYPE(answer) };
    if class.is_null() {
        // A definition that did not go through `PyModuleDef_Init`.
        return Err(fault(&format!("init function of {name} returned uninitialized object")));
    }
    let definition_type = &raw mut ffi::PyModuleDef_Type;
    // SAFETY: a live object, of a type.
    if unsafe { ffi::PyObject_TypeCheck(answer, definition_type) } != 0 {
        // SAFETY: not null, and a definition that went through `PyModuleDef_Init`: it has a type.
        return Ok(Answer::Definition(unsafe { Definition::new(answer.cast()) }));
    }
    // SAFETY: a new reference.
    let module = unsafe { at.own(answer) }?;
    // SAFETY: a live object; other things than modules have no definition.
    let is_module = unsafe { ffi::PyModule_Check(answer) } != 0;
    // SAFETY: a live module.
    if !is_module || unsafe { ffi::PyModule_GetDef(answer) }.is_null() {
        return Err(fault(&format!("initialization of {name} did not return an extension module")));
    }
    if passed_by {
        mismatch::warn_of_short_name(record, module.borrow())?;
    }
    Ok(Answer::Module(module))
}

/// A name as C has it: on the stack, where it is no longer than names are.
///
/// An init function that sees a name shortened at a NUL is no danger, and not worth an error path.
fn with_c_name<R>(name: &str, then: impl FnOnce(&CStr) -> R) -> R {
    let mut buffer = [0_u8; 128];
    if let Some(short) = buffer.split_last_mut().and_then(|(_, rest)| rest.get_mut(..name.len())) {
        short.copy_from_slice(name.as_bytes());
        // SAFETY: the last byte of the buffer is still 0, and the buffer outlives the call.
        return then(unsafe { CStr::from_ptr(buffer.as_ptr().cast()) });
    }
    then(&CString::new(name).unwrap_or_default())
}

/// Whether a module holds what CPython puts into each and what its definition says, and none of the
/// latter under a name that importlib sets: `PyModule_FromDefAndSpec` made it, without a create slot.
pub fn is_as_made(module: Borrowed<'_>) -> bool {
    // SAFETY: a live object; other things than modules have no definition.
    if unsafe { ffi::PyModule_CheckExact(module.as_pointer()) } == 0 {
        return false;
    }
    // SAFETY: a live module.
    let definition = unsafe { ffi::PyModule_GetDef(module.as_pointer()) };
    if definition.is_null() {
        return false;
    }
    // SAFETY: a module's definition lives as long as the module.
    if unsafe { (*definition).m_slots }.is_null() || has_create_slot(definition) {
        return false;
    }
    // SAFETY: as above.
    let mut method = unsafe { (*definition).m_methods };
    while !method.is_null() {
        // SAFETY: methods end with one without a name.
        let name = unsafe { (*method).ml_name };
        if name.is_null() {
            break;
        }
        // SAFETY: a terminated string.
        if unsafe { CStr::from_ptr(name) }.to_bytes().starts_with(b"__") {
            return false;
        }
        // SAFETY: not the last method.
        method = unsafe { method.add(1) };
    }
    true
}

/// Whether a definition, which lives, makes its modules by itself.
fn has_create_slot(definition: *mut ffi::PyModuleDef) -> bool {
    // SAFETY: the caller's promise.
    let mut slot = unsafe { (*definition).m_slots };
    if slot.is_null() {
        return false;
    }
    // SAFETY: the slots end with one whose number is 0 (PEP 489).
    while unsafe { (*slot).slot } != 0 {
        // SAFETY: not the last slot.
        if unsafe { (*slot).slot } == ffi::Py_mod_create {
            return true;
        }
        // SAFETY: not the last slot.
        slot = unsafe { slot.add(1) };
    }
    false
}

/// `PyModule_FromDefAndSpec`: the module, not yet executed. `name` is the spec's.
pub fn from_definition<'a>(
    definition: Definition,
    spec: Borrowed<'a>,
    name: Borrowed<'_>,
) -> Result<Owned<'a>> {
    let definition = definition.as_pointer();
    let mut named = Named::new(name, spec);
    // Nobody but a create slot wants more of it.
    let asked = if has_create_slot(definition) { spec.as_pointer() } else { named.as_pointer() };
    // SAFETY: the invariant of `Definition`; a live spec, or what stands for it while CPython asks.
    let module = unsafe { ffi::PyModule_FromDefAndSpec(definition, asked) };
    // SAFETY: a new reference, or an exception.
    unsafe { spec.attached().own(module) }
}

/// Executes a module, unless that was done: `exec_builtin_or_dynamic` (Python/import.c).
pub fn exec(module: Borrowed<'_>) -> Result<()> {
    let pointer = module.as_pointer();
    // SAFETY: a live object.
    if unsafe { ffi::PyModule_Check(pointer) } == 0 {
        return Ok(());
    }
    // SAFETY: a live module.
    if !unsafe { ffi::PyModule_GetState(pointer) }.is_null() {
        return Ok(());
    }
    versions::exec(module)
}
