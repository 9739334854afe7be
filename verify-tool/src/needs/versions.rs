//! Versions of symbols in, the newest of each kind out: `GLIBC_2.2.5` and `GLIBC_2.34` are of one kind, and whoever has
//! the second has the first.

use std::collections::BTreeMap;

use super::{Askers, Version};

/// The versions of one library that are asked for, by kind; the newest so far, and who asks for it.
#[derive(Default)]
pub struct Wanted(BTreeMap<String, (Number, Version)>);

type Number = Vec<u32>;

impl Wanted {
    pub fn add(&mut self, name: &str, file: Option<&str>) {
        let (kind, number) = split(name);
        let new = || (number.clone(), Version { name: name.to_owned(), wanted_by: Askers::default() });
        let (newest, version) = self.0.entry(kind.to_owned()).or_insert_with(new);
        if number > *newest {
            (*newest, *version) = new();
        }
        if number == *newest {
            version.wanted_by.add(file);
        }
    }

    pub fn newest(self) -> Vec<Version> {
        self.0.into_values().map(|(_, version)| version).collect()
    }
}

/// `GLIBC` and 2.34 of `GLIBC_2.34`; no number where there is none.
fn split(name: &str) -> (&str, Number) {
    let number = |text: &str| text.split('.').map(|part| part.parse().ok()).collect::<Option<Number>>();
    match name.rsplit_once('_') {
        Some((kind, text)) => number(text).map_or((name, Number::new()), |number| (kind, number)),
        None => (name, Number::new()),
    }
}

/// A version without a number, and the first glibc that has it (glibc 2.36, `NEWS`).
const RELATIVE: (&str, &str) = ("GLIBC_ABI_DT_RELR", "GLIBC_2.36");

/// The newest version of glibc among those of all libraries, each of which is a part of it.
pub fn glibc<'v>(versions: impl Iterator<Item = &'v Version>) -> Option<Version> {
    let mut newest: Option<(Number, Version)> = None;
    for version in versions {
        let name = if version.name == RELATIVE.0 { RELATIVE.1 } else { &version.name };
        let (kind, number) = split(name);
        if kind != "GLIBC" || number.is_empty() {
            continue;
        }
        match &mut newest {
            Some((newest, of)) if *newest == number => {
                of.wanted_by.program |= version.wanted_by.program;
                of.wanted_by.files.extend(version.wanted_by.files.iter().cloned());
            }
            Some((newest, _)) if *newest > number => {}
            _ => {
                newest =
                    Some((number, Version { name: name.to_owned(), wanted_by: version.wanted_by.clone() }))
            }
        }
    }
    newest.map(|(_, version)| version)
}
