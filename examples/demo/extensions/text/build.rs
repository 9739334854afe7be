//! Translates `_tokens.pyx` to C with Cython, and compiles that and its record.

fn main() {
    linktab_build::cython_extension("acme.text._tokens").file("src/_tokens.pyx").compile();
}
