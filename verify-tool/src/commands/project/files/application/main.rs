//! A `python` with this project's extensions inside.

// Cargo links no crate that no code names: a line for each extension. `linktab add PACKAGE` writes it.
<uses>

fn main() -> std::process::ExitCode {
    linktab_finder::main()
}
