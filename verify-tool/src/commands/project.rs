//! `linktab new` and `linktab init`: their arguments, and what they say. A project is made of templates, which are
//! files of their own; nothing that is there already is written over.

mod kind;
mod name;
mod template;
mod versions;
mod workspace;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::cargo::metadata::PYO3_MINORS;
use super::streams::Out;
use super::{Ended, Exit, Stop};
use crate::plain::plain;
use kind::Kind;
use template::Template;
use workspace::Workspace;

/// Make a project: one executable with extensions inside, which builds, runs and is checked
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab new demo
  linktab new demo --extension rust --extension c --extension cython
  cd demo && linktab python && cargo run -- -c \"import demo._rust\"

The folder then has a program, a crate for each extension below extensions/, and a workflow for GitHub that checks
them. What to type next is printed.

Exit code: 0 made, 2 nothing was made")]
pub struct New {
    #[command(flatten)]
    wanted: Wanted,
}

/// Make a program with extensions inside in the Cargo workspace of this folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab init demo
  linktab init demo --extension cython --extension pybind11

The program is a folder and a member of the workspace, with a crate for each extension below it. Cargo.toml gets the
members and the dependencies that it does not have; the rest of it stays.

Exit code: 0 made, 2 nothing was made")]
pub struct Init {
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Debug, clap::Args)]
struct Wanted {
    /// What the program and its folder are called, and with `_` for `-` its Python package
    name: String,

    /// The language of an extension; may be repeated
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value = "rust")]
    extension: Vec<Kind>,

    /// A checkout of linktab, instead of its release
    #[arg(long, value_name = "FOLDER")]
    source: Option<PathBuf>,
}

pub fn new(new: &New, out: &mut Out<'_>) -> Ended {
    let template = new.wanted.template().map_err(Stop::Usage)?;
    let folder = Path::new(&template.name);
    if folder.exists() {
        let message = format!("expected a new folder, found `{}`, which is here already", template.name);
        return Err(Stop::Usage(message));
    }
    let files = template.repository();
    write(folder, &files).map_err(Stop::Usage)?;
    tell(folder, &files, out)?;
    writeln!(out, "\nnext:\n  cd {}", template.name)?;
    next(&template, out)
}

pub fn init(init: &Init, out: &mut Out<'_>) -> Ended {
    let mut template = init.wanted.template().map_err(Stop::Usage)?;
    let workspace = Workspace::here().map_err(Stop::Usage)?;
    template.pyo3 = workspace.pyo3().map_err(Stop::Usage)?;
    let workspace = workspace.with(&template).map_err(Stop::Usage)?;
    let mut files = template.program(&format!("{}/", template.name));
    files.push(template.workflow());
    write(Path::new(""), &files).map_err(Stop::Usage)?;
    workspace.write().map_err(|fault| {
        undo(Path::new(""), &files);
        Stop::Usage(fault)
    })?;
    tell(Path::new(""), &files, out)?;
    writeln!(out, "changed {}\n\nnext:", workspace::MANIFEST)?;
    next(&template, out)
}

impl Wanted {
    fn template(&self) -> Result<Template, String> {
        let module = name::module(&self.name)?;
        let mut kinds = self.extension.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let source = self.source.as_deref().map(checkout).transpose()?;
        let pyo3 = format!("0.{}", PYO3_MINORS.1);
        Ok(Template { name: self.name.clone(), module, kinds, source, pyo3 })
    }
}

/// Manifests are read from other folders than this one.
fn checkout(folder: &Path) -> Result<PathBuf, String> {
    let shown = plain(&folder.display().to_string()).into_owned();
    if !folder.join("registry/Cargo.toml").is_file() {
        return Err(format!("expected a checkout of linktab, found no registry/Cargo.toml in {shown}"));
    }
    std::path::absolute(folder).map_err(|error| format!("cannot say where {shown} is: {error}"))
}

/// All or, if one of them is there, none.
fn write(folder: &Path, files: &[(String, String)]) -> Result<(), String> {
    let there = files.iter().find(|(path, _)| fs::symlink_metadata(folder.join(path)).is_ok());
    if let Some((path, _)) = there {
        return Err(format!(
            "{path} is there already, and nothing was made: move it, or choose another name"
        ));
    }
    for (at, (path, text)) in files.iter().enumerate() {
        let path = folder.join(path);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| File::create_new(&path)?.write_all(text.as_bytes()));
        written.map_err(|error| {
            undo(folder, files.get(..at).unwrap_or_default());
            format!("cannot write {}: {error}", path.display())
        })?;
    }
    Ok(())
}

/// Removes what was written, and the folders that are empty without it. What is left is in nobody's way but a second
/// try's, which then says so.
fn undo(folder: &Path, files: &[(String, String)]) {
    for (path, _) in files {
        let path = folder.join(path);
        let _ = fs::remove_file(&path);
        for above in path.ancestors().skip(1) {
            if above.as_os_str().is_empty() || fs::remove_dir(above).is_err() {
                break;
            }
        }
    }
}

fn tell(folder: &Path, files: &[(String, String)], out: &mut Out<'_>) -> Result<(), Stop> {
    for (path, _) in files {
        writeln!(out, "made {}", folder.join(path).display())?;
    }
    Ok(())
}

fn next(template: &Template, out: &mut Out<'_>) -> Ended {
    let tools = template.tools();
    if !tools.is_empty() {
        writeln!(
            out,
            "  python3 -m pip install {}   # or name a Python that has it: LINKTAB_TOOLS_PYTHON",
            tools
        )?;
    }
    let (name, call) = (&template.name, template.call());
    writeln!(out, "  linktab python   # the CPython to link: found, proved, and told to cargo")?;
    writeln!(out, "  cargo run -p {name} -- -c \"{call}\"")?;
    writeln!(out, "  cargo linktab check -p {name}")?;
    out.flush()?;
    Ok(Exit::Clean)
}
