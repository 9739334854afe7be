//! The two finder types: their methods as C functions, their tables, and how they are made.

use core::ffi::{CStr, c_int, c_uint, c_void};
use core::ptr;

use pyo3_ffi as ffi;
use pyo3_ffi::PyObject;

use crate::find::query::This;
use crate::find::{finder, implied, own, resources};
use crate::object::table::{Table, entry, give};
use crate::object::{Attached, Borrowed, Owned, Result};
use crate::state::State;

/// # Safety
///
/// The invariant of `object/table.rs`, with a finder as `this`.
unsafe fn finder_of<'a>(this: *mut PyObject) -> This<'a> {
    // SAFETY: the caller's promise.
    let at = unsafe { Attached::new() };
    // SAFETY: a live instance of a type of ours.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: such a type was made for a module with a state.
    let state = unsafe { ffi::PyType_GetModuleState(class) }.cast::<State>();
    // SAFETY: the type keeps its module, and that its state, alive.
    let state = unsafe { &*state };
    // SAFETY: a live argument.
    let object = unsafe { at.borrow(this) };
    This { object, state }
}

/// Methods without arguments.
macro_rules! without_argument {
    ($($name:ident => $body:path;)*) => {$(
        unsafe extern "C" fn $name(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
            // SAFETY: the invariant of `object/table.rs`.
            give($body(unsafe { finder_of(this) }))
        }
    )*};
}

/// Methods with one argument.
macro_rules! with_argument {
    ($($name:ident => $body:path;)*) => {$(
        unsafe extern "C" fn $name(this: *mut PyObject, argument: *mut PyObject) -> *mut PyObject {
            // SAFETY: the invariant of `object/table.rs`.
            let this = unsafe { finder_of(this) };
            // SAFETY: a live argument.
            give($body(this, unsafe { this.at().borrow(argument) }))
        }
    )*};
}

/// Methods with positional and keyword arguments, called by vectorcall.
macro_rules! with_arguments {
    ($($name:ident => $body:path;)*) => {$(
        unsafe extern "C" fn $name(
            this: *mut PyObject,
            values: *const *mut PyObject,
            positional: ffi::Py_ssize_t,
            keywords: *mut PyObject,
        ) -> *mut PyObject {
            // SAFETY: the invariant of `object/table.rs`.
            let this = unsafe { finder_of(this) };
            // SAFETY: the arguments of a vectorcall.
            give(unsafe { vectorcall(this, values, positional, keywords, $body) })
        }
    )*};
}

/// # Safety
///
/// The arguments are those of a vectorcall: `positional` live values, and then one for each string in
/// the tuple `keywords`, which may be null.
unsafe fn vectorcall<'a>(
    this: This<'a>,
    values: *const *mut PyObject,
    positional: ffi::Py_ssize_t,
    keywords: *mut PyObject,
    body: impl FnOnce(This<'a>, &[Borrowed<'a>], &[Borrowed<'_>]) -> Result<Owned<'a>>,
) -> Result<Owned<'a>> {
    if keywords.is_null() {
        // SAFETY: the caller's promise.
        let values = unsafe { this.at().borrow_slice(values, positional as usize) };
        return body(this, values, &[]);
    }
    // SAFETY: not null.
    let keywords = unsafe { this.at().borrow(keywords) }.items()?;
    let keywords: Vec<Borrowed<'_>> = keywords.iter().map(Owned::borrow).collect();
    // SAFETY: the caller's promise.
    let values = unsafe { this.at().borrow_slice(values, positional as usize + keywords.len()) };
    body(this, values, &keywords)
}

with_arguments! {
    finder_find_spec => finder::find_spec;
    implied_find_spec => implied::find_spec;
}

with_argument! {
    finder_create_module => finder::create_module;
    finder_exec_module => finder::exec_module;
    finder_nothing => finder::nothing;
    finder_is_package => finder::is_package;
    finder_get_resource_reader => resources::reader;
    implied_create_module => implied::create_module;
    implied_exec_module => implied::exec_module;
    implied_nothing => implied::nothing;
    implied_is_package => implied::is_package;
}

without_argument! {
    finder_reduce => finder::reduce;
    implied_reduce => implied::reduce;
    invalidate_caches => finder::invalidate_caches;
}

unsafe extern "C" fn finder_repr(this: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    give(finder::repr(unsafe { finder_of(this) }))
}

unsafe extern "C" fn implied_repr(this: *mut PyObject) -> *mut PyObject {
    // SAFETY: the invariant of `object/table.rs`.
    give(implied::repr(unsafe { finder_of(this) }))
}

const fn find_spec_entry(function: ffi::PyCFunctionFastWithKeywords) -> ffi::PyMethodDef {
    let doc = c"find_spec($self, /, fullname, path=None, target=None)\n--\n\nThe spec of a module, or None.";
    ffi::PyMethodDef {
        ml_name: c"find_spec".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: function },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: doc.as_ptr(),
    }
}

const CREATE: &CStr = c"create_module($self, spec, /)\n--\n\nMakes the module of a spec, not yet executed.";
const EXEC: &CStr = c"exec_module($self, module, /)\n--\n\nExecutes a module, once.";
const CODE: &CStr = c"get_code($self, fullname, /)\n--\n\nNone: there is no Python code.";
const SOURCE: &CStr = c"get_source($self, fullname, /)\n--\n\nNone: there is no Python source.";
const PACKAGE: &CStr = c"is_package($self, fullname, /)\n--\n\nWhether a module is a package.";
const RESOURCES: &CStr =
    c"get_resource_reader($self, fullname, /)\n--\n\nReads the files of a package's folders, or None.";
const CACHES: &CStr = c"invalidate_caches($self, /)\n--\n\nDoes nothing: the table never changes.";

