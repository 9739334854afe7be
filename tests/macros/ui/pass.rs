//! All that is allowed, in a crate without unsafe code, which documents what it exports.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]

use pyo3::prelude::*;

/// Documented.
#[linktab::extension_module("acme.geo._core")]
#[pymodule]
mod _core {
    #[pymodule_export]
    const ANSWER: u8 = 42;
}

mod net {
    use pyo3::prelude::*;

    /// Documented too.
    #[linktab::extension_module("acme.net._core", package, crate = linktab)]
    #[pymodule(gil_used = false)]
    #[pyo3(module = "acme.net")]
    pub(crate) fn _core(_py: Python<'_>, module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("ANSWER", 43)
    }
}

#[cfg(target_os = "none")]
#[linktab::extension_module("acme.never")]
#[pymodule]
fn never(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}

#[linktab::extension_module("top")]
#[pymodule]
#[cfg(target_os = "none")]
#[pyo3(name = "top")]
fn other(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}

#[linktab::extension_module("acme.named")]
#[pymodule]
#[pyo3(name = "named")]
fn unnamed(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}

/// Documented, and the only thing here that is exported.
#[linktab::extension_module("acme.public")]
#[pymodule]
pub fn public(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}

/// Registered although nothing calls it, and for CPython's own table when something does.
pub fn inside_a_function() {
    #[linktab::extension_module(concat!("acme", ".", "local"))]
    #[pymodule]
    fn local(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        Ok(())
    }

    #[linktab::extension_module("acme.items")]
    #[pymodule]
    mod items {
        #[pyo3::pyclass]
        struct Point;
    }

    pyo3::append_to_inittab!(local);
    pyo3::append_to_inittab!(items);
    pyo3::append_to_inittab!(public);
}

fn main() {
    let registry = linktab::Registry::global().expect("the table is sound");
    let table: Vec<String> = registry
        .iter_by_name()
        .map(|record| {
            let (name, phase, origin) = (record.name(), record.phase(), record.origin());
            assert!(origin.file.ends_with("pass.rs") && origin.line > 0);
            format!("{name} {phase} {}", record.is_package())
        })
        .collect();
    assert_eq!(
        table,
        [
            "acme.geo._core multi false",
            "acme.items multi false",
            "acme.local multi false",
            "acme.named multi false",
            "acme.net._core multi true",
            "acme.public multi false",
        ]
    );
}

extern crate renamed as linktab;
