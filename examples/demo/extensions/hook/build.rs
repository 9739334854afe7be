//! Says which CPython this is compiled for, as `cfg(Py_3_15)`.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
