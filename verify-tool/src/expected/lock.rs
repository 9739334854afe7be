//! The lock file as data: [`Lock`]. `read` makes it of a file, `pin` of images, and `write` makes a file.
//!
//! Sorted, one module in a block, without addresses or times, so that it shows what changed when it
//! is reviewed. There may be a million modules, which is why they share what holds their texts.

mod canonical;
mod pin;
mod read;
mod write;

pub use pin::registered_by;

use crate::records::Phase;

/// The version of the file's format.
const VERSION: u32 = 1;

/// Locked modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lock {
    /// The file, as it was given.
    pub path: String,
    /// The architectures of the file that it was made of, where there are several.
    pub architectures: Vec<String>,
    entries: Vec<Entry>,
    /// All names and packages, one after the other.
    text: String,
    /// The sets of architectures that modules are limited to. The first is empty: no limit.
    sets: Vec<Vec<String>>,
}

/// One locked module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockedModule<'l> {
    /// The full dotted name.
    pub name: &'l str,
    /// How its init function answers.
    pub phase: Phase,
    /// Whether the extension is itself a package.
    pub package: bool,
    /// The package that registers it, else the file, without its folders; empty: not known.
    pub registered_by: &'l str,
    /// The architectures that have it; empty: all.
    pub architectures: &'l [String],
    /// The line of its name in the file.
    pub line: u32,
}

impl LockedModule<'_> {
    /// Whether an image of this architecture ought to have it.
    #[must_use]
    pub fn is_for(&self, part: &str) -> bool {
        self.architectures.is_empty() || self.architectures.iter().any(|name| name == part)
    }
}

/// Where a text begins, and its length.
type Place = (u32, u16);

fn part(text: &str, (start, len): Place) -> &str {
    let start = start as usize;
    text.get(start..start + usize::from(len)).unwrap_or_default()
}

/// A module whose texts are places in [`Lock::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    name: Place,
    registered_by: Place,
    line: u32,
    phase: Phase,
    package: bool,
    set: u8,
}

impl Lock {
    /// The modules, ordered by name.
    pub fn modules(&self) -> impl ExactSizeIterator<Item = LockedModule<'_>> {
        self.entries.iter().map(|entry| self.module(entry))
    }

    fn module(&self, entry: &Entry) -> LockedModule<'_> {
        LockedModule {
            name: self.text(entry.name),
            phase: entry.phase,
            package: entry.package,
            registered_by: self.text(entry.registered_by),
            architectures: self.sets.get(usize::from(entry.set)).map_or(&[], Vec::as_slice),
            line: entry.line,
        }
    }

    fn text(&self, place: Place) -> &str {
        part(&self.text, place)
    }

    /// Adds a module behind the others.
    fn push(&mut self, module: &LockedModule<'_>) -> Result<(), &'static str> {
        let name = self.add(module.name)?;
        // Neighbours mostly come from one package.
        let last = self.entries.last().map(|entry| entry.registered_by);
        let registered_by = match last.filter(|last| self.text(*last) == module.registered_by) {
            Some(last) => last,
            None => self.add(module.registered_by)?,
        };
        let set = self.add_set(module.architectures)?;
        let LockedModule { phase, package, line, .. } = *module;
        self.entries.push(Entry { name, registered_by, line, phase, package, set });
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<Place, &'static str> {
        let start = u32::try_from(self.text.len()).map_err(|_| "the names are too many")?;
        let len = u16::try_from(text.len()).map_err(|_| "the text is too long")?;
        self.text.push_str(text);
        Ok((start, len))
    }

    fn add_set(&mut self, set: &[String]) -> Result<u8, &'static str> {
        if self.sets.is_empty() {
            self.sets.push(Vec::new());
        }
        let index = self.sets.iter().position(|known| known == set).unwrap_or_else(|| {
            self.sets.push(set.to_vec());
            self.sets.len() - 1
        });
        u8::try_from(index).map_err(|_| "there are too many sets of architectures")
    }
}