static FINDER_METHODS: Table<[ffi::PyMethodDef; 10]> = Table::new([
    find_spec_entry(finder_find_spec),
    entry(c"create_module", finder_create_module, ffi::METH_O, CREATE),
    entry(c"exec_module", finder_exec_module, ffi::METH_O, EXEC),
    entry(c"get_code", finder_nothing, ffi::METH_O, CODE),
    entry(c"get_source", finder_nothing, ffi::METH_O, SOURCE),
    entry(c"is_package", finder_is_package, ffi::METH_O, PACKAGE),
    entry(c"get_resource_reader", finder_get_resource_reader, ffi::METH_O, RESOURCES),
    entry(c"invalidate_caches", invalidate_caches, ffi::METH_NOARGS, CACHES),
    entry(c"__reduce__", finder_reduce, ffi::METH_NOARGS, c""),
    ffi::PyMethodDef::zeroed(),
]);

static IMPLIED_METHODS: Table<[ffi::PyMethodDef; 9]> = Table::new([
    find_spec_entry(implied_find_spec),
    entry(c"create_module", implied_create_module, ffi::METH_O, CREATE),
    entry(c"exec_module", implied_exec_module, ffi::METH_O, EXEC),
    entry(c"get_code", implied_nothing, ffi::METH_O, CODE),
    entry(c"get_source", implied_nothing, ffi::METH_O, SOURCE),
    entry(c"is_package", implied_is_package, ffi::METH_O, PACKAGE),
    entry(c"invalidate_caches", invalidate_caches, ffi::METH_NOARGS, CACHES),
    entry(c"__reduce__", implied_reduce, ffi::METH_NOARGS, c""),
    ffi::PyMethodDef::zeroed(),
]);

/// Which of the two types.
#[derive(Clone, Copy)]
pub enum Which {
    Static,
    Implied,
}

/// Makes one of the finder types for a module, and its one instance.
pub fn new<'a>(module: Borrowed<'a>, which: Which) -> Result<(Owned<'a>, Owned<'a>)> {
    let at = module.attached();
    let class = new_type(module, which)?;
    let pointer = class.borrow().as_pointer().cast::<ffi::PyTypeObject>();
    // SAFETY: a type that was just made; CPython 3.9 has no flag that forbids `linktab.X()`.
    unsafe { (*pointer).tp_new = None };
    // Behind what every object has, the list of weak references: by `__weaklistoffset__` among the members it
    // would become an attribute too, which takes longer to make.
    // SAFETY: as above; instances have room for a pointer there (`new_type`), and nobody derives from the type.
    unsafe { (*pointer).tp_weaklistoffset = size_of::<PyObject>() as ffi::Py_ssize_t };
    // SAFETY: a heap type whose instances have one field, which may be null.
    let instance = unsafe { ffi::PyType_GenericAlloc(pointer, 0) };
    // SAFETY: a new reference, or an exception.
    let instance = unsafe { at.own(instance) }?;
    Ok((class, instance))
}

fn new_type(module: Borrowed<'_>, which: Which) -> Result<Owned<'_>> {
    let (name, methods, repr, doc) = match which {
        Which::Static => (
            own::EXTENSION_FINDER,
            FINDER_METHODS.0.get().cast::<ffi::PyMethodDef>(),
            finder_repr as ffi::reprfunc,
            c"Finds and loads the extensions in this executable's table.",
        ),
        Which::Implied => (
            own::PACKAGE_FINDER,
            IMPLIED_METHODS.0.get().cast::<ffi::PyMethodDef>(),
            implied_repr as ffi::reprfunc,
            c"Finds the packages that extensions in this executable's table are inside of.",
        ),
    };
    let slot = |slot, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_doc, doc.as_ptr().cast_mut().cast()),
        slot(ffi::Py_tp_methods, methods.cast()),
        slot(ffi::Py_tp_repr, repr as *mut c_void),
        slot(ffi::Py_tp_traverse, instance_traverse as ffi::traverseproc as *mut c_void),
        slot(ffi::Py_tp_dealloc, instance_dealloc as ffi::destructor as *mut c_void),
        slot(0, ptr::null_mut()),
    ];
    let mut spec = ffi::PyType_Spec {
        name: name.as_ptr(),
        basicsize: size_of::<(PyObject, *mut PyObject)>() as c_int,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC) as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a live module; CPython copies what the specification holds, except for strings and
    // tables, which are static.
    let class = unsafe { ffi::PyType_FromModuleAndSpec(module.as_pointer(), &raw mut spec, ptr::null_mut()) };
    // SAFETY: a new reference, or an exception.
    unsafe { module.attached().own(class) }
}

/// An instance of a heap type owns a reference to the type (3.9, "Porting to Python 3.9").
unsafe extern "C" fn instance_traverse(
    this: *mut PyObject,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: the invariant of `object/table.rs`.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: `visit` comes from the garbage collector.
    unsafe { visit(class.cast(), arg) }
}

unsafe extern "C" fn instance_dealloc(this: *mut PyObject) {
    // SAFETY: the invariant of `object/table.rs`.
    let class = unsafe { ffi::Py_TYPE(this) };
    // SAFETY: `PyType_GenericAlloc` made the instance known to the garbage collector.
    unsafe { ffi::PyObject_GC_UnTrack(this.cast()) };
    // SAFETY: nobody refers to the instance any more, and its type has a list of weak references.
    unsafe { ffi::PyObject_ClearWeakRefs(this) };
    // SAFETY: nobody refers to the instance any more, and it was allocated with the collector's header.
    unsafe { ffi::PyObject_GC_Del(this.cast()) };
    // SAFETY: the instance's reference to its type.
    unsafe { ffi::Py_DECREF(class.cast()) };
}
