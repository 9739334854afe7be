//! What the integration tests share: running programs, the linkers of this machine, building fixtures.

pub mod adopting;
pub mod alone;
mod bare_root;
pub mod behaviour;
pub mod browser;
pub mod build_std;
mod cargo_build;
pub mod document;
pub mod example_projects;
mod import_build;
mod linker;
pub mod maturin;
pub mod packages;
pub mod plugins;
mod profile;
pub mod projects;
mod python_app;
mod recipe;
pub mod roots;
mod run;
pub mod session;
mod side_by_side;
pub mod subinterpreters;
pub mod suites;
mod thorough;
pub mod verify;

pub use bare_root::bare_root;
pub use cargo_build::{CargoBuild, Matrix};
pub use linker::{Linker, linkers};
pub use python_app::{
    build_at_hand, c_host, c_host_with, c_program, given_home, host_command, libpython_is_shared, python,
    python_app, python_app_with_adopted, python_app_with_home, python_cc, python_command, python_minor,
    stock_python, transcript,
};
pub use recipe::embedding_recipe;
pub use run::{fixture, run, target_dir, try_run, when_written};
pub use side_by_side::side_by_side;
pub use thorough::{by_turns, is_thorough};
