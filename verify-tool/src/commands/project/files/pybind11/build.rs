//! Compiles `native.cpp`, and has all of it linked. The name here is the whole name that Python imports.

fn main() {
    linktab_build::pybind11_extension("<module>._pybind11")
        .file("src/native.cpp")
        .compile();
}
