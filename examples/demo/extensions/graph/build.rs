//! Compiles `graph.cpp` against pybind11's headers.

use demo_python_for_build::{ask_tools, extension, is_only_checked};

fn main() {
    if is_only_checked() {
        return;
    }
    println!("cargo::rerun-if-changed=src/graph.cpp");
    let headers = ask_tools("import pybind11; print(pybind11.get_include())");
    extension(true)
        .include(headers)
        .flag_if_supported("-fvisibility=hidden")
        .file("src/graph.cpp")
        .compile("demo_graph_native");
}
