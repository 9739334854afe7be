//! The package context: what makes a single-phase module know its full name.
//!
//! While it is set, `PyModule_Create2` gives a module the context's name instead of `m_name`, when
//! that is the context's last component (`_PyImport_ResolveNameWithPackageContext`, Python/import.c;
//! up to 3.11 `_Py_PackageContext` in Python/import.c and Objects/moduleobject.c). Where CPython
//! keeps the context out of reach, this file does the same around `PyModule_Create2`.
//!
//! | | libpython.so | libpython.a |
//! |---|---|---|
//! | 3.9 to 3.11 | `_Py_PackageContext` | the same |
//! | from 3.12 on | our `PyModule_Create2` in front of CPython's | `_PyImport_SwapPackageContext` |
//!
//! Knows nothing of records or specs.

use core::ffi::CStr;

use imp::swap;

/// Runs `init` in a package context, and puts the former context back. Says besides whether a module
/// may have been made that should have taken its name from the context and could not.
pub fn within<R>(name: &CStr, init: impl FnOnce() -> R) -> (R, bool) {
    let before = swap(name.as_ptr());
    let result = init();
    // `PyModule_Create2` nulls the context that it used; it is this caller's that comes back.
    let unused = !swap(before).is_null();
    (result, unused && cfg!(all(Py_3_12, not(linktab_static_libpython))))
}

#[cfg(not(Py_3_12))]
mod imp {
    use core::ffi::c_char;

    unsafe extern "C" {
        static mut _Py_PackageContext: *const c_char;
    }

    pub fn swap(name: *const c_char) -> *const c_char {
        let context = &raw mut _Py_PackageContext;
        // SAFETY: CPython reads and writes this variable under the GIL only, which the callers, who
        // run an init function, hold.
        unsafe { context.replace(name) }
    }
}

#[cfg(all(Py_3_12, linktab_static_libpython))]
mod imp {
    use core::ffi::c_char;

    unsafe extern "C" {
        // Declared in Include/internal/pycore_import.h; hidden, so linkable within one image only.
        fn _PyImport_SwapPackageContext(name: *const c_char) -> *const c_char;
    }

    pub fn swap(name: *const c_char) -> *const c_char {
        // SAFETY: exchanges a thread-local pointer; the callers keep the string alive while it is set.
        unsafe { _PyImport_SwapPackageContext(name) }
    }
}

#[cfg(all(Py_3_12, not(linktab_static_libpython)))]
mod imp {
    //! The executable's own `PyModule_Create2` comes before libpython's for all that is linked into
    //! the executable, so that no linker option is needed (gABI, "Shared Object Dependencies").

    use core::cell::Cell;
    use core::ffi::{CStr, c_char, c_int, c_void};
    use core::ptr;
    use std::sync::OnceLock;

    use pyo3_ffi::{PyModuleDef, PyObject};

    type Create = unsafe extern "C" fn(*mut PyModuleDef, c_int) -> *mut PyObject;

    thread_local! {
        static CONTEXT: Cell<*const c_char> = const { Cell::new(ptr::null()) };
    }

    pub fn swap(name: *const c_char) -> *const c_char {
        CONTEXT.replace(name)
    }

    /// # Safety
    ///
    /// As for CPython's `PyModule_Create2`.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn PyModule_Create2(def: *mut PyModuleDef, api_version: c_int) -> *mut PyObject {
        let create = original();
        let context = CONTEXT.get();
        // SAFETY: the caller passes a definition.
        let name = unsafe { (*def).m_name };
        // SAFETY: a definition's name is a terminated string.
        if context.is_null() || !is_last_component(context, unsafe { CStr::from_ptr(name) }) {
            // SAFETY: the caller's promise.
            return unsafe { create(def, api_version) };
        }
        CONTEXT.set(ptr::null());
        // SAFETY: the definition belongs to the init function that is running in this thread.
        unsafe { (*def).m_name = context };
        // SAFETY: the caller's promise; the context is a terminated string (`within`).
        let module = unsafe { create(def, api_version) };
        // SAFETY: as above.
        unsafe { (*def).m_name = name };
        module
    }

    fn is_last_component(context: *const c_char, name: &CStr) -> bool {
        // SAFETY: `within` set it from a `CStr` that is alive while it is set.
        let context = unsafe { CStr::from_ptr(context) };
        context.to_bytes().rsplit(|byte| *byte == b'.').next() == Some(name.to_bytes())
    }

    fn original() -> Create {
        static ORIGINAL: OnceLock<Create> = OnceLock::new();
        *ORIGINAL.get_or_init(|| {
            let look = |handle| {
                // SAFETY: a terminated name; libpython is loaded, or nobody could have called us.
                let symbol = unsafe { libc::dlsym(handle, c"PyModule_Create2".as_ptr()) };
                Some(symbol).filter(|symbol| !symbol.is_null())
            };
            // Behind the executable comes libpython. Behind a plugin that does not name libpython comes
            // nothing: there it is what the program itself would find.
            let symbol = look(libc::RTLD_NEXT).or_else(|| {
                // SAFETY: null stands for the program, which is loaded already.
                look(unsafe { libc::dlopen(ptr::null(), libc::RTLD_LAZY) })
            });
            let symbol = symbol.unwrap_or(ptr::null_mut());
            assert!(!symbol.is_null(), "libpython exports PyModule_Create2");
            // SAFETY: that symbol is a function of this type since CPython 3.0.
            unsafe { core::mem::transmute::<*mut c_void, Create>(symbol) }
        })
    }
}
