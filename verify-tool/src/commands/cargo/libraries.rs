//! What cargo built in, the records of its libraries out, each library read once.

use std::collections::BTreeSet;

use super::super::homes::Homes;
use super::build::{Built, Library};
use super::graph::Graph;
use crate::{Inventory, Limits, Report};

/// The libraries that could have gone into programs.
pub struct Libraries<'b> {
    read: Vec<(&'b Library, Vec<Inventory>)>,
}

impl<'b> Libraries<'b> {
    /// Reads those of packages, and tells where their sources are.
    pub fn read(
        built: &'b Built,
        packages: &BTreeSet<&str>,
        graph: &Graph,
        limits: &Limits,
        report: &mut Report,
    ) -> (Libraries<'b>, Homes) {
        // A library that rustc bundled is told as what the user knows: the crate.
        let (bundles, archives): (Vec<_>, Vec<_>) = built
            .libraries
            .iter()
            .partition(|library| library.path.extension().is_some_and(|it| it == "rlib"));
        let mut homes = graph.homes();
        let mut read = Vec::new();
        let all = bundles.into_iter().chain(archives);
        for library in all.filter(|library| packages.contains(&*library.package)) {
            let outcome = crate::read(&library.path, limits);
            report.errors.extend(outcome.errors);
            let mut inventories = outcome.inventories;
            inventories.retain(|inventory| !inventory.is_silent());
            homes.learn(&inventories, &graph.home(&library.package).0);
            read.push((library, inventories));
        }
        for (_, inventories) in &mut read {
            homes.call(inventories);
        }
        (Libraries { read }, homes)
    }

    /// The records of every library that could have gone into a program.
    pub fn of(&self, packages: &BTreeSet<&str>) -> Vec<Inventory> {
        let libraries = self.read.iter().filter(|(library, _)| packages.contains(&*library.package));
        libraries.flat_map(|(_, inventories)| inventories).cloned().collect()
    }
}
