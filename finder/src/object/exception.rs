//! Python exceptions: raised, taken, put back, warned of.

#[cfg(not(Py_3_12))]
use core::ptr;
use core::ptr::NonNull;

use pyo3_ffi as ffi;

use super::reference::{Attached, Borrowed, Owned, Raised, Result};

/// The exceptions and warnings that linktab raises by itself, or expects.
#[derive(Clone, Copy)]
pub enum Kind {
    AttributeError,
    ImportError,
    ImportWarning,
    KeyError,
    ModuleNotFoundError,
    OSError,
    RuntimeWarning,
    SystemError,
    TypeError,
}

impl Kind {
    pub(super) fn class(self) -> *mut ffi::PyObject {
        let place = match self {
            Kind::AttributeError => &raw const ffi::PyExc_AttributeError,
            Kind::ImportError => &raw const ffi::PyExc_ImportError,
            Kind::ImportWarning => &raw const ffi::PyExc_ImportWarning,
            Kind::KeyError => &raw const ffi::PyExc_KeyError,
            Kind::ModuleNotFoundError => &raw const ffi::PyExc_ModuleNotFoundError,
            Kind::OSError => &raw const ffi::PyExc_OSError,
            Kind::RuntimeWarning => &raw const ffi::PyExc_RuntimeWarning,
            Kind::SystemError => &raw const ffi::PyExc_SystemError,
            Kind::TypeError => &raw const ffi::PyExc_TypeError,
        };
        // SAFETY: the classes are set before any thread state can be attached, and never again.
        unsafe { place.read() }
    }
}

impl<'a> Attached<'a> {
    pub fn raise(self, kind: Kind, message: &str) -> Raised {
        if let Ok(message) = self.str(message) {
            // SAFETY: both are live objects.
            unsafe { ffi::PyErr_SetObject(kind.class(), message.pointer.as_ptr()) };
        }
        Raised(())
    }

    /// Raises an `ImportError` or a subclass that carries the module's name.
    pub fn raise_import_error(self, kind: Kind, message: &str, name: Borrowed<'_>) -> Raised {
        match self.str(message) {
            Ok(message) => self.raise_import_error_with(kind, message.borrow(), name),
            Err(raised) => raised,
        }
    }

    /// The same, with a message that is an object already.
    pub fn raise_import_error_with(self, kind: Kind, message: Borrowed<'_>, name: Borrowed<'_>) -> Raised {
        let Ok(kwargs) = self.dict() else { return Raised(()) };
        if kwargs.borrow().set_item(c"name", name).is_err() {
            return Raised(());
        }
        // SAFETY: a live class.
        let class = unsafe { self.borrow(kind.class()) };
        if let Ok(exception) = class.call_dict(&[message], kwargs.borrow()) {
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
            // None may be older than what the exception itself has: CPython took its own frames out.
            // SAFETY: an address.
            let shown = if traceback.is_null() { unsafe { ffi::Py_None() } } else { traceback };
            if !value.is_null() {
                // SAFETY: a normalised exception, and its traceback or `None`.
                unsafe { ffi::PyException_SetTraceback(value, shown) };
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
