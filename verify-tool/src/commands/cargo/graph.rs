//! `cargo metadata` in, the graph of what goes into programs out: normal dependencies, and those of
//! development for what is made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::homes::Homes;
use super::args::CargoCheck;
use super::build::{Start, cargo};
use crate::CrateName;

/// Packages and what they depend on.
pub struct Graph {
    /// The workspace's folder, which compilers' file names count from.
    pub root: PathBuf,
    packages: BTreeMap<String, Package>,
    /// Normal dependencies by package.
    edges: BTreeMap<String, Vec<Edge>>,
    /// Those of development.
    development: BTreeMap<String, Vec<Edge>>,
}

/// A dependency, and what the code of the one that depends on it calls it.
struct Edge {
    package: String,
    name: String,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<Package>,
    resolve: Option<Resolve>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    manifest_path: PathBuf,
    /// `None`: a local package.
    source: Option<String>,
    targets: Vec<Target>,
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
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `None`: a normal one.
    kind: Option<String>,
}

/// Flags of `cargo build` that `cargo metadata` has to be given too: those that change the graph, and
/// those that say whether the network may be used. The second word says whether an argument follows.
const SHARED: [(&str, bool); 8] = [
    ("--features", true),
    ("-F", true),
    ("--all-features", false),
    ("--no-default-features", false),
    ("--locked", false),
    ("--offline", false),
    ("--frozen", false),
    ("--config", true),
];

