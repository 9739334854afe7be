//! What is read without a parser comes out as what is parsed: the same call of the macro that places records.

extern crate self as linktab;

/// Stands for linktab's own.
pub mod __private {
    /// Keeps what it is called with.
    macro_rules! register {
        ($($token:tt)*) => { pub const CALL: &str = concat!($(stringify!($token), " "),*); };
    }
    pub(crate) use register;
}

/// The comma behind the name makes the difference.
macro_rules! ways {
    ($way:ident $name:tt $($item:tt)*) => {
        #[allow(dead_code)]
        mod $way {
            pub mod ffi {
                pub struct PyObject;
                pub struct PyModuleDef;
            }
            #[allow(unused_imports)]
            use ffi::{PyModuleDef, PyObject};

            pub mod plain {
                #[allow(unused_imports)]
                use super::*;
                #[linktab_macros::extension_module($name)]
                $($item)*
            }
            pub mod parsed {
                #[allow(unused_imports)]
                use super::*;
                #[linktab_macros::extension_module($name,)]
                $($item)*
            }
        }
    };
}

ways!(short "acme" unsafe extern "C" fn init() -> *mut PyObject { std::ptr::null_mut() });
ways!(dotted "acme.geo._core" pub unsafe extern "C" fn init() -> *mut PyModuleDef { std::ptr::null_mut() });
ways!(safe "acme.café" extern "C" fn init() -> *mut ffi::PyObject { std::ptr::null_mut() });
ways!(
    attributes "acme._é"
    /// Documented.
    #[allow(non_snake_case)]
    pub extern "C" fn r#Fn() -> *mut super::super::attributes::ffi::PyObject { std::ptr::null_mut() }
);
ways!(switched "acme.off" #[cfg(all())] unsafe extern "C" fn init() -> *mut PyObject { std::ptr::null_mut() });
ways!(
    taken_over "acme.over"
    #[unsafe(export_name = "PyInit_over")]
    pub unsafe extern "C" fn init() -> *mut PyObject { std::ptr::null_mut() }
);

/// Has the symbol to itself only if the functions above left it to a wheel.
#[unsafe(export_name = "PyInit_over")]
extern "C" fn stranger() {}

#[test]
fn both_ways_come_out_the_same() {
    let package = concat!("\"linktab-macros\\n", env!("CARGO_PKG_VERSION"), "\"");
    let call = format!("\"acme\" \"__linktab_mod$acme\" Multi false {package} \"PyInit_acme\" init ");
    assert_eq!(short::plain::CALL, call);
    assert_eq!(short::plain::CALL, short::parsed::CALL);
    assert_eq!(dotted::plain::CALL, dotted::parsed::CALL);
    assert_eq!(safe::plain::CALL, safe::parsed::CALL);
    assert_eq!(attributes::plain::CALL, attributes::parsed::CALL);
    assert_eq!(switched::plain::CALL, switched::parsed::CALL);
    assert_eq!(taken_over::plain::CALL, taken_over::parsed::CALL);
}
