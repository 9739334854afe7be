//! A `python` with `hello._native` inside.

use ext_hello as _;

fn main() -> std::process::ExitCode {
    linktab_finder::main()
}
