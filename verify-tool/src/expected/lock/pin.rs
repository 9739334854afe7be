//! Images in, the [`Lock`] of what they hold out.

use std::cmp::Ordering;

use linktab::layout::ORIGIN_SEPARATOR;

use super::{Lock, LockedModule};
use crate::records::{Inventory, Record};

/// Who registered a module, as a lock tells it: the package without its version, else the file without
/// its folders, which are the builder's own.
#[must_use]
pub fn registered_by(origin: &str) -> &str {
    // `Origin::parse` reads all four fields, of which this is the first or the third.
    let (package, rest) = field(origin);
    if !package.is_empty() {
        return package;
    }
    let (file, _) = field(field(rest).1);
    let folders = memchr::memrchr2(b'/', b'\\', file.as_bytes()).map_or(0, |at| at + 1);
    file.get(folders..).unwrap_or_default()
}

/// The first field of an origin, and what follows.
fn field(origin: &str) -> (&str, &str) {
    let end = memchr::memchr(ORIGIN_SEPARATOR as u8, origin.as_bytes()).unwrap_or(origin.len());
    (origin.get(..end).unwrap_or_default(), origin.get(end + 1..).unwrap_or_default())
}

/// A record, by all that a lock tells of it and by the image that it is in.
type Pinned<'i> = (&'i Record, usize);

impl Lock {
    /// Pins what the images of one file hold.
    ///
    /// # Errors
    ///
    /// When there is more of something than a lock can hold.
    pub fn of(inventories: &[Inventory]) -> Result<Lock, &'static str> {
        let mut names: Vec<&str> = inventories.iter().map(Inventory::part).collect();
        names.sort_unstable();
        names.dedup();
        let image = |inventory: &Inventory| names.binary_search(&inventory.part()).unwrap_or_default();
        let all = inventories.iter().map(|inventory| (image(inventory), &inventory.records));
        let mut pinned: Vec<Pinned<'_>> =
            all.flat_map(|(image, records)| records.iter().map(move |record| (record, image))).collect();
        pinned.sort_unstable_by(|a, b| by_key(a.0, b.0).then(a.1.cmp(&b.1)));
        pinned.dedup_by(|a, b| a.1 == b.1 && by_key(a.0, b.0).is_eq());
        let mut lock = Lock::default();
        if names.len() > 1 {
            lock.architectures = names.iter().map(|&name| name.to_owned()).collect();
        }
        for group in pinned.chunk_by(|a, b| by_key(a.0, b.0).is_eq()) {
            let Some((record, _)) = group.first() else { continue };
            let set: Vec<String> = if group.len() == names.len() {
                Vec::new()
            } else {
                group.iter().filter_map(|(_, image)| names.get(*image)).map(|&name| name.to_owned()).collect()
            };
            lock.push(&LockedModule {
                name: &record.name,
                phase: record.phase,
                package: record.package,
                registered_by: registered_by(&record.origin),
                architectures: &set,
                line: 0,
            })?;
        }
        Ok(lock)
    }
}

/// Orders records by what a lock tells of them, names first: few have more than one record.
fn by_key(a: &Record, b: &Record) -> Ordering {
    let rest = |record: &'_ Record| (record.phase, record.package);
    let by = || registered_by(&a.origin).cmp(registered_by(&b.origin));
    a.name.cmp(&b.name).then_with(|| rest(a).cmp(&rest(b))).then_with(by)
}

#[cfg(test)]
mod tests {
    use super::registered_by;

    #[test]
    fn a_package_or_a_file_without_its_folders() {
        let cases = [
            ("acme\n1.0\nsrc/lib.rs\n4", "acme"),
            ("acme", "acme"),
            ("\n\n/build/7/geo.c\n4", "geo.c"),
            ("\n1.0\nC:\\build\\geo.c\n4", "geo.c"),
            ("\n\ngeo.c", "geo.c"),
            ("\n\n\n4", ""),
            ("\n", ""),
            ("", ""),
        ];
        for (origin, by) in cases {
            assert_eq!(registered_by(origin), by, "{origin:?}");
        }
    }
}
