//! A program with many extensions, compiled and linked: what extension modules in C are made of,
//! without their code. A `PyModuleDef` with one method and one slot, and a record, are eleven
//! relocations and six symbols a module, as real ones have.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many.
pub const COUNT: usize = 10_000;

/// What the program was linked from.
pub const OBJECT: &str = "modules.o";

/// The shapes of `methodobject.h` and `moduleobject.h`, so that no Python is needed; and the note that
/// a program with the runtime has.
const HEAD: &str = r#"#include <linktab.h>
typedef void *(*call)(void *, void *);
struct method { const char *name; call function; int flags; const char *doc; };
struct slot { int kind; void *value; };
struct definition {
    long base[5];
    const char *name, *doc;
    long size;
    struct method *methods;
    struct slot *slots;
    void *more[3];
};
void *PyModuleDef_Init(struct definition *definition) { return definition; }
int main(void) { return 0; }
__asm__(".pushsection .note.linktab, \"a\", @note\n"
        ".balign 4\n.globl __linktab_locator\n.hidden __linktab_locator\n__linktab_locator:\n"
        ".long 8, 24, 1\n.asciz \"linktab\"\n.long 1, 64\n"
        ".quad __start_linkme_LINKTAB - .\n.quad __stop_linkme_LINKTAB - .\n.popsection\n");
"#;

/// Compiles and links the program, position-independently.
pub fn build(folder: &Path) -> PathBuf {
    let (source, program) = (folder.join("modules.c"), folder.join("modules"));
    write(&source).expect("the target folder is writable");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/include");
    let cc = |arguments: &[&str]| {
        let mut cc = Command::new("cc");
        cc.current_dir(folder).args(["-O0", "-fPIE", "-w", "-I"]).arg(&include).args(arguments);
        assert!(cc.status().is_ok_and(|status| status.success()), "cc compiles the modules");
    };
    cc(&["-c", "modules.c", "-o", OBJECT]);
    cc(&["-pie", OBJECT, "-o", "modules"]);
    program
}

fn write(path: &Path) -> std::io::Result<()> {
    // Through a small buffer: what this process holds counts for those that it starts (wait4(2),
    // ru_maxrss, which survives exec).
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(HEAD.as_bytes())?;
    for index in 0..COUNT {
        let name = format!("application.package{:03}._native{index:05}", index % 500);
        write!(
            file,
            "static void *call_{index}(void *self, void *arguments) {{ return self; }}\n\
             static int exec_{index}(void *module) {{ return module == 0; }}\n\
             static struct method methods_{index}[] = {{{{\"call\", call_{index}, 1, \"Calls.\"}}, {{0}}}};\n\
             static struct slot slots_{index}[] = {{{{2, exec_{index}}}, {{0}}}};\n\
             static struct definition definition_{index} =\n    \
             {{{{1}}, \"{name}\", \"A module.\", 0, methods_{index}, slots_{index}}};\n\
             static void *init_{index}(void) {{ return PyModuleDef_Init(&definition_{index}); }}\n\
             LINKTAB_RECORD(\"{name}\", init_{index}, LINKTAB_MULTI, {index})\n"
        )?;
    }
    file.flush()
}
