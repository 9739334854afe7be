//! Python objects as Rust values: pointers in, references that know whether they own out.
//!
//! Every other file is written against these types and stays free of reference counts. Knows
//! CPython's object calls; knows nothing of modules, finders or records.
//!
//! Invariant 1: an [`Attached`] exists only while this thread has an attached thread state. It is
//! made in functions that CPython calls and behind the check in `install.rs`, and cannot leave its
//! thread. [`Owned`] and [`Borrowed`] carry one, so that having a reference proves as much.
//!
//! Invariant 2: the pointer in an [`Owned`] or a [`Borrowed`] is a live object; an `Owned` holds one
//! reference to it, a `Borrowed<'a>` is kept alive by somebody else for `'a`.

use core::ffi::CStr;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};

use pyo3_ffi as ffi;

/// Proof that this thread may call CPython during `'a` (invariant 1).
#[derive(Clone, Copy)]
pub struct Attached<'a>(pub(super) PhantomData<(&'a (), *mut ())>);

/// A reference that is given back when it is dropped.
pub struct Owned<'a> {
    pub(super) pointer: NonNull<ffi::PyObject>,
    pub(super) attached: Attached<'a>,
}

/// A reference that somebody else keeps alive during `'a`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Borrowed<'a> {
    pub(super) pointer: NonNull<ffi::PyObject>,
    pub(super) attached: Attached<'a>,
}

/// A Python exception is set in this thread, and whoever gets this passes it on or clears it.
#[derive(Debug)]
pub struct Raised(pub(super) ());

/// What a function that can raise returns.
pub type Result<T> = core::result::Result<T, Raised>;

impl<'a> Owned<'a> {
    pub fn borrow(&self) -> Borrowed<'_> {
        Borrowed { pointer: self.pointer, attached: self.attached }
    }

    /// The reference itself, for whoever takes it over.
    pub fn into_pointer(self) -> *mut ffi::PyObject {
        ManuallyDrop::new(self).pointer.as_ptr()
    }
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        // SAFETY: invariants 1 and 2.
        unsafe { ffi::Py_DECREF(self.pointer.as_ptr()) };
    }
}

