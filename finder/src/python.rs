//! Being a `python`: command line, environment, standard streams, signals and an archive behind the
//! executable in, a running interpreter with linktab's finders out.
//!
//! Knows `Py_BytesMain` and `site`; the finders it only has installed.

/// Has the loader call a function before `main`, and so before Rust's runtime (gABI, "Initialization and
/// Termination Functions"). A program has the call that has anything else of the same file.
#[cfg(target_os = "linux")]
macro_rules! before_main {
    ($function:path) => {
        #[used]
        #[unsafe(link_section = ".init_array")]
        static BEFORE_MAIN: extern "C" fn() = $function;
    };
}

mod ahead;
mod application;
mod archive;
mod attachment;
mod code_file;
mod configuration;
mod directory;
#[cfg(target_os = "linux")]
mod handed_over;
mod mark;
#[cfg(target_os = "linux")]
mod pieces;
mod shared_objects;
mod signals;
mod site;
mod standard_streams;
mod startup;

pub use startup::main;
