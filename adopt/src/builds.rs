//! Requirements in, wheels out, all installed: those that were asked for, and what they require in turn.
//!
//! Builds run side by side, as many as there are processors: most of a build's time goes by while one
//! compiler or the network works.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::cache::Cache;
use crate::error::Error;
use crate::installed;
use crate::loadable;
use crate::process;
use crate::python::{Python, REQUIRE_HASHES};
use crate::resolve::{self, Asked};
use crate::shims::Shims;
use crate::wheel::{self, Wish};

/// How often what was installed may require more.
const ROUNDS: usize = 20;

/// What all builds share.
pub struct Builds<'a> {
    /// For wheels and logs.
    pub folder: &'a Path,
    pub python: &'a Python,
    pub shims: &'a Shims,
    /// Where builds are kept for the next time.
    pub cache: Option<&'a Cache>,
    /// Projects whose wheels are taken as they are; where there is a list, also those that cannot be built.
    pub pack: Option<&'a [String]>,
}

/// How a build went.
struct Done {
    wheel: Result<PathBuf, String>,
    seconds: f64,
    how: How,
}

/// Where a wheel is from.
#[derive(Debug, Clone)]
enum How {
    Built,
    /// It was built before.
    Kept,
    /// From the index as it is, and why.
    Packed(String),
}

/// What was wished for, and its wheel or the end of its log.
pub type Built = (Wish, Result<PathBuf, String>);

/// Builds and installs one release of each project that is asked for or required in turn.
///
/// Where pip finds none that fit together, each is built by itself, and then what is missing, until nothing is:
/// so what is wrong with one is told of that one.
///
/// # Errors
/// pip cannot install what it built, or read a file of requirements.
pub fn all(
    asked: Asked<'_>,
    builds: &Builds<'_>,
    site: &Path,
    notes: &mut dyn Write,
) -> Result<Vec<Built>, Error> {
    let wishes = resolve::resolve(asked, &builds.folder.join("report.json"), builds.python);
    let is_resolved = wishes.is_ok();
    let mut open = match wishes {
        Ok(wishes) => wishes,
        // Neither would any be built: sources have no more hashes than what pip looked at.
        Err(why) if why.contains("--require-hashes mode") || why.contains("Can't verify hashes") => {
            return Err(Error::new(format!(
                "pip wants a hash of all that is asked for ({0}, `require-hashes` in its file, or others in yours), and some has \
                 none: give a file with all of them by `-r`, or with none and {0}=0: {why}",
                REQUIRE_HASHES
            )));
        }
        Err(why) if !asked.files.is_empty() || asked.constraints.is_some() => {
            return Err(Error::new(format!("pip finds nothing that fits: {why}")));
        }
        Err(_) => asked.requirements.iter().map(|text| alone(text, true)).collect(),
    };
    let mut all: Vec<Built> = Vec::new();
    for _ in 0..ROUNDS {
        let built = side_by_side(&open, builds, all.len(), notes);
        all.extend(open.drain(..).zip(built).map(|(wish, (wheel, how))| {
            let packed = if let How::Packed(why) = how { Some(why) } else { None };
            (Wish { packed, ..wish }, wheel)
        }));
        let wheels: Vec<PathBuf> = all.iter().filter_map(|(_, wheel)| wheel.clone().ok()).collect();
        if wheels.is_empty() {
            break;
        }
        let missing = installed::install(&wheels, site, builds.python)?;
        let is_new = |text: &String| !is_resolved && !all.iter().any(|(known, _)| known.text == *text);
        open = missing.into_iter().filter(is_new).map(|text| alone(&text, false)).collect();
        if open.is_empty() {
            break;
        }
    }
    Ok(all)
}

/// A requirement of which nobody knows yet what it comes to.
fn alone(text: &str, is_asked: bool) -> Wish {
    Wish {
        text: text.to_owned(),
        shown: text.to_owned(),
        is_asked,
        has_binary: false,
        hash: None,
        options: Vec::new(),
        of_all: Vec::new(),
        packed: None,
    }
}

