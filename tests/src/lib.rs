//! What the integration tests share: running programs, and the linkers of this machine.

mod linker;
mod run;

pub use linker::{Linker, linkers};
pub use run::{fixture, run, target_dir, try_run};
