//! What the attribute macro costs the compiler: the same crate with and without it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use linktab_bench::names;

use crate::run;

/// Modules in one crate.
pub const COUNT: usize = 1_000;

/// What it costs.
pub struct Compile {
    /// Microseconds of macro expansion for one module.
    pub expansion: f64,
    /// Seconds of CPU for the crate.
    pub seconds: f64,
    /// Seconds of CPU for the crate without the attribute.
    pub without: f64,
}

/// Compiles both crates, five times each, in turns; of each the fastest expansion counts, since the compiler tells it by
/// the clock.
///
/// # Errors
/// A crate does not compile.
pub fn measure(dir: &Path) -> Result<Compile> {
    let dir = dir.join("compile");
    fs::create_dir_all(dir.join("src"))?;
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../registry").canonicalize()?;
    fs::write(
        dir.join("Cargo.toml"),
        format!(
            "[package]\nname = \"annotated\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
             linktab = {{ path = {registry:?} }}\n"
        ),
    )?;
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..5 {
        for (with, times) in [true, false].into_iter().zip(&mut times) {
            fs::write(dir.join("src/lib.rs"), source(with))?;
            times.push(compile(&dir)?);
        }
    }
    let [with, without] = times.map(|mut times| {
        times.sort_by(|a, b| a.expansion.total_cmp(&b.expansion));
        times.swap_remove(0)
    });
    let expansion = (with.expansion - without.expansion) * 1e6 / COUNT as f64;
    Ok(Compile { expansion, seconds: with.cpu, without: without.cpu })
}

fn source(with: bool) -> String {
    // The macro asks for the type's name; its definition is pyo3-ffi's, or anybody's.
    let mut text = String::from("#[repr(C)]\npub struct PyObject(u8);\n");
    for name in names::names(COUNT) {
        let attribute =
            if with { format!("#[linktab::extension_module({name:?})]\n") } else { String::new() };
        let function = names::symbol(&name);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{attribute}pub unsafe extern \"C\" fn {function}() -> *mut PyObject {{ std::ptr::null_mut() }}"
        );
    }
    text
}

/// Seconds.
struct Times {
    /// Of the compiler's pass that expands macros.
    expansion: f64,
    /// Of the whole compiler, on all its threads.
    cpu: f64,
}

fn compile(dir: &Path) -> Result<Times> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `-Z` tells how long each pass took; the variable lets a stable compiler tell.
    cargo.env("RUSTC_BOOTSTRAP", "1").args(["rustc", "--quiet", "--lib", "--", "-Ztime-passes"]);
    let before = children();
    let said = run::output_of_both(cargo.current_dir(dir).env("CARGO_TARGET_DIR", dir.join("target")))?;
    let pass = said.lines().find(|line| line.split_whitespace().last() == Some("macro_expand_crate"));
    let pass = pass.and_then(|line| line.split_once("time:")?.1.split_once(';')?.0.trim().parse().ok());
    let expansion =
        pass.with_context(|| format!("the compiler said `{said}`, expected macro_expand_crate"))?;
    Ok(Times { expansion, cpu: children() - before })
}

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
pub fn measure_c(dir: &Path) -> Result<[InC; 2]> {
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
                let before = children();
                run::output_of_both(command)?;
                taken[step][way] = taken[step][way].min(children() - before);
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

/// Seconds of CPU of all processes that this one has started and waited for.
fn children() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses: fields 3 and following; 16 and 17 are those of children (proc(5)).
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: f64 = fields.skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    // Linux tells them in hundredths of a second, whatever its own clock is.
    ticks / 100.0
}
