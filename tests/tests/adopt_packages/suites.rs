//! The suites of adopted packages, by the executable and by the CPython of their wheels, test by test.

use std::path::Path;

use linktab_tests::{fixture, python_command, stock_python, transcript};

use super::Adopted;

/// A line for each package, and one for each test that comes out otherwise.
pub fn compared(adopted: &Adopted, program: &Path) -> String {
    let mut python = python_command(&stock_python());
    python.arg(fixture("adopt").join("suites.py")).args([&adopted.folder, program]);
    python.arg(adopted.folder.with_file_name("suites")).arg(fixture("adopt").join("suites.json"));
    transcript(&mut python, "")
}
