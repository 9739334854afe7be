//! Names in, C sources out: the modules, their table, and what each peer registers them with.
//!
//! Knows `c/*.h`; compiles nothing.

use std::fmt::Write as _;

use linktab_bench::names::symbol;

/// How many modules share a file: one file for all of 10,000 would take the compiler's memory.
const PER_FILE: usize = 500;

/// The files with the modules, `(name, text)`.
pub fn modules(names: &[String]) -> Vec<(String, String)> {
    let text = |names: &[String]| {
        let lines = names.iter().map(|name| {
            let leaf = name.rsplit('.').next().unwrap_or(name);
            format!("MODULE({}, \"{leaf}\")\n", symbol(name))
        });
        "#include \"module.h\"\n".to_owned() + &lines.collect::<String>()
    };
    names.chunks(PER_FILE).enumerate().map(|(at, names)| (format!("modules_{at}.c"), text(names))).collect()
}

/// One module as a shared object has it: its hook is called by the leaf name alone.
pub fn shared_module(leaf: &str) -> String {
    format!("#include \"module.h\"\nMODULE({leaf}, \"{leaf}\")\n")
}

/// `bench_modules`: what every peer knows of them.
pub fn table(names: &[String]) -> String {
    let mut text = "#include \"bench.h\"\n".to_owned();
    declare(names, &mut text);
    text.push_str("const bench_module bench_modules[] = {\n");
    for name in names {
        let symbol = symbol(name);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{{\"{name}\", \"{symbol}\", PyInit_{symbol}}},");
    }
    let _ = writeln!(text, "}};\nconst size_t bench_module_count = {};", names.len());
    text
}

/// `bench_inittab`, with room in front for CPython's own entries (`c/inittab.c`).
pub fn inittab(names: &[String]) -> String {
    let mut text = "#include \"bench.h\"\n".to_owned();
    declare(names, &mut text);
    let _ = writeln!(text, "struct _inittab bench_inittab[128 + {} + 1] = {{", names.len());
    for (at, name) in names.iter().enumerate() {
        let symbol = symbol(name);
        let _ = writeln!(text, "[128 + {at}] = {{\"{symbol}\", PyInit_{symbol}}},");
    }
    text.push_str("};\n");
    text
}

/// Records as `LINKTAB_MODULE` makes them, one line each. Those of the macros for Rust differ in nothing
/// but the origin.
pub fn records(names: &[String]) -> String {
    let line = |name: &String| {
        format!("LINKTAB_EXTERN_MODULE(\"{name}\", PyInit_{}, LINKTAB_MULTI)\n", symbol(name))
    };
    "#include \"linktab.h\"\n".to_owned() + &names.iter().map(line).collect::<String>()
}

fn declare(names: &[String], text: &mut String) {
    for name in names {
        let _ = writeln!(text, "PyMODINIT_FUNC PyInit_{}(void);", symbol(name));
    }
}
