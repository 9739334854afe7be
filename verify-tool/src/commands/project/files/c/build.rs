//! Compiles `native.c`, and has all of it linked. The name here is the whole name that Python imports.

fn main() {
    linktab_build::c_extension("<module>._c")
        .file("src/native.c")
        .compile();
}
