//! `linktab add`: a package in, a line for it in a program's source out, so that cargo links it.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::cargo::build::cargo;
use super::cargo::metadata::{self, Dependency, Metadata, Package, Target};
use super::streams::{Notes, Out};
use super::{Ended, Exit, Stop};
use crate::plain::plain;

/// Name a package with an extension in a program's code, so that it is linked
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab add demo-rust
  linktab add acme-geo --to demo

Cargo compiles a dependency that no code names, and does not link it: `use acme_geo as _;` is written to the source
of the program. A package that it does not depend on yet goes to `cargo add` first, which knows those of the workspace.

Exit code: 0 named, 2 nothing was changed")]
pub struct Add {
    /// The package
    pub package: String,

    /// The package of the program [default: that of this folder]
    #[arg(long, value_name = "PKG")]
    to: Option<String>,

    /// The program, where the package has several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,

    /// The manifest of the package or workspace
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
}

pub fn run(add: &Add, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let said = named(add, notes).map_err(Stop::Usage)?;
    writeln!(out, "{}", plain(&said))?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// What was done, in a line.
fn named(add: &Add, notes: &mut Notes<'_>) -> Result<String, String> {
    let metadata = read(add)?;
    let program = program(add, &metadata)?;
    let source = source(add, program)?;
    let name = match crate_name(&add.package, program, &metadata)? {
        Some(name) => name,
        None => depend(add, program, notes)?,
    };
    let shown = source.strip_prefix(&metadata.workspace_root).unwrap_or(source).display();
    let text = fs::read_to_string(source).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if let Some(line) = line_of(&text, &name) {
        return Ok(format!("{shown}:{line} names `{name}` already"));
    }
    let (at, line, text) = with_use(&text, &name);
    fs::write(source, text).map_err(|error| format!("cannot write {shown}: {error}"))?;
    Ok(format!("{shown}:{at}: {line}"))
}

fn read(add: &Add) -> Result<Metadata, String> {
    let path = add.manifest_path.iter();
    let flags: Vec<OsString> = path.flat_map(|path| ["--manifest-path".into(), path.into()]).collect();
    metadata::ask(&flags)
}

fn program<'m>(add: &Add, metadata: &'m Metadata) -> Result<&'m Package, String> {
    let root = metadata.resolve.as_ref().and_then(|resolve| resolve.root.as_ref());
    let is_local = |package: &&Package| package.source.is_none();
    let mut local = metadata.packages.iter().filter(is_local);
    match (&add.to, root) {
        (Some(name), _) => local
            .find(|package| package.name == *name)
            .ok_or_else(|| format!("expected a package of this workspace after `--to`, found `{name}`")),
        (None, Some(root)) => local
            .find(|package| package.id == *root)
            .ok_or_else(|| "cargo metadata is not understood: the root is no package".to_owned()),
        (None, None) => Err("this folder has a workspace and no program: name one with `--to`".to_owned()),
    }
}

/// The file that is to name the crate.
fn source<'m>(add: &Add, program: &'m Package) -> Result<&'m Path, String> {
    let programs: Vec<&Target> = program
        .targets
        .iter()
        .filter(|target| target.is("bin") && add.bin.as_ref().is_none_or(|name| *name == target.name))
        .collect();
    let of = &program.name;
    match (programs.as_slice(), &add.bin) {
        ([one], _) => Ok(&one.src_path),
        ([], Some(name)) => Err(format!("`{of}` has no program `{name}`")),
        ([], None) => Err(format!("`{of}` has no program that could name it: choose another with `--to`")),
        (several, _) => {
            let names: Vec<&str> = several.iter().map(|target| &*target.name).collect();
            Err(format!(
                "`{of}` has {} programs: choose one with `--bin`, of {}",
                names.len(),
                names.join(", ")
            ))
        }
    }
}

