//! Tells dependents' build scripts where `linktab.h` is, and this crate whether a wheel is being built.
//!
//! A dependent's build script reads `DEP_LINKTAB_INCLUDE` (cargo's `links` metadata).

use std::env;

fn main() {
    let manifest_dir = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    println!("cargo::metadata=include={manifest_dir}/include");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=include/linktab.h");

    // maturin (1.9.4 and later) and setuptools-rust (1.12 and later) set this variable, and PyO3
    // reads it, when the crate is linked as a shared object for an ordinary `python`.
    println!("cargo::rerun-if-env-changed=PYO3_BUILD_EXTENSION_MODULE");
    println!("cargo::rustc-check-cfg=cfg(linktab_wheel)");
    if env::var_os("PYO3_BUILD_EXTENSION_MODULE").is_some() {
        println!("cargo::rustc-cfg=linktab_wheel");
    }
}
