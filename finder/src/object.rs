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

use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};

use pyo3_ffi as ffi;

/// Proof that this thread may call CPython during `'a` (invariant 1).
#[derive(Clone, Copy)]
pub struct Attached<'a>(PhantomData<(&'a (), *mut ())>);

/// A reference that is given back when it is dropped.
pub struct Owned<'a> {
    pointer: NonNull<ffi::PyObject>,
    attached: Attached<'a>,
}

/// A reference that somebody else keeps alive during `'a`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Borrowed<'a> {
    pointer: NonNull<ffi::PyObject>,
    attached: Attached<'a>,
}

/// A Python exception is set in this thread, and whoever gets this passes it on or clears it.
#[derive(Debug)]
pub struct Raised(());

/// What a function that can raise returns.
pub type Result<T> = core::result::Result<T, Raised>;

/// The exceptions and warnings that linktab raises by itself.
#[derive(Clone, Copy)]
pub enum Kind {
    ImportError,
    ModuleNotFoundError,
    RuntimeWarning,
    SystemError,
    TypeError,
}

impl Kind {
    fn class(self) -> *mut ffi::PyObject {
        let place = match self {
            Kind::ImportError => &raw const ffi::PyExc_ImportError,
            Kind::ModuleNotFoundError => &raw const ffi::PyExc_ModuleNotFoundError,
            Kind::RuntimeWarning => &raw const ffi::PyExc_RuntimeWarning,
            Kind::SystemError => &raw const ffi::PyExc_SystemError,
            Kind::TypeError => &raw const ffi::PyExc_TypeError,
        };
        // SAFETY: the classes are set before any thread state can be attached, and never again.
        unsafe { place.read() }
    }
}

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
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyBool_FromLong(value.into()) };
        Owned { pointer: NonNull::new(object).unwrap_or(NonNull::dangling()), attached: self }
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

    /// A string that compares by address in attribute and keyword look-ups.
    pub fn interned(self, text: &CStr) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyUnicode_InternFromString(text.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
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

    pub fn list(self) -> Result<Owned<'a>> {
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

    pub fn raise(self, kind: Kind, message: &str) -> Raised {
        if let Ok(message) = self.str(message) {
            // SAFETY: both are live objects.
            unsafe { ffi::PyErr_SetObject(kind.class(), message.pointer.as_ptr()) };
        }
        Raised(())
    }

    /// Raises an `ImportError` or a subclass that carries the module's name.
    pub fn raise_import_error(self, kind: Kind, message: &str, name: Borrowed<'_>) -> Raised {
        let (Ok(message), Ok(kwargs)) = (self.str(message), self.dict()) else { return Raised(()) };
        if kwargs.borrow().set_item(c"name", name).is_err() {
            return Raised(());
        }
        // SAFETY: a live class.
        let class = unsafe { self.borrow(kind.class()) };
        if let Ok(exception) = class.call_dict(&[message.borrow()], kwargs.borrow()) {
            // SAFETY: both are live objects.
            unsafe { ffi::PyErr_SetObject(kind.class(), exception.pointer.as_ptr()) };
        }
        Raised(())
    }

    /// Raises, with the exception that is set as the cause (`_PyErr_FormatFromCause`, Python/errors.c).
    pub fn raise_from_current(self, kind: Kind, message: &str) -> Raised {
        let cause = self.take_exception();
        let raised = self.raise(kind, message);
        let exception = self.take_exception();
        // SAFETY: two exceptions; the call takes over one reference to the cause.
        unsafe {
            ffi::PyException_SetCause(exception.borrow().as_pointer(), cause.borrow().own().into_pointer())
        };
        // SAFETY: as above, for the context.
        unsafe { ffi::PyException_SetContext(exception.borrow().as_pointer(), cause.into_pointer()) };
        self.restore_exception(exception);
        raised
    }

    /// The exception that is set, normalised, or `None`.
    pub fn take_exception(self) -> Owned<'a> {
        #[cfg(Py_3_12)]
        // SAFETY: invariant 1.
        let exception = unsafe { ffi::PyErr_GetRaisedException() };
        #[cfg(not(Py_3_12))]
        let exception = {
            let [mut class, mut value, mut traceback] = [ptr::null_mut(); 3];
            // SAFETY: invariant 1; three places for references.
            unsafe { ffi::PyErr_Fetch(&raw mut class, &raw mut value, &raw mut traceback) };
            // SAFETY: the three that were fetched.
            unsafe { ffi::PyErr_NormalizeException(&raw mut class, &raw mut value, &raw mut traceback) };
            if !traceback.is_null() {
                // SAFETY: a normalised exception and its traceback.
                unsafe { ffi::PyException_SetTraceback(value, traceback) };
            }
            // SAFETY: a reference of ours, or null.
            unsafe { ffi::Py_XDECREF(class) };
            // SAFETY: a reference of ours, or null.
            unsafe { ffi::Py_XDECREF(traceback) };
            value
        };
        match NonNull::new(exception) {
            Some(pointer) => Owned { pointer, attached: self },
            None => self.none(),
        }
    }

    /// Sets an exception that [`Attached::take_exception`] took.
    pub fn restore_exception(self, exception: Owned<'_>) -> Raised {
        // SAFETY: a live object.
        let class = unsafe { ffi::Py_TYPE(exception.borrow().as_pointer()) }.cast::<ffi::PyObject>();
        // SAFETY: an exception and its class.
        unsafe { ffi::PyErr_SetObject(class, exception.borrow().as_pointer()) };
        Raised(())
    }

    /// Warns; that raises when a filter turns the warning into an error.
    pub fn warn(self, kind: Kind, message: &str) -> Result<()> {
        let message = std::ffi::CString::new(message.replace('\0', "?")).unwrap_or_default();
        // SAFETY: a live class and a terminated string.
        self.status(unsafe { ffi::PyErr_WarnEx(kind.class(), message.as_ptr(), 1) })
    }

    /// Whether an exception is set.
    pub fn occurred(self) -> bool {
        // SAFETY: invariant 1.
        !unsafe { ffi::PyErr_Occurred() }.is_null()
    }

    /// Takes over a reference that [`Owned::into_pointer`] gave away, for another lifetime.
    pub fn prolong(self, object: Owned<'_>) -> Owned<'a> {
        Owned { pointer: ManuallyDrop::new(object).pointer, attached: self }
    }

    /// Whether the import statement's machinery is calling, and not somebody who merely wants to know
    /// whether a module is there: the frames are those of `_find_spec` below
    /// `_find_and_load_unlocked` (Lib/importlib/_bootstrap.py, 3.9 to 3.15).
    pub fn import_system_asks(self) -> bool {
        // SAFETY: invariant 1. The frame belongs to the running code.
        let frame = unsafe { ffi::PyEval_GetFrame() };
        if frame.is_null() {
            return false;
        }
        // SAFETY: a live frame; a new reference or null comes back, null without an exception.
        let back = unsafe { ffi::PyFrame_GetBack(frame) };
        // SAFETY: a new reference, or null, which stands for "no frame".
        let Ok(back) = (unsafe { self.own(back.cast()) }) else { return false };
        // SAFETY: not null, and the running code keeps it alive.
        let frame = unsafe { self.borrow(frame.cast()) };
        let runs = |frame: Borrowed<'_>, function| {
            frame.runs(function).unwrap_or_else(|raised| {
                raised.clear(self);
                false
            })
        };
        runs(frame, "_find_spec") && runs(back.borrow(), "_find_and_load_unlocked")
    }

    fn dict(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 1.
        let object = unsafe { ffi::PyDict_New() };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.own(object) }
    }
}

