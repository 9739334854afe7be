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

/// Compiles both crates, three times each, in turns.
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
    for _ in 0..3 {
        for (with, times) in [true, false].into_iter().zip(&mut times) {
            fs::write(dir.join("src/lib.rs"), source(with))?;
            times.push(compile(&dir)?);
        }
    }
    let [with, without] = times.map(|mut times| {
        times.sort_by(|a, b| a.expansion.total_cmp(&b.expansion));
        times.swap_remove(1)
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

/// Seconds of CPU of all processes that this one has started and waited for.
fn children() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses: fields 3 and following; 16 and 17 are those of children (proc(5)).
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: f64 = fields.skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    // Linux tells them in hundredths of a second, whatever its own clock is.
    ticks / 100.0
}
