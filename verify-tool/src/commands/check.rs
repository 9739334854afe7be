//! `linktab check`: binaries against expectations.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::args::Check;
use super::options::{CheckOptions, Color, Format};
use super::streams::{Notes, Out, use_color};
use super::{Ended, Exit, Stop, expectations, homes, inputs, linked};
use crate::plain;
use crate::{Expected, Level, Outcome, Packed, Report, Sources};

pub fn run(args: &Check, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let options = &args.options;
    // What the config says of one program is about one.
    let program = match &*args.binaries {
        [binary] => binary.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        _ => None,
    };
    let mut expected = expectations::read(options, Path::new(""), None, program.as_deref())?;
    let limits = expectations::limits(options);
    let inputs = inputs::read(&args.inputs, &limits)?;
    expected.inputs = inputs.inventories;
    let mut outcome = Outcome { inventories: Vec::new(), errors: inputs.errors };
    for binary in &args.binaries {
        outcome.extend(linked::read(binary, &limits));
    }
    let here = Path::new(".");
    homes::call_from(here, &mut expected.inputs);
    homes::call_from(here, &mut outcome.inventories);
    finish(options, outcome, &expected, &[here.to_owned()], out, notes)
}

/// Judges what was read, and writes the report.
pub fn finish(
    options: &CheckOptions,
    outcome: Outcome,
    expected: &Expected,
    roots: &[PathBuf],
    out: &mut Out<'_>,
    notes: &mut Notes<'_>,
) -> Ended {
    let mut report = Report { sources: Sources::new(roots.iter().cloned()), ..Report::default() };
    take(options, outcome, &mut report)?;
    report.findings = crate::check(&report.inventories, expected);
    conclude(options, &mut report, out, notes)
}

/// Keeps the images of the wanted architecture.
pub fn take(options: &CheckOptions, outcome: Outcome, report: &mut Report) -> Result<(), Stop> {
    let had_images = !outcome.inventories.is_empty();
    report.errors.extend(outcome.errors);
    for inventory in outcome.inventories {
        if options.arch.as_ref().is_some_and(|arch| *arch != inventory.arch) {
            continue;
        }
        report.inventories.push(inventory);
    }
    match &options.arch {
        Some(arch) if had_images && report.inventories.is_empty() && report.errors.is_empty() => {
            Err(Stop::Usage(format!("--arch: no binary holds the architecture `{arch}`")))
        }
        _ => Ok(()),
    }
}

/// Writes the report and says how it ends.
pub fn conclude(
    options: &CheckOptions,
    report: &mut Report,
    out: &mut Out<'_>,
    notes: &mut Notes<'_>,
) -> Ended {
    let errors = report.count(Level::Error);
    if options.verbose {
        for inventory in &report.inventories {
            let (label, format, arch, kind) =
                (inventory.label(), inventory.format, &inventory.arch, inventory.kind);
            let python = inventory.facts.python_name();
            let python = python.map_or_else(String::new, |name| format!(", Python {name}"));
            let count = inventory.records.len();
            let plural = if count == 1 { "" } else { "s" };
            let packed = match &inventory.facts.packed {
                Some(Packed::Entries { count, .. }) => format!(", {count} files behind it"),
                _ => String::new(),
            };
            let compressed = if inventory.facts.compressed { ", compressed" } else { "" };
            notes.line(&format!(
                "read {label}: {format} {arch} {kind}{compressed}{python}, {count} record{plural}{packed}"
            ));
        }
    }
    if options.output_format == Format::Html {
        report.measure(&expectations::limits(options));
    }
    let is_silent = options.quiet && report.findings.is_empty() && report.errors.is_empty();
    if !is_silent {
        let format = options.output_format.into();
        match &options.output {
            None => {
                let color = use_color(options.color);
                report.render(format, color, out)?;
                out.flush()?;
            }
            Some(path) => {
                if let Some(image) = report.inventories.iter().find(|image| is_same(path, &image.path)) {
                    return Err(Stop::Usage(format!(
                        "--output {}: expected another file than {}, which was checked",
                        plain::path(path),
                        plain::plain(&image.path)
                    )));
                }
                write_to(path, options, report)?;
                notes.line(&format!("report written to {}", path.display()));
            }
        }
    }
    Ok(match (report.errors.is_empty(), errors) {
        (false, _) => Exit::Unreadable,
        (true, 0) => Exit::Clean,
        (true, _) if options.exit_zero => Exit::Clean,
        (true, _) => Exit::Findings,
    })
}

fn is_same(path: &Path, other: &str) -> bool {
    matches!((path.canonicalize(), Path::new(other).canonicalize()), (Ok(path), Ok(other)) if path == other)
}

fn write_to(path: &Path, options: &CheckOptions, report: &Report) -> Result<(), Stop> {
    let stop = |error| Stop::Usage(format!("{}: {error}", plain::path(path)));
    let mut file = BufWriter::new(File::create(path).map_err(stop)?);
    // It may be a pipe, too.
    let mut out = Out::new(&mut file);
    let written = report.render(options.output_format.into(), options.color == Color::Always, &mut out);
    written.and_then(|()| out.flush()).map_err(stop)
}
