//! What cargo says of packages in, the graph of what goes into programs out: normal dependencies, and those of
//! development for what is made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::path::{Path, PathBuf};

use super::super::homes::Homes;
use super::args::CargoCheck;
use super::build::Start;
use super::metadata::{self, Declared, Dependency, Metadata, Node, Package, Target};
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
    /// The features that packages are compiled with.
    features: BTreeMap<String, Vec<String>>,
}

/// A dependency, and what the code of the one that depends on it calls it.
struct Edge {
    package: String,
    name: String,
}

impl Graph {
    pub fn read(args: &CargoCheck) -> Result<Graph, String> {
        Ok(Graph::new(metadata::read(args)?))
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
            features: nodes.iter().map(|node| (node.id.clone(), node.features.clone())).collect(),
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
        // Programs of a package with a library, too, have it only if they name it.
        if let Some(library) = self.packages.get(own).and_then(Package::library) {
            add(own, &Edge { package: own.to_owned(), name: library });
        }
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

    /// Its id, for as long as the graph.
    pub fn id(&self, package: &str) -> Option<&str> {
        self.packages.get(package).map(|package| &*package.id)
    }

    /// The features that a package is compiled with.
    pub fn features(&self, package: &str) -> &[String] {
        self.features.get(package).map_or(&[], Vec::as_slice)
    }

    /// Whether a package has a feature.
    pub fn has_feature(&self, package: &str, feature: &str) -> bool {
        self.packages.get(package).is_some_and(|package| package.features.contains_key(feature))
    }

    /// What a feature of a package asks for.
    pub fn asks(&self, package: &str, feature: &str) -> &[String] {
        let package = self.packages.get(package);
        package.and_then(|package| package.features.get(feature)).map_or(&[], Vec::as_slice)
    }

    /// What a package's manifest says of the packages that go into it, each with the one that is meant.
    pub fn declared<'g>(&'g self, package: &'g str) -> impl Iterator<Item = (&'g Declared, &'g str)> {
        let declared = self.packages.get(package).into_iter().flat_map(|package| &package.dependencies);
        declared.filter(|it| it.kind.is_none()).filter_map(move |declared| {
            let is_meant = |edge: &&Edge| match &declared.rename {
                Some(rename) => edge.name == rename.replace('-', "_"),
                None => self.name(&edge.package) == declared.name,
            };
            self.edges(package).find(is_meant).map(|edge| (declared, &*edge.package))
        })
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
