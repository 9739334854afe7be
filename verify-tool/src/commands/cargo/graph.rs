//! `cargo metadata` in, the graph of normal dependencies out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::args::CargoCheck;
use super::build::cargo;

/// Packages and what they depend on.
pub struct Graph {
    /// The workspace's folder, which compilers' file names count from.
    pub root: PathBuf,
    packages: BTreeMap<String, Package>,
    /// Normal dependencies by package.
    edges: BTreeMap<String, Vec<String>>,
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
    manifest_path: PathBuf,
    /// `None`: a local package.
    source: Option<String>,
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
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `None`: a normal one.
    kind: Option<String>,
}

/// Flags of `cargo build` that change the graph, and their arguments.
const FEATURES: [&str; 3] = ["--features", "--all-features", "--no-default-features"];

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
        command.args(feature_flags(&args.cargo));
        let output = command.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim_end()));
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("cargo metadata is not understood: {error}"))?;
        Ok(Graph::new(metadata))
    }

    fn new(metadata: Metadata) -> Graph {
        let is_normal = |dependency: &Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
        let nodes = metadata.resolve.map_or_else(Vec::new, |resolve| resolve.nodes);
        let edges = nodes.into_iter().map(|node| {
            let normal = node.deps.into_iter().filter(is_normal).map(|dependency| dependency.pkg);
            (node.id, normal.collect())
        });
        Graph {
            root: metadata.workspace_root,
            packages: metadata.packages.into_iter().map(|package| (package.id.clone(), package)).collect(),
            edges: edges.collect(),
        }
    }

    /// A package and everything that it depends on.
    pub fn closure<'g>(&'g self, package: &'g str) -> BTreeSet<&'g str> {
        let mut closure = BTreeSet::new();
        let mut open = vec![package];
        while let Some(id) = open.pop() {
            if closure.insert(id) {
                open.extend(self.edges.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        closure
    }

    /// Whether a package, or something that it depends on, depends on a package of that name.
    pub fn reaches(&self, package: &str, name: &str) -> bool {
        self.closure(package).into_iter().any(|id| self.name(id) == name)
    }

    /// Whether a package itself depends on a package of that name.
    pub fn depends(&self, package: &str, name: &str) -> bool {
        self.edges.get(package).into_iter().flatten().any(|id| self.name(id) == name)
    }

    pub fn name<'g>(&'g self, package: &'g str) -> &'g str {
        self.packages.get(package).map_or(package, |package| &package.name)
    }

    /// The folder of a package and its manifest.
    pub fn home(&self, package: &str) -> (PathBuf, Option<PathBuf>) {
        let manifest = self.packages.get(package).map(|package| package.manifest_path.clone());
        let folder = manifest.as_deref().and_then(Path::parent).unwrap_or(&self.root).to_owned();
        (folder, manifest)
    }

    /// The folders of packages whose sources are the user's own.
    pub fn local_folders(&self) -> Vec<PathBuf> {
        let local = self.packages.values().filter(|package| package.source.is_none());
        local.filter_map(|package| package.manifest_path.parent().map(Path::to_owned)).collect()
    }
}

fn feature_flags(flags: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let name = flag.split('=').next().unwrap_or(flag);
        if FEATURES.contains(&name) || name == "-F" {
            kept.push(flag.as_str());
            if (name == "--features" || name == "-F") && !flag.contains('=') {
                kept.extend(flags.next().map(String::as_str));
            }
        }
    }
    kept
}
