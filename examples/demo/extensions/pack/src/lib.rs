//! `acme.pack`, an extension that is a package, and `acme.pack._child` inside it.

#![forbid(unsafe_code)]

use pyo3::prelude::*;

/// Names its parts.
#[linktab::extension_module("acme.pack", package)]
#[pymodule]
fn pack(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("PARTS", ("_child",))
}

/// Doubles.
#[linktab::extension_module("acme.pack._child")]
#[pymodule]
mod _child {
    use pyo3::prelude::*;

    /// Twice the number.
    #[pyfunction]
    fn double(number: i64) -> i64 {
        number * 2
    }
}
