//! `<module>._rust`. The name here is the whole name that Python imports.

#[linktab::extension_module("<module>._rust")]
#[pyo3::pymodule]
mod _rust {
    #[pyo3::pyfunction]
    fn answer() -> &'static str {
        "Rust"
    }
}
