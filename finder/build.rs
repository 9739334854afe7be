//! Turns the interpreter that pyo3-ffi was configured for into `cfg`s: its version, and whether
//! libpython is linked statically.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    pyo3_build_config::use_pyo3_cfgs();

    // A static libpython brings its hidden symbols into the link; a shared one keeps them.
    println!("cargo::rustc-check-cfg=cfg(linktab_static_libpython)");
    if !pyo3_build_config::get().shared() {
        println!("cargo::rustc-cfg=linktab_static_libpython");
    }
}
