//! What the integration tests share: running programs, the linkers of this machine, building fixtures.

mod cargo_build;
mod linker;
mod run;
pub mod verify;

pub use cargo_build::CargoBuild;
pub use linker::{Linker, linkers};
pub use run::{fixture, run, target_dir, try_run};
