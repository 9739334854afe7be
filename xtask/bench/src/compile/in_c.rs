//! What records in C cost the compiler and the linker: the same files with and without them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use linktab_bench::names;

use super::COUNT;

/// Seconds of CPU for C files with `LINKTAB_MODULE`, and for the same without.
pub struct InC {
    /// Files, or records.
    pub count: usize,
    /// The compiler.
    pub compile: [f64; 2],
    /// The linker, into one executable.
    pub link: [f64; 2],
}

/// Compiles and links 1,000 files with a record each, and 10 with 1,000 each.
///
/// # Errors
/// The compiler or the linker fails.
pub fn measure(dir: &Path) -> Result<[InC; 2]> {
    Ok([in_c(dir, COUNT, 1)?, in_c(dir, 10, COUNT)?])
}

fn in_c(dir: &Path, files: usize, records: usize) -> Result<InC> {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../registry/include").canonicalize()?;
    let names = names::names(files * records);
    let mut taken = [[f64::MAX; 2]; 2];
    // In turns, and the lesser: whoever else uses the machine only adds.
    for _ in 0..2 {
        for (way, with) in [true, false].into_iter().enumerate() {
            let dir = dir.join(format!("compile-c-{files}-{with}"));
            fs::create_dir_all(&dir)?;
            let mut cc = Command::new("cc");
            cc.args(["-c", "-I"]).arg(&include).current_dir(&dir);
            let mut link = Command::new("cc");
            link.args(["-o", "program"]).current_dir(&dir);
            for (file, names) in names.chunks(records).enumerate() {
                fs::write(dir.join(format!("{file}.c")), c_source(names, with, file == 0))?;
                cc.arg(format!("{file}.c"));
                link.arg(format!("{file}.o"));
            }
            for (step, command) in [&mut cc, &mut link].into_iter().enumerate() {
                taken[step][way] = taken[step][way].min(super::cpu(command)?);
            }
        }
    }
    let [compile, link] = taken;
    Ok(InC { count: files * records, compile, link })
}

fn c_source(names: &[String], with: bool, main: bool) -> String {
    let mut text = String::from("#include <linktab.h>\n");
    for name in names {
        let symbol = names::symbol(name);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "void *{symbol}(void) {{ return 0; }}");
        if with {
            let _ = writeln!(text, "LINKTAB_MODULE(\"{name}\", {symbol}, LINKTAB_MULTI)");
        }
    }
    if main {
        text.push_str("int main(void) { return 0; }\n");
    }
    text
}
