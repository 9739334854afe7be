//! `acme.net._core`: a PyO3 module in the `fn` form. Its leaf name is that of `acme.geo._core`.

#![forbid(unsafe_code)]

use pyo3::prelude::*;

/// The Internet checksum (RFC 1071) of some bytes.
#[pyfunction]
fn checksum(data: &[u8]) -> u16 {
    let mut sum = 0_u32;
    for pair in data.chunks(2) {
        sum += u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |&low| u32::from(low));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Checksums.
#[linktab::extension_module("acme.net._core")]
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(checksum, module)?)
}
