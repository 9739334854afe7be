//! The macros of `linktab`: tokens in, the item with a record beside it out.
//!
//! Each goes through three steps, a file each: `parse` (syntax), `validate` (meaning: every fault
//! is reported at its token, all together) and `expand`. Knows syntax only: whether a function
//! really returns a Python object, the compiler checks in what comes out.

#![forbid(unsafe_code)]

mod expand;
mod externs;
mod faults;
mod item;
mod name;
mod parse;
mod phase;
mod plain;
mod pymodule;
mod validate;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Registers a Python extension under its full dotted name.
///
/// Stands on one of
///
/// - a PyO3 `#[pymodule]`, the `mod` or the `fn` form, **above** that attribute;
/// - an init function, `unsafe extern "C" fn() -> *mut PyObject` (or `"C-unwind"`, or `*mut PyModuleDef`);
/// - an export hook, `unsafe extern "C" fn() -> *mut PySlot`, with `phase = "export"` (PEP 793).
///
/// # Arguments
///
/// | | |
/// |---|---|
/// | `"acme.geo._core"` | the full dotted name, as `import` takes it: a literal, or `concat!` of literals |
/// | `phase = "multi"` | how the init function answers: `"multi"` (PEP 489, the default), `"single"` or `"export"` |
/// | `package` | the extension is itself a package |
/// | `any_name` | the name has parts that are no identifiers, as mypyc's helper modules do: only `importlib.import_module` imports it |
/// | `crate = path` | where `linktab` is, when it is not `::linktab` |
///
/// # The exported symbol
///
/// `PyInit_<leaf>` is exported only when a wheel is built, that is with `PYO3_BUILD_EXTENSION_MODULE`
/// set, as maturin (1.9.4 and later) and setuptools-rust (1.12 and later) do. In one executable,
/// two packages may have modules of one leaf name, and linkers merge functions of one symbol without
/// a word. For the same reason a `#[no_mangle]` on a function of that name is taken over.
///
/// # Examples
///
/// ```
/// # mod pyo3_ffi { pub struct PyObject; }
/// #[linktab::extension_module("acme.raw._native")]
/// unsafe extern "C" fn init() -> *mut pyo3_ffi::PyObject {
///     // return PyModuleDef_Init(…)
/// #   std::ptr::null_mut()
/// }
/// # let record = linktab::Registry::global().unwrap().get("acme.raw._native").unwrap();
/// # assert_eq!(record.phase(), linktab::Phase::Multi);
/// ```
#[proc_macro_attribute]
pub fn extension_module(args: TokenStream, item: TokenStream) -> TokenStream {
    if let Some(expanded) = plain::expand(&args, &item) {
        return expanded;
    }
    let args = parse_macro_input!(args as parse::Args);
    let item = parse_macro_input!(item as item::Item);
    match validate::item(&args, &item) {
        Ok(checked) => expand::item(&args, &checked, item).into(),
        Err(error) => expand::failed(&error, &item).into(),
    }
}

/// Registers a foreign init function that is linked in from elsewhere.
///
/// Takes the arguments of [`macro@extension_module`], with the function in second place: either the
/// bare name of a C symbol, which is declared for you, or the path of a Rust function.
///
/// # Examples
///
/// ```
/// # mod vendor { pub unsafe extern "C" fn init() -> *mut u8 { std::ptr::null_mut() } }
/// linktab::extern_module!("simplejson._speedups", vendor::init, phase = "single");
/// # assert!(linktab::Registry::global().unwrap().get("simplejson._speedups").is_some());
/// ```
#[proc_macro]
pub fn extern_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as parse::ExternModule);
    match validate::args(&input.args) {
        Ok(checked) => expand::extern_module(&input, &checked).into(),
        Err(error) => error.to_compile_error().into(),
    }
}
