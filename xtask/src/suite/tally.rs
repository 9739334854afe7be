//! Lines of a test runner in, counts out.
//!
//! Knows libtest's summary line and two words of ours: a test that cannot run prints a line
//! `skipped: X is not installed`, and libtest counts such a test as passed; here it is not. One that
//! stands for many prints `counted: WHAT: COUNT`.

use std::ops::AddAssign;

/// How many tests of each kind.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Ran, and held.
    pub passed: usize,
    /// Ran, and did not hold.
    pub failed: usize,
    /// Could not run: the reasons, one each.
    pub skipped: Vec<String>,
    /// What tests counted by themselves: of what, and the count as they wrote it.
    pub counted: Vec<(String, String)>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
        self.counted.extend(other.counted);
    }
}

/// How a test runner ended.
#[derive(Debug)]
pub struct Outcome {
    /// What it counted.
    pub tally: Tally,
    /// Whether it exited 0.
    pub success: bool,
    /// How it was started.
    pub line: String,
}

impl Outcome {
    /// A runner that breaks off prints no count of its own.
    pub fn judged(mut self) -> Self {
        if !self.success && self.tally.failed == 0 {
            eprintln!("failed: `{}` broke off", self.line);
            self.tally.failed += 1;
        }
        self
    }
}

impl AddAssign for Outcome {
    /// Each is judged by itself.
    fn add_assign(&mut self, other: Self) {
        let other = other.judged();
        self.success &= other.success;
        self.tally += other.tally;
    }
}

/// Reads the output of `cargo test -- --show-output`, line by line.
#[derive(Debug, Default)]
pub struct Reader {
    tally: Tally,
    /// What the test under `---- name stdout ----` printed so far.
    block: Option<Block>,
    /// Tests that did nothing but say why they could not run.
    empty: usize,
}

#[derive(Debug, Default)]
struct Block {
    skips: usize,
    others: usize,
}

impl Reader {
    /// Takes one line.
    pub fn line(&mut self, line: &str) {
        if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            self.close();
            self.block = Some(Block::default());
        } else if line == "successes:" || line == "failures:" {
            self.close();
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.close();
            self.result(result);
        } else if let Some(reason) = line.strip_prefix("skipped: ") {
            self.tally.skipped.push(reason.trim().to_owned());
            self.block.iter_mut().for_each(|block| block.skips += 1);
        } else if let Some((what, count)) = line.strip_prefix("counted: ").and_then(|it| it.split_once(": "))
        {
            self.tally.counted.push((what.to_owned(), count.to_owned()));
            self.block.iter_mut().for_each(|block| block.others += 1);
        } else if !line.trim().is_empty() {
            self.block.iter_mut().for_each(|block| block.others += 1);
        }
    }

    /// Everything counted.
    pub fn finish(mut self) -> Tally {
        self.close();
        self.tally
    }

    fn close(&mut self) {
        if let Some(block) = self.block.take() {
            self.empty += usize::from(block.skips > 0 && block.others == 0);
        }
    }

    /// `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
    fn result(&mut self, result: &str) {
        let count = |word: &str| -> usize {
            let words: Vec<&str> = result.split([' ', ';']).filter(|word| !word.is_empty()).collect();
            words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
        };
        self.tally.passed += count("passed").saturating_sub(self.empty);
        self.tally.failed += count("failed");
        self.tally.skipped.extend((0..count("ignored")).map(|_| "a test is marked #[ignore]".to_owned()));
        self.empty = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Tally {
        let mut reader = Reader::default();
        text.lines().for_each(|line| reader.line(line));
        reader.finish()
    }

    #[test]
    fn counts_add_up_over_test_binaries() {
        let text = "\
running 2 tests
test a ... ok
test b ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s

test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.00s
";
        let skipped = vec!["a test is marked #[ignore]".to_owned()];
        assert_eq!(read(text), Tally { passed: 13, failed: 1, skipped, counted: Vec::new() });
    }

    #[test]
    fn a_test_that_only_says_why_it_cannot_run_has_not_passed() {
        let text = "\
running 3 tests
test linkers ... ok
test partly ... ok
test full ... ok

successes:

---- linkers stdout ----
skipped: mold is not installed

---- partly stdout ----
lld: 4 profiles
counted: profiles: 4 1s
skipped: gold is not installed

---- full stdout ----
lld: 4 profiles


successes:
    linkers
    partly
    full

test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";
        let skipped = ["mold is not installed", "gold is not installed"].map(str::to_owned).into();
        let counted = vec![("profiles".to_owned(), "4 1s".to_owned())];
        assert_eq!(read(text), Tally { passed: 2, failed: 0, skipped, counted });
    }
}
