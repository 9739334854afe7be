//! What the macro cannot see, the compiler checks: a `PyObject` by name only is no thin pointer.
type PyObject = dyn Send;

#[linktab::extension_module("acme.a")]
unsafe extern "C" fn fat() -> *mut PyObject {
    loop {}
}

mod vendor {
    pub unsafe extern "C" fn takes_one(_: u8) -> *mut u8 {
        std::ptr::null_mut()
    }
}

linktab::extern_module!("acme.b", vendor::takes_one);

fn main() {}

extern crate renamed as linktab;
