//! One name twice in one crate. Which of the two the compiler complains of depends on how it parts the
//! crate, so both stand in one place.
struct PyObject;

macro_rules! register {
    ($($init:ident)*) => {$(
        #[linktab::extension_module("acme.twice")]
        unsafe extern "C" fn $init() -> *mut PyObject {
            std::ptr::null_mut()
        }
    )*};
}

register!(first second);

fn main() {}

extern crate renamed as linktab;
