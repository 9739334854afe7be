//! The rules themselves. A new one is an entry in [`RULES`].

use super::Faults::{OfAll, OfFile};
use super::{File, Rule, layers, map, versions};

/// From the style guide; a longer file says why in its header, in a sentence with [`EXCUSE`].
const LONGEST: usize = 300;
const EXCUSE: &str = "Long because";

/// In pieces, so that this file passes its own rule.
const REGISTRIES: [&str; 6] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("deb.debian", ".org"),
    concat!("archive.ubuntu", ".com"),
    concat!("registry.npmjs", ".org"),
];

/// First folders that only one person's machine has.
const HOMES: [&str; 4] = ["home", "Users", "root", "work"];

/// All of them.
pub const RULES: &[Rule] = &[
    Rule { holds: "every Rust file says first what it is for", faults: OfFile(headless) },
    Rule { holds: "no file is longer than 300 lines without saying why", faults: OfFile(long) },
    Rule { holds: "no file names a place on somebody's machine", faults: OfFile(machine_paths) },
    Rule { holds: "no file names the host of a package registry", faults: OfFile(registries) },
    Rule { holds: "no test and no example is ignored", faults: OfFile(ignored) },
    Rule {
        holds: "the finder tells versions of CPython apart in one place",
        faults: OfFile(versions::elsewhere),
    },
    Rule { holds: "no snapshot waits for a review", faults: OfFile(pending) },
    Rule { holds: "files of a crate import one way, without circles", faults: OfAll(layers::faults) },
    Rule { holds: "the map in CONTRIBUTING.md names what is there, all of it", faults: OfAll(map::faults) },
];

fn is_rust(file: &File) -> bool {
    file.path.ends_with(".rs")
}

fn headless(file: &File) -> Vec<(usize, String)> {
    let headed = file.text.starts_with("//!") || file.text.starts_with("#!/");
    if is_rust(file) && !headed { vec![(1, "expected a `//!` header".into())] } else { Vec::new() }
}

fn long(file: &File) -> Vec<(usize, String)> {
    let lines = file.text.lines().count();
    let mut header = file.text.lines().take_while(|line| line.starts_with("//!"));
    if !is_rust(file) || lines <= LONGEST || header.any(|line| line.contains(EXCUSE)) {
        return Vec::new();
    }
    vec![(0, format!("{lines} lines, expected at most {LONGEST}, or a header with `{EXCUSE} …`"))]
}

fn machine_paths(file: &File) -> Vec<(usize, String)> {
    lines_with(file, |line| HOMES.into_iter().find_map(|home| path_below(line, home)))
}

/// An absolute path: `home` between two slashes, at the start or behind something that is no part of a path.
fn path_below(line: &str, home: &str) -> Option<String> {
    let needle = format!("/{home}/");
    line.match_indices(&needle)
        .find(|(at, _)| {
            let before = line[..*at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "._-/})>*".contains(c))
        })
        .map(|_| format!("an absolute path of one machine (below `{home}`)"))
}

fn registries(file: &File) -> Vec<(usize, String)> {
    // Cargo writes its registry's name into every lock file.
    if file.path.ends_with("Cargo.lock") {
        return Vec::new();
    }
    let named = |line: &str| REGISTRIES.into_iter().any(|host| line.contains(host));
    lines_with(file, |line| named(line).then(|| "the host of a package registry".to_owned()))
}

fn ignored(file: &File) -> Vec<(usize, String)> {
    let needles = [concat!("#[", "ignore"), concat!("```", "ignore")];
    let ignored = |line: &str| {
        needles.into_iter().any(|needle| line.trim_start_matches(['/', '!', ' ']).starts_with(needle))
    };
    let fault = |line: &str| ignored(line).then(|| "an ignored test or example".to_owned());
    if is_rust(file) { lines_with(file, fault) } else { Vec::new() }
}

fn pending(file: &File) -> Vec<(usize, String)> {
    let waits = file.path.ends_with(".snap.new") || file.path.ends_with(".pending-snap");
    if waits { vec![(0, "review it with `cargo insta review`".into())] } else { Vec::new() }
}

fn lines_with(file: &File, fault: impl Fn(&str) -> Option<String>) -> Vec<(usize, String)> {
    file.text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, fault(line)?))).collect()
}
