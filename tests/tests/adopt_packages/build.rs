//! `linktab build`: a project that requires what can be linked in, what cannot, and what cannot even be built, in; one
//! file out, which runs where there is nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linktab_tests::verify::command;
use linktab_tests::{bare_root, libpython_is_shared, run, stock_python, target_dir, transcript, try_run};

use super::{caches, sources};

/// An index of files alone: sources of three packages, and a wheel of the one that cannot be built.
fn index() -> PathBuf {
    let folder = target_dir("adopt").join("index");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    for (of, release) in sources("sources-of-index", &["one", "files", "broken"]).iter().zip([
        "acme_one-1.0",
        "acme_files-4.0",
        "acme_broken-5.0",
    ]) {
        let mut pip = Command::new(stock_python());
        pip.args(["-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--wheel-dir"]);
        if release.starts_with("acme_broken") {
            run(pip.arg(&folder).arg(of).env("ACME_READY", "1"));
            fs::remove_dir_all(Path::new(of).join("out")).expect("it was made");
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

fn build(project: &str, index: &Path, more: &[&str]) -> (String, String) {
    let mut call = Command::new(command());
    call.args(["build", project, "--python"]).arg(stock_python()).args(more);
    call.arg("--work").arg(target_dir("adopt").join("build"));
    call.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", index).env("XDG_CACHE_HOME", caches());
    let output = try_run(&mut call);
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn a_project_becomes_one_file_with_what_it_requires_linked_in_or_packed() {
    // An executable that needs the library of CPython is not packed.
    if libpython_is_shared() {
        return;
    }
    let index = index();
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
    assert_eq!(releases, Some("acme-broken = \"5.0\"\nacme-files = \"4.0\"\nacme-one = \"1.0\""));
    fs::write(&lock, text.replace("acme-one = \"1.0\"", "acme-one = \"0.9\""))
        .expect("a file can be written");
    let (_, notes) = build(&project, &index, &["--locked"]);
    assert!(notes.contains("error: pip finds nothing that fits") && notes.contains("acme-one"), "{notes}");
    fs::write(&lock, text).expect("a file can be written");
    let (said, notes) = build(&project, &index, &["--locked"]);
    assert!(said.contains(" 0 errors, 0 warnings\n"), "{notes}{said}");
}
