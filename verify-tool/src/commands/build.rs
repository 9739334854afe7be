//! `linktab build`: the whole way from a project to one file. What becomes an executable is the work of another crate,
//! which `main` joins; packing and checking are the commands of those names.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use super::streams::{Notes, Out};
use super::{Builders, Ended, Exit, Stop};
use crate::plain;

/// Make one file of a Python project: CPython, its packages' extensions and its code inside
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab build
  linktab build ../tool --script tool -o tool
  linktab build -r requirements.txt --entry acme.cli:main

A project has a `pyproject.toml`; what it runs is its script in `[project.scripts]`, or what --entry names. pip chooses one
release of each package. Each is built from its sources, and its extensions are linked in; one that cannot be is packed
as its wheel, and a module that cannot be as a file: the table says why. `[build]` in `linktab.toml` has `python`,
`entry`, `script`, `keep`, `pack`, `output`, `compress`, `strip`, `include-libs` and `unpack`. Needs cargo, a C compiler and a CPython that can be linked statically.

Exit code: 0 built, 1 the check found something, 2 nothing was built")]
#[non_exhaustive]
pub struct Build {
    /// The folder of the project
    #[arg(value_name = "PROJECT", default_value = ".")]
    pub project: PathBuf,

    /// A file of requirements, as pip reads it; may be repeated
    #[arg(short, long, value_name = "FILE")]
    pub requirement: Vec<PathBuf>,

    /// The function that the file runs, `package.module:function`
    #[arg(long, value_name = "MODULE:FUNCTION", conflicts_with = "script")]
    pub entry: Option<String>,

    /// The script that the file is, where the project has several
    #[arg(long, value_name = "NAME")]
    pub script: Option<String>,

    /// The CPython that goes inside [default: $LINKTAB_PYTHON, else one that is found or fetched]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,

    /// A module that is to stay a file, by its dotted name; may be repeated
    #[arg(long, value_name = "NAME")]
    pub keep: Vec<String>,

    /// A package that is packed as its wheel, and not built; may be repeated
    #[arg(long, value_name = "NAME")]
    pub pack: Vec<String>,

    /// The file to write [default: dist/NAME]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Deflate what is packed, as `linktab pack --compress` does
    #[arg(long)]
    pub compress: bool,

    /// Without what debuggers read, as `linktab pack --strip` does
    #[arg(long)]
    pub strip: bool,

    /// With the libraries of this machine that shared extensions need, as `linktab pack --include-libs` does
    #[arg(long)]
    pub include_libs: bool,

    /// A package that reads its own code as files, as `linktab pack --unpack` takes it
    #[arg(long, value_name = "PACKAGE")]
    pub unpack: Vec<String>,

    /// The folder for everything else [default: build/linktab in the project]
    #[arg(long, value_name = "FOLDER")]
    pub work: Option<PathBuf>,

    /// Take the releases of `linktab-build.lock`, which each build writes, and no others
    #[arg(long)]
    pub locked: bool,

    /// Build again what was built before, such as with other libraries of the system
    #[arg(long)]
    pub no_cache: bool,
}

/// An executable that was linked, and what goes behind it.
#[derive(Debug)]
pub struct Built {
    /// With the extensions inside.
    pub executable: PathBuf,
    /// The folder of packages.
    pub site: PathBuf,
    /// What was adopted, as an input of a check.
    pub manifest: PathBuf,
    /// The function that the file runs.
    pub entry: String,
    /// The file to write.
    pub output: PathBuf,
    /// As the options of `linktab pack`.
    pub compress: bool,
    /// As `compress`.
    pub strip: bool,
    /// As `compress`.
    pub include_libs: bool,
    /// As `compress`.
    pub unpack: Vec<String>,
    /// What became of each module.
    pub table: String,
}

/// What `linktab build` does before it packs: progress goes to the stream.
pub type Builder<'a> = &'a dyn Fn(&Build, &mut dyn Write) -> Result<Built, String>;

pub fn run(build: &Build, builders: &Builders<'_>, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let built = (builders.build)(build, notes.stream()).map_err(Stop::Usage)?;
    let pack: [OsString; 9] = [
        "linktab".into(),
        "pack".into(),
        built.executable.into(),
        "--output".into(),
        built.output.clone().into(),
        "--site".into(),
        built.site.into(),
        "--entry".into(),
        built.entry.into(),
    ];
    let choices =
        [("--compress", built.compress), ("--strip", built.strip), ("--include-libs", built.include_libs)];
    let chosen = choices.into_iter().filter(|(_, is_wished)| *is_wished).map(|(option, _)| option.into());
    let unpacked = built.unpack.into_iter().flat_map(|package| ["--unpack".into(), package.into()]);
    let packed = super::parsed(pack.into_iter().chain(chosen).chain(unpacked), builders, out, notes)?;
    if packed != Exit::Clean {
        return Ok(packed);
    }
    let check: [OsString; 6] = [
        "linktab".into(),
        "check".into(),
        built.output.into(),
        "--python-inside".into(),
        "--inputs".into(),
        built.manifest.into(),
    ];
    let checked = super::parsed(check, builders, out, notes)?;
    for line in built.table.lines() {
        writeln!(out, "{}", plain::plain(line))?;
    }
    out.flush()?;
    Ok(checked)
}
