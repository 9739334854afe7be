//! Export hooks (PEP 793, CPython 3.15): slots in, a module out, as `import_run_modexport`
//! (Python/import.c) makes it.
//!
//! Everything here exists on 3.15 and later only; `route.rs` refuses such records before.

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

use linktab::Record;
use pyo3_ffi as ffi;
use pyo3_ffi::PySlot;

use crate::object::{Attached, Borrowed, Kind, Owned, Raised, Result};

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
    // SAFETY: what a hook returns is an array with an end.
    let has_token = unsafe { has_token(slots) };
    // SAFETY: as above.
    let function = unsafe { create_function(slots) };
    let token = (!has_token).then(|| ffi::PySlot_PTR_STATIC(ffi::Py_mod_token, slots.cast()));
    match function {
        None => {
            let all = ffi::PySlot_PTR_STATIC(ffi::Py_slot_subslots, slots.cast());
            from_slots(spec, token.into_iter().chain([all]))
        }
        // SAFETY: as above.
        Some(function) => created_by(function, spec, token, &unsafe { without_create(slots) }),
    }
}

/// `PyModule_FromSlotsAndSpec` on slots that get an end here.
fn from_slots<'a>(spec: Borrowed<'a>, slots: impl Iterator<Item = PySlot>) -> Result<Owned<'a>> {
    // CPython's loader makes the hook's array the module's token; from outside only a slot can say
    // so, and there may be one token only.
    let array: Vec<PySlot> = slots.chain([ffi::PySlot_END()]).collect();
    // SAFETY: an array with an end, which is read during the call only, and a live spec.
    let module = unsafe { ffi::PyModule_FromSlotsAndSpec(array.as_ptr(), spec.as_pointer()) };
    // SAFETY: a new reference, or an exception.
    unsafe { spec.attached().own(module) }
}

type CreateFunction = unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyModuleDef) -> *mut ffi::PyObject;

/// A `Py_mod_create` function, and what it has made: one reference, or null.
#[derive(Clone, Copy)]
struct Creation {
    function: CreateFunction,
    made: *mut ffi::PyObject,
}

thread_local! {
    static CREATION: Cell<Option<Creation>> = const { Cell::new(None) };
}

/// A module with a `Py_mod_create` function. What that makes may be no module, and then it cannot have
/// a token: CPython's loader gives one to modules only, while a slot for it is refused. So it is tried
/// with a token first, and if that was the reason, the same object comes without. The function is
/// called once, and not before CPython has found nothing to object to.
fn created_by<'a>(
    function: CreateFunction,
    spec: Borrowed<'a>,
    token: Option<PySlot>,
    others: &[PySlot],
) -> Result<Owned<'a>> {
    // It may load other extensions: the creation around this one waits.
    let before = CREATION.replace(Some(Creation { function, made: ptr::null_mut() }));
    // SAFETY: a function of the type that the slot wants.
    let create =
        unsafe { ffi::PySlot_FUNC(ffi::Py_mod_create, create_once as CreateFunction as *mut c_void) };
    let slots = || others.iter().copied().chain([create]);
    let mut result = from_slots(spec, token.into_iter().chain(slots()));
    let made = CREATION.get().map_or(ptr::null_mut(), |creation| creation.made);
    if let Err(raised) = result {
        // SAFETY: the creation owns a reference.
        let needs_no_token = token.is_some() && !made.is_null() && unsafe { ffi::PyModule_Check(made) } == 0;
        result = if needs_no_token {
            raised.clear(spec.attached());
            from_slots(spec, slots())
        } else {
            Err(raised)
        };
    }
    CREATION.set(before);
    // SAFETY: the creation's own reference, if there is one.
    unsafe { ffi::Py_XDECREF(made) };
    result
}

/// Calls the function of this thread's creation, or returns what it has made. CPython calls this
/// with what it passes to such functions.
unsafe extern "C" fn create_once(spec: *mut ffi::PyObject, def: *mut ffi::PyModuleDef) -> *mut ffi::PyObject {
    let Some(creation) = CREATION.get() else { return ptr::null_mut() };
    if !creation.made.is_null() {
        // SAFETY: the creation owns a reference; the caller gets another.
        unsafe { ffi::Py_INCREF(creation.made) };
        return creation.made;
    }
    // SAFETY: the slot says that it is such a function; the arguments are CPython's.
    let made = unsafe { (creation.function)(spec, def) };
    // SAFETY: CPython calls with an attached thread state.
    let failed = made.is_null() || unsafe { Attached::new() }.occurred();
    if !failed {
        // SAFETY: a live object, of which the creation gets a reference too.
        unsafe { ffi::Py_INCREF(made) };
        CREATION.set(Some(Creation { made, ..creation }));
    }
    made
}

/// Whether a slot is `Py_mod_create`, under its number since 3.15 or the one before (PEP 820).
fn is_create(slot: &PySlot) -> bool {
    matches!(slot.sl_id, 1 | 84)
}

/// The slots of an array, without its end.
///
/// # Safety
///
/// `slots` leads to an array of slots that ends with an empty one.
unsafe fn all(slots: *const PySlot) -> impl Iterator<Item = PySlot> {
    let at = move |index| {
        // SAFETY: the caller's promise: the end is not passed.
        let slot = unsafe { slots.add(index) };
        // SAFETY: as above.
        unsafe { slot.read() }
    };
    (0..).map(at).take_while(|slot| i32::from(slot.sl_id) != ffi::Py_slot_end)
}

/// The function of an array's `Py_mod_create` slot. Arrays that it includes are not looked into.
///
/// # Safety
///
/// As for [`all`].
unsafe fn create_function(slots: *const PySlot) -> Option<CreateFunction> {
    // SAFETY: the caller's promise.
    let slot = unsafe { all(slots) }.find(is_create)?;
    // SAFETY: slots of this kind hold a function.
    let function = unsafe { slot.anon2.sl_func }?;
    // SAFETY: of this type (PEP 489).
    Some(unsafe { core::mem::transmute::<unsafe extern "C" fn(), CreateFunction>(function) })
}

/// The slots of an array but for `Py_mod_create`.
///
/// # Safety
///
/// As for [`all`].
unsafe fn without_create(slots: *const PySlot) -> Vec<PySlot> {
    // SAFETY: the caller's promise.
    unsafe { all(slots) }.filter(|slot| !is_create(slot)).collect()
}

/// Whether an array has a token of its own, here or in an array that it includes.
///
/// # Safety
///
/// As for [`all`].
unsafe fn has_token(slots: *const PySlot) -> bool {
    // SAFETY: the caller's promise.
    unsafe { all(slots) }.any(|slot| match i32::from(slot.sl_id) {
        ffi::Py_mod_token => true,
        ffi::Py_slot_subslots => {
            // SAFETY: slots of this kind hold a pointer.
            let inner = unsafe { slot.anon2.sl_ptr }.cast_const().cast::<PySlot>();
            // SAFETY: to an array with an end, or null.
            !inner.is_null() && unsafe { has_token(inner) }
        }
        _ => false,
    })
}
