//! Compiles `mesh.cpp` and nanobind's own runtime, which is source code too.

use std::path::Path;

use demo_python_for_build::{ask_tools, extension, is_only_checked};

fn main() {
    if is_only_checked() {
        return;
    }
    println!("cargo::rerun-if-changed=src/mesh.cpp");
    let nanobind = ask_tools("import nanobind; print(nanobind.include_dir())");
    let nanobind = Path::new(&nanobind).parent().expect("the headers are in a subfolder");
    extension(true)
        .include(nanobind.join("include"))
        .include(nanobind.join("ext/robin_map/include"))
        .define("NB_COMPACT_ASSERTIONS", None)
        .flag_if_supported("-fvisibility=hidden")
        .flag_if_supported("-fno-strict-aliasing")
        .warnings(false)
        .file(nanobind.join("src/nb_combined.cpp"))
        .file("src/mesh.cpp")
        .compile("demo_mesh_native");
}
