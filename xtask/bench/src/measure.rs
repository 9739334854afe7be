//! Peers in, numbers out. Everything is measured beside everything else, in one run: medians of runs
//! that take turns, and instructions, which do not depend on what else the machine does.

use anyhow::{Context as _, Result};

use crate::build::{Peers, Site};
use crate::route::{APPEND, BEHIND, EXTEND, FLOOR, LEAST, LINKTAB, MAP, PRELOAD, Route, SHARED, STATIC};
use crate::run::{self, Action};
use crate::turns::{self, Spread, Turns};
use linktab_bench::tables;

/// So many modules are imported to measure one: the first imports of a process cost more.
const PICKED: usize = 1_000;
/// Fewer, where one takes a million instructions: callgrind runs fifty times slower.
const FEW: usize = 50;
/// Runs of each peer.
const TURNS: usize = 31;
/// Of those that prepare and import all modules first.
const IMPORT_TURNS: usize = 9;
/// Imports of optional modules that are not there.
const OPTIONALS: usize = 1_000;
/// What one of them may cost in a package of the table, where one elsewhere costs 1.
pub const OPTIONAL: f64 = 1.1;
/// Look-ups of names that nobody has.
const MISSES: usize = 50_000;

/// Start-up: instructions over the same executable with nothing registered, and CPU.
pub struct Start {
    /// The way.
    pub route: &'static str,
    /// How many modules.
    pub count: usize,
    /// Instructions over the same executable with nothing registered; for the hash map, which is
    /// filled before `main`, over the executable of the inittab.
    pub instructions: f64,
    /// CPU from the start of the process until the finder is ready, in nanoseconds.
    pub cpu: Spread,
    /// Of memory, over the executable without registration.
    pub private_dirty_kib: f64,
}

/// One import.
pub struct Import {
    /// The way.
    pub route: &'static str,
    /// How many modules.
    pub count: usize,
    /// Instructions per module.
    pub instructions: f64,
    /// CPU per module, in nanoseconds.
    pub cpu: Spread,
}

/// A miss.
pub struct Miss {
    /// Whose finder.
    pub route: &'static str,
    /// Nanoseconds of CPU for importlib's search with that finder alone.
    pub cpu: Turns,
    /// Instructions.
    pub instructions: f64,
}

/// A table built in a process of its own.
pub struct Fresh {
    /// Which.
    pub table: &'static str,
    /// How many names.
    pub count: usize,
    /// Nanoseconds.
    pub build: Turns,
    /// Nanoseconds for one look-up of a name that no cache holds.
    pub cold: Turns,
}

/// The executable of a route.
fn program<'a>(peers: &'a Peers, route: &Route) -> &'a std::path::Path {
    match route.how {
        "map" => &peers.map,
        "linktab" => &peers.linktab,
        _ => &peers.inittab,
    }
}

fn action<'a>(peers: &'a Peers, route: &Route, what: &'a str, picked: usize, count: usize) -> Action<'a> {
    Action { program: program(peers, route), how: route.how, what, picked, count }
}

/// Start-up of every way.
///
/// # Errors
/// A peer fails.
pub fn starts(peers: &Peers) -> Result<Vec<Start>> {
    let bare = |how| Route { name: "", how, what: "start" };
    let none = action(peers, &bare("none"), "start", 1, 1);
    let routes = [
        (none, none, "nothing registered"),
        (action(peers, &LINKTAB, "start", 1, 1), Action { program: &peers.linktab, ..none }, "linktab"),
        (action(peers, &MAP, "start", 1, 1), none, MAP.name),
        (action(peers, &STATIC, "start", 1, 1), none, STATIC.name),
        (action(peers, &EXTEND, "start", 1, 1), none, EXTEND.name),
        (action(peers, &APPEND, "start", 1, 1), none, APPEND.name),
    ];
    let cpu = in_turns(&routes.map(|(action, ..)| action), TURNS)?;
    let mut starts = Vec::new();
    for ((action, base, name), cpu) in routes.into_iter().zip(cpu) {
        let dirty = |action: Action<'_>| private_dirty(&Action { what: "memory", ..action });
        starts.push(Start {
            route: name,
            count: peers.count,
            instructions: action.instructions()? - base.instructions()?,
            cpu: cpu.spread(),
            private_dirty_kib: dirty(action)? - dirty(base)?,
        });
    }
    Ok(starts)
}

fn private_dirty(action: &Action<'_>) -> Result<f64> {
    let said = action.said()?;
    let line = said.lines().find_map(|line| line.strip_prefix("Private_Dirty:"));
    Ok(line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN))
}

