//! The module `linktab` as Python sees it: its definition and functions, the types of its finders, `preload`.
//!
//! Turns what CPython passes into references, and back; what a finder answers is decided in `find`.

pub mod definition;
pub mod meta_path;
pub mod neighbours;

mod contents;
mod finder_types;
mod preload;
mod raise;
mod records;
mod structs;
