//! Imports the Python extensions that [`linktab`] registered, in a native finder.
//!
//! Three ways in, one for each kind of host:
//!
//! - [`main()`]: the executable is a `python` with your extensions inside;
//! - [`prepare`] and [`install`]: the program initialises Python by itself;
//! - `linktab_prepare()` and `linktab_install()`: the same, from C and C++ (`include/linktab_embed.h`).
//!
//! Extensions come out as CPython's own loader makes them, from 3.9 on: `docs/loading.md` has the
//! route per version and phase. Inside Python, `import linktab` shows the table.
//!
//! The files, each importing only what stands to its right:
//! `python` → `c_api`, `install` → `module` → `find` → `load` → `state` → `object`.

mod c_api;
mod error;
mod find;
mod image;
mod install;
mod libpython;
mod load;
mod module;
mod object;
mod python;
mod running;
mod state;

pub use c_api::{linktab_error, linktab_install, linktab_prepare};
pub use error::{Error, Misfit, Taken};
pub use install::{install, prepare};
pub use python::main;
