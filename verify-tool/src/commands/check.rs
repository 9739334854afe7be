//! `linktab check`: binaries against expectations.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};

use super::args::Check;
use super::options::{CheckOptions, Color, Format};
use super::streams::{Notes, Out, use_color};
use super::{Ended, Exit, Stop, expectations, homes, inputs, linked};
use crate::plain;
use crate::{Code, Expected, Finding, Level, Outcome, Packed, Report, Sources};

pub fn run(args: &Check, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    let options = &args.options;
    let limits = expectations::limits(options);
    // What the config says of one program is about that one, however many are checked.
    let expected = args.binaries.iter().map(|binary| {
        expectations::read(options, Path::new(""), None, &program_names(binary)).map(|it| (binary, it))
    });
    let expected: Vec<(&PathBuf, Expected)> = expected.collect::<Result<_, Stop>>()?;
    let mut inputs = inputs::read(&args.inputs, &limits)?;
    let here = Path::new(".");
    homes::call_from(here, &mut inputs.inventories);
    let sources = Sources::new([here.to_owned()]);
    let mut report = Report { errors: inputs.errors, sources, ..Report::default() };
    let (mut had_images, mut suppressions) = (false, Vec::new());
    for (binary, mut expected) in expected {
        let mut outcome = linked::read(binary, &limits);
        homes::call_from(here, &mut outcome.inventories);
        had_images |= !outcome.inventories.is_empty();
        // What went into the link is held by one after the other.
        mem::swap(&mut expected.inputs, &mut inputs.inventories);
        suppressions.extend(places(&expected));
        let before = report.inventories.len();
        keep(options, outcome, &mut report);
        let findings = crate::check(report.inventories.get(before..).unwrap_or_default(), &expected);
        report.findings.extend(findings);
        mem::swap(&mut expected.inputs, &mut inputs.inventories);
    }
    demand(options, had_images, &report)?;
    keep_unused(&suppressions, &mut report.findings);
    conclude(options, &mut report, out, notes)
}

/// How a config may call a program: as its file is called, or without what follows the last dot, which on
/// Windows says that it is one.
fn program_names(binary: &Path) -> Vec<String> {
    let names = [binary.file_name(), binary.file_stem()];
    names.into_iter().flatten().map(|name| name.to_string_lossy().into_owned()).collect()
}

/// Keeps the images of the wanted architecture, of which there has to be one.
pub fn take(options: &CheckOptions, outcome: Outcome, report: &mut Report) -> Result<(), Stop> {
    let had_images = !outcome.inventories.is_empty();
    keep(options, outcome, report);
    demand(options, had_images, report)
}

fn keep(options: &CheckOptions, outcome: Outcome, report: &mut Report) {
    report.errors.extend(outcome.errors);
    let is_wanted = |arch: &str| options.arch.as_ref().is_none_or(|wanted| wanted == arch);
    report.inventories.extend(outcome.inventories.into_iter().filter(|image| is_wanted(&image.arch)));
}

fn demand(options: &CheckOptions, had_images: bool, report: &Report) -> Result<(), Stop> {
    match &options.arch {
        Some(arch) if had_images && report.inventories.is_empty() && report.errors.is_empty() => {
            Err(Stop::Usage(format!("--arch: no binary holds the architecture `{arch}`")))
        }
        _ => Ok(()),
    }
}

/// Where suppressions stand.
pub fn places(expected: &Expected) -> impl Iterator<Item = (String, u32)> {
    expected.suppressions.iter().map(|it| (it.path.clone(), it.line))
}

/// Programs share a config: a suppression is unused when it is in all of them that it holds for, and that is
/// told once.
pub fn keep_unused(suppressions: &[(String, u32)], findings: &mut Vec<Finding>) {
    let place = |finding: &Finding| match (finding.code, finding.locations.first()) {
        (Code::LT017, Some(location)) => Some((location.file.clone(), location.line)),
        _ => None,
    };
    let unused: Vec<(String, u32)> = findings.iter().filter_map(place).collect();
    let count =
        |places: &[(String, u32)], wanted: &(String, u32)| places.iter().filter(|it| *it == wanted).count();
    let mut told = BTreeSet::new();
    findings.retain(|finding| {
        place(finding)
            .is_none_or(|place| count(&unused, &place) == count(suppressions, &place) && told.insert(place))
    });
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
