//! `linktab python` in projects that never heard of this workspace: what it writes there is what cargo builds with.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use linktab_tests::alone::alone;
use linktab_tests::projects::Project;
use linktab_tests::{python_minor, run, stock_python};

/// What a person has in `.cargo/config.toml`.
const OWN: &str = "\
# Ours since 2021.
[alias]
b = \"build\" # shorter

[env]
ACME_MODE = \"fast\"   # for the tests

[target.wasm32-unknown-unknown]
linker = \"acme-ld\"
";

fn python() -> String {
    stock_python().to_str().expect("it is UTF-8").to_owned()
}

/// What depends on the CPython of this machine, by name.
fn plain(text: &str) -> String {
    let question = "\
import os, sys, sysconfig
print('%d.%d.%d' % sys.version_info[:3], sysconfig.get_path('include'), sysconfig.get_config_var('MULTIARCH') or '-')
print(sysconfig.get_config_var('LDVERSION'))
";
    let answer = run(Command::new(stock_python()).args(["-c", question]));
    let words: Vec<&str> = answer.split_whitespace().collect();
    let [version, include, multiarch, ld_version] = words[..] else { panic!("{answer}") };
    let minor = version.rsplit_once('.').expect("it has three parts").0;
    let text = text.replace(&python(), "<python>").replace(include, "<include>");
    let text = text.replace(version, "3.M.N").replace(multiarch, "<machine>");
    let text = text.replace(&format!("python{ld_version}-pic"), "python3.M");
    let text = text.replace(&format!("python{ld_version}"), "python3.M").replace(minor, "3.M");
    let host = run(Command::new("rustc").args(["--print", "host-tuple"]));
    let upper = host.trim().replace('-', "_").to_uppercase();
    digits(&text.replace(host.trim(), "<host>").replace(&upper, "<HOST>"))
}

/// The eight digits that tell libraries apart.
fn digits(text: &str) -> String {
    let is_digits = |word: &str| word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit());
    let mut plain = text.to_owned();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_digits(word)) {
        plain = plain.replace(word, "<key>");
    }
    plain
}

#[test]
fn a_project_that_heard_of_nothing_builds_with_what_is_found_and_keeps_its_own_settings() {
    let _alone = alone("project-app");
    let project = Project::of_fixture("app", "app");
    project.write(".cargo/config.toml", OWN);
    project.write("crates/geo/pyproject.toml", "[build-system]\nrequires = [\"maturin>=1.9.4\"]\n");
    let said = project.said(project.linktab(&["python", "--offline", "--python", &python()]).arg("--static"));
    let config = project.read(".cargo/config.toml");
    insta::assert_snapshot!("settings", plain(&format!("{said}--- config.toml\n{config}")));
    let code = "import acme._native as n, os, sys; print(n, n.answer(), os.environ['ACME_MODE'], sys.version_info[:3])";
    let built = run(&mut project.cargo(&["run", "--quiet", "--", "-c", code]));
    let version = run(Command::new(stock_python()).args(["-c", "import sys; print(sys.version_info[:3])"]));
    assert_eq!(built, format!("<module 'acme._native' (static)> 42 fast {version}"));
    // A second time there is nothing to write.
    let again =
        project.said(project.linktab(&["python", "--offline", "--python", &python()]).arg("--static"));
    assert!(again.contains("cargo knows of it already"), "{again}");
    assert_eq!(project.read(".cargo/config.toml"), config);
}

/// The libpython that the loader is asked for, as ldd prints it.
fn libpython(program: &Path) -> bool {
    run(Command::new("ldd").arg(program)).contains("libpython")
}

#[test]
fn a_library_is_exchanged_and_what_only_the_other_needed_is_forgotten() {
    let _alone = alone("project-bare");
    let project = Project::of_fixture("exchanged", "bare");
    let mut seen = String::new();
    let version =
        run(Command::new(stock_python()).args(["-c", "import platform; print(platform.python_version())"]));
    for kind in ["--shared", "--static"] {
        let said = project.said(&mut project.linktab(&["python", "--offline", "--python", &python(), kind]));
        seen.push_str(&format!("=== {kind}\n{said}--- config.toml\n{}", project.read(".cargo/config.toml")));
        let mut files: Vec<String> = fs::read_dir(project.folder.join(".cargo/linktab"))
            .expect("it was made")
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
            .collect();
        files.sort_by_key(|name| (name.len(), name.clone()));
        seen.push_str(&format!("--- files\n{}\n", files.join("\n")));
        assert_eq!(run(&mut project.cargo(&["run", "--quiet"])), version);
        let program = project.target("debug/bare");
        assert_eq!(libpython(&program), kind == "--shared", "{kind}");
    }
    insta::assert_snapshot!("exchanged", plain(&seen));
}

#[test]
fn what_a_person_chose_is_not_overwritten() {
    let project = Project::of_fixture("own", "bare");
    let call = ["python", "--offline", "--python", &python()];
    let mut seen = String::new();
    let host = run(Command::new("rustc").args(["--print", "host-tuple"]));
    let linker = format!("[target.{}]\nlinker = \"clang\"\n", host.trim());
    for (kind, own) in [
        ("--static", "[env]\nPYO3_CONFIG_FILE = \"/opt/acme.txt\"\n"),
        ("--shared", linker.as_str()),
        ("--static", "env = 3\n"),
        ("--static", "[env\n"),
    ] {
        project.write(".cargo/config.toml", own);
        seen.push_str(&project.said(project.linktab(&call).arg(kind)));
        assert_eq!(project.read(".cargo/config.toml"), own);
    }
    insta::assert_snapshot!("own", plain(&seen));
}

