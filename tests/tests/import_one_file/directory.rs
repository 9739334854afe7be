//! The directory of the archive: `zipimport` reads little of it at the start, and knows all of it when code runs.

use super::{alone, packed};
use linktab_tests::transcript;

/// What it found when it looked, each time, and whether it knows what is there.
fn found(options: &[&str], environment: &[(&str, &str)]) -> Option<String> {
    const CODE: &str = "
import os, sys, zipimport
path = os.path.realpath(sys.executable)
known = dict(zipimport._zip_directory_cache[path])
read = zipimport._read_directory(path)
print('all of it is known', known == {name: entry for name, entry in read.items() if entry or name in known}, file=sys.stderr)
";
    let mut command = alone(packed()?);
    command.envs(environment.iter().copied()).args(["-I", "-v"]).args(options).args(["-c", CODE]);
    let said = transcript(&mut command, "");
    let is_told = |line: &&str| line.starts_with("# zipimport: found ") || line.contains("all of it");
    let told = said.lines().filter(is_told).map(|line| match line.strip_prefix("# zipimport: found ") {
        Some(rest) => match rest.split(' ').next().and_then(|count| count.parse().ok()) {
            Some(0..20) => "found few",
            Some(500_u32..) => "found many",
            _ => line,
        },
        None => line.strip_prefix("# ").unwrap_or(line),
    });
    Some(told.collect::<Vec<_>>().join(", "))
}

#[test]
fn a_start_reads_little_of_the_directory_and_all_is_known_then() {
    let Some(plain) = found(&[], &[("LC_ALL", "C.UTF-8")]) else { return };
    assert_eq!(plain, "found few, found many, all of it is known True");
}

/// Modules that initialising would not find among the few.
#[test]
fn a_start_that_needs_more_reads_all_of_it() {
    let all = "found many, found many, all of it is known True";
    for options in [&["-W", "error"], &["-X", "dev"]] {
        let Some(said) = found(options, &[("LC_ALL", "C.UTF-8")]) else { return };
        assert_eq!(said, all, "{options:?}");
    }
}
