//! `acme.größe`: a name that is not ASCII.

#![forbid(unsafe_code)]

use pyo3::prelude::*;

/// Measures text.
#[linktab::extension_module("acme.größe")]
#[pymodule]
fn größe(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(länge, module)?)
}

/// The number of code points in a text.
#[pyfunction]
fn länge(text: &str) -> usize {
    text.chars().count()
}