/// What code calls a package that a program depends on, or the library of its own.
///
/// # Errors
/// It depends on it, and cannot be linked with it.
fn crate_name(package: &str, program: &Package, metadata: &Metadata) -> Result<Option<String>, String> {
    if program.name == package {
        linkable(program)?;
        return Ok(program.library());
    }
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let dependencies = nodes.filter(|node| node.id == program.id).flat_map(|node| &node.deps);
    let is_normal = |it: &&Dependency| it.dep_kinds.iter().any(|it| it.kind.is_none());
    for dependency in dependencies.filter(is_normal) {
        let of_id = metadata.packages.iter().find(|it| it.id == dependency.pkg && it.name == package);
        if let Some(found) = of_id {
            linkable(found)?;
            return Ok(Some(dependency.name.clone()));
        }
    }
    Ok(None)
}

/// Cargo hands rustc no `cdylib` as another crate (Cargo's reference, "Cargo Targets"), and most extensions are that
/// alone.
fn linkable(package: &Package) -> Result<(), String> {
    let shared = package.targets.iter().find(|target| target.is("cdylib") || target.is("staticlib"));
    match shared.filter(|_| package.library().is_none()) {
        Some(library) => Err(format!(
            "`{}` is compiled to a {} alone, which no Rust program links: write `crate-type = [\"cdylib\", \"rlib\"]` \
             below `[lib]` in {}",
            package.name,
            library.kind.join(" and a "),
            package.manifest_path.display()
        )),
        None => Ok(()),
    }
}

/// Makes the program depend on the package by `cargo add`, which knows the packages of the workspace, and where others
/// are. Where that leads nowhere, the manifest is as it was.
fn depend(add: &Add, program: &Package, notes: &mut Notes<'_>) -> Result<String, String> {
    let manifest = &program.manifest_path;
    let shown = manifest.display();
    let before = fs::read(manifest).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut command = cargo();
    command.arg("add").arg("--quiet").arg("--manifest-path").arg(manifest).arg("--").arg(&add.package);
    let output = command.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("cargo add {}: {}", add.package, said.trim_end()));
    }
    let name = read(add).and_then(|metadata| {
        let program = metadata.packages.iter().find(|package| package.id == program.id);
        let name = program.map_or(Ok(None), |program| crate_name(&add.package, program, &metadata))?;
        name.ok_or_else(|| {
            format!(
                "`{}` is no dependency that goes into the program: it may be optional, or for another target",
                add.package
            )
        })
    });
    let name = name.map_err(|fault| match fs::write(manifest, before) {
        Ok(()) => format!("{fault}\n\n{shown} is as it was"),
        Err(error) => format!("{fault}\n\ncannot write {shown} as it was: {error}"),
    })?;
    notes.lines(&said);
    notes.line(&format!("added `{}` to the dependencies", add.package));
    Ok(name)
}

/// The line that names a crate so that it is linked.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let starts = [format!("use {name} "), format!("use {name}::"), format!("use {name};")];
    let external = [format!("extern crate {name} "), format!("extern crate {name};")];
    let names = |line: &str| starts.iter().chain(&external).any(|start| line.trim_start().starts_with(start));
    text.lines().position(names).map(|at| at + 1)
}

/// The text with a line more: among others of its kind, else behind what speaks of the whole file. Returns the line's
/// number and itself too.
fn with_use(text: &str, name: &str) -> (usize, String, String) {
    let line = format!("use {name} as _;");
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (at, before, after) = match among_others(&lines, name) {
        Some(at) => (at, "", ""),
        None => match head(&lines) {
            0 => (0, "", end),
            head => {
                (head, end, if lines.get(head).is_some_and(|line| line.trim().is_empty()) { "" } else { end })
            }
        },
    };
    let (first, rest) = lines.split_at(at);
    let first = first.concat();
    let open = if first.is_empty() || first.ends_with('\n') { "" } else { end };
    let number = at + 1 + usize::from(!before.is_empty());
    let text = format!("{first}{open}{before}{line}{end}{after}{}", rest.concat());
    (number, line, text)
}

