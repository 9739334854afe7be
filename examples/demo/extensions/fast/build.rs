//! Compiles `native.c`.

use demo_python_for_build::{extension, is_only_checked};

fn main() {
    if is_only_checked() {
        return;
    }
    println!("cargo::rerun-if-changed=src/native.c");
    extension(false).file("src/native.c").compile("demo_fast_native");
}
