//! Compiles `native.c`.

fn main() {
    linktab_build::c_extension("acme.fast._native").file("src/native.c").compile();
}
