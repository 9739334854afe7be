//! What the command and the criterion benchmarks share: names, and tables of them.

pub mod names;
pub mod tables;
