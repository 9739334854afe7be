//! The flags of a check in, what `cargo metadata` says of packages out, as data.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use serde::Deserialize;

use super::args::CargoCheck;
use super::build::cargo;

/// The first and the last minor version of PyO3 0.x that the finder goes with; new projects get the last.
pub const PYO3_MINORS: (u32, u32) = (28, 30);

#[derive(Deserialize)]
pub struct Metadata {
    pub workspace_root: PathBuf,
    pub packages: Vec<Package>,
    pub resolve: Option<Resolve>,
}

#[derive(Deserialize)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    pub manifest_path: PathBuf,
    /// `None`: a local package.
    pub source: Option<String>,
    pub targets: Vec<Target>,
    /// What each of its features asks for.
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub dependencies: Vec<Declared>,
}

impl Package {
    /// What code calls its library that Rust programs link, if it has one.
    pub fn library(&self) -> Option<String> {
        let is_one = |target: &&Target| ["lib", "rlib", "dylib"].iter().any(|kind| target.is(kind));
        self.targets.iter().find(is_one).map(|library| library.name.replace('-', "_"))
    }
}

/// A dependency as a manifest has it.
#[derive(Deserialize)]
pub struct Declared {
    pub name: String,
    /// The versions that it allows, as cargo writes them: `^0.30.1`.
    #[serde(default)]
    pub req: String,
    pub rename: Option<String>,
    pub kind: Option<String>,
    pub optional: bool,
    pub uses_default_features: bool,
    pub features: Vec<String>,
}

impl Declared {
    /// The name to the left of it.
    pub fn key(&self) -> &str {
        self.rename.as_deref().unwrap_or(&self.name)
    }
}

/// What a package is compiled to.
#[derive(Deserialize)]
pub struct Target {
    pub kind: Vec<String>,
    pub name: String,
    pub src_path: PathBuf,
}

impl Target {
    pub fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|it| it == kind)
    }
}

#[derive(Deserialize)]
pub struct Resolve {
    /// The package of the folder or manifest; `None` where that is of a workspace without one.
    pub root: Option<String>,
    pub nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub struct Node {
    pub id: String,
    pub deps: Vec<Dependency>,
    #[serde(default)]
    pub features: Vec<String>,
}

#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    pub pkg: String,
    pub dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
pub struct DependencyKind {
    /// `None`: a normal one.
    pub kind: Option<String>,
}

/// Flags of `cargo build` that `cargo metadata` has to be given too: those that change the graph, and
/// those that say whether the network may be used. The second word says whether an argument follows.
const SHARED: [(&str, bool); 9] = [
    ("--manifest-path", true),
    ("--features", true),
    ("-F", true),
    ("--all-features", false),
    ("--no-default-features", false),
    ("--locked", false),
    ("--offline", false),
    ("--frozen", false),
    ("--config", true),
];

/// Asks cargo, about what the flags build.
pub fn read(args: &CargoCheck) -> Result<Metadata, String> {
    let mut flags = shared_flags(&args.flags());
    if let Some(target) = &args.build.target {
        flags.extend(["--filter-platform".into(), target.into()]);
    }
    ask(&flags)
}

/// Asks cargo, with flags of `cargo metadata`.
pub fn ask(flags: &[OsString]) -> Result<Metadata, String> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1"]).args(flags);
    let output = command.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo metadata: {}{}", said.trim_end(), way_out(&said)));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata is not understood: {error}"))
}

/// What to do about what cargo says, where linktab is the reason for it.
fn way_out(said: &str) -> String {
    // The keys of pyo3-ffi, and of PyO3 itself from 0.29 on; a member's is told in other words than a dependency's.
    let is_told = |key: &str| {
        said.contains(&format!("links to the native library `{key}`"))
            || said.contains(&format!("links={key}."))
    };
    if !["python", "pyo3-python"].into_iter().any(is_told) {
        return String::new();
    }
    let (first, last) = PYO3_MINORS;
    format!(
        "\n\ncargo allows one version of PyO3 in a program, and linktab goes with 0.{first} to 0.{last}: let the packages \
         that are named above ask for the same one of these"
    )
}

fn shared_flags(flags: &[OsString]) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let text = flag.to_string_lossy();
        // `--features=gui`, and `-Fgui`.
        let name = if text.starts_with("--") {
            text.split('=').next().unwrap_or(&text)
        } else {
            text.get(..2).unwrap_or(&text)
        };
        if let Some((_, has_argument)) = SHARED.iter().find(|(shared, _)| *shared == name) {
            kept.push(flag.clone());
            if *has_argument && text == name {
                kept.extend(flags.next().cloned());
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::shared_flags;

    #[test]
    fn metadata_is_asked_with_the_flags_that_concern_it() {
        let flags = "--jobs 2 --features gui -Fx --features=y --offline --config net.retry=1 --timings -F z";
        let flags: Vec<OsString> = flags.split(' ').map(OsString::from).collect();
        let expected =
            ["--features", "gui", "-Fx", "--features=y", "--offline", "--config", "net.retry=1", "-F", "z"];
        assert_eq!(shared_flags(&flags), expected);
    }
}
