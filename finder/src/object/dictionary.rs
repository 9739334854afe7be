//! What a batch of imports does with dictionaries, attributes and names, without going through Python
//! code: strings come as objects whose hash is known, so that nothing is made or hashed twice.

use core::cell::Cell;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

use pyo3_ffi as ffi;

use super::exception::Kind;
use super::reference::{Attached, Borrowed, Owned, Raised, Result};

unsafe extern "C" {
    // Include/cpython/dictobject.h; not in pyo3-ffi 0.28.
    fn PyDict_SetDefault(
        dictionary: *mut ffi::PyObject,
        key: *mut ffi::PyObject,
        value: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

impl<'a> Borrowed<'a> {
    /// Whether it is a dictionary, and of no subclass that could behave in its own way.
    pub fn is_plain_dict(self) -> bool {
        // SAFETY: invariant 2.
        unsafe { ffi::PyDict_CheckExact(self.pointer.as_ptr()) != 0 }
    }

    /// Whether it is a string, and of no subclass.
    pub fn is_plain_text(self) -> bool {
        // SAFETY: invariant 2.
        unsafe { ffi::PyUnicode_CheckExact(self.pointer.as_ptr()) != 0 }
    }

    /// The value behind a key of a dictionary.
    pub fn value(self, key: Borrowed<'_>) -> Result<Option<Owned<'a>>> {
        // SAFETY: invariant 2 for both; what is no dictionary raises.
        let found = unsafe { ffi::PyDict_GetItemWithError(self.pointer.as_ptr(), key.pointer.as_ptr()) };
        if found.is_null() {
            return if self.attached.occurred() { Err(Raised(())) } else { Ok(None) };
        }
        // SAFETY: not null, and the dictionary keeps it alive until the next call into Python.
        Ok(Some(unsafe { self.attached.borrow(found) }.own()))
    }

    /// As [`Borrowed::value`]; raises `KeyError` when there is none.
    pub fn required(self, key: Borrowed<'_>) -> Result<Owned<'a>> {
        self.value(key)?.ok_or_else(|| self.attached.raise_key_error(key))
    }

    /// Sets the value behind a key of a dictionary.
    pub fn set_value(self, key: Borrowed<'_>, value: Borrowed<'_>) -> Result<()> {
        let (key, value) = (key.pointer.as_ptr(), value.pointer.as_ptr());
        // SAFETY: invariant 2 for the three; what is no dictionary raises.
        self.attached.status(unsafe { ffi::PyDict_SetItem(self.pointer.as_ptr(), key, value) })
    }

    /// Sets the value behind a key of a dictionary, unless there is one that is not `None`.
    pub fn set_default(self, key: Borrowed<'_>, value: Borrowed<'_>) -> Result<()> {
        match self.value(key)? {
            Some(found) if !found.borrow().is_none() => Ok(()),
            _ => self.set_value(key, value),
        }
    }

    /// Sets the value behind a key of a dictionary, unless there is one; says whether it is this one now.
    pub fn enter(self, key: Borrowed<'_>, value: Borrowed<'_>) -> Result<bool> {
        let (key, value) = (key.pointer.as_ptr(), value.pointer.as_ptr());
        // SAFETY: invariant 2 for the three; what is no dictionary raises.
        let found = unsafe { PyDict_SetDefault(self.pointer.as_ptr(), key, value) };
        if found.is_null() { Err(Raised(())) } else { Ok(ptr::eq(found, value)) }
    }

    /// Removes a key of a dictionary; raises `KeyError` when it is not there.
    pub fn remove(self, key: Borrowed<'_>) -> Result<()> {
        // SAFETY: invariant 2 for both; what is no dictionary raises.
        self.attached.status(unsafe { ffi::PyDict_DelItem(self.pointer.as_ptr(), key.pointer.as_ptr()) })
    }

    /// `setattr(self, name, value)`.
    pub fn set_attribute(self, name: Borrowed<'_>, value: Borrowed<'_>) -> Result<()> {
        let (name, value) = (name.pointer.as_ptr(), value.pointer.as_ptr());
        // SAFETY: invariant 2 for the three.
        self.attached.status(unsafe { ffi::PyObject_SetAttr(self.pointer.as_ptr(), name, value) })
    }

    /// Where an object is in a list.
    #[inline]
    pub fn index_of(self, item: Borrowed<'_>) -> Option<usize> {
        (0..)
            .map_while(|index| self.pointer_at(index))
            .position(|found| ptr::eq(found, item.pointer.as_ptr()))
    }

    /// Whether the last item of a list is `item`.
    pub fn ends_with(self, item: Borrowed<'_>) -> bool {
        // SAFETY: invariant 2.
        if unsafe { ffi::PyList_Check(self.pointer.as_ptr()) } == 0 {
            return false;
        }
        // SAFETY: a list.
        let len = unsafe { ffi::PyList_Size(self.pointer.as_ptr()) };
        self.pointer_at(len - 1).is_some_and(|last| ptr::eq(last, item.pointer.as_ptr()))
    }

    /// An item of a list, if it has so many.
    pub fn item_at(self, index: isize) -> Option<Owned<'a>> {
        // SAFETY: not null, and the list keeps it alive until the next call into Python.
        self.pointer_at(index).map(|item| unsafe { self.attached.borrow(item) }.own())
    }

    /// Nothing, if it is no list, or has not so many items.
    fn pointer_at(self, index: isize) -> Option<*mut ffi::PyObject> {
        let list = self.pointer.as_ptr();
        // SAFETY: invariant 2.
        if unsafe { ffi::PyList_Check(list) } == 0 {
            return None;
        }
        // SAFETY: a list.
        let len = unsafe { ffi::PyList_Size(list) };
        // SAFETY: a list with an item of that index.
        (0..len).contains(&index).then(|| unsafe { ffi::PyList_GetItem(list, index) })
    }

    /// `object.__new__(self)`; `no_arguments` is an empty tuple.
    pub fn new_instance(self, no_arguments: Borrowed<'_>) -> Result<Owned<'a>> {
        // SAFETY: a static type, whose slot never changes.
        let Some(new) = (unsafe { ffi::PyBaseObject_Type.tp_new }) else { return Err(Raised(())) };
        let (class, arguments) = (self.pointer.as_ptr().cast(), no_arguments.pointer.as_ptr());
        // SAFETY: a class, as the callers pass it, and a tuple.
        let object = unsafe { new(class, arguments, ptr::null_mut()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(object) }
    }

    /// The number of entries of a dictionary.
    pub fn len(self) -> isize {
        // SAFETY: invariant 2; what is no dictionary raises, which no caller does.
        unsafe { ffi::PyDict_Size(self.pointer.as_ptr()) }
    }

    /// Removes the last item of a list, if there is one.
    ///
    /// As `list.pop` does where the memory of the list is half full still. Here it stays as it is: a list that something
    /// is put into and taken out of again and again would go to the allocator each time.
    pub fn pop(self) -> Result<()> {
        let list = self.pointer.as_ptr();
        // SAFETY: invariant 2; what is no list raises.
        let len = unsafe { ffi::PyList_Size(list) };
        if len <= 0 {
            return self.attached.status(len as i32);
        }
        // SAFETY: a list with an item of that index.
        let last = unsafe { ffi::PyList_GetItem(list, len - 1) };
        // SAFETY: a list begins as whatever has a size, and what is behind its size belongs to nobody.
        unsafe { (*list.cast::<ffi::PyVarObject>()).ob_size = len - 1 };
        // SAFETY: the list's reference, which is no longer in it.
        unsafe { ffi::Py_DECREF(last) };
        Ok(())
    }

    /// The dictionary of a module, if it is one of no subclass.
    pub fn namespace(self) -> Option<Borrowed<'a>> {
        // SAFETY: invariant 2.
        if unsafe { ffi::PyModule_CheckExact(self.pointer.as_ptr()) } == 0 {
            return None;
        }
        // SAFETY: a module.
        let namespace = unsafe { ffi::PyModule_GetDict(self.pointer.as_ptr()) };
        // SAFETY: a module has a dictionary and keeps it alive.
        (!namespace.is_null()).then(|| unsafe { self.attached.borrow(namespace) })
    }

    /// A weak reference without a callback.
    pub fn weak(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 2; no callback.
        let reference = unsafe { ffi::PyWeakref_NewRef(self.pointer.as_ptr(), ptr::null_mut()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(reference) }
    }

    /// How many references there are to it.
    pub fn references(self) -> isize {
        // SAFETY: invariant 2.
        unsafe { ffi::Py_REFCNT(self.pointer.as_ptr()) as isize }
    }

    /// `tuple(self)`.
    pub fn to_tuple(self) -> Result<Owned<'a>> {
        // SAFETY: invariant 2.
        let tuple = unsafe { ffi::PySequence_Tuple(self.pointer.as_ptr()) };
        // SAFETY: it returns a new reference or raises.
        unsafe { self.attached.own(tuple) }
    }
}

impl<'a> Attached<'a> {
    /// The dictionary of the module `sys`.
    pub fn sys_namespace(self) -> Result<Owned<'a>> {
        let sys = self.imported(c"sys")?;
        // SAFETY: a module.
        let namespace = unsafe { ffi::PyModule_GetDict(sys.borrow().as_pointer()) };
        if namespace.is_null() {
            return Err(Raised(()));
        }
        // SAFETY: not null; the module keeps it alive while a reference is made.
        Ok(unsafe { self.borrow(namespace) }.own())
    }

    /// What the `import` statement does with a name, and the module of that name: `PyImport_Import`
    /// without a look at `builtins.__import__`.
    pub fn import_object(self, key: Borrowed<'_>) -> Result<Owned<'a>> {
        let (name, null) = (key.pointer.as_ptr(), ptr::null_mut());
        // SAFETY: invariants 1 and 2; no globals and no list are allowed.
        let top = unsafe { ffi::PyImport_ImportModuleLevelObject(name, null, null, null, 0) };
        // SAFETY: it returns a new reference or raises.
        drop(unsafe { self.own(top) }?);
        // SAFETY: invariants 1 and 2.
        let module = unsafe { ffi::PyImport_GetModule(name) };
        if module.is_null() && !self.occurred() {
            return Err(self.raise_key_error(key));
        }
        // SAFETY: a new reference, or an exception.
        unsafe { self.own(module) }
    }

    fn raise_key_error(self, key: Borrowed<'_>) -> Raised {
        // SAFETY: invariant 2; a live class.
        unsafe { ffi::PyErr_SetObject(Kind::KeyError.class(), key.pointer.as_ptr()) };
        Raised(())
    }

    /// The audit event of an import that has to look for its module (Python/import.c,
    /// `import_find_and_load`). Says whether anybody listens: what is found in `sys` for them is only
    /// then looked for.
    pub fn audit_import(self, name: Borrowed<'_>) -> Result<bool> {
        unsafe extern "C" {
            // Include/cpython/sysmodule.h; not in pyo3-ffi 0.30.
            fn PySys_Audit(event: *const c_char, format: *const c_char, ...) -> c_int;
        }
        let of_sys =
            [c"path", c"meta_path", c"path_hooks"].map(|name| OfSys { name, wanted: Cell::new(false) });
        let [path, meta_path, hooks] = of_sys.each_ref().map(ptr::from_ref);
        let none = self.borrowed_none().pointer.as_ptr();
        let convert: unsafe extern "C" fn(*mut c_void) -> *mut ffi::PyObject = OfSys::find;
        // SAFETY: terminated strings; a live object for each `O`, and for each `O&` a function with
        // what it takes (Doc/c-api/arg.rst, "Building values").
        self.status(unsafe {
            PySys_Audit(
                c"import".as_ptr(),
                c"OOO&O&O&".as_ptr(),
                name.pointer.as_ptr(),
                none,
                convert,
                path,
                convert,
                meta_path,
                convert,
                hooks,
            )
        })?;
        Ok(of_sys[0].wanted.get())
    }
}

/// An attribute of `sys` that is looked for when somebody wants it.
struct OfSys {
    name: &'static CStr,
    wanted: Cell<bool>,
}

impl OfSys {
    /// # Safety
    ///
    /// `this` leads to an `OfSys`, and this thread has an attached thread state.
    unsafe extern "C" fn find(this: *mut c_void) -> *mut ffi::PyObject {
        // SAFETY: the caller's promise.
        let this = unsafe { &*this.cast::<OfSys>() };
        this.wanted.set(true);
        // SAFETY: a terminated string, and the caller's promise.
        let found = unsafe { ffi::PySys_GetObject(this.name.as_ptr()) };
        // SAFETY: an address.
        let object = if found.is_null() { unsafe { ffi::Py_None() } } else { found };
        // SAFETY: `sys` keeps it alive, or nobody needs to; the caller gets a reference of its own.
        unsafe { ffi::Py_INCREF(object) };
        object
    }
}

impl Raised {
    /// Drops the exception if it is of a kind, and passes on any other.
    pub fn clear_if(self, at: Attached<'_>, kind: Kind) -> Result<()> {
        // SAFETY: invariant 1, as the parameter shows.
        if unsafe { ffi::PyErr_ExceptionMatches(kind.class()) } == 0 {
            return Err(self);
        }
        self.clear(at);
        Ok(())
    }
}
