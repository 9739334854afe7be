//! Inventories and findings in, words out. One file for each format; nothing here judges.

pub mod list;
pub mod symbol;
