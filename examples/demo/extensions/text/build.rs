//! Translates `_tokens.pyx` to C with Cython, and compiles that and the record.

use std::env;
use std::path::Path;

use demo_python_for_build::{extension, is_only_checked, run_tool};

fn main() {
    if is_only_checked() {
        return;
    }
    println!("cargo::rerun-if-changed=src");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let translated = Path::new(&out).join("_tokens.c");
    let translated_text = translated.to_str().expect("cargo's paths are UTF-8");
    // The name decides what types have as `__module__`.
    run_tool(&[
        "-m",
        "cython",
        "-3",
        "--module-name",
        "acme.text._tokens",
        "src/_tokens.pyx",
        "-o",
        translated_text,
    ]);
    extension(false).file(&translated).file("src/record.c").warnings(false).compile("demo_text_native");
}
