//! Keeps CPython's symbols visible, for shared extensions of the standard library such as `_ssl`.

fn main() {
    linktab_build::export_symbols();
}
