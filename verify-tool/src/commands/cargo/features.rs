//! The graph of packages and those that register in; what of their dependencies they did not ask for out.
//!
//! cargo compiles a package once for a program, with the features that all who depend on it ask for ("Features", Feature
//! unification). What one would get alone is worked out from its manifest on, by cargo's rules for features: `dep:x`,
//! `x/f`, `x?/f`, and features that ask for features.

use std::collections::{BTreeMap, BTreeSet};

use super::OWN;
use super::graph::Graph;
use super::metadata::Declared;
use crate::expected::{SharedFeature, Unified};

/// Features by package.
type Features<'g> = BTreeMap<&'g str, BTreeSet<&'g str>>;

/// What each of `extensions` gets only from others of them.
pub fn unified(graph: &Graph, extensions: &BTreeSet<&str>) -> Vec<Unified> {
    let alone: BTreeMap<&str, Features<'_>> =
        extensions.iter().filter_map(|id| graph.id(id)).map(|id| (id, alone(graph, id))).collect();
    let others = |extension: &str, package: &str, feature: &str| -> Vec<String> {
        let asks = |features: &Features<'_>| features.get(package).is_some_and(|it| it.contains(feature));
        let others = alone.iter().filter(|(other, features)| **other != extension && asks(features));
        others.map(|(other, _)| graph.name(other).to_owned()).collect()
    };
    let mut all = Vec::new();
    for (extension, features) in &alone {
        let mut shared = Vec::new();
        for (package, own) in features.iter().filter(|(package, _)| !OWN.contains(&graph.name(package))) {
            for feature in graph.features(package).iter().filter(|feature| !own.contains(&***feature)) {
                let by = others(extension, package, feature);
                if !by.is_empty() {
                    let (dependency, feature) = (graph.title(package), feature.clone());
                    shared.push(SharedFeature { dependency, feature, by });
                }
            }
        }
        if !shared.is_empty() {
            all.push(Unified { package: graph.name(extension).to_owned(), features: shared });
        }
    }
    all
}

/// The features of everything below a package, with what it asks for itself and nobody else does.
fn alone<'g>(graph: &'g Graph, root: &'g str) -> Features<'g> {
    let mut features = Features::new();
    features.insert(root, graph.features(root).iter().map(String::as_str).collect());
    // Optional dependencies that are on, by package and by the name in its manifest.
    let mut chosen: BTreeSet<(&str, &str)> = BTreeSet::new();
    loop {
        let before = (chosen.len(), features.values().map(|it| it.len() + 1).sum::<usize>());
        for package in features.keys().copied().collect::<Vec<_>>() {
            let mut asked: Vec<(&str, &str)> = Vec::new();
            let mut open: Vec<&str> = features.get(package).into_iter().flatten().copied().collect();
            while let Some(feature) = open.pop() {
                for item in graph.asks(package, feature) {
                    match Item::parse(item) {
                        Item::Feature(feature) => {
                            if features.entry(package).or_default().insert(feature) {
                                open.push(feature);
                            }
                        }
                        Item::Dependency(name) => drop(chosen.insert((package, name))),
                        Item::Of { dependency, feature, weak } => {
                            if !weak {
                                chosen.insert((package, dependency));
                            }
                            asked.push((dependency, feature));
                        }
                    }
                }
            }
            for (declared, target) in graph.declared(package) {
                let key = declared.key();
                if !declared.optional || chosen.contains(&(package, key)) {
                    let asked = asked.iter().filter(|(name, _)| *name == key).map(|(_, feature)| *feature);
                    let asked = asked.chain(defaults(graph, declared, target));
                    let asked = asked.chain(declared.features.iter().map(String::as_str));
                    features.entry(target).or_default().extend(asked);
                }
            }
        }
        if before == (chosen.len(), features.values().map(|it| it.len() + 1).sum::<usize>()) {
            return features;
        }
    }
}

/// `default`, where it is wanted and there is one.
fn defaults(graph: &Graph, declared: &Declared, target: &str) -> Option<&'static str> {
    (declared.uses_default_features && graph.has_feature(target, "default")).then_some("default")
}

/// What a feature asks for.
enum Item<'a> {
    Feature(&'a str),
    Dependency(&'a str),
    Of { dependency: &'a str, feature: &'a str, weak: bool },
}

impl Item<'_> {
    fn parse(text: &str) -> Item<'_> {
        if let Some(name) = text.strip_prefix("dep:") {
            return Item::Dependency(name);
        }
        match text.split_once('/') {
            None => Item::Feature(text),
            Some((dependency, feature)) => {
                let weak = dependency.ends_with('?');
                Item::Of { dependency: dependency.trim_end_matches('?'), feature, weak }
            }
        }
    }
}
