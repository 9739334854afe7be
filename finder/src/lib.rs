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
//! Code that touches pointers is in `object.rs` (references), `abi.rs` (what CPython calls),
//! `load.rs`, `slot.rs`, `context.rs` (init functions), `state.rs`, `export.rs`, `configuration.rs`, `site.rs`,
//! `standard_streams.rs`, `startup.rs`, `attachment.rs` and `c_api.rs`; the rest is safe.

mod abi;
mod archive;
mod arguments;
mod attachment;
mod c_api;
mod configuration;
mod context;
mod error;
mod explanation;
#[cfg(Py_3_15)]
mod export;
mod finder;
mod implied;
mod install;
mod linktab_module;
mod load;
mod mismatch;
mod namespaces;
mod object;
mod preload;
mod route;
mod running;
mod site;
mod slot;
mod standard_streams;
mod startup;
mod state;

pub use c_api::{linktab_error, linktab_install, linktab_prepare};
pub use error::{Error, Misfit};
pub use install::{install, prepare};
pub use startup::main;
