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

/// The file that a project became, and the command's last words.
fn built(session: &mut Session, name: &str, packages: &[&str], options: &[&str]) -> (PathBuf, String) {
    session.begin(name);
    let place = session.place();
    copy(&projects::folder(name), &place);
    fs::copy(fixture("adopt").join("constraints.txt"), place.join("constraints.txt"))
        .expect("it can be copied");
    session.install(&[&PACKAGES[..], packages].concat());
    let mut build = session.command("sh");
    build.args(["-c", "PIP_CONSTRAINT=$PWD/constraints.txt exec linktab build \"$@\"", "sh"]);
    let said = run(build.args(options).envs(QUICKLY));
    (place.join("dist").join(name), projects::table(&said))
}

#[test]
fn projects_are_built_where_nothing_is_but_what_the_page_installs() {
    let Some(mut session) = Session::new("projects") else { return };
    let root = target_dir("roots").join("example-projects");

    let (file, table) = built(&mut session, "orders", &[], &[]);
    let Some(app) = projects::root(&file, &root) else { return };
    projects::orders(&table, app);

    let (file, table) = built(&mut session, "greeter", &[], &[]);
    let Some(app) = projects::root(&file, &root) else { return };
    projects::greeter(&table, app);

    let (_, table) = built(&mut session, "integral", &MPI, &["--pack", "numpy"]);
    let mut mpirun = session.command("mpirun");
    mpirun.args(["--allow-run-as-root", "--oversubscribe", "-n", "3", "dist/integral", "1000000"]);
    projects::integral(&table, mpirun);
}
