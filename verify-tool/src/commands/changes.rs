//! Two lists of modules in, what changed between them out, in the signs of a diff.

use std::fmt;
use std::iter::Peekable;

/// A module, as a reviewer knows it.
pub trait Described {
    fn name(&self) -> &str;

    /// Everything whose change is worth a line.
    fn describe(&self) -> String;
}

/// What became of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Removed,
    Added,
    Changed,
}

/// A line for a reviewer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub name: String,
    pub kind: Kind,
    /// What it was, or is, or both.
    about: String,
}

impl Change {
    /// Its sign and the name, and what there is to say.
    pub fn parts(&self) -> (String, &str) {
        let sign = match self.kind {
            Kind::Removed => '-',
            Kind::Added => '+',
            Kind::Changed => '~',
        };
        (format!("{sign} {}", self.name), &self.about)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, about) = self.parts();
        write!(f, "{name} {about}")
    }
}

/// Walks two lists side by side, both ordered by name. A name may be in one of them more than once.
pub struct Changes<I: Iterator> {
    old: Peekable<I>,
    new: Peekable<I>,
}

impl<I: Iterator<Item: Described>> Changes<I> {
    pub fn between(old: I, new: I) -> Changes<I> {
        Changes { old: old.peekable(), new: new.peekable() }
    }
}

impl<I: Iterator<Item: Described>> Iterator for Changes<I> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        loop {
            let name = match (self.old.peek(), self.new.peek()) {
                (Some(old), Some(new)) => old.name().min(new.name()),
                (Some(only), None) | (None, Some(only)) => only.name(),
                (None, None) => return None,
            };
            let name = name.to_owned();
            let (old, new) = (take(&mut self.old, &name), take(&mut self.new, &name));
            if old == new {
                continue;
            }
            let (kind, about) = match (&*old, &*new) {
                (_, "") => (Kind::Removed, format!("({old})")),
                ("", _) => (Kind::Added, format!("({new})")),
                _ => (Kind::Changed, format!("({old}) -> ({new})")),
            };
            return Some(Change { name, kind, about });
        }
    }
}

/// The descriptions of all that has a name; none is empty.
fn take<I: Iterator<Item: Described>>(modules: &mut Peekable<I>, name: &str) -> String {
    let mut all = Vec::new();
    while let Some(module) = modules.next_if(|module| module.name() == name) {
        all.push(module.describe());
    }
    all.sort_unstable();
    let times = |same: &[String]| match same {
        [only] => only.clone(),
        [first, ..] => format!("{} times {first}", same.len()),
        [] => String::new(),
    };
    all.chunk_by(|a, b| a == b).map(times).collect::<Vec<_>>().join("; ")
}
