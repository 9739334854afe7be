//! An inventory in, what its symbols say of the size of each package out: of the package's crate, and of the local
//! functions and data of a source file that registers. For the page of a report alone: every symbol is looked at.
//!
//! Formats whose symbols have no size (Mach-O, PE) tell nothing.

mod crate_name;

use std::collections::BTreeMap;
use std::mem;
use std::path::Path;

use serde::Serialize;

use crate::bytes::Input;
use crate::image::{self, Format, ImageKind, Part, SizedSymbol};
use crate::limits::Limits;
use crate::records::{Init, Inventory};

/// Symbols of a package that are kept by name.
const MOST: usize = 12;

/// What the symbols of a package hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PackageSize {
    /// As the records of the image name it.
    pub package: String,
    /// Bytes of all its symbols.
    pub size: u64,
    /// The largest of them, the largest first.
    pub symbols: Vec<SymbolSize>,
}

/// One symbol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SymbolSize {
    /// Without Rust's mangling.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// The sizes of an image's packages, by name; nothing where it cannot be read again or has no symbols.
#[must_use]
pub fn of(inventory: &Inventory, limits: &Limits) -> Vec<PackageSize> {
    if inventory.format != Format::Elf || inventory.kind == ImageKind::Object || inventory.member.is_some() {
        return Vec::new();
    }
    let Ok(input) = Input::open(Path::new(&inventory.path), limits, image::is_known) else {
        return Vec::new();
    };
    let mut tally = Tally::of(inventory);
    // What cannot be read was told when the records were read.
    let _ = image::parse(&input, &mut |part| {
        if let Ok(Part::Image { image, .. }) = part {
            let _ = image.symbols.sized(&mut |symbol| tally.take(&symbol));
        }
    });
    tally.finish()
}

struct Tally {
    packages: Vec<PackageSize>,
    /// Which package a crate is of.
    crates: BTreeMap<Vec<u8>, usize>,
    /// Which package an init function is of.
    inits: BTreeMap<u64, usize>,
    /// The local symbols of one source file.
    file: PackageSize,
    /// The package that registers there.
    owner: Option<usize>,
}

impl Tally {
    fn of(inventory: &Inventory) -> Tally {
        let mut tally = Tally {
            packages: Vec::new(),
            crates: BTreeMap::new(),
            inits: BTreeMap::new(),
            file: PackageSize::default(),
            owner: None,
        };
        for record in &inventory.records {
            let package = record.origin().package;
            if package.is_empty() {
                continue;
            }
            let name = package.replace('-', "_").into_bytes();
            let index = *tally.crates.entry(name).or_insert(tally.packages.len());
            if index == tally.packages.len() {
                tally.packages.push(PackageSize { package: package.to_owned(), ..PackageSize::default() });
            }
            if let Init::Address { address, .. } = record.init {
                tally.inits.insert(address, index);
            }
        }
        tally
    }

    fn take(&mut self, symbol: &SizedSymbol<'_>) {
        if symbol.is_file {
            self.end_of_file();
        } else if let Some(name) = crate_name::of(symbol.name) {
            if let Some(package) = self.crates.get(name).and_then(|index| self.packages.get_mut(*index)) {
                package.add(symbol.name, symbol.size);
            }
        } else if symbol.is_local {
            self.owner = self.owner.or(self.inits.get(&symbol.address).copied());
            self.file.add(symbol.name, symbol.size);
        }
    }

    fn end_of_file(&mut self) {
        let file = mem::take(&mut self.file);
        let Some(package) = self.owner.take().and_then(|index| self.packages.get_mut(index)) else { return };
        package.size = package.size.saturating_add(file.size);
        package.symbols.extend(file.symbols);
        package.shorten();
    }

    fn finish(mut self) -> Vec<PackageSize> {
        self.end_of_file();
        self.packages.retain(|package| package.size > 0);
        for package in &mut self.packages {
            package.shorten();
            for symbol in &mut package.symbols {
                symbol.name = format!("{:#}", rustc_demangle::demangle(&symbol.name));
            }
        }
        self.packages.sort_unstable_by(|a, b| a.package.cmp(&b.package));
        self.packages
    }
}

impl PackageSize {
    fn add(&mut self, name: &[u8], size: u64) {
        self.size = self.size.saturating_add(size);
        let name = String::from_utf8_lossy(name).into_owned();
        self.symbols.push(SymbolSize { name, size });
        if self.symbols.len() > 16 * MOST {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        self.symbols.sort_unstable_by(|a, b| b.size.cmp(&a.size).then_with(|| a.name.cmp(&b.name)));
        self.symbols.truncate(MOST);
    }
}
