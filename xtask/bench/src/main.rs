//! `linktab-bench`: measures linktab beside every other way to register extensions. Started by `cargo
//! xtask bench`, which finds a CPython and builds the finder first.

mod application;
mod build;
mod compile;
mod guard;
mod life;
mod machine;
mod measure;
mod mpi;
mod one_file;
mod page;
mod plot;
mod results;
mod route;
mod row;
mod run;
mod slow_files;
mod sources;
mod standard_library;
mod turns;
mod verify;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use build::{Peers, Site};
use linktab_bench::tables::{self, Table as _};
use results::Results;

/// The largest first: the page is written after each, for the impatient.
const COUNTS: [usize; 3] = [10_000, 1_000, 100];
/// Enough for the guard, which runs in CI.
const GUARDED: usize = 300;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => all(&COUNTS)?,
        ["only", count] => all(&[count.parse().context("a count of modules")?])?,
        ["instructions"] => {
            let good = guard::check(&Site::new()?.peers(GUARDED)?)?;
            return Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        ["mpi"] => mpi::all(&mpi::Plan::FULL)?,
        ["mpi", "small"] => mpi::all(&mpi::Plan::SMALL)?,
        ["one-file"] => one_file::all()?,
        ["application"] => application::all(&application::Plan::FULL)?,
        ["application", "small"] => application::all(&application::Plan::SMALL)?,
        ["compile"] => {
            let dir = Site::new()?.dir;
            let compile = compile::measure(&dir)?;
            let mut rows = Vec::from(results::compile_rows(&compile));
            rows.extend(results::compile_c_rows(&compile::in_c::measure(&dir)?));
            println!("{}", page::text(&rows));
        }
        ["table", name, count] => {
            let count = count.parse().context("a count of names")?;
            println!("{}", measure::one_fresh_table(name, count).context("no such table")?);
        }
        other => bail!(
            "{other:?}: expected nothing, `only N`, `instructions`, `mpi`, `one-file`, `application` or `table NAME N`"
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures everything, prints the table of promises, and writes the page with its pictures.
fn all(counts: &[usize]) -> Result<()> {
    let site = Site::new()?;
    let top = counts.iter().copied().max().context("no count")?;
    let mut results = Results {
        starts: Vec::new(),
        imports: Vec::new(),
        misses: Vec::new(),
        optional: [f64::NAN; 2],
        fresh: Vec::new(),
        warm: warm(),
        file_calls: None,
        file_bytes: Vec::new(),
        top,
        compile: None,
        compile_c: Vec::new(),
        verify: String::new(),
    };
    for count in counts.iter().copied().chain([50_000]) {
        results.fresh.extend(measure::fresh_tables(count)?);
    }
    results.fresh.sort_by_key(|one| one.count);
    let machine = machine::describe();
    println!("{}\n", machine.join("\n"));
    for &count in counts {
        eprintln!("building {count} modules in 4 executables");
        let peers = site.peers(count)?;
        eprintln!("start-up, with {count} modules");
        results.starts.extend(measure::starts(&peers)?);
        eprintln!("imports, of {count} modules");
        results.imports.extend(measure::imports(&site, &peers, count <= 1_000)?);
        if count == top {
            eprintln!("misses, memory");
            results.misses = measure::misses(&peers)?;
            results.optional = measure::optional(&peers)?;
            results.file_bytes = file_bytes(&peers)?;
        }
        if count <= 1_000 {
            results.file_calls =
                measure::file_calls(&peers).inspect_err(|error| eprintln!("skipped: {error}")).ok();
        }
        results.starts.sort_by_key(|one| one.count);
        results.imports.sort_by_key(|one| one.count);
        write(&results, &machine)?;
    }
    eprintln!("compile time of {} annotated modules", compile::COUNT);
    results.compile = Some(compile::measure(&site.dir)?);
    results.compile_c = compile::in_c::measure(&site.dir)?.into();
    eprintln!("`linktab check` beside other readers");
    results.verify = verify::measure()?;
    write(&results, &machine)?;
    print!("{}", page::text(&results.rows()));
    Ok(())
}

fn write(results: &Results, machine: &[String]) -> Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance");
    fs::create_dir_all(&docs)?;
    let series = |values: &[(&'static str, usize, f64)]| {
        let mut all: Vec<plot::Series> = Vec::new();
        for &(name, count, value) in values {
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, points)) => points.push((count as f64, value)),
                None => all.push((name, vec![(count as f64, value)])),
            }
        }
        all
    };
    let imports: Vec<_> =
        results.imports.iter().map(|one| (one.route, one.count, one.instructions)).collect();
    plot::lines(&docs.join("imports.svg"), "One import", "instructions", &series(&imports))?;
    let starts: Vec<_> = results.starts.iter().map(|one| (one.route, one.count, one.instructions)).collect();
    let title = "Start-up to finder ready, over nothing registered";
    plot::lines(&docs.join("start.svg"), title, "instructions", &series(&starts))?;
    let tables: Vec<_> = results.fresh.iter().map(|one| (one.table, one.count, one.build.median())).collect();
    plot::lines(&docs.join("tables.svg"), "Build of the table, fresh process", "ns", &series(&tables))?;
    life::plot(&docs.join("life.svg"), results)?;
    let notes = include_str!("../notes.md");
    fs::write(docs.join("README.md"), page::markdown(results, machine, "cargo xtask bench", notes))?;
    eprintln!("written: docs/performance/README.md and its pictures");
    Ok(())
}

/// What one module more adds to each executable, beyond the module itself.
fn file_bytes(peers: &Peers) -> Result<Vec<(&'static str, f64)>> {
    let object = |name: &str| -> Result<f64> {
        let folder = peers.inittab.parent().context("an executable is in a folder")?;
        let said = run::output(std::process::Command::new("size").arg("-A").arg(folder.join(name)))?;
        // The object's own text and data, and what the loader has to relocate: 24 bytes each (ELF-64).
        let sizes = said.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let (section, size) = (words.next()?, words.next()?.parse::<f64>().ok()?);
            let counts = [".data", ".rodata", ".text", "linkme", ".rela.data", ".rela.rodata", ".relalinkme"];
            counts.iter().any(|start| section.starts_with(start)).then_some(size)
        });
        Ok(sizes.sum::<f64>() / peers.count as f64)
    };
    Ok(vec![
        ("linktab (record, name, origin, relocations)", object("records.o")?),
        ("inittab", object("inittab_table.o")?),
    ])
}

fn warm() -> Vec<(&'static str, usize, f64, f64)> {
    let mut all = Vec::new();
    for count in [100, 1_000, 10_000, 50_000] {
        let mut add = |name, (hit, miss)| all.push((name, count, hit, miss));
        add(tables::Linktab::NAME, tables::warm::<tables::Linktab>(count));
        add(tables::UnorderedMap::NAME, tables::warm::<tables::UnorderedMap>(count));
        add(tables::StdHashMap::NAME, tables::warm::<tables::StdHashMap>(count));
        add(tables::OpenAddressing::NAME, tables::warm::<tables::OpenAddressing>(count));
        if count <= 1_000 {
            add(tables::Linear::NAME, tables::warm::<tables::Linear>(count));
        }
    }
    all
}
