//! `acme.hook`: an export hook (PEP 793), which CPython has from 3.15 on. Before that, this crate is empty.

#[cfg(Py_3_15)]
mod hook;
