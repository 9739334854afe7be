//! The suites of adopted packages, by the executable and by the same CPython with the same wheels, test by test.

use std::path::Path;

use linktab_tests::adopting::caches;
use linktab_tests::{fixture, python_command, stock_python, transcript};

use super::Adopted;

/// A line for each package, and one for each test that comes out otherwise.
pub fn compared(adopted: &Adopted, program: &Path) -> String {
    let mut python = python_command(&stock_python());
    python.arg(fixture("adopt").join("suites.py")).arg(&adopted.folder).arg(caches()).arg(program);
    python.arg(adopted.folder.with_file_name("suites")).arg(fixture("adopt").join("suites.json"));
    transcript(&mut python, "")
}
