//! `linktab build` on each project of `examples/build/`, in a root that has nothing but Rust, a C compiler, the command and
//! what `docs/build.md` says to install. Once a week: what is built is what the part `adopt` builds on this machine.

use std::fs;
use std::path::PathBuf;

use linktab_tests::adopting::{QUICKLY, copy};
use linktab_tests::session::Session;
use linktab_tests::{example_projects as projects, fixture, run, target_dir};

/// As the page says.
const PACKAGES: [&str; 2] = ["python3-dev", "python3-pip"];
/// What `integral` is for.
const MPI: [&str; 2] = ["libopenmpi-dev", "openmpi-bin"];

/// A project in a root of its own, the file that it became there, and the command's last words.
fn built(name: &str, packages: &[&str], options: &[&str]) -> Option<(Session, PathBuf, String)> {
    let mut session = Session::new(name)?;
    session.begin(name);
    let place = session.place();
    copy(&projects::folder(name), &place);
    fs::copy(fixture("adopt").join("constraints.txt"), place.join("constraints.txt"))
        .expect("it can be copied");
    session.install(&[&PACKAGES[..], packages].concat());
    let mut build = session.command("sh");
    build.args(["-c", "PIP_CONSTRAINT=$PWD/constraints.txt exec linktab build \"$@\"", "sh"]);
    let said = run(build.args(options).envs(QUICKLY));
    Some((session, place.join("dist").join(name), projects::table(&said)))
}

/// Another root, with nothing but that file.
fn bare(name: &str) -> PathBuf {
    target_dir("roots").join(format!("bare-{name}"))
}

#[test]
fn a_command_line_is_built_where_nothing_is_but_what_the_page_installs() {
    let Some((_session, file, table)) = built("orders", &[], &[]) else { return };
    let Some(app) = projects::root(&file, &bare("orders")) else { return };
    projects::orders(&table, app);
}

#[test]
fn a_web_service_is_built_where_nothing_is_but_what_the_page_installs() {
    let Some((_session, file, table)) = built("greeter", &[], &[]) else { return };
    let Some(app) = projects::root(&file, &bare("greeter")) else { return };
    projects::greeter(&table, app);
}

#[test]
fn a_job_for_mpi_is_built_where_nothing_is_but_what_the_page_installs() {
    let Some((session, file, table)) = built("integral", &MPI, &["--pack", "numpy"]) else { return };
    assert!(file.is_file(), "{table}");
    let mut mpirun = session.command("mpirun");
    mpirun.args(["--allow-run-as-root", "--oversubscribe", "-n", "3", "dist/integral", "1000000"]);
    // That the root has no `/sys` is told by a library of Open MPI's else.
    mpirun.env("HWLOC_HIDE_ERRORS", "2");
    projects::integral(&table, mpirun);
}
