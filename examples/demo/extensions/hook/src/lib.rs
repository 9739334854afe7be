//! `acme.hook`: an export hook (PEP 793) on CPython 3.15, the first that has them, and an init function
//! on those before.

#[cfg(not(Py_3_15))]
mod definition;
#[cfg(Py_3_15)]
mod hook;