impl<'a> Borrowed<'a> {
    pub fn attached(self) -> Attached<'a> {
        self.attached
    }

    pub fn own(self) -> Owned<'a> {
        // SAFETY: invariants 1 and 2.
        unsafe { ffi::Py_INCREF(self.pointer.as_ptr()) };
        Owned { pointer: self.pointer, attached: self.attached }
    }

    pub fn as_pointer(self) -> *mut ffi::PyObject {
        self.pointer.as_ptr()
    }

    pub fn is(self, other: Borrowed<'_>) -> bool {
        self.pointer == other.pointer
    }

    pub fn is_none(self) -> bool {
        // SAFETY: reads an address only.
        ptr::eq(self.pointer.as_ptr(), unsafe { ffi::Py_None() })
    }

    /// The text of a string without lone surrogates, or `None` for anything else.
    pub fn text(self) -> Option<&'a str> {
        // SAFETY: invariant 2.
        if unsafe { ffi::PyUnicode_Check(self.pointer.as_ptr()) } == 0 {
            return None;
        }
        let mut len = 0;
        // SAFETY: it is a string. The bytes live in the string, and so as long as it does.
        let bytes = unsafe { ffi::PyUnicode_AsUTF8AndSize(self.pointer.as_ptr(), &raw mut len) };
        if bytes.is_null() {
            Raised(()).clear(self.attached);
            return None;
        }
        // SAFETY: `len` bytes, immutable and alive with the string.
        let bytes = unsafe { core::slice::from_raw_parts(bytes.cast::<u8>(), len as usize) };
        // SAFETY: CPython encodes to UTF-8 and raises for surrogates (Objects/unicodeobject.c,
        // `unicode_fill_utf8`). Each import of anything passes here: looking again would cost as much
        // as the table.
        Some(unsafe { core::str::from_utf8_unchecked(bytes) })
    }

    pub fn is_text(self) -> bool {
        // SAFETY: invariant 2.
        unsafe { ffi::PyUnicode_Check(self.pointer.as_ptr()) != 0 }
    }

    pub fn type_name(self) -> String {
        self.type_name_in_c().to_string_lossy().into_owned()
    }

    pub fn is_of_type_named(self, name: &CStr) -> bool {
        self.type_name_in_c() == name
    }

    fn type_name_in_c(self) -> &'a CStr {
        // SAFETY: invariant 2.
        let class = unsafe { ffi::Py_TYPE(self.pointer.as_ptr()) };
        // SAFETY: every object has a type, which it keeps alive.
        let name = unsafe { (*class).tp_name };
        // SAFETY: a type's name is a terminated string, which lives as long as the type.
        unsafe { CStr::from_ptr(name) }
    }

    pub fn attribute(self, name: Borrowed<'_>) -> Result<Owned<'a>> {
        // SAFETY: invariant 2 for both.
        let object = unsafe { ffi::PyObject_GetAttr(self.pointer.as_ptr(), name.pointer.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(object) }
    }

    pub fn get(self, name: &CStr) -> Result<Owned<'a>> {
        // SAFETY: invariant 2.
        let object = unsafe { ffi::PyObject_GetAttrString(self.pointer.as_ptr(), name.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(object) }
    }

    pub fn set(self, name: &CStr, value: Borrowed<'_>) -> Result<()> {
        let value = value.pointer.as_ptr();
        // SAFETY: invariant 2 for both.
        self.attached
            .status(unsafe { ffi::PyObject_SetAttrString(self.pointer.as_ptr(), name.as_ptr(), value) })
    }

    /// `bool(self)`.
    pub fn is_true(self) -> Result<bool> {
        // SAFETY: invariant 2.
        let truth = unsafe { ffi::PyObject_IsTrue(self.pointer.as_ptr()) };
        self.attached.status(truth).map(|()| truth != 0)
    }

    /// `str(self)`.
    pub fn display(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 2.
        let text = unsafe { ffi::PyObject_Str(self.pointer.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(text) }
    }

    /// `ascii(self)`.
    pub fn ascii(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 2.
        let text = unsafe { ffi::PyObject_ASCII(self.pointer.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(text) }
    }

    /// `self[name]`, for a mapping.
    pub fn item(self, name: &CStr) -> Result<Owned<'a>> {
        // SAFETY: invariant 2.
        let item = unsafe { ffi::PyMapping_GetItemString(self.pointer.as_ptr(), name.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(item) }
    }

    /// `self[name] = value`, for a mapping.
    pub fn set_item(self, name: &CStr, value: Borrowed<'_>) -> Result<()> {
        let value = value.pointer.as_ptr();
        // SAFETY: invariant 2 for both.
        self.attached
            .status(unsafe { ffi::PyMapping_SetItemString(self.pointer.as_ptr(), name.as_ptr(), value) })
    }

    /// `self(*args)`.
    pub fn call(self, args: &[Borrowed<'_>]) -> Result<Owned<'a>> {
        self.vectorcall(args, args.len(), None)
    }

    /// `self(*args)` where the last arguments are passed by the names in the tuple `keywords`.
    pub fn call_keywords(
        self,
        args: &[Borrowed<'_>],
        positional: usize,
        keywords: Borrowed<'_>,
    ) -> Result<Owned<'a>> {
        self.vectorcall(args, positional, Some(keywords))
    }

    fn vectorcall(
        self,
        args: &[Borrowed<'_>],
        positional: usize,
        keywords: Option<Borrowed<'_>>,
    ) -> Result<Owned<'a>> {
        // Room for the callee's `self` in front, as PY_VECTORCALL_ARGUMENTS_OFFSET would promise, is
        // not worth a copy here: the flag stays off.
        let mut pointers = [ptr::null_mut(); 6];
        assert!(args.len() <= pointers.len(), "linktab calls nothing with so many arguments");
        for (pointer, arg) in pointers.iter_mut().zip(args) {
            *pointer = arg.pointer.as_ptr();
        }
        let keywords = keywords.map_or(ptr::null_mut(), Borrowed::as_pointer);
        let callable = self.pointer.as_ptr();
        // SAFETY: invariant 2; `pointers` holds `positional` arguments and then one for each keyword,
        // as the callers in this crate pass them.
        let object = unsafe { ffi::PyObject_Vectorcall(callable, pointers.as_ptr(), positional, keywords) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(object) }
    }

    pub(super) fn call_dict(self, args: &[Borrowed<'_>], kwargs: Borrowed<'_>) -> Result<Owned<'a>> {
        let args = self.attached.tuple(args)?;
        // SAFETY: invariant 2; a tuple and a dictionary.
        let object = unsafe {
            ffi::PyObject_Call(self.pointer.as_ptr(), args.pointer.as_ptr(), kwargs.pointer.as_ptr())
        };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(object) }
    }

    /// The items of a sequence, as they are now.
    pub fn items(self) -> Result<Vec<Owned<'a>>> {
        // SAFETY: invariant 2.
        let len = unsafe { ffi::PySequence_Size(self.pointer.as_ptr()) };
        if len < 0 {
            return Err(Raised(()));
        }
        let item = |at| {
            // SAFETY: invariant 2; an index out of range raises.
            let object = unsafe { ffi::PySequence_GetItem(self.pointer.as_ptr(), at) };
            // SAFETY: it returns a new reference or raises.
            unsafe { self.attached.own(object) }
        };
        (0..len).map(item).collect()
    }

    /// Appends to a list.
    pub fn push(self, item: Borrowed<'_>) -> Result<()> {
        // SAFETY: invariant 2 for both; what is no list raises.
        self.attached.status(unsafe { ffi::PyList_Append(self.pointer.as_ptr(), item.pointer.as_ptr()) })
    }

    /// Inserts into a list.
    pub fn insert(self, index: isize, item: Borrowed<'_>) -> Result<()> {
        // SAFETY: invariant 2 for both; what is no list raises.
        self.attached
            .status(unsafe { ffi::PyList_Insert(self.pointer.as_ptr(), index, item.pointer.as_ptr()) })
    }

    /// Whether a sequence holds an equal object.
    pub fn contains(self, item: Borrowed<'_>) -> Result<bool> {
        // SAFETY: invariant 2 for both.
        let found = unsafe { ffi::PySequence_Contains(self.pointer.as_ptr(), item.pointer.as_ptr()) };
        if found < 0 { Err(Raised(())) } else { Ok(found == 1) }
    }
}
