//! Commands of the repository.

fn main() {}