impl Graph {
    pub fn read(args: &CargoCheck) -> Result<Graph, String> {
        let mut command = cargo();
        command.args(["metadata", "--format-version", "1"]);
        if let Some(path) = &args.manifest_path {
            command.arg("--manifest-path").arg(path);
        }
        if let Some(target) = &args.target {
            command.arg("--filter-platform").arg(target);
        }
        command.args(shared_flags(&args.cargo));
        let output = command.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim_end()));
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("cargo metadata is not understood: {error}"))?;
        Ok(Graph::new(metadata))
    }

    fn new(metadata: Metadata) -> Graph {
        let nodes = metadata.resolve.map_or_else(Vec::new, |resolve| resolve.nodes);
        let of = |wanted: Option<&str>| -> BTreeMap<String, Vec<Edge>> {
            let is_wanted = |it: &&Dependency| it.dep_kinds.iter().any(|it| it.kind.as_deref() == wanted);
            let edge = |it: &Dependency| Edge { package: it.pkg.clone(), name: it.name.clone() };
            let edges = |node: &Node| node.deps.iter().filter(is_wanted).map(edge).collect();
            nodes.iter().map(|node| (node.id.clone(), edges(node))).collect()
        };
        Graph {
            root: metadata.workspace_root,
            edges: of(None),
            development: of(Some("dev")),
            packages: metadata.packages.into_iter().map(|package| (package.id.clone(), package)).collect(),
        }
    }

    /// A package and everything that goes into what is made of it.
    pub fn closure<'g>(&'g self, start: Start<'g>) -> BTreeSet<&'g str> {
        let mut closure = BTreeSet::new();
        let mut open = vec![start.package];
        if start.development {
            open.extend(self.development(start.package).map(|edge| &*edge.package));
        }
        while let Some(id) = open.pop() {
            if closure.insert(id) {
                open.extend(self.edges(id).map(|edge| &*edge.package));
            }
        }
        closure
    }

    /// Whether a package, or something that goes into it, depends on a package of that name.
    pub fn reaches(&self, start: Start<'_>, name: &str) -> bool {
        self.closure(start).into_iter().any(|id| self.name(id) == name)
    }

    /// Whether a package itself depends on a package of that name.
    pub fn depends(&self, package: &str, name: &str) -> bool {
        self.edges(package).any(|edge| self.name(&edge.package) == name)
    }

    /// What a procedural macro depends on goes into the compiler, and not into a program.
    fn edges(&self, package: &str) -> impl Iterator<Item = &Edge> {
        let is_macro = self.targets(package).iter().any(|target| target.is("proc-macro"));
        self.edges.get(package).filter(|_| !is_macro).into_iter().flatten()
    }

    fn development(&self, package: &str) -> impl Iterator<Item = &Edge> {
        self.development.get(package).into_iter().flatten()
    }

    /// The packages that a package depends on itself, each with what code calls it.
    pub fn dependencies<'g>(&'g self, start: Start<'g>) -> impl Iterator<Item = (&'g str, &'g str)> {
        let development = self.development(start.package).filter(move |_| start.development);
        self.edges(start.package).chain(development).map(|edge| (&*edge.package, &*edge.name))
    }

    pub fn targets(&self, package: &str) -> &[Target] {
        self.packages.get(package).map_or(&[], |package| &package.targets)
    }

    /// What code calls the packages below a program's: in the program's own, where it depends on them.
    pub fn crates(&self, start: Start<'_>) -> Vec<CrateName> {
        let mut crates: Vec<CrateName> = Vec::new();
        let mut add = |dependent: &str, edge: &Edge| {
            let package = self.name(&edge.package);
            if !crates.iter().any(|known| known.package == package) {
                let (package, name) = (package.to_owned(), edge.name.clone());
                crates.push(CrateName { package, name, dependent: self.name(dependent).to_owned() });
            }
        };
        let own = start.package;
        for dependent in iter::once(own).chain(self.closure(start).into_iter().filter(|id| *id != own)) {
            self.edges(dependent).for_each(|edge| add(dependent, edge));
            if dependent == own && start.development {
                self.development(own).for_each(|edge| add(own, edge));
            }
        }
        crates
    }

    pub fn name<'g>(&'g self, package: &'g str) -> &'g str {
        self.packages.get(package).map_or(package, |package| &package.name)
    }

    /// A package's name and its version.
    pub fn title(&self, package: &str) -> String {
        let title = |package: &Package| format!("{} {}", package.name, package.version);
        self.packages.get(package).map_or_else(|| package.to_owned(), title)
    }

    /// The folder of a package and its manifest.
    pub fn home(&self, package: &str) -> (PathBuf, Option<PathBuf>) {
        let manifest = self.packages.get(package).map(|package| package.manifest_path.clone());
        let folder = manifest.as_deref().and_then(Path::parent).unwrap_or(&self.root).to_owned();
        (folder, manifest)
    }

    /// Where every package is.
    pub fn homes(&self) -> Homes {
        let mut homes = Homes::new(&self.root);
        for package in self.packages.values() {
            if let Some(folder) = package.manifest_path.parent() {
                homes.add(&package.name, &package.version, folder);
            }
        }
        homes
    }

    /// The folders of packages whose sources are the user's own.
    pub fn local_folders(&self) -> Vec<PathBuf> {
        let local = self.packages.values().filter(|package| package.source.is_none());
        local.filter_map(|package| package.manifest_path.parent().map(Path::to_owned)).collect()
    }
}

fn shared_flags(flags: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        // `--features=gui`, and `-Fgui`.
        let name = if flag.starts_with("--") {
            flag.split('=').next().unwrap_or(flag)
        } else {
            flag.get(..2).unwrap_or(flag)
        };
        if let Some((_, has_argument)) = SHARED.iter().find(|(shared, _)| *shared == name) {
            kept.push(flag.as_str());
            if *has_argument && flag == name {
                kept.extend(flags.next().map(String::as_str));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::shared_flags;

    #[test]
    fn metadata_is_asked_with_the_flags_that_concern_it() {
        let flags = "--jobs 2 --features gui -Fx --features=y --offline --config net.retry=1 --timings -F z";
        let flags: Vec<String> = flags.split(' ').map(str::to_owned).collect();
        let expected =
            ["--features", "gui", "-Fx", "--features=y", "--offline", "--config", "net.retry=1", "-F", "z"];
        assert_eq!(shared_flags(&flags), expected);
    }
}
