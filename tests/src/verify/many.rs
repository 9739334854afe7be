//! A program with many modules, as an assembler makes it in a moment where a C compiler takes minutes. For
//! each module: a record with its texts, and the eight other pointers and six symbols that a module's
//! definition, its methods and its marker have.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::faulty::rust_lld;
use super::must;

/// Builds a position-independent program for this machine's cousin x86-64.
///
/// # Panics
///
/// When clang or the linker fails.
#[must_use]
pub fn program(folder: &Path, count: usize) -> PathBuf {
    let (source, object) = (folder.join("many.s"), folder.join("many.o"));
    fs::write(&source, text(count)).expect("the folder is writable");
    must(
        Command::new("clang").args(["-target", rust_lld().triple, "-c"]).arg(&source).arg("-o").arg(&object),
    );
    let (runtime, program) = (folder.join("runtime.o"), folder.join("many"));
    rust_lld().compile("runtime.c", &[], &runtime);
    rust_lld().link(&[&runtime, &object], &[], &program);
    program
}

fn text(count: usize) -> String {
    let (mut code, mut data, mut texts) = (String::new(), String::new(), String::new());
    let mut records = String::from(".section linkme_LINKTAB,\"awR\",@progbits\n.balign 8\n");
    for index in 0..count {
        let name = format!("application.package{:03}._native{index:05}", index % 500);
        let origin = format!("application{:02}\\n1.0.0\\nsource/native{index:05}.c\\n12", index % 50);
        let (name_len, origin_len) = (name.len(), origin.replace("\\n", "\n").len());
        // Writing to a string cannot fail.
        let function = |name: &str| format!(".type {name}_{index}, @function\n{name}_{index}: ret\n");
        code.extend(["init", "exec", "call"].map(function));
        let _ =
            writeln!(code, ".globl \"__linktab_mod${name}\"\n.set \"__linktab_mod${name}\", init_{index}");
        let _ = writeln!(texts, ".Lname_{index}: .ascii \"{name}\"\n.Lorigin_{index}: .ascii \"{origin}\"");
        let pointers = vec![format!(".Lname_{index}"); 4].join(", ");
        let _ = writeln!(data, "slots_{index}: .quad {pointers}\ndefinition_{index}: .quad {pointers}");
        let _ = writeln!(
            records,
            ".long 0x4c4b5442\n.short 1\n.byte 1, 0\n.quad .Lname_{index}, init_{index}, .Lorigin_{index}\n.long \
             {name_len}, {origin_len}\n.quad 0\n.long 0, 0\n.quad 0"
        );
    }
    format!(".text\n{code}.data\n{data}.section .rodata\n{texts}{records}")
}