/// Before which line the name is in its order among those of the last block that names a crate so: rustfmt orders what
/// no empty line parts (Rust style guide, "Ordering").
fn among_others(lines: &[&str], name: &str) -> Option<usize> {
    let is_one = |line: &&str| line.starts_with("use ") && line.trim_end().ends_with(" as _;");
    let one = lines.iter().rposition(is_one)?;
    let is_empty = |line: &&str| line.trim().is_empty();
    let empty = lines.iter().take(one).rposition(is_empty).map_or(0, |empty| empty + 1);
    // Where an item begins, with its attributes and comments, and the name in it.
    let (mut start, mut named) = (empty.max(head(lines)), None);
    let mut behind = start;
    for (at, line) in lines.iter().enumerate().skip(start).take_while(|(_, line)| !is_empty(line)) {
        if let Some(path) = line.strip_prefix("use ") {
            named = path.split(|character: char| !character.is_alphanumeric() && character != '_').next();
        }
        let ends = line.trim_end().ends_with(';');
        match named {
            // These come first.
            Some(other) if other > name && !["self", "super", "crate"].contains(&other) => {
                return Some(start);
            }
            Some(_) if ends => (start, behind, named) = (at + 1, at + 1, None),
            None if ends && at > one => break,
            None if ends => (start, behind) = (at + 1, at + 1),
            _ => {}
        }
    }
    Some(behind)
}

/// How many lines are inner documentation and attributes, with what stands before and between them: nothing else may
/// come before those (Rust reference, "Crates and source files").
fn head(lines: &[&str]) -> usize {
    let mut head = 0;
    // What ends something that is longer than a line.
    let mut open: Option<(&str, bool)> = None;
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim();
        let is_inner = line.starts_with("//!") || line.starts_with("#!") || line.starts_with("/*!");
        let (end, counts) = match open.take() {
            Some(open) => open,
            None if line.starts_with("#![") && !line.contains(']') => ("]", true),
            None if line.starts_with("/*") => ("*/", is_inner),
            None if is_inner => ("", true),
            None if line.is_empty() || (line.starts_with("//") && !line.starts_with("///")) => ("", false),
            None => break,
        };
        if !line.ends_with(end) {
            open = Some((end, counts));
        } else if counts {
            head = at + 1;
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::{line_of, with_use};

    #[test]
    fn the_line_comes_where_rust_takes_it() {
        let sources = [
            "",
            "fn main() {}\n",
            "fn main() {}",
            "//! Doc.\n\nfn main() {}\n",
            "//! Doc.\nfn main() {}\n",
            "//! Doc.",
            "// Licence.\n//! Doc.\n#![allow(\n    dead_code,\n)]\n/*! More\n\n of it. */\n\n// Of main.\nfn main() {}\n",
            "#!/usr/bin/env script\n#![no_main]\r\n\r\nfn main() {}\r\n",
            "//! Doc.\n\nuse a as _;\nuse b as _;\nuse std::env;\n\nfn main() {}\n",
            "/// Of main.\nfn main() {}\n",
            "//! Doc.\nuse z as _;\n",
            "mod m;\nuse crate::a;\nuse b as _;\nuse std::{\n    z,\n};\nmod n;\n",
            "use a as _;\nuse c::{\n    z,\n};\n\nfn main() {\n    n();\n}\n",
            "use a as _;\n#[cfg(unix)]\nuse z as _;\n",
            "use a as _;\nfn main() {\n    n();\n}\n",
        ];
        let shown = sources.map(|source| {
            let (at, _, text) = with_use(source, "new");
            assert_eq!(line_of(&text, "new"), Some(at), "{text}");
            let lines: Vec<String> = text.split('\n').map(|line| line.escape_debug().to_string()).collect();
            lines.join("\n")
        });
        insta::assert_snapshot!(shown.join("\n--------\n"));
    }
}
