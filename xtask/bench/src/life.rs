//! Results in, the picture of a program's whole life out: compile, link, start, import, check, each beside the next best
//! way to do the same.

use std::path::Path;

use anyhow::Result;

use crate::compile;
use crate::plot::{self, Pair};
use crate::results::Results;
use crate::route;

/// Draws it.
///
/// # Errors
/// The file cannot be written.
pub fn plot(path: &Path, results: &Results) -> Result<()> {
    plot::pairs(path, "The life of a program: linktab, and the next best way below it", &stages(results))
}

/// What was measured of each stage; none where nothing was.
fn stages(results: &Results) -> Vec<Pair> {
    [compiled(results), linked(results), started(results), imported(results), checked(results)]
        .into_iter()
        .flatten()
        .collect()
}

fn compiled(results: &Results) -> Option<Pair> {
    let compile = results.compile.as_ref()?;
    Some(Pair {
        name: format!("compile {} modules", compile::COUNT),
        ours: (compile.seconds, format!("{:.1} s", compile.seconds)),
        theirs: (compile.without, format!("{:.1} s, registering nothing", compile.without)),
    })
}

fn linked(results: &Results) -> Option<Pair> {
    let most = results.compile_c.iter().max_by_key(|one| one.count)?;
    let [with, without] = most.link;
    Some(Pair {
        name: format!("link {} modules in C", most.count),
        ours: (with, format!("{with:.2} s")),
        theirs: (without, format!("{without:.2} s, registering nothing")),
    })
}

fn started(results: &Results) -> Option<Pair> {
    let ways = [route::MAP, route::STATIC, route::EXTEND, route::APPEND];
    let starts = results.starts.iter().filter(|start| start.count == results.top);
    let others = starts.clone().filter(|start| ways.iter().any(|way| way.name == start.route));
    let best = others.min_by(|a, b| a.instructions.total_cmp(&b.instructions))?;
    let ours = starts.clone().find(|start| start.route == "linktab")?;
    Some(pair(
        format!("start with {} modules", results.top),
        ours.instructions,
        best.instructions,
        best.route,
    ))
}

fn imported(results: &Results) -> Option<Pair> {
    let ours = results.import(route::LINKTAB, results.top)?;
    let others = [route::MAP, route::STATIC, route::EXTEND, route::APPEND];
    let others = others.into_iter().filter_map(|way| results.import(way, results.top));
    let best = others.min_by(|a, b| a.instructions.total_cmp(&b.instructions))?;
    Some(pair(format!("one import of {}", results.top), ours.instructions, best.instructions, best.route))
}

fn checked(results: &Results) -> Option<Pair> {
    let line = results.verify.lines().find(|line| line.contains("`readelf -r` and `nm`"))?;
    let times: f64 = line.split_once(" found ")?.1.split_whitespace().next()?.parse().ok()?;
    Some(Pair {
        name: "check of the executable".to_owned(),
        ours: (1.0, "1".to_owned()),
        theirs: (times, format!("{times:.1} x, readelf and nm")),
    })
}

fn pair(name: String, ours: f64, theirs: f64, rival: &str) -> Pair {
    let said = |value: f64| format!("{} instructions", plot::short(value));
    Pair { name, ours: (ours, said(ours)), theirs: (theirs, format!("{}, {rival}", said(theirs))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_has_both_ways_and_what_they_took() {
        let said = stages(&crate::page::tests::results())
            .iter()
            .map(|pair| format!("{}: {} < {}\n", pair.name, pair.ours.1, pair.theirs.1))
            .collect::<String>();
        insta::assert_snapshot!(said);
    }

    #[test]
    fn each_pair_has_two_bars_and_the_longer_ones_are_alike() {
        let path = std::env::temp_dir().join(format!("linktab-bench-life-{}.svg", std::process::id()));
        plot(&path, &crate::page::tests::results()).expect("the folder can be written");
        let drawn = std::fs::read_to_string(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is there");
        let widths = drawn
            .lines()
            .filter_map(|line| line.strip_prefix("<rect ")?.split("width=\"").nth(1)?.split('"').next());
        let widths: Vec<u32> = widths.filter_map(|width| width.parse().ok()).collect();
        let longest = widths.chunks(2).map(|pair| pair.iter().max());
        assert!(widths.len().is_multiple_of(2) && longest.clone().all(|one| one == Some(&330)), "{widths:?}");
    }
}
