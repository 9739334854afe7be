//! Being a `python`: command line, environment, standard streams and an archive behind the executable in,
//! a running interpreter with linktab's finders out.
//!
//! Knows `Py_BytesMain` and `site`; the finders it only has installed.

mod attachment;
mod code_file;
mod configuration;
mod site;
mod standard_streams;
mod startup;

pub use startup::main;
