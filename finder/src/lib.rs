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

#[path = "object/table.rs"]
mod abi;
#[path = "libpython.rs"]
mod archive;
#[path = "find/signature.rs"]
mod arguments;
#[path = "python/attachment.rs"]
mod attachment;
mod c_api;
#[path = "python/configuration.rs"]
mod configuration;
#[path = "load/context.rs"]
mod context;
mod error;
#[path = "find/explanation.rs"]
mod explanation;
#[cfg(Py_3_15)]
#[path = "load/export.rs"]
mod export;
#[path = "find/finder.rs"]
mod finder;
#[path = "find/implied.rs"]
mod implied;
mod install;
#[path = "module/contents.rs"]
mod linktab_module;
#[path = "load/call.rs"]
mod load;
#[path = "load/mismatch.rs"]
mod mismatch;
#[path = "find/namespaces.rs"]
mod namespaces;
#[path = "object/reference.rs"]
mod object;
#[path = "module/preload.rs"]
mod preload;
#[path = "load/route.rs"]
mod route;
mod running;
#[path = "python/site.rs"]
mod site;
#[path = "load/slot.rs"]
mod slot;
#[path = "python/standard_streams.rs"]
mod standard_streams;
#[path = "python/startup.rs"]
mod startup;
mod state;

pub use c_api::{linktab_error, linktab_install, linktab_prepare};
pub use error::{Error, Misfit};
pub use install::{install, prepare};
pub use startup::main;
