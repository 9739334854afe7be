//! Compiles `_cython.pyx`, and has all of it linked. The name here is the whole name that Python imports.

fn main() {
    linktab_build::cython_extension("<module>._cython")
        .file("src/_cython.pyx")
        .compile();
}
