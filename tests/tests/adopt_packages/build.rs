//! `linktab build`: a project that requires what can be linked in, what cannot, and what cannot even be built, in; one
//! file out, which runs where there is nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::adopting::{self, hurried, is_one_more};
use linktab_tests::verify::command;
use linktab_tests::{bare_root, libpython_is_shared, run, stock_python, target_dir, transcript, try_run};

use super::sources;

/// An index of files alone: sources of packages, and a wheel of those that need to be told to be built.
pub fn index(name: &str, releases: &[(&str, &str)]) -> PathBuf {
    let folder = target_dir("adopt").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let names: Vec<&str> = releases.iter().map(|(name, _)| *name).collect();
    for (of, (name, release)) in sources(&format!("sources-of-{name}"), &names).iter().zip(releases) {
        if matches!(*name, "broken" | "lacking" | "quiet") {
            wheel(of, &folder);
        }
        let folder_of_release = Path::new(of).with_file_name(release);
        let _ = fs::remove_dir_all(&folder_of_release);
        fs::rename(of, &folder_of_release).expect("a folder can be renamed");
        let mut tar = Command::new("tar");
        tar.arg("czf").arg(folder.join(format!("{release}.tar.gz"))).arg("-C");
        run(tar.arg(folder_of_release.parent().expect("it has one")).arg(release));
    }
    folder
}

/// Makes the wheel of a package, into a folder.
fn wheel(of: &str, folder: &Path) {
    let mut backend = Command::new(stock_python());
    let code = "import backend, sys; backend.build_wheel(sys.argv[1])";
    backend.args(["-c", code]).arg(folder).current_dir(of).env("ACME_READY", "1");
    run(hurried(&mut backend));
    fs::remove_dir_all(Path::new(of).join("out")).expect("it was made");
}

