//! Compiles `graph.cpp` against pybind11's headers.

fn main() {
    linktab_build::pybind11_extension("acme.graph").file("src/graph.cpp").compile();
}
