//! Compiles `native.c`.

fn main() {
    println!("cargo::rerun-if-changed=src/native.c");
    demo_python_for_build::extension(false).file("src/native.c").compile("demo_fast_native");
}
