//! `acme.mesh` is written in C++ with nanobind, see `mesh.cpp`.
