//! Programs that were altered after the link, as packages of distributions are: they run as before, and
//! the tool reads of each what it prints of itself, finds its faults, and finds none in its clean twin.

use std::fs;
use std::path::{Path, PathBuf};

use linktab_tests::by_turns;
use linktab_tests::verify::account::decoded;
use linktab_tests::verify::alterations::{ALTERATIONS, Alteration, DRASTIC, patchelfs};
use linktab_tests::verify::native::{PLACES, Place, compile, link, native_linkers, printed};
use linktab_tests::verify::{build_app, codes, has, scratch};
use linktab_verify::commands::Exit;

/// A program with and one without a fault.
struct Twins {
    name: String,
    place: Place,
    has_anchor: bool,
    clean: PathBuf,
    /// The code that is found in each.
    faulty: Vec<(&'static str, PathBuf)>,
}

/// `flags`: those of the locator.
fn twins(place: Place, linker: (&str, &str), flags: &[&str]) -> Twins {
    let name = format!("{}-{place:?}{}", linker.0, flags.concat()).replace(' ', "-").to_lowercase();
    let folder = scratch("altered").join(&name);
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    let walk = folder.join("walk.o");
    compile(place, "walk.c", &[&["-DMAIN"], flags].concat(), &walk);
    let build = |fault: u32| {
        let (modules, program) = (folder.join(format!("{fault}.o")), folder.join(format!("app-{fault}")));
        compile(place, "modules.c", &[&format!("-DFAULT={fault}")], &modules);
        link(place, linker.1, &[walk.clone(), modules], &[], &program);
        program
    };
    let faulty = vec![("LT009", build(9)), ("LT008", build(8)), ("LT006", build(6))];
    Twins { name, place, has_anchor: flags.is_empty(), clean: build(0), faulty }
}

/// Mold 1.10's static programs crash before main, an empty one too.
fn all(flags: &[&str]) -> Vec<Twins> {
    let linkers = native_linkers();
    let pairs = linkers.iter().flat_map(|linker| PLACES.map(|place| (place, linker)));
    let possible = pairs.filter(|(place, (name, _))| (*place, *name) != (Place::Static, "mold"));
    possible.map(|(place, (name, flag))| twins(place, (name, flag), flags)).collect()
}

/// Alters the twins in one way, and compares. Returns how many files were.
fn compare(twins: &Twins, alteration: &Alteration, patchelf: &Path) -> usize {
    let what = format!("{}, {}, {}", twins.name, alteration.name, patchelf.display());
    let copy = twins.clean.with_extension("altered");
    alteration.apply(patchelf, &twins.clean, &copy);
    let expected = printed(&twins.clean);
    assert_eq!(expected.len(), 4, "{what}");
    assert_eq!(printed(&copy), expected, "{what}: it runs as before");
    let mut read = decoded(&copy);
    read.sort();
    assert_eq!(read, expected, "{what}");
    assert_eq!(codes(&copy, &[]), (Exit::Clean, vec![]), "{what}");
    for (code, program) in &twins.faulty {
        alteration.apply(patchelf, program, &copy);
        let (exit, mut found) = codes(&copy, &[]);
        // Without symbols it says so too.
        found.retain(|code| code != "LT015");
        // Where neither a name nor an anchor is left, a broken record may hide where the table ends.
        let expected = if exit == Exit::Unreadable && !twins.has_anchor && *code == "LT008" {
            (Exit::Unreadable, "LT902")
        } else {
            (Exit::Findings, *code)
        };
        assert_eq!((exit, found), (expected.0, vec![expected.1.to_owned()]), "{what}, {code}");
    }
    1 + twins.faulty.len()
}

fn compare_all(all: &[Twins], alterations: &[Alteration]) -> usize {
    let (mut compared, every, any) = (0, patchelfs(), [PathBuf::from("patchelf")]);
    for (turn, alteration) in alterations.iter().filter(|alteration| alteration.tools().all(has)).enumerate()
    {
        let is_for_static = alteration.is_for_static();
        let possible = all.iter().filter(|twins| twins.place != Place::Static || is_for_static);
        for twins in by_turns(possible, turn, 3) {
            let patchelfs = if is_for_static { &any[..] } else { &every };
            compared += patchelfs.iter().map(|patchelf| compare(twins, alteration, patchelf)).sum::<usize>();
        }
    }
    compared
}

#[test]
fn what_tools_alter_is_read_as_it_runs() {
    let all = all(&[]);
    let compared = compare_all(&all, ALTERATIONS) + compare_all(&all, DRASTIC);
    println!("altered: {compared} programs compared");
}

/// Programs from before the anchor have the note alone, whose distances count from where it was.
#[test]
fn what_has_no_anchor_is_read_as_it_runs() {
    let compared = compare_all(&all(&["-DOLD_LOCATOR"]), ALTERATIONS);
    println!("altered, without an anchor: {compared} programs compared");
}

/// The real crates, whose locator and anchor are Rust's.
#[test]
fn what_rust_registered_is_read_as_it_runs() {
    let folder = scratch("altered-rust");
    let (program, copy) = (folder.join("app"), folder.join("app.altered"));
    let (mut compared, every) = (0, patchelfs());
    for (turn, profile) in ["release", "fat-lto"].into_iter().enumerate() {
        build_app(profile, &[], &program);
        let expected = printed(&program);
        assert_eq!(expected.len(), 5, "{profile}");
        let possible = ALTERATIONS.iter().chain(DRASTIC).filter(|alteration| alteration.tools().all(has));
        for alteration in by_turns(possible, turn, 2) {
            for patchelf in &every {
                alteration.apply(patchelf, &program, &copy);
                let what = format!("{profile}, {}, {}", alteration.name, patchelf.display());
                assert_eq!(printed(&copy), expected, "{what}: it runs as before");
                let mut read = decoded(&copy);
                read.sort();
                assert_eq!(read, expected, "{what}");
                assert_eq!(codes(&copy, &[]), (Exit::Clean, vec![]), "{what}");
                compared += 1;
            }
        }
    }
    println!("altered, of Rust: {compared} programs compared");
}
