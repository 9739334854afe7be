//! PyO3 modules that do not fit what is registered.
use pyo3::prelude::*;

#[linktab::extension_module("acme.geo._core")]
#[pymodule]
mod other_name {}

#[linktab::extension_module("acme.net._core", phase = "single")]
#[pymodule]
mod _core {}

#[linktab::extension_module("acme.text._words")]
#[pymodule(module = "acme.words")]
mod _words {}

#[pymodule]
#[linktab::extension_module("acme.below._low")]
fn _low(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}

#[linktab::extension_module("acme.old._pyfn")]
#[pymodule]
fn _pyfn(module: &Bound<'_, PyModule>) -> PyResult<()> {
    #[pyfn(module)]
    fn double(x: i64) -> i64 {
        x * 2
    }
    Ok(())
}

fn main() {}

extern crate renamed as linktab;
