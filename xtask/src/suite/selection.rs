//! What somebody wishes and the CPythons that there are in; which test program runs for which of them, and when, out.

use std::env;

use anyhow::Result;
use linktab_cpython::{Choice, Interpreter, Kind, Python};

/// Set to `usual`: one of each usual minor version, and of each free-threaded build of this machine; to `all`: every
/// interpreter of this machine and every suite of Debian; or to versions such as `3.9,3.14t`. Everything runs on those
/// that somebody wishes. Else a part of the usual ones is tried, and what takes long on the ends.
pub const WISH: &str = "LINKTAB_PYTHONS";

/// Test programs that take four fifths of the time of all: they pack, link or start dozens of programs for each CPython.
const DEAR: &[&str] = &["import_command_line", "import_host", "import_plugins", "import_start_up"];

/// The one that takes half of it.
const DEAREST: &str = "import_one_file";

/// Which CPythons, and how much on each.
#[derive(Debug)]
pub struct Wish {
    /// Which are found or provisioned.
    pub choice: Choice,
    /// Nobody asked for more: what is dear runs where versions differ most.
    sparing: bool,
}

impl Wish {
    /// Reads [`WISH`]; where nobody wishes anything, it is `else_usual`, and all of it where that is to be `thorough`.
    ///
    /// # Errors
    /// What is wished cannot be read.
    pub fn read(else_usual: Choice, thorough: bool) -> Result<Self> {
        Ok(match env::var(WISH) {
            Ok(wish) if !wish.is_empty() => Self { choice: Choice::parse(&wish)?, sparing: false },
            _ => Self { choice: else_usual, sparing: !thorough },
        })
    }

    /// Whether more is had by wishing for it: something runs for a few only of those that are there.
    pub fn is_for_few(&self) -> bool {
        self.sparing && self.choice == Choice::Usual
    }

    /// Whether a test program of importing runs for one of `all`.
    pub fn imports(&self, program: &str, one: Variant, all: &[Variant]) -> bool {
        let few = if program == DEAREST {
            one.is_newest(all)
        } else if DEAR.contains(&program) {
            one.is_end(all)
        } else {
            one.is_sampled(all)
        };
        !self.sparing || few
    }

    /// Whether CPython's own suites run for one of `all`. Debug builds bring none of them.
    pub fn suites(&self, one: Variant, all: &[Variant]) -> bool {
        let next_to_newest = one.is_default() && Some(one.minor + 1) == newest(all);
        let few = if one.shared { next_to_newest } else { one.is_end(all) };
        !one.debug && (!self.sparing || few)
    }
}

/// A CPython, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    minor: u32,
    free_threaded: bool,
    debug: bool,
    /// Its library is.
    pub shared: bool,
}

impl Variant {
    /// That of a CPython.
    pub fn of(python: &Python) -> Self {
        let Interpreter { version, free_threaded, debug, .. } = python.interpreter;
        Self { minor: version.minor, free_threaded, debug, shared: python.link.kind == Kind::Shared }
    }

    fn is_default(self) -> bool {
        !self.debug && !self.free_threaded
    }

    /// Whether it is one of a few with every minor version among them: static, then shared, and so on, and both of the
    /// newest. Of a debug build the static one, or what there is.
    fn is_sampled(self, all: &[Self]) -> bool {
        let mut minors: Vec<u32> = all.iter().filter(|one| one.is_default()).map(|one| one.minor).collect();
        minors.sort_unstable();
        minors.dedup();
        let turn = minors.iter().position(|minor| *minor == self.minor).unwrap_or(0);
        let wanted = Self { shared: self.is_default() && turn % 2 == 1, ..self };
        self == wanted || self.is_newest(all) || !all.contains(&wanted)
    }

    /// Whether it is the oldest, static, or the newest, static or shared.
    fn is_end(self, all: &[Self]) -> bool {
        let oldest = all.iter().filter(|one| one.is_default()).map(|one| one.minor).min();
        let is_oldest = !self.shared && oldest == Some(self.minor);
        self.is_default() && is_oldest || self.is_newest(all)
    }

    fn is_newest(self, all: &[Self]) -> bool {
        self.is_default() && newest(all) == Some(self.minor)
    }
}

fn newest(all: &[Variant]) -> Option<u32> {
    all.iter().filter(|one| one.is_default()).map(|one| one.minor).max()
}

/// Which test program, by its number, runs for which CPython, in rounds: what is in one runs side by side. Each
/// round takes the program `ahead` for the next CPython along, which builds the fixtures while the others of the
/// round keep the other processors busy. No more than that: for two CPythons they would share folders.
pub fn rounds(pythons: usize, programs: usize, ahead: usize) -> Vec<Vec<(usize, usize)>> {
    let others = |python| (0..programs).filter(move |&it| it != ahead).map(move |it| (python, it));
    let of = |round: usize| {
        let next = (round < pythons).then_some((round, ahead));
        next.into_iter().chain(round.checked_sub(1).into_iter().flat_map(others)).collect::<Vec<_>>()
    };
    (0..=pythons).map(of).filter(|round| !round.is_empty()).collect()
}

#[cfg(test)]
impl Wish {
    /// Nobody's.
    pub fn sparing() -> Self {
        Self { choice: Choice::Usual, sparing: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dear_runs_at_the_ends_and_the_rest_by_turns_and_all_where_somebody_asks() {
        let usual =
            |minor| [false, true].map(|shared| Variant { minor, free_threaded: false, debug: false, shared });
        let mut all = [9, 11, 14, 15].map(usual).concat();
        all.insert(4, Variant { debug: true, ..all[3] });
        all.push(Variant { free_threaded: true, ..all[7] });
        let on = |runs: &dyn Fn(Variant) -> bool| -> Vec<String> {
            let name = |one: &Variant| {
                let marks = [(one.free_threaded, "t"), (one.debug, "d"), (one.shared, " shared")];
                marks.iter().filter(|(is, _)| *is).fold(one.minor.to_string(), |name, (_, mark)| name + mark)
            };
            all.iter().filter(|one| runs(**one)).map(name).collect()
        };
        let wish = |sparing| Wish { choice: Choice::Usual, sparing };
        assert_eq!(on(&|one| wish(true).imports("import_one_file", one, &all)), ["15", "15 shared"]);
        assert_eq!(on(&|one| wish(true).imports("import_host", one, &all)), ["9", "15", "15 shared"]);
        assert_eq!(on(&|one| wish(true).suites(one, &all)), ["9", "14 shared", "15"]);
        let sampled = ["9", "11 shared", "11d shared", "14", "15", "15 shared", "15t"];
        assert_eq!(on(&|one| wish(true).imports("import_loader", one, &all)), sampled);
        assert_eq!(on(&|one| wish(false).imports("import_loader", one, &all)).len(), all.len());
        assert_eq!(on(&|one| wish(false).imports("import_one_file", one, &all)).len(), all.len());
        assert_eq!(on(&|one| wish(false).suites(one, &all)).len(), all.len() - 1);
    }

    #[test]
    fn each_program_runs_once_for_each_cpython_and_one_of_them_a_round_ahead() {
        let rounds = |pythons, programs| rounds(pythons, programs, programs / 2);
        assert_eq!(rounds(2, 3), [vec![(0, 1)], vec![(1, 1), (0, 0), (0, 2)], vec![(1, 0), (1, 2)]]);
        assert_eq!(rounds(2, 1), [[(0, 0)], [(1, 0)]]);
        assert!(rounds(0, 3).is_empty());
    }
}
