//! `acme.graph` and its submodule `acme.graph.sub` are written in C++ with pybind11, see `graph.cpp`.