/// Of one release there is a wheel for every machine alone, and of the other a wheel with an extension, and sources of an
/// earlier one.
#[test]
fn a_release_without_sources_is_taken_as_its_wheel_if_that_has_no_extension_and_else_said_to_have_none() {
    let index = index("index-of-wheels", &[]);
    sources("sources-of-wheels", &["pure", "one"]).iter().for_each(|of| wheel(of, &index));
    fs::write(index.join("acme_one-0.9.tar.gz"), "").expect("a file can be written");
    let mut call = Command::new(command());
    call.args(["adopt", "acme-pure", "acme-one", "--python"]).arg(stock_python());
    call.arg("-o").arg(target_dir("adopt").join("wheels"));
    let said = transcript(hurried(&mut call).env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", index), "");
    // How long it took is before an `s`.
    let untimed = |line: &str| match line
        .split_once(" s: ")
        .and_then(|(before, why)| Some((before.rsplit_once(' ')?.0, why)))
    {
        Some((before, why)) => format!("{before} … s: {why}"),
        None => line.to_owned(),
    };
    // Builds are side by side.
    let mut lines: Vec<String> = said.lines().map(untimed).collect();
    lines.sort();
    insta::assert_snapshot!("without_sources", lines.join("\n"));
}

/// pip finds a wheel of it that has an extension, and its sources build without a word and without one.
#[test]
fn a_package_that_quietly_built_no_extension_is_told_from_python_code_alone() {
    let index = index("index-of-quiet", &[("quiet", "acme_quiet-8.0"), ("pure", "acme_pure-6.0")]);
    let mut call = Command::new(command());
    call.args(["adopt", "acme-quiet", "acme-pure", "--python"]).arg(stock_python());
    call.arg("-o").arg(target_dir("adopt").join("quiet"));
    let output = try_run(hurried(&mut call).env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", index));
    let table = String::from_utf8(output.stdout).expect("it prints UTF-8");
    insta::assert_snapshot!("quiet", format!("exit code {:?}\n{table}", output.status.code()));
}

/// Where there is no Rust, nothing is fetched or built before that is said, with what to install.
#[test]
fn without_cargo_the_command_says_what_to_install_and_begins_nothing() {
    let folder = target_dir("adopt").join("without-cargo");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let mut call = Command::new(command());
    call.args(["build", "--entry", "tool:main"]).arg(&folder).env("PATH", &folder);
    let output = try_run(&mut call);
    let said = String::from_utf8(output.stderr)
        .expect("it prints UTF-8")
        .replace(env!("CARGO_PKG_RUST_VERSION"), "<version>");
    insta::assert_snapshot!("without_cargo", format!("exit code {:?}\n{said}", output.status.code()));
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 0, "something was begun");
}

fn build(project: &str, index: &Path, more: &[&str]) -> (String, String) {
    let mut call = Command::new(command());
    call.args(["build", project, "--python"]).arg(stock_python()).args(more);
    let (work, _alone) = adopting::work();
    call.arg("--work").arg(work);
    call.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", index);
    let output = try_run(hurried(&mut call));
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn a_project_becomes_one_file_with_what_it_requires_linked_in_or_packed() {
    // An executable that needs the library of CPython is not packed.
    if libpython_is_shared() || is_one_more() {
        return;
    }
    let releases = [
        ("one", "acme_one-1.0"),
        ("files", "acme_files-4.0"),
        ("broken", "acme_broken-5.0"),
        ("lacking", "acme_lacking-9.0"),
    ];
    let index = index("index", &releases);
    let project = sources("project", &["application"]).concat();
    let toml = Path::new(&project).join("pyproject.toml");
    let own = fs::read_to_string(Path::new(&project).join("project.toml")).expect("it is there");
    let system = fs::read_to_string(&toml).expect("it is there");
    fs::write(&toml, format!("{own}\n{system}")).expect("a file can be written");

    let (_, notes) = build(&project, &index, &["--locked"]);
    assert!(notes.contains("build once without `--locked`, which writes it"), "{notes}");
    let (said, notes) = build(&project, &index, &[]);
    println!("{notes}{said}");
    assert!(said.contains(" 0 errors, 0 warnings\n"), "{notes}{said}");
    let words = |line: &str| {
        line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().join("  ")
    };
    let table: Vec<String> =
        said.lines().skip_while(|line| !line.ends_with("warnings")).skip(1).map(words).collect();
    insta::assert_snapshot!("built", table.join("\n"));

    let root = target_dir("adopt").join("bare-root");
    let app = Path::new(&project).join("dist").join("acme-app");
    insta::assert_snapshot!("at_home", transcript(&mut Command::new(&app), ""));
    let Some(mut chroot) = bare_root(&app, &root) else { return };
    chroot.args(["a", "--b"]).env("HOME", "/home").env_remove("XDG_CACHE_HOME");
    insta::assert_snapshot!("in_a_bare_root", transcript(&mut chroot, ""));

    let lock = Path::new(&project).join("linktab-build.lock");
    let text = fs::read_to_string(&lock).expect("it was written");
    let releases = text.split_once("[packages]").map(|(_, releases)| releases.trim());
    assert_eq!(
        releases,
        Some("acme-broken = \"5.0\"\nacme-files = \"4.0\"\nacme-lacking = \"9.0\"\nacme-one = \"1.0\"")
    );
    fs::write(&lock, text.replace("acme-one = \"1.0\"", "acme-one = \"0.9\""))
        .expect("a file can be written");
    let (_, notes) = build(&project, &index, &["--locked"]);
    assert!(notes.contains("error: pip finds nothing that fits") && notes.contains("acme-one"), "{notes}");
    fs::write(&lock, text).expect("a file can be written");
    let (said, notes) = build(&project, &index, &["--locked"]);
    assert!(said.contains(" 0 errors, 0 warnings\n"), "{notes}{said}");
    insta::assert_snapshot!("without_a_project", without_a_project(&index));
}

/// A module in a folder, a list of what it requires, and the function that it begins with.
fn without_a_project(index: &Path) -> String {
    let folder = target_dir("adopt").join("without-a-project");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let code =
        "import acme_one\n\n\ndef main():\n    print(acme_one.ask(), acme_one._core.__spec__.loader)\n";
    for (name, text) in [("tool.py", code), ("requirements.txt", "acme-one\n")] {
        fs::write(folder.join(name), text).expect("a file can be written");
    }
    let list = folder.join("requirements.txt").display().to_string();
    let place = folder.display().to_string();
    let (said, notes) = build(&place, index, &["-r", &list, "--entry", "tool:main"]);
    let said_by_it = transcript(&mut Command::new(folder.join("dist/tool")), "");
    assert!(!said_by_it.contains("exit code"), "{notes}{said}{said_by_it}");
    said_by_it
}