/// One import, on every way.
///
/// # Errors
/// A peer fails.
pub fn imports(site: &Site, peers: &Peers, shared: bool) -> Result<Vec<Import>> {
    let mut routes = vec![FLOOR, PRELOAD, BEHIND, LEAST, LINKTAB, MAP, STATIC, EXTEND, APPEND];
    if shared {
        let root = site.shared_objects(peers.count)?;
        run::share(&root);
        routes.push(SHARED);
    }
    let picked = PICKED.min(peers.count);
    let actions: Vec<Action<'_>> =
        routes.iter().map(|route| action(peers, route, route.what, picked, picked)).collect();
    // Bytecode and page caches are filled by the first run, which does not count.
    actions.iter().try_for_each(|action| action.cpu().map(drop))?;
    let cpu = in_turns(&actions, IMPORT_TURNS)?;
    let mut imports = Vec::new();
    for ((route, action), cpu) in routes.iter().zip(&actions).zip(cpu) {
        let slow = !matches!(route.how, "none" | "linktab" | "map");
        let some = if slow { FEW } else { picked };
        imports.push(Import {
            route: route.name,
            count: peers.count,
            instructions: per_use(&Action { count: some, ..*action })?,
            cpu: cpu.spread().over(picked as f64),
        });
    }
    Ok(imports)
}

/// Instructions of one use: of a run with `count` of them less those of a run with none.
///
/// # Errors
/// valgrind is not installed, or the peer fails.
pub fn per_use(action: &Action<'_>) -> Result<f64> {
    let none = Action { count: 0, ..*action }.instructions()?;
    Ok((action.instructions()? - none) / action.count as f64)
}

/// Instructions of an import of an optional module that is not there: in a package of the table, and in another one.
///
/// # Errors
/// valgrind is not installed, or the peer fails.
pub fn optional(peers: &Peers) -> Result<[f64; 2]> {
    let picked = PICKED.min(peers.count);
    let cost = |what| per_use(&action(peers, &LINKTAB, what, picked, OPTIONALS));
    Ok([cost("optional")?, cost("elsewhere")?])
}

/// A name that nobody has: with no finder at work, with linktab's, with the one in Python.
///
/// # Errors
/// A peer fails.
pub fn misses(peers: &Peers) -> Result<Vec<Miss>> {
    let names = ["importlib's loop alone", "linktab", MAP.name];
    let actions = [FLOOR, LINKTAB, MAP].map(|route| action(peers, &route, "miss", 1, MISSES));
    let cpu = in_turns(&actions, TURNS)?;
    let mut misses = Vec::new();
    for ((name, action), cpu) in names.into_iter().zip(&actions).zip(cpu) {
        let instructions = per_use(&Action { count: 5_000, ..*action })?;
        misses.push(Miss { route: name, cpu: cpu.over(MISSES as f64), instructions });
    }
    Ok(misses)
}

/// Calls to the file system of one import: of a static one, and of a file.
///
/// # Errors
/// strace is not installed or not allowed, or a peer fails.
pub fn file_calls(peers: &Peers) -> Result<[f64; 2]> {
    let picked = PICKED.min(peers.count).min(100);
    let calls = |route: &Route| {
        action(peers, route, "import", picked, picked).file_calls().map(|calls| calls as f64 / picked as f64)
    };
    Ok([calls(&LINKTAB)?, calls(&SHARED)?])
}

/// Tables, each built in a process of its own.
///
/// # Errors
/// This program cannot start itself.
pub fn fresh_tables(count: usize) -> Result<Vec<Fresh>> {
    let names = ["linktab", "unordered_map", "HashMap", "open addressing"];
    let measured = turns::take(&names, TURNS, |name| {
        let mut command = std::process::Command::new(std::env::current_exe()?);
        let said = run::output(command.args(["table", name, &count.to_string()]))?;
        let mut numbers = said.split_whitespace().map(str::parse::<f64>);
        Ok((numbers.next().context("no time to build")??, numbers.next().context("no time to look up")??))
    })?;
    let fresh = |(table, runs): (&'static str, Vec<(f64, f64)>)| {
        let (build, cold) = runs.into_iter().unzip();
        Fresh { table, count, build: Turns::of(build), cold: Turns::of(cold) }
    };
    Ok(names.into_iter().zip(measured).map(fresh).collect())
}

/// For `linktab-bench table NAME COUNT`: the child's side of [`fresh_tables`].
pub fn one_fresh_table(name: &str, count: usize) -> Option<String> {
    tables::in_fresh_process(name, count).map(|(build, cold)| format!("{build} {cold}"))
}

/// CPU of each.
fn in_turns(actions: &[Action<'_>], turns: usize) -> Result<Vec<Turns>> {
    Ok(turns::take(actions, turns, Action::cpu)?.into_iter().map(Turns::of).collect())
}