impl Raised {
    /// For a call that is known to have raised.
    pub fn already(_: Attached<'_>) -> Raised {
        Raised(())
    }

    /// Drops the exception.
    pub fn clear(self, _: Attached<'_>) {
        // SAFETY: invariant 1, as the parameter shows.
        unsafe { ffi::PyErr_Clear() };
    }
}

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
        core::str::from_utf8(bytes).ok()
    }

    pub fn is_text(self) -> bool {
        // SAFETY: invariant 2.
        unsafe { ffi::PyUnicode_Check(self.pointer.as_ptr()) != 0 }
    }

    pub fn type_name(self) -> String {
        // SAFETY: invariant 2.
        let class = unsafe { ffi::Py_TYPE(self.pointer.as_ptr()) };
        // SAFETY: every object has a type, which it keeps alive.
        let name = unsafe { (*class).tp_name };
        // SAFETY: a type's name is a terminated string.
        unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
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

    /// `str(self)`.
    pub fn display(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 2.
        let text = unsafe { ffi::PyObject_Str(self.pointer.as_ptr()) };
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

    fn call_dict(self, args: &[Borrowed<'_>], kwargs: Borrowed<'_>) -> Result<Owned<'a>> {
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

    /// Whether a frame runs a function of importlib's frozen half.
    fn runs(self, function: &str) -> Result<bool> {
        let code = self.get(c"f_code")?;
        let is = |attribute, expected| Ok(code.borrow().get(attribute)?.borrow().text() == Some(expected));
        Ok(is(c"co_name", function)? && is(c"co_filename", "<frozen importlib._bootstrap>")?)
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
