//! How much tests try of what can be combined.

use std::env;

/// Whether every combination is asked for (`cargo xtask test --thorough`).
#[must_use]
pub fn is_thorough() -> bool {
    env::var_os("LINKTAB_THOROUGH").is_some()
}

/// Of what one value is combined with, every `period`-th, each value beginning with another (`turn` counts them): so each
/// is tried, with a few of the others. Everything where that is asked for.
pub fn by_turns<T>(all: impl Iterator<Item = T>, turn: usize, period: usize) -> impl Iterator<Item = T> {
    let (skip, step) = if is_thorough() { (0, 1) } else { (turn % period, period) };
    all.skip(skip).step_by(step)
}
