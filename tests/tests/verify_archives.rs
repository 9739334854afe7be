//! Archives of every kind: whatever wraps the objects, the tool tells the records of each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::account::{Account, images};
use linktab_tests::verify::targets::Target;
use linktab_tests::verify::{linktab, must, scratch};
use linktab_verify::commands::Exit;

/// A name that no archive has room for in a member's header.
const LONG: &str = "archived-under-a-name-of-more-than-sixteen-bytes.o";

struct Bench {
    target: Target,
    folder: PathBuf,
}

impl Bench {
    /// One for each of the formats, or none where the compiler is not installed, which then is said.
    fn all(test: &str) -> Vec<Bench> {
        let mut formats = Vec::new();
        let mut targets = Target::installed();
        targets.retain(|target| {
            let is_new = !formats.contains(&target.format);
            formats.push(target.format);
            is_new
        });
        let bench = |target: Target| {
            let folder = scratch("archives").join(test).join(target.slug());
            fs::create_dir_all(&folder).expect("the scratch folder is writable");
            Bench { target, folder }
        };
        targets.into_iter().map(bench).collect()
    }

    /// Two objects, one with a long name.
    fn objects(&self, flags: &[&str]) -> [PathBuf; 2] {
        let objects = [self.folder.join("modules.o"), self.folder.join(LONG)];
        self.target.compile("modules.c", flags, &objects[0]);
        self.target.compile("archived.c", flags, &objects[1]);
        objects
    }

    fn archive<P: AsRef<Path>>(&self, name: &str, tool: &[&str], members: &[P]) -> PathBuf {
        let archive = self.folder.join(name);
        let _ = fs::remove_file(&archive);
        // Members of thin archives are files beside it.
        let mut command = Command::new(tool[0]);
        command.current_dir(&self.folder).args(&tool[1..]).arg(&archive);
        must(command.args(members.iter().map(|member| member.as_ref().file_name().expect("a file"))));
        archive
    }
}

/// Member and records, without the addresses that objects do not have.
fn told(images: &[Account]) -> Vec<String> {
    let name = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let mut told: Vec<String> = images
        .iter()
        .map(|image| {
            let member = image.member.as_deref().unwrap_or(&image.path);
            let member = member.rsplit('/').next().unwrap_or(member);
            let records: Vec<String> = image.records.iter().map(name).collect();
            format!(
                "{member}: {}",
                records.iter().chain(&image.markers).cloned().collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    told.sort();
    told
}

fn expected() -> [String; 2] {
    [
        format!("{LONG}: acme.archived"),
        "modules.o: acme.alpha acme.alpha.beta acme.delta acme.gamma".to_owned(),
    ]
}

#[test]
fn every_kind_of_archive_tells_its_members() {
    let mut read = 0;
    for bench in Bench::all("kinds") {
        let objects = bench.objects(&[]);
        let mut archives = vec![
            bench.archive("gnu.a", &["llvm-ar", "--format=gnu", "crs"], &objects),
            bench.archive("bsd.a", &["llvm-ar", "--format=bsd", "crs"], &objects),
            bench.archive("darwin.a", &["llvm-ar", "--format=darwin", "crs"], &objects),
            bench.archive("thin.a", &["llvm-ar", "--thin", "crs"], &objects),
            bench.archive("unindexed.a", &["llvm-ar", "crS"], &objects),
        ];
        if bench.target.format == "elf" {
            archives.push(bench.archive("binutils.a", &["ar", "crs"], &objects));
            archives.push(bench.archive("binutils-thin.a", &["ar", "crsT"], &objects));
        }
        for archive in &archives {
            assert_eq!(told(&images(archive)), expected(), "{}", archive.display());
        }
        read += archives.len();
    }
    println!("archives: {read} read");
}

#[test]
fn a_member_of_a_thin_archive_that_is_gone_is_an_error() {
    for bench in Bench::all("gone") {
        let objects = bench.objects(&[]);
        let archive = bench.archive("thin.a", &["llvm-ar", "--thin", "crs"], &objects);
        fs::remove_file(&objects[1]).expect("it was just compiled");
        let ran = linktab(["list", archive.to_str().expect("an ASCII path")]);
        assert_eq!(ran.exit, Exit::Unreadable);
        assert!(ran.err.contains(LONG) || ran.out.contains(LONG), "{ran:?}");
    }
}

#[test]
fn an_archive_in_an_archive_is_opened_once() {
    for bench in Bench::all("nested") {
        let objects = bench.objects(&[]);
        let ar = ["llvm-ar", "qcS"];
        let inner = bench.archive("libinner.rlib", &ar, &objects);
        let outer = bench.archive("outer.a", &ar, &[inner]);
        assert_eq!(told(&images(&outer)), expected());
        let outermost = bench.archive("outermost.a", &ar, &[outer]);
        let ran = linktab(["list", outermost.to_str().expect("an ASCII path")]);
        assert_eq!(ran.exit, Exit::Unreadable, "archives are opened one level deep");
    }
}
