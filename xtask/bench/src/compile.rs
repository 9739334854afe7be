//! What the attribute macro costs the compiler and the linker: the same crate with and without it.

pub mod in_c;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use linktab_bench::names;

use crate::run;

/// Modules in one crate.
pub const COUNT: usize = 1_000;
/// Modules that are linked into one program.
pub const LINKED: usize = 10_000;
/// Runs of each side where the head of the compiler alone runs, which takes a tenth of a second.
const TURNS: usize = 15;

/// What it costs.
pub struct Compile {
    /// Microseconds of macro expansion for one module.
    pub expansion: f64,
    /// Seconds of CPU for the crate.
    pub seconds: f64,
    /// Seconds of CPU for the crate without the attribute.
    pub without: f64,
    /// Seconds of CPU to make a program of a library with [`LINKED`] modules, and without the attribute.
    pub link: [f64; 2],
}

/// Compiles both crates, in turns, and links two larger ones.
///
/// # Errors
/// A crate does not compile.
pub fn measure(dir: &Path) -> Result<Compile> {
    let project = Project::new(dir)?;
    let mut whole = [f64::MAX; 2];
    for _ in 0..3 {
        for (with, least) in [true, false].into_iter().zip(&mut whole) {
            project.write(&source(COUNT, with))?;
            // The lesser: whoever else uses the machine only adds.
            *least = least.min(project.build()?);
        }
    }
    // Behind the first build, which compiles what both depend on.
    let linktab = project.linktab()?;
    let mut heads = [0.0; 2];
    for _ in 0..TURNS {
        for (with, sum) in [true, false].into_iter().zip(&mut heads) {
            project.write(&source(COUNT, with))?;
            *sum += cpu(project.rustc(&linktab).args(HEAD).arg("src/lib.rs"))?;
        }
    }
    let [with, without] = heads.map(|sum| sum / TURNS as f64);
    Ok(Compile {
        expansion: (with - without) * 1e6 / COUNT as f64,
        seconds: whole[0],
        without: whole[1],
        link: link(&project, &linktab)?,
    })
}

/// The compiler stops when it has read the source, expanded its macros and found what names mean: only then it knows
/// all files that the source is made of. Told by the processor's time, unlike `-Z time-passes`, which goes by the clock.
const HEAD: [&str; 2] = ["--crate-type=lib", "--emit=dep-info"];

/// Links programs of which each has all functions in it, by a table as one would write it by hand.
fn link(project: &Project, linktab: &Path) -> Result<[f64; 2]> {
    let sides = [("registered", true), ("listed", false)];
    for (name, with) in sides {
        let mut text = source(LINKED, with);
        let _ = writeln!(text, "pub static ALL: [unsafe extern \"C\" fn() -> *mut PyObject; {LINKED}] = [");
        text.extend(names::names(LINKED).iter().map(|name| format!("{},\n", names::symbol(name))));
        text.push_str("];\n");
        fs::write(project.dir.join(format!("{name}.rs")), text)?;
        let main = format!(
            "fn main() {{\n    std::hint::black_box(&{name}::ALL);\n    \
             println!(\"{{}}\", linktab::Registry::global().map_or(0, |table| table.len()));\n}}\n"
        );
        fs::write(project.dir.join(format!("{name}-main.rs")), main)?;
        cpu(project.rustc(linktab).arg("--crate-type=rlib").arg(format!("{name}.rs")))?;
    }
    let mut least = [f64::MAX; 2];
    for _ in 0..5 {
        for ((name, with), least) in sides.into_iter().zip(&mut least) {
            let mut rustc = project.rustc(linktab);
            rustc.args(["--extern", &format!("{name}=lib{name}.rlib"), &format!("{name}-main.rs")]);
            *least = least.min(cpu(rustc.args(["-o", name]))?);
            let found = run::output(&mut Command::new(project.dir.join(name)))?;
            let expected = if with { LINKED } else { 0 };
            anyhow::ensure!(found.trim() == expected.to_string(), "{name}: {found} records");
        }
    }
    Ok(least)
}

/// A crate that depends on linktab's.
struct Project {
    dir: PathBuf,
}

impl Project {
    fn new(dir: &Path) -> Result<Self> {
        let dir = dir.join("compile");
        // What another compiler left there has other names.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("src"))?;
        let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../registry").canonicalize()?;
        fs::write(
            dir.join("Cargo.toml"),
            format!(
                "[package]\nname = \"annotated\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
                 linktab = {{ path = {registry:?} }}\n"
            ),
        )?;
        let project = Project { dir };
        project.write("")?;
        project.build()?;
        Ok(project)
    }

    fn write(&self, text: &str) -> Result<()> {
        Ok(fs::write(self.dir.join("src/lib.rs"), text)?)
    }

    /// Seconds of CPU, on all threads of the compiler.
    fn build(&self) -> Result<f64> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--lib"]).current_dir(&self.dir);
        cpu(cargo.env("CARGO_TARGET_DIR", self.dir.join("target")))
    }

    /// Where cargo has put linktab's crate.
    fn linktab(&self) -> Result<PathBuf> {
        let built =
            fs::read_dir(self.dir.join("target/debug/deps"))?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut found = built.filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("liblinktab-") && name.ends_with(".rlib")
        });
        found.next().context("cargo built no liblinktab")
    }

    /// The compiler, as cargo starts it, without debug information.
    fn rustc(&self, linktab: &Path) -> Command {
        let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition=2024", "--cap-lints=allow", "-L", "dependency=target/debug/deps", "--extern"]);
        rustc.arg(format!("linktab={}", linktab.display())).current_dir(&self.dir);
        rustc
    }
}

fn source(count: usize, with: bool) -> String {
    // The macro asks for the type's name; its definition is pyo3-ffi's, or anybody's.
    let mut text = String::from("#[repr(C)]\npub struct PyObject(u8);\n");
    for name in names::names(count) {
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

/// Seconds of CPU of a command, and of all that it starts.
fn cpu(command: &mut Command) -> Result<f64> {
    let before = children();
    run::output_of_both(command)?;
    Ok(children() - before)
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
