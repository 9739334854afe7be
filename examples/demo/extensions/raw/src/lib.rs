//! Two modules in plain pyo3-ffi: `acme.raw._native` answers in two phases, `acme.raw._legacy` in one.

mod legacy;
mod native;
