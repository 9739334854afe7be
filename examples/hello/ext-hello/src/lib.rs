//! `hello._native`, an extension in Rust.

#[linktab::extension_module("hello._native")]
#[pyo3::pymodule]
mod _native {
    #[pyo3::pyfunction]
    fn greet(name: &str) -> String {
        format!("hello, {name}")
    }
}