#[test]
fn outside_of_a_project_and_where_it_is_asked_so_variables_are_all() {
    let project = Project::empty("none", "bare");
    let call = ["python", "--offline", "--static", "--python", &python()];
    let mut seen = project.said(&mut project.linktab(&call));
    project.write("Cargo.toml", "[package]\nname = \"a\"\n");
    project.write("src/lib.rs", "");
    seen.push_str(&project.said(project.linktab(&call).arg("--no-write")));
    assert!(!project.folder.join(".cargo").exists());
    project.write(".cargo/config.toml", "# Ours.\r\n[env]\r\nA = \"b\"\r\n");
    for expected in ["wrote .cargo/config.toml", "cargo knows of it already"] {
        let said = project.said(&mut project.linktab(&call));
        assert!(said.contains(expected), "{said}");
        let config = project.read(".cargo/config.toml");
        assert!(
            config.starts_with("# Ours.\r\n[env]\r\n") && config.contains("PYO3_CONFIG_FILE"),
            "{config:?}"
        );
        assert_eq!(config.matches('\n').count(), config.matches("\r\n").count(), "{config:?}");
    }
    for wrong in ["3.2", "3", "2.7t"] {
        let refused = project.said(&mut project.linktab(&["python", "--version", wrong]));
        assert_eq!(
            refused,
            format!(
                "exit code 2\n--- errors\nerror: expected a version of 3.9, 3.10, 3.11, 3.12, 3.13, 3.14, 3.14t, 3.15, \
                 3.15t, found `{wrong}`\n"
            )
        );
    }
    let other = if python_minor() == 9 { "3.10" } else { "3.9" };
    let refused = project.said(project.linktab(&call).args(["--version", other]));
    seen.push_str(&refused.replace(other, "<other>"));
    // What every proof takes is missed once, not by each library.
    let file = project.folder.join("Cargo.toml");
    for (name, value) in [("XDG_CACHE_HOME", &*file), ("PATH", Path::new("/none"))] {
        seen.push_str(&project.said(project.linktab(&["python", "--list"]).env(name, value)));
    }
    insta::assert_snapshot!("variables", plain(&seen));
}

/// An installation as a manager of versions makes it: everything of this CPython, below another prefix.
fn installation(prefix: &Path, is_left_out: impl Fn(&str) -> bool) {
    let question = "\
import os, sys, sysconfig
v = sysconfig.get_config_var
print(os.path.realpath(sys.executable))
print(sysconfig.get_path('stdlib'))
print(sysconfig.get_path('include'))
print(os.path.join(v('LIBDIR') or '', v('LDLIBRARY') or ''))
print('%d.%d' % sys.version_info[:2])
";
    let answer = run(Command::new(stock_python()).args(["-c", question]));
    let lines: Vec<&Path> = answer.lines().map(Path::new).collect();
    let [executable, stdlib, include, library, minor] = lines[..] else { panic!("{answer}") };
    let python = format!("python{}", minor.display());
    for folder in ["bin", "include", &format!("lib/{python}")] {
        fs::create_dir_all(prefix.join(folder)).expect("a folder can be made");
    }
    let copied = prefix.join("bin/python3");
    fs::copy(executable, &copied).expect("a program can be copied");
    symlink(include, prefix.join("include").join(include.file_name().expect("it has a name")))
        .expect("a link");
    let entries = fs::read_dir(stdlib).expect("it is a folder").flatten().map(|entry| entry.path());
    for entry in entries.chain([library.to_owned()]) {
        let name = entry.file_name().expect("it has a name").to_str().expect("it is UTF-8");
        let folder = if entry == library { "lib".to_owned() } else { format!("lib/{python}") };
        if !is_left_out(name) && entry.exists() {
            symlink(&entry, prefix.join(folder).join(name)).expect("a link can be made");
        }
    }
}

#[test]
fn installations_of_managers_are_found_and_each_that_does_not_link_says_why() {
    let project = Project::empty("managers", "bare");
    let home = project.folder.join("home");
    let uv = ".local/share/uv/python/cpython-3-linux";
    for prefix in [".pyenv/versions/3", uv, "miniconda3", "miniconda3/envs/work"] {
        installation(&home.join(prefix), |_| false);
    }
    let without = home.join(".pyenv/versions/without");
    installation(&without, |name| name.starts_with("config-") || name.contains("libpython"));
    project.write("home/.asdf/installs/python/other/bin/python3", "#!/bin/sh\necho implementation=pypy\n");
    run(Command::new("chmod").arg("+x").arg(home.join(".asdf/installs/python/other/bin/python3")));
    project.write("home/.asdf/installs/python/broken/bin/python3", "no program");

    // Only what is here, and what compiles.
    let sysroot = run(Command::new("rustc").args(["--print", "sysroot"]));
    let path = format!("{}/bin:/usr/bin:/bin", sysroot.trim());
    let mut list = project.linktab(&["python", "--list", "--static"]);
    let list = list.env("HOME", &home).env("PATH", path).env_remove("PYENV_ROOT").env_remove("CONDA_PREFIX");
    let said = project.said(list.env_remove("XDG_DATA_HOME"));
    let is_told = |line: &&str| !line.starts_with("  ") || line.contains("<project>");
    let told: Vec<&str> = said.lines().filter(is_told).collect();
    insta::assert_snapshot!("managers", plain(&told.join("\n")));
    assert_eq!(fs::read_dir(project.folder.join("caches/linktab")).expect("it was made").count(), 0);
}
