//! Runs that take turns: what they took, and the ratio of two that stood beside each other in the same turn, which
//! whatever else the machine did in that moment has slowed down both.

use anyhow::Result;

/// What each run of one thing took, in the order of its turns.
#[derive(Clone, Debug, Default)]
pub struct Turns(Vec<f64>);

impl Turns {
    /// Of numbers, one each turn.
    pub fn of(values: Vec<f64>) -> Self {
        Self(values)
    }

    /// The middle, and what half of the runs lie in.
    pub fn spread(&self) -> Spread {
        Spread::of(self.0.clone())
    }

    /// The one in the middle.
    pub fn median(&self) -> f64 {
        self.spread().median
    }

    /// So many times another's, turn by turn.
    pub fn times(&self, other: &Self) -> Spread {
        Spread::of(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    /// In another unit.
    pub fn over(mut self, unit: f64) -> Self {
        self.0.iter_mut().for_each(|value| *value /= unit);
        self
    }
}

/// What several runs took: the median, and the quartiles around it.
#[derive(Clone, Copy)]
pub struct Spread {
    /// A quarter of the runs took less.
    pub low: f64,
    /// The one in the middle.
    pub median: f64,
    /// A quarter of the runs took more.
    pub high: f64,
}

impl Spread {
    /// Not numbers, where there is no value.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let quarter =
            |n: usize| values.get(values.len().saturating_sub(1) * n / 4).copied().unwrap_or(f64::NAN);
        Self { low: quarter(1), median: quarter(2), high: quarter(3) }
    }

    /// In another unit.
    pub fn over(self, unit: f64) -> Self {
        Self { low: self.low / unit, median: self.median / unit, high: self.high / unit }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(1);
        let Self { low, median, high } = self;
        write!(f, "{median:.digits$} ({low:.digits$} to {high:.digits$})")
    }
}

/// So many runs of each of `things`. Every other turn goes backwards, so that nobody always runs behind the same one.
///
/// # Errors
/// A run fails.
pub fn take<T, R>(things: &[T], turns: usize, mut run: impl FnMut(&T) -> Result<R>) -> Result<Vec<Vec<R>>> {
    let mut all: Vec<Vec<R>> = things.iter().map(|_| Vec::with_capacity(turns)).collect();
    for turn in 0..turns {
        for at in 0..things.len() {
            let at = if turn % 2 == 0 { at } else { things.len() - 1 - at };
            all[at].push(run(&things[at])?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_runs_in_the_same_turn() {
        let (ours, theirs) = (Turns::of(vec![2.0, 40.0, 8.0]), Turns::of(vec![1.0, 10.0, 8.0]));
        assert_eq!(format!("{:.1}", ours.times(&theirs)), "2.0 (1.0 to 2.0)");
        assert_eq!(format!("{:.1}", ours.over(2.0).spread()), "4.0 (1.0 to 4.0)");
    }

    #[test]
    fn each_runs_once_a_turn_and_every_other_turn_goes_backwards() {
        let mut order = Vec::new();
        let all = take(&["a", "b", "c"], 2, |name| {
            order.push(*name);
            Ok(order.len())
        });
        assert_eq!(all.expect("no run fails"), [[1, 6], [2, 5], [3, 4]]);
        assert_eq!(order.concat(), "abccba");
    }
}
