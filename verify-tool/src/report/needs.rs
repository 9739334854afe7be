//! What programs need of a machine in, the words of `linktab needs` out.

use std::io::{self, Write};

use serde::Serialize;

use super::document;
use crate::error::Error;
use crate::needs::{Askers, Inside, Library, Needs, Version};
use crate::plain::plain;

/// Most names of files that are told for one library.
const MAX_NAMED: usize = 2;

/// A few lines for each image.
pub fn text(needs: &[Needs], out: &mut dyn Write) -> io::Result<()> {
    needs.iter().enumerate().try_for_each(|(index, needs)| {
        if index > 0 {
            writeln!(out)?;
        }
        outside(needs, out)?;
        inside_of(needs, out)
    })
}

/// What the machine has to have.
pub fn outside(needs: &Needs, out: &mut dyn Write) -> io::Result<()> {
    let member = needs.member.as_ref().map(|member| format!("({member})")).unwrap_or_default();
    let label = format!("{}{member}", needs.path);
    writeln!(out, "{} needs ({} {} {}):", plain(&label), needs.format, needs.arch, needs.kind)?;
    if let Some(loader) = &needs.loader {
        writeln!(out, "  loader {}", plain(loader))?;
    }
    let askers = |of: &Askers| askers(of, needs.is_program());
    if let Some(glibc) = needs.glibc() {
        let number = glibc.name.rsplit('_').next().unwrap_or_default();
        writeln!(out, "  glibc {number} or later: {}", askers(&glibc.wanted_by))?;
    }
    if needs.libraries.is_empty() {
        writeln!(out, "  no shared library")?;
    }
    let rows = needs.libraries.iter().map(|library| {
        let versions: Vec<&str> = library.versions.iter().map(|version| version.name.as_str()).collect();
        [library.name.clone(), versions.join(" "), askers(&library.wanted_by)]
    });
    table(&rows.collect::<Vec<_>>(), out)?;
    let Some(packed) = &needs.packed else {
        if needs.wants_standard_library {
            writeln!(out, "  files of Python's standard library: `linktab pack` puts them inside")?;
        }
        return Ok(());
    };
    if packed.shared > 0 {
        let (shared, plural) = (packed.shared, if packed.shared == 1 { "" } else { "s" });
        writeln!(
            out,
            "  /proc, for {shared} shared object{plural} in memory; without it a private folder, as LINKTAB_EXTRACT says"
        )?;
    }
    if packed.data {
        writeln!(out, "  a private folder for data files of packages, as LINKTAB_EXTRACT says")?;
    }
    Ok(())
}

fn inside_of(needs: &Needs, out: &mut dyn Write) -> io::Result<()> {
    let askers = |of: &Askers| askers(of, needs.is_program());
    if !needs.inside.is_empty() {
        writeln!(out, "and has inside:")?;
    }
    let rows =
        needs.inside.iter().map(|inside| [inside.path.clone(), String::new(), askers(&inside.wanted_by)]);
    table(&rows.collect::<Vec<_>>(), out)
}

/// `the program, _ssl, b.so and 3 more`: without what each extension of one CPython has in its name.
fn askers(askers: &Askers, is_program: bool) -> String {
    let own = if is_program { "the program" } else { "the library" };
    let program = askers.program.then_some(own);
    let names: Vec<&str> = program.into_iter().chain(askers.files.iter().map(|file| short(file))).collect();
    let named = names.get(..MAX_NAMED + 1).unwrap_or(&names);
    match names.len() - named.len() {
        0 => named.join(", "),
        // To leave out one would save nothing.
        more => format!("{} and {} more", names.get(..MAX_NAMED).unwrap_or_default().join(", "), more + 1),
    }
}

fn short(file: &str) -> &str {
    file.split_once(".cpython-").map_or(file, |(module, _)| module)
}

fn table(rows: &[[String; 3]], out: &mut dyn Write) -> io::Result<()> {
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let [first, second] = [0, 1].map(|column| width(column).unwrap_or(0));
    rows.iter().try_for_each(|[name, versions, askers]| {
        let (name, versions, askers) = (plain(name), plain(versions), plain(askers));
        if second == 0 {
            return writeln!(out, "  {name:first$}  {askers}");
        }
        writeln!(out, "  {name:first$}  {versions:second$}  {askers}")
    })
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    member: Option<&'a str>,
    format: &'static str,
    kind: &'static str,
    arch: &'a str,
    loader: Option<&'a str>,
    /// The oldest that will do.
    glibc: Option<VersionFields>,
    libraries: Vec<LibraryFields<'a>>,
    inside: Vec<InsideFields<'a>>,
    packed: Option<PackedFields>,
    standard_library: bool,
}

#[derive(Serialize)]
struct LibraryFields<'a> {
    name: &'a str,
    versions: Vec<VersionFields>,
    wanted_by: AskersFields,
}

#[derive(Serialize)]
struct VersionFields {
    name: String,
    wanted_by: AskersFields,
}

#[derive(Serialize)]
struct InsideFields<'a> {
    name: &'a str,
    path: &'a str,
    wanted_by: AskersFields,
}

#[derive(Serialize)]
struct AskersFields {
    program: bool,
    files: Vec<String>,
}

#[derive(Serialize)]
struct PackedFields {
    shared_objects: usize,
    data_files: bool,
}

/// One JSON document for all images.
pub fn json(needs: &[Needs], errors: &[Error], out: &mut dyn Write) -> io::Result<()> {
    document::write("linktab-needs", needs.iter().map(entry), errors, out)
}

fn entry(needs: &Needs) -> Entry<'_> {
    let packed = needs.packed.as_ref();
    Entry {
        path: &needs.path,
        member: needs.member.as_deref(),
        format: needs.format.as_str(),
        kind: needs.kind.as_str(),
        arch: needs.arch,
        loader: needs.loader.as_deref(),
        glibc: needs.glibc().as_ref().map(version),
        libraries: needs.libraries.iter().map(library).collect(),
        inside: needs.inside.iter().map(inside).collect(),
        packed: packed.map(|packed| PackedFields { shared_objects: packed.shared, data_files: packed.data }),
        standard_library: needs.wants_standard_library,
    }
}

fn library(library: &Library) -> LibraryFields<'_> {
    LibraryFields {
        name: &library.name,
        versions: library.versions.iter().map(version).collect(),
        wanted_by: fields(&library.wanted_by),
    }
}

fn version(version: &Version) -> VersionFields {
    VersionFields { name: version.name.clone(), wanted_by: fields(&version.wanted_by) }
}

fn inside(inside: &Inside) -> InsideFields<'_> {
    InsideFields { name: &inside.name, path: &inside.path, wanted_by: fields(&inside.wanted_by) }
}

fn fields(askers: &Askers) -> AskersFields {
    AskersFields { program: askers.program, files: askers.files.iter().cloned().collect() }
}
