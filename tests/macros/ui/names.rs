//! Names that no `import` statement can name.
struct PyObject;

macro_rules! init {
    ($($name:ident, $dotted:literal;)*) => {$(
        #[linktab::extension_module($dotted)]
        unsafe extern "C" fn $name() -> *mut PyObject { std::ptr::null_mut() }
    )*};
}

#[linktab::extension_module("")]
unsafe extern "C" fn empty() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme..geo.")]
unsafe extern "C" fn dots() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.class.2d.a-b")]
unsafe extern "C" fn several_faults_at_once() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module("acme.ﬁle")]
unsafe extern "C" fn not_nfkc() -> *mut PyObject {
    std::ptr::null_mut()
}

init! {
    fine, "acme.fine";
    keyword, "acme.import";
}

linktab::extern_module!("acme.None", PyInit_none);

const NAME: &str = "acme.constant";

#[linktab::extension_module(NAME)]
unsafe extern "C" fn constant() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module(concat!(env!("CARGO_PKG_NAME"), "._native"))]
unsafe extern "C" fn environment() -> *mut PyObject {
    std::ptr::null_mut()
}

#[linktab::extension_module(concat!("acme", "..", "joined"))]
unsafe extern "C" fn joined() -> *mut PyObject {
    std::ptr::null_mut()
}

fn main() {}

extern crate renamed as linktab;
