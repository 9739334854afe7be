//! `linktab adopt`: its arguments, and its table. The work is that of another crate, which `main` joins.

use std::io::Write;
use std::path::PathBuf;

use super::streams::{Notes, Out};
use super::{Ended, Exit, Stop};
use crate::plain;

/// Build packages from PyPI into objects, for one executable with their extensions inside
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab adopt markupsafe simplejson==3.19.3
  linktab adopt -r requirements.txt --keep acme._debug
  linktab adopt --object build/libfoo.a --module acme.foo._native
  linktab check target/release/app --inputs adopted/linktab-adopt.json

pip chooses one release of each project, and each is built from its sources by its own build system. The folder
then has objects/ and link.rsp for the link, site/ with the Python code, and linktab-adopt.json, which says what
became of each module.

Exit code: 0 adopted, 1 a package failed or a module was refused, 2 nothing was done")]
#[non_exhaustive]
pub struct Adopt {
    /// What to adopt, as pip takes it: a name with or without a version, a folder, a file of sources
    #[arg(required_unless_present_any = ["requirement", "project", "object"], value_name = "REQUIREMENT")]
    pub requirements: Vec<String>,

    /// A file of requirements, as pip reads it; may be repeated
    #[arg(short, long, value_name = "FILE")]
    pub requirement: Vec<PathBuf>,

    /// The folder of a project whose dependencies are meant, as its `pyproject.toml` lists them; may be repeated
    #[arg(long, value_name = "DIR")]
    pub project: Vec<PathBuf>,

    /// An object or archive of another build system with a module inside, which `--module` names; may be repeated
    #[arg(long, value_name = "FILE", requires = "module")]
    pub object: Vec<PathBuf>,

    /// The dotted name of the module in the `--object` at the same place
    #[arg(long, value_name = "NAME", requires = "object")]
    pub module: Vec<String>,

    /// The folder to make
    #[arg(short, long, value_name = "FOLDER", default_value = "adopted")]
    pub output: PathBuf,

    /// The CPython that builds, the same as in the executable [default: $LINKTAB_PYTHON, else python3]
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,

    /// A module that is to stay a file, by its dotted name; may be repeated
    #[arg(long, value_name = "NAME")]
    pub keep: Vec<String>,

    /// Build again what was built before, such as with other libraries of the system
    #[arg(long)]
    pub no_cache: bool,
}

impl Adopt {
    /// Objects of other build systems, each with its module.
    #[must_use]
    pub fn objects(&self) -> Vec<(PathBuf, String)> {
        self.object.iter().cloned().zip(self.module.iter().cloned()).collect()
    }
}

/// `linktab adopt`, which this crate does not do: progress goes to the stream, and what comes back is a
/// table and whether all went well, or why nothing was done.
pub type Adopter<'a> = &'a dyn Fn(&Adopt, &mut dyn Write) -> Result<(String, bool), String>;

pub fn run(adopt: &Adopt, adopter: Adopter<'_>, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let (objects, modules) = (adopt.object.len(), adopt.module.len());
    if objects != modules {
        return Err(Stop::Usage(format!(
            "expected one `--module` for each `--object`, found {modules} for {objects}"
        )));
    }
    let (table, is_clean) = adopter(adopt, notes.stream()).map_err(Stop::Usage)?;
    for line in table.lines() {
        writeln!(out, "{}", plain::plain(line))?;
    }
    out.flush()?;
    Ok(if is_clean { Exit::Clean } else { Exit::Findings })
}
