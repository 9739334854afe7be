//! Compiles `mesh.cpp` and nanobind's own runtime, which is source code too.

fn main() {
    linktab_build::nanobind_extension("acme.mesh").file("src/mesh.cpp").compile();
}
