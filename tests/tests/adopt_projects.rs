//! The projects of `examples/build/`: each becomes one file by one `linktab build`, which runs where there is nothing
//! else, or under the machine's `mpirun`, and says there what it is meant to say.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::adopting::{self, copy, hurried};
use linktab_tests::verify::{command, has};
use linktab_tests::{example_projects as projects, libpython_is_shared, run, stock_python, target_dir};

/// The folder of a project that was built, and the command's last words. `pack` are packages whose wheels are taken as
/// they are: those that take minutes to compile.
fn built(name: &str, pack: &[&str]) -> Option<(PathBuf, String)> {
    // An executable that needs the library of CPython is not packed.
    if libpython_is_shared() {
        return None;
    }
    let folder = target_dir("adopt").join("projects").join(name);
    let _ = fs::remove_dir_all(&folder);
    copy(&projects::folder(name), &folder);
    let mut build = Command::new(command());
    build.arg("build").arg(&folder).arg("--python").arg(stock_python());
    build.args(pack.iter().flat_map(|package| ["--pack", package]));
    let (work, _alone) = adopting::work();
    build.arg("--work").arg(work);
    Some((folder, projects::table(&run(hurried(&mut build)))))
}

#[test]
fn a_command_line_checks_and_adds_up_orders() {
    let Some((folder, table)) = built("orders", &[]) else { return };
    let Some(app) = projects::root(&folder.join("dist/orders"), &folder.join("root")) else { return };
    projects::orders(&table, app);
}

#[test]
fn ranks_under_mpirun_compute_together_with_numpy() {
    if !has("mpirun") {
        return;
    }
    let Some((folder, table)) = built("integral", &["numpy"]) else { return };
    // At home: MPI is the machine's, with plugins that it looks for in folders, and is no part of the file.
    let mut mpirun = Command::new("mpirun");
    mpirun.args(["-n", "3"]).arg(folder.join("dist/integral")).arg("1000000");
    mpirun.env("HOME", &folder).env_remove("XDG_CACHE_HOME");
    projects::integral(&table, mpirun);
}

#[test]
fn a_web_service_answers_requests() {
    let Some((folder, table)) = built("greeter", &[]) else { return };
    let Some(app) = projects::root(&folder.join("dist/greeter"), &folder.join("root")) else { return };
    projects::greeter(&table, app);
}