/// The outcomes in the order of the wishes.
fn side_by_side(
    wishes: &[Wish],
    builds: &Builds<'_>,
    before: usize,
    notes: &mut dyn Write,
) -> Vec<(Result<PathBuf, String>, How)> {
    let next = AtomicUsize::new(0);
    let (said, outcomes) = std::sync::mpsc::channel();
    let said = Mutex::new(said);
    let work = || {
        while let Some((number, wish)) = claim(&next, wishes) {
            let say = |what| said.lock().is_ok_and(|said| said.send(what).is_ok());
            say((number, None));
            let start = Instant::now();
            let name = before + number;
            let (folder, log) =
                (builds.folder.join(format!("wheel-{name}")), builds.folder.join(format!("{name}.log")));
            let (wheel, how) = builds.one(wish, &folder, &log);
            say((number, Some(Done { wheel, seconds: start.elapsed().as_secs_f64(), how })));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(wishes.len());
    let mut all: Vec<Option<(Result<PathBuf, String>, How)>> = vec![None; wishes.len()];
    thread::scope(|scope| {
        (0..workers).for_each(|_| drop(scope.spawn(work)));
        let mut left = wishes.len();
        while left > 0
            && let Ok((number, what)) = outcomes.recv()
        {
            let text = told(&wishes[number], what.as_ref());
            // Whoever does not listen misses it.
            let _ = writeln!(notes, "{text}").and_then(|()| notes.flush());
            if let Some(done) = what {
                all[number] = Some((done.wheel, done.how));
                left -= 1;
            }
        }
    });
    let broken_off = || (Err("its build was broken off".to_owned()), How::Built);
    all.into_iter().map(|built| built.unwrap_or_else(broken_off)).collect()
}

impl Builds<'_> {
    /// A wheel, and where it is from.
    fn one(&self, wish: &Wish, folder: &Path, log: &Path) -> (Result<PathBuf, String>, How) {
        if let Err(error) = fs::create_dir_all(folder) {
            return (Err(format!("cannot make {}: {error}", folder.display())), How::Built);
        }
        let name = wheel::canonical(wheel::project(&wish.text));
        if self.pack.is_some_and(|pack| pack.iter().any(|wished| wheel::canonical(wished) == name)) {
            let wheel = wheel::download(wish, folder, log, self.python);
            return (wheel, How::Packed("packed as its wheel, as was wished with --pack".to_owned()));
        }
        if self.cache.is_some_and(|cache| cache.take(wish, folder))
            && let Some(wheel) = wheel::wheel_in(folder)
        {
            return (Ok(wheel), How::Kept);
        }
        let unpacked = log.with_extension("unpacked");
        let built = wheel::build(wish, folder, log, self.python, self.shims)
            .and_then(|wheel| loadable::check(&wheel, &unpacked, self.python).map(|()| wheel));
        // What quietly built no extension may have missed a library that is there the next time.
        let is_whole = |wheel: &Path| !wish.has_binary || !wheel.to_string_lossy().ends_with("-any.whl");
        if let (Ok(wheel), Some(cache)) = (&built, self.cache)
            && is_whole(wheel)
        {
            cache.keep(wish, folder);
        }
        match built {
            Err(why) => self.ready_made(wish, folder, log, why),
            built => (built, How::Built),
        }
    }

    /// The wheel of the index, where its sources cannot be built: whichever it is for an application, and else one that
    /// has no extension, of which there are no sources.
    fn ready_made(
        &self,
        wish: &Wish,
        folder: &Path,
        log: &Path,
        why: String,
    ) -> (Result<PathBuf, String>, How) {
        let lack = wheel::lack_of_sources(wish, &why);
        if self.pack.is_none() && lack.is_none() {
            return (Err(why), How::Built);
        }
        // The log of the build stays, for whoever looks why.
        let Ok(wheel) = wheel::download(wish, folder, &log.with_extension("wheel.log"), self.python) else {
            return (Err(why), How::Built);
        };
        match lack {
            None => (Ok(wheel), How::Packed(format!("its sources cannot be built ({})", reason(&why)))),
            Some(lack) if self.pack.is_some() || wheel::is_for_all(&wheel) => (Ok(wheel), How::Packed(lack)),
            Some(lack) => {
                let help = "help: ask for a release that has sources, or have `linktab build` pack the wheel";
                (Err(format!("{lack}\n{help}")), How::Built)
            }
        }
    }
}

/// What a compiler or a build system said, or else the last line.
fn reason(text: &str) -> &str {
    let said = text.lines().rev().find(|line| process::is_error(line));
    said.or(text.lines().next_back()).unwrap_or_default().trim()
}

fn claim<'a>(next: &AtomicUsize, wishes: &'a [Wish]) -> Option<(usize, &'a Wish)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    wishes.get(number).map(|wish| (number, wish))
}

fn told(wish: &Wish, done: Option<&Done>) -> String {
    let text = &wish.shown;
    match done {
        None if wish.is_asked => format!("building {text}"),
        None => format!("building {text}, which others require"),
        Some(Done { wheel: Ok(wheel), seconds, how }) => {
            let file = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (verb, from) = match how {
                How::Built => ("built", String::new()),
                How::Kept => ("took", ", as it was built before".to_owned()),
                How::Packed(why) => ("took", format!(": {why}")),
            };
            format!("{verb} {file} in {seconds:.1} s{from}")
        }
        Some(Done { wheel: Err(log), .. }) => {
            let log: String = log.lines().flat_map(|line| ["\n  ", line]).collect();
            format!("error: {text} cannot be built; the end of its log:{log}")
        }
    }
}
