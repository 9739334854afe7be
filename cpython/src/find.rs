//! A wish in, one CPython out: the first that links and starts.

use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::every::{Choice, every};
use crate::search::Search;
use crate::{Python, Wish, advice, candidates};

/// Finds a CPython; its files go below `target`.
///
/// # Errors
/// None links: the message lists what was tried, and says what to install.
pub fn find(wish: &Wish, target: &Path, verbose: bool) -> Result<Python> {
    let mut search = Search::new(target, verbose);
    let found = match wish {
        Wish::Path(path) => search.installed(std::slice::from_ref(path)),
        Wish::Download => search.download(),
        Wish::Build(build) => {
            let found = every(&Choice::Builds(vec![*build]), target, verbose)?;
            let why = || found.missing.join("\n");
            return found.pythons.into_iter().next().with_context(why);
        }
        Wish::Any => {
            let candidates = candidates::all();
            search
                .first_static(&candidates)
                .or_else(|| search.download())
                .or_else(|| search.first_shared(&candidates))
        }
    };
    match found {
        Some((python, proven)) => search.finish(python, proven),
        None => Err(anyhow!(
            "no CPython here can be linked\n\ntried:\n{}\n\n{}",
            search.report(),
            advice::INSTALL
        )),
    }
}
