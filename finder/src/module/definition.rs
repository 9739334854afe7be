//! The module `linktab`: its definition, its functions, and its state's life.

use core::ffi::{c_int, c_void};
use core::ptr;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use super::{contents, preload, records};
use crate::find::own;
use crate::load::versions::SHARES_NOTHING;
use crate::load::{self, call};
use crate::object::table::{Table, entry, give};
use crate::object::{Attached, Borrowed, Kind, Owned, Raised, Result};
use crate::state::State;

/// # Safety
///
/// The invariant of `object/table.rs`, with the module as `this`.
unsafe fn module_of<'a>(this: *mut PyObject) -> (Borrowed<'a>, Option<&'a State>) {
    // SAFETY: the caller's promise.
    let at = unsafe { Attached::new() };
    // SAFETY: a live module of ours.
    let state = unsafe { ffi::PyModule_GetState(this) }.cast::<State>();
    // SAFETY: null before the module is executed, a state afterwards.
    let state = unsafe { state.as_ref() };
    // SAFETY: a live argument.
    (unsafe { at.borrow(this) }, state)
}

/// The module has its functions before it is executed, and its state after.
fn executed<'a>(module: Borrowed<'_>, state: Option<&'a State>) -> Result<&'a State> {
    state.ok_or_else(|| module.attached().raise(Kind::ImportError, "the module linktab is not executed yet"))
}

unsafe extern "C" fn modules(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let (module, state) = unsafe { module_of(this) };
    give(executed(module, state).and_then(|state| contents::modules(module, state)))
}

unsafe extern "C" fn find(this: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let (module, state) = unsafe { module_of(this) };
    // SAFETY: a live argument.
    let name = unsafe { module.attached().borrow(name) };
    give(executed(module, state).and_then(|state| contents::find(module, state, name)))
}

unsafe extern "C" fn preload(this: *mut PyObject, names: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let (module, state) = unsafe { module_of(this) };
    // SAFETY: a live argument.
    let names = unsafe { module.attached().borrow(names) };
    give(executed(module, state).and_then(|state| preload::preload(module, state, names)))
}

unsafe extern "C" fn attribute(this: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    let (module, state) = unsafe { module_of(this) };
    // SAFETY: a live argument.
    give(records::attribute(module, state, unsafe { module.attached().borrow(name) }))
}

unsafe extern "C" fn directory(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    give(records::directory(unsafe { module_of(this) }.0))
}

unsafe extern "C" fn module_exec(module: *mut PyObject) -> c_int {
    // SAFETY: the invariant of `object/table.rs`.
    let at = unsafe { Attached::new() };
    // SAFETY: CPython made the state, all zeros, before it calls this; nobody else knows it.
    let state = unsafe { ffi::PyModule_GetState(module) }.cast::<State>();
    // SAFETY: as above: all zeros is an empty state.
    let state = unsafe { &mut *state };
    // SAFETY: a live argument.
    let module = unsafe { at.borrow(module) };
    match contents::exec(module, state, load::has_slot(at, own::NAME_C, init)) {
        Ok(()) => 0,
        Err(Raised { .. }) => -1,
    }
}

unsafe extern "C" fn module_traverse(
    module: *mut PyObject,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: a live module of ours.
    let state = unsafe { ffi::PyModule_GetState(module) }.cast::<State>();
    // SAFETY: null before the module is executed, a state afterwards.
    let Some(state) = (unsafe { state.as_ref() }) else { return 0 };
    // SAFETY: `visit` comes from the garbage collector; these are live objects.
    state.pointers().map(|object| unsafe { visit(object, arg) }).find(|status| *status != 0).unwrap_or(0)
}

unsafe extern "C" fn module_clear(module: *mut PyObject) -> c_int {
    // SAFETY: a live module of ours.
    let state = unsafe { ffi::PyModule_GetState(module) }.cast::<State>();
    // SAFETY: null before the module is executed, a state afterwards.
    if let Some(state) = unsafe { state.as_ref() } {
        // SAFETY: the state gives its reference away.
        state.take().for_each(|object| unsafe { ffi::Py_DECREF(object) });
    }
    0
}

unsafe extern "C" fn module_free(module: *mut c_void) {
    // SAFETY: CPython frees a module of ours.
    unsafe { module_clear(module.cast()) };
}

static FUNCTIONS: Table<[ffi::PyMethodDef; 6]> = Table::new([
    entry(
        c"modules",
        modules,
        ffi::METH_NOARGS,
        c"modules($module, /)\n--\n\nThe extensions of this executable, by name.",
    ),
    entry(
        c"find",
        find,
        ffi::METH_O,
        c"find($module, name, /)\n--\n\nThe extension of that full dotted name, or None.",
    ),
    entry(
        c"preload",
        preload,
        ffi::METH_O,
        c"preload($module, names, /)\n--\n\nImports every name, as import does, and returns the modules.",
    ),
    entry(c"__getattr__", attribute, ffi::METH_O, c""),
    entry(c"__dir__", directory, ffi::METH_NOARGS, c""),
    ffi::PyMethodDef::zeroed(),
]);

static SLOTS: Table<[ffi::PyModuleDef_Slot; 1 + SHARES_NOTHING.len()]> = Table::new({
    let value = module_exec as unsafe extern "C" fn(*mut PyObject) -> c_int as *mut c_void;
    let mut slots = [ffi::PyModuleDef_Slot { slot: ffi::Py_mod_exec, value }; 1 + SHARES_NOTHING.len()];
    let (_, others) = slots.split_at_mut(1);
    others.copy_from_slice(&SHARES_NOTHING);
    slots
});

static DEFINITION: Table<ffi::PyModuleDef> = Table::new(ffi::PyModuleDef {
    m_base: ffi::PyModuleDef_HEAD_INIT,
    m_name: own::NAME_C.as_ptr(),
    m_doc: c"The native extensions that are linked into this executable.".as_ptr(),
    m_size: size_of::<State>() as ffi::Py_ssize_t,
    m_methods: FUNCTIONS.0.get().cast(),
    m_slots: SLOTS.0.get().cast(),
    m_traverse: Some(module_traverse),
    m_clear: Some(module_clear),
    m_free: Some(module_free),
});

/// The module `linktab` is an extension in its own table.
#[linktab::extension_module("linktab")]
pub unsafe extern "C" fn init() -> *mut PyObject {
    // SAFETY: a static definition.
    unsafe { ffi::PyModuleDef_Init(DEFINITION.0.get()) }
}

/// Whether a module is one of this definition: another table in the process comes with another.
pub fn is_of_this_table(module: Borrowed<'_>) -> bool {
    // SAFETY: a live object.
    if unsafe { ffi::PyModule_Check(module.as_pointer()) } == 0 {
        return false;
    }
    // SAFETY: a live module.
    ptr::eq(unsafe { ffi::PyModule_GetDef(module.as_pointer()) }, DEFINITION.0.get())
}

/// Makes and executes the module `linktab` of this interpreter.
pub fn new_module(spec: Borrowed<'_>) -> Result<Owned<'_>> {
    // SAFETY: a static definition.
    unsafe { ffi::PyModuleDef_Init(DEFINITION.0.get()) };
    // SAFETY: a static definition and a live spec.
    let module = unsafe { ffi::PyModule_FromDefAndSpec(DEFINITION.0.get(), spec.as_pointer()) };
    // SAFETY: a new reference, or an exception.
    let module = unsafe { spec.attached().own(module) }?;
    call::exec(module.borrow())?;
    Ok(module)
}
