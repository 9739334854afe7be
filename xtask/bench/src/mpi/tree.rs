//! The application that all ranks run, as files: executables, packages with Python and native modules, and
//! a copy of the standard library, in one folder that can be shown by any file system.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use linktab_bench::names;

use crate::build::Site;
use crate::{run, standard_library};

const RANK: &str = include_str!("rank.py");

/// How the application is shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `.so` and `.py`.
    Files,
    /// Extensions in the executable, `.py` beside.
    Static,
    /// Everything in the executable.
    OneFile,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::Files, Form::Static, Form::OneFile];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Form::Files => "everything from files",
            Form::Static => "static extensions, Python files beside",
            Form::OneFile => "one file",
        }
    }

    /// The executable, the folder to run in and the home of the standard library, below the tree.
    pub fn places(self) -> [&'static str; 3] {
        match self {
            Form::Files => ["bin/stock", "files", "."],
            Form::Static => ["bin/static", "static", "."],
            Form::OneFile => ["bin/one", ".", ""],
        }
    }
}

/// Makes the folder with `count` extensions, and returns it.
///
/// # Errors
/// Something does not build, or cannot be copied.
pub fn make(site: &Site, count: usize) -> Result<PathBuf> {
    let tree = site.dir.join(count.to_string()).join("mpi");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    let names = names::names(count);
    for form in ["files", "static"] {
        sources(&tree.join(form), &names)?;
    }
    let [stock, with_modules] = site.pythons(count)?;
    let shared = site.shared_objects(count)?;
    for name in &names {
        let path = Path::new(&name.replace('.', "/")).with_extension("so");
        fs::copy(shared.join(&path), tree.join("files").join(path))?;
    }
    fs::create_dir_all(tree.join("bin"))?;
    fs::copy(stock, tree.join("bin/stock"))?;
    fs::copy(&with_modules, tree.join("bin/static"))?;
    standard_library::copy(&tree)?;
    pack(&with_modules, &tree)?;
    // What a first import would write, for both forms of files.
    let mut compile = Command::new(tree.join("bin/stock"));
    compile.args(["-m", "compileall", "-q", "files", "static", "lib"]).current_dir(&tree);
    run::output(compile.env("PYTHONHOME", &tree))?;
    Ok(tree)
}

/// Packages as people write them: each native module has one of Python around it, each package imports its
/// own from `__init__.py`.
fn sources(root: &Path, names: &[String]) -> Result<()> {
    let (mut packages, mut leaves) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        let (package, leaf) = name.rsplit_once('.').context("a name has dots")?;
        let folder = root.join(package.replace('.', "/"));
        fs::create_dir_all(&folder)?;
        let wrapper = leaf.trim_start_matches('_');
        let text = format!(
            "\"\"\"What `{leaf}` does, with a friendlier face.\"\"\"\n\nfrom .{leaf} import area, version\n\n\n\
             def volume(x, height=1):\n    return area(x) * height\n"
        );
        fs::write(folder.join(wrapper).with_extension("py"), text)?;
        let init = folder.join("__init__.py");
        let mut text = fs::read_to_string(&init).unwrap_or_default();
        writeln!(text, "from . import {wrapper}")?;
        fs::write(init, text)?;
        packages.insert(package.to_owned());
        leaves.insert(leaf.to_owned());
    }
    for package in &packages {
        for (end, _) in package.match_indices('.') {
            let init = root.join(package[..end].replace('.', "/")).join("__init__.py");
            fs::write(init, format!("\"\"\"Parts of {}.\"\"\"\n", &package[..end]))?;
        }
    }
    fs::write(root.join("rank.py"), RANK)?;
    let lists = format!("NAMES = {packages:?}\nLEAVES = {leaves:?}\n");
    fs::write(root.join("rank_packages.py"), lists)?;
    Ok(())
}

/// `linktab pack`, as its users call it.
fn pack(executable: &Path, tree: &Path) -> Result<()> {
    let linktab = std::env::var_os("LINKTAB_COMMAND").context("LINKTAB_COMMAND is not set")?;
    let mut pack = Command::new(linktab);
    pack.arg("pack").arg(executable).arg("--output").arg(tree.join("bin/one"));
    pack.arg("--code").arg(tree.join("static")).env("PYTHONHOME", tree);
    run::output(&mut pack).map(drop)
}
