//! The command `linktab`.

fn main() {}
