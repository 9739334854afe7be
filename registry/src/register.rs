//! What every registering macro expands to: one record, one marker and, in a wheel, one export.

use core::ffi::c_void;

use crate::record::InitFunction;

/// Forgets what an init function's result points to, so that this crate need not know Python.
pub const fn erase<T>(init: unsafe extern "C" fn() -> *mut T) -> InitFunction {
    // SAFETY: both types are functions of the C ABI without parameters that return a thin pointer,
    // and such function types are ABI-compatible (core, primitive `fn`, "ABI compatibility").
    unsafe {
        core::mem::transmute::<unsafe extern "C" fn() -> *mut T, unsafe extern "C" fn() -> *mut c_void>(init)
    }
}

/// Defines `register!`, which places one record and its marker.
///
/// The record's own symbol stays mangled: two crates that exported one record symbol would lose a
/// record without a word. The marker is exported for the opposite reason.
///
/// A compiler expands `register!` once for each extension, and this macro once: what depends on the target or on
/// whether a wheel is built is settled here, where `cfg_attr` for the section and a macro for an export that is not
/// made took a sixth of an expansion. It takes single tokens, which need not be parsed to match.
macro_rules! define_register {
    ($section:literal, $($export:ident)?) => {
        /// Places one record and its marker.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __linktab_register {
            // Name, marker, phase, whether it is a package, crate and version, hook of a wheel, and init function.
            ($name:tt $marker:tt $phase:tt $package:tt $crate_version:tt $hook:tt $init:expr) => {
                const _: () = {
                    // What linkme's attribute would write, as in `linktab.h`: compiled without optimisation, as
                    // proc macros are, it takes more time than all else here together.
                    #[used]
                    #[unsafe(link_section = $section)]
                    static RECORD: $crate::__private::Record = $crate::__private::Record::new(
                        $name,
                        $crate::__private::erase($init),
                        $crate::__private::Phase::$phase,
                        $package,
                        $crate::__private::concat!(
                            $crate_version,
                            "\n",
                            $crate::__private::file!(),
                            "\n",
                            $crate::__private::line!()
                        ),
                    );

                    #[unsafe(export_name = $marker)]
                    static MARKER: u8 = 0;

                    $($crate::__private::$export! { $hook $init })?
                };
            };
        }
    };
}

// The hook that an ordinary `python` looks up in a shared object is exported when one is built. Not otherwise: in one
// executable, two packages may well have modules of one leaf name, and so hooks of one symbol, which linkers then
// merge.
#[cfg(linktab_wheel)]
macro_rules! register_in {
    ($section:literal) => {
        define_register!($section, wheel_export);
    };
}

#[cfg(not(linktab_wheel))]
macro_rules! register_in {
    ($section:literal) => {
        define_register!($section,);
    };
}

// Also where no table is read: so that what says it (`section.rs`) is the only error.
#[cfg(not(any(target_os = "macos", target_os = "ios", target_os = "windows")))]
register_in!("linkme_LINKTAB");

#[cfg(any(target_os = "macos", target_os = "ios"))]
register_in!("__DATA,__linkmekOkYfEtH,regular,no_dead_strip");

#[cfg(target_os = "windows")]
register_in!(".linkme_LINKTAB$b");

/// Exports the hook of a wheel; `_` stands where there is none.
#[doc(hidden)]
#[macro_export]
macro_rules! __linktab_wheel_export {
    (_ $init:expr) => {};
    ($symbol:tt $init:expr) => {
        const _: () = {
            #[unsafe(export_name = $symbol)]
            unsafe extern "C" fn hook() -> *mut ::core::ffi::c_void {
                let init = $crate::__private::erase($init);
                // SAFETY: the interpreter calls this hook as it would have called the original.
                unsafe { init() }
            }
        };
    };
}

/// Declares what the macros' hint asks for: whoever can expand this has found the crate.
#[doc(hidden)]
#[macro_export]
macro_rules! __linktab_found {
    () => {
        const fn found() {}
    };
}

pub use {__linktab_found as found, __linktab_register as register, __linktab_wheel_export as wheel_export};
