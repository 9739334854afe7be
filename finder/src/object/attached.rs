//! What a thread can do once it is attached: make objects, import, look at the running code.

use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};

use pyo3_ffi as ffi;

use super::exception::Kind;
use super::reference::{Attached, Borrowed, Owned, Raised, Result};

impl<'a> Attached<'a> {
    /// # Safety
    ///
    /// This thread has an attached thread state during `'a`.
    pub unsafe fn new() -> Attached<'a> {
        Attached(PhantomData)
    }

    /// Takes over a new reference, or the exception behind a null pointer.
    ///
    /// # Safety
    ///
    /// `pointer` is a new reference, or null with an exception set.
    pub unsafe fn own(self, pointer: *mut ffi::PyObject) -> Result<Owned<'a>> {
        match NonNull::new(pointer) {
            Some(pointer) => Ok(Owned { pointer, attached: self }),
            None => Err(Raised(())),
        }
    }

    /// # Safety
    ///
    /// `pointer` is not null, and somebody keeps the object alive during `'a`.
    pub unsafe fn borrow(self, pointer: *mut ffi::PyObject) -> Borrowed<'a> {
        // SAFETY: the caller's promise.
        Borrowed { pointer: unsafe { NonNull::new_unchecked(pointer) }, attached: self }
    }

    /// What a status of -1 or 0 means: an exception, or none.
    pub fn status(self, status: i32) -> Result<()> {
        if status < 0 { Err(Raised(())) } else { Ok(()) }
    }

    /// Several borrowed references that lie side by side.
    ///
    /// # Safety
    ///
    /// `pointers` leads to `len` pointers for which [`Attached::borrow`] could be called.
    pub unsafe fn borrow_slice(self, pointers: *const *mut ffi::PyObject, len: usize) -> &'a [Borrowed<'a>] {
        if len == 0 {
            return &[];
        }
        // SAFETY: the caller's promise; `Borrowed` is a pointer and nothing else (`transparent`).
        unsafe { core::slice::from_raw_parts(pointers.cast::<Borrowed<'a>>(), len) }
    }

    pub fn none(self) -> Owned<'a> {
        self.borrowed_none().own()
    }

    pub fn borrowed_none(self) -> Borrowed<'a> {
        // SAFETY: an address.
        let none = unsafe { ffi::Py_None() };
        // SAFETY: `None` is never deallocated.
        unsafe { self.borrow(none) }
    }

    pub fn bool(self, value: bool) -> Owned<'a> {
        // SAFETY: an address.
        let object = if value { unsafe { ffi::Py_True() } } else { unsafe { ffi::Py_False() } };
        // SAFETY: neither is ever deallocated.
        unsafe { self.borrow(object) }.own()
    }

    pub fn int(self, value: u32) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyLong_FromUnsignedLong(value.into()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }

    pub fn str(self, text: &str) -> Result<Owned<'a>> {
        let len = text.len() as ffi::Py_ssize_t;
        // SAFETY: a `str` is no longer than `isize::MAX`, and valid UTF-8.
        let object = unsafe { ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast::<c_char>(), len) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }

    /// The beginning of a string, which `text` is. Where both are ASCII, nothing has to be decoded.
    pub fn beginning(self, of: Borrowed<'_>, text: &str) -> Result<Owned<'a>> {
        if !text.is_ascii() {
            return self.str(text);
        }
        // SAFETY: a live object; what is no string raises.
        let object = unsafe { ffi::PyUnicode_Substring(of.as_pointer(), 0, text.len() as ffi::Py_ssize_t) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }

    /// Whether the interpreter has no thread but this one that ran or could run Python code.
    ///
    /// One that comes in this moment is not in the list yet, but it has not run any code either.
    pub fn is_alone(self) -> bool {
        // SAFETY: invariant 1.
        let this = unsafe { ffi::PyThreadState_Get() };
        // SAFETY: invariant 1.
        let interpreter = unsafe { ffi::PyInterpreterState_Get() };
        // SAFETY: the interpreter of an attached thread lives.
        let first = unsafe { ffi::PyInterpreterState_ThreadHead(interpreter) };
        // SAFETY: this thread's own state, which stays in the list.
        ptr::eq(first, this) && unsafe { ffi::PyThreadState_Next(this) }.is_null()
    }

    /// A string that compares by address in attribute and keyword look-ups.
    pub fn interned(self, text: &CStr) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyUnicode_InternFromString(text.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }

    /// The same for text that is not terminated.
    pub fn interned_str(self, text: &str) -> Result<Owned<'a>> {
        let mut object = self.str(text)?.into_pointer();
        // SAFETY: a new string; the reference is exchanged for one to the string that stands for all.
        unsafe { ffi::PyUnicode_InternInPlace(&raw mut object) };
        // SAFETY: that reference.
        unsafe { self.own(object) }
    }

    pub fn tuple(self, items: &[Borrowed<'_>]) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyTuple_New(items.len() as ffi::Py_ssize_t) };
        // SAFETY: it returns a new reference or raises.
        let tuple = unsafe { self.own(object) }?;
        for (at, item) in items.iter().enumerate() {
            let item = item.own().into_pointer();
            // SAFETY: the tuple is new, `at` is within it, and it takes over the reference.
            unsafe { ffi::PyTuple_SetItem(tuple.pointer.as_ptr(), at as ffi::Py_ssize_t, item) };
        }
        Ok(tuple)
    }

    /// A list of these.
    pub fn list(self, items: Vec<Owned<'_>>) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyList_New(items.len() as ffi::Py_ssize_t) };
        // SAFETY: it returns a new reference or raises.
        let list = unsafe { self.own(object) }?;
        for (at, item) in items.into_iter().enumerate() {
            // SAFETY: the list is new, `at` is within it, and it takes over the reference.
            unsafe { ffi::PyList_SetItem(list.pointer.as_ptr(), at as ffi::Py_ssize_t, item.into_pointer()) };
        }
        Ok(list)
    }

    /// `[]`.
    pub fn empty_list(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyList_New(0) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }

    pub fn import(self, name: &CStr) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyImport_ImportModule(name.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }

    /// A module that is imported in every interpreter before anything else is, such as `_imp`.
    ///
    /// Not by `PyImport_GetModule`, which asks its spec whether another thread is still about it: that costs
    /// as much as ten look-ups.
    pub fn imported(self, name: &CStr) -> Result<Owned<'a>> {
        let key = self.interned(name)?;
        match self.modules().filter(|modules| modules.is_plain_dict()) {
            Some(modules) => match modules.value(key.borrow())? {
                Some(module) => Ok(module),
                // Somebody took it out of `sys.modules`.
                None => self.import(name),
            },
            None => self.import(name),
        }
    }

    /// The dictionary that C takes for `sys.modules` (`MODULES`, Python/import.c), which it is unless
    /// somebody has put another in its place.
    pub fn modules(self) -> Option<Borrowed<'a>> {
        // SAFETY: invariant 1.
        let modules = unsafe { ffi::PyImport_GetModuleDict() };
        // SAFETY: not null; the interpreter keeps it alive.
        (!modules.is_null()).then(|| unsafe { self.borrow(modules) })
    }

    /// An attribute of `sys`, as C sees it.
    pub fn sys(self, name: &CStr) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PySys_GetObject(name.as_ptr()) };
        if object.is_null() {
            return Err(self.raise(Kind::ImportError, &format!("sys.{} is gone", name.to_string_lossy())));
        }
        // SAFETY: not null; `sys` keeps it alive until the next call into Python.
        Ok(unsafe { self.borrow(object) }.own())
    }

    /// Takes over a reference that [`Owned::into_pointer`] gave away, for another lifetime.
    pub fn prolong(self, object: Owned<'_>) -> Owned<'a> {
        Owned { pointer: ManuallyDrop::new(object).pointer, attached: self }
    }

    pub fn dict(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyDict_New() };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }
}
