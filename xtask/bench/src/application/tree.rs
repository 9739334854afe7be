//! The application in all its forms below one folder, which any file system can show.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Plan;
use crate::build::Site;
use crate::one_file::tools::{self, Built};
use crate::{run, standard_library};

/// How the application is shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Files in folders, with an interpreter that is linked from the same libpython as the others.
    Environment,
    /// `linktab pack`, with the shared objects of wheels.
    Packed,
    /// `linktab build`, with extensions linked in.
    Static,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::Environment, Form::Packed, Form::Static];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Form::Environment => "virtual environment",
            Form::Packed => "one file, wheels packed",
            Form::Static => "one file, extensions linked in",
        }
    }
}

/// What makes forms of it.
pub struct Programs {
    /// The command.
    linktab: PathBuf,
    /// An executable with CPython inside, and no extensions of packages.
    host: PathBuf,
}

impl Programs {
    /// # Errors
    /// `cargo xtask bench application` did not start this.
    pub fn release() -> Result<Self> {
        let built = env::current_exe()?;
        let folder = built.parent().context("a program is in a folder")?;
        Ok(Programs { linktab: folder.join("linktab"), host: folder.join("hello") })
    }

    /// Those that are built fast.
    ///
    /// # Errors
    /// They do not build.
    #[cfg(test)]
    pub fn for_test() -> Result<Self> {
        let [linktab, host] = crate::one_file::debug_programs()?;
        Ok(Programs { linktab, host })
    }
}

/// Where everything is.
pub struct Tree {
    dir: PathBuf,
    built: Vec<Built>,
    homes: Vec<PathBuf>,
}

impl Tree {
    /// How a form is started. Its path goes through a link that leads to the files, wherever they are shown.
    pub fn built(&self, form: Form) -> &Built {
        &self.built[form as usize]
    }

    /// A folder that is its own, on the local disk.
    pub fn home(&self, form: Form) -> &Path {
        &self.homes[form as usize]
    }

    /// All files of all forms.
    pub fn files(&self) -> PathBuf {
        self.dir.join("files")
    }

    /// Where another file system can show them.
    pub fn mountpoint(&self) -> PathBuf {
        self.dir.join("mounted")
    }

    /// From now on they are started from there.
    ///
    /// # Errors
    /// The link cannot be made.
    pub fn shown_at(&self, place: &Path) -> Result<()> {
        let link = self.dir.join("shown");
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        symlink(place, &link).with_context(|| format!("cannot make {}", link.display()))
    }
}

/// Makes all forms.
///
/// # Errors
/// There is no index of packages, or something does not build.
pub fn make(site: &Site, plan: &Plan, programs: &Programs) -> Result<Tree> {
    let dir = site.dir.join("application").join(plan.name);
    let mut tree = Tree { built: Vec::new(), homes: Vec::new(), dir };
    if tree.dir.exists() {
        fs::remove_dir_all(&tree.dir)?;
    }
    let project = tree.dir.join("project");
    fs::create_dir_all(&project)?;
    fs::create_dir_all(tree.files())?;
    fs::write(project.join("application.py"), plan.code)?;
    fs::write(tree.dir.join("requirements.txt"), plan.requirements)?;
    tree.shown_at(&tree.files())?;
    eprintln!("a virtual environment");
    let (words, packages) = environment(site, plan, &tree)?;
    let size = tools::size(&tree.files())?;
    add(&mut tree, Form::Environment, words, size);
    for form in [Form::Packed, Form::Static] {
        eprintln!("{}", form.name());
        let output = tree.files().join(format!("{form:?}").to_lowercase());
        let mut command = Command::new(&programs.linktab);
        match form {
            Form::Packed => {
                command.arg("pack").arg(&programs.host).arg("--site").arg(&packages);
            }
            _ => {
                command
                    .arg("build")
                    .arg(&project)
                    .arg("--requirement")
                    .arg(tree.dir.join("requirements.txt"));
                command.arg("--python").arg(python()?).arg("--work").arg(tree.dir.join("work"));
            }
        }
        command.args(["--strip", "--entry", "application:main"]).arg("--output").arg(&output);
        // Beside the folder that is made anew each time.
        command.env("XDG_CACHE_HOME", site.dir.join("application/caches"));
        run::output(&mut command)?;
        let shown = tree.dir.join("shown").join(output.file_name().context("it was named above")?);
        let size = tools::size(&output)?;
        add(&mut tree, form, vec![shown.into()], size);
    }
    Ok(tree)
}

fn add(tree: &mut Tree, form: Form, words: Vec<OsString>, size: u64) {
    tree.built.push(Built { words, size, seconds: 0.0 });
    tree.homes.push(tree.dir.join("homes").join(format!("{form:?}").to_lowercase()));
}

/// As `python -m venv` and pip make one, but around a CPython below the same folder; how it is started, and the folder
/// of packages.
fn environment(site: &Site, plan: &Plan, tree: &Tree) -> Result<(Vec<OsString>, PathBuf)> {
    let (prefix, venv) = (tree.files().join("python"), tree.files().join("venv"));
    let library = standard_library::copy(&prefix)?;
    let version = library.file_name().context("a folder has a name")?;
    let packages = venv.join("lib").join(version).join("site-packages");
    let stock = site.stock_python(&tree.dir)?;
    for bin in [prefix.join("bin"), venv.join("bin")] {
        fs::create_dir_all(&bin)?;
        fs::copy(&stock, bin.join("python3"))?;
    }
    let shown = tree.dir.join("shown");
    let home = shown.join("python/bin");
    // Doc/library/site.rst.
    let settings = format!("home = {}\ninclude-system-site-packages = false\n", home.display());
    fs::write(venv.join("pyvenv.cfg"), settings)?;
    let mut pip = Command::new(python()?);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]);
    pip.arg("--target").arg(&packages).arg("-r").arg(tree.dir.join("requirements.txt"));
    run::output(&mut pip)?;
    fs::write(packages.join("application.py"), plan.code)?;
    // As the script that pip makes for an entry point.
    let script = "import sys\nfrom application import main\nsys.exit(main())\n";
    fs::write(venv.join("bin/application"), script)?;
    let interpreter = shown.join("venv/bin/python3");
    let mut compile = Command::new(&interpreter);
    compile.args(["-I", "-m", "compileall", "-q", "-j", "2"]).arg(&library).arg(&packages);
    run::output(&mut compile)?;
    Ok((vec![interpreter.into(), shown.join("venv/bin/application").into()], packages))
}

fn python() -> Result<OsString> {
    env::var_os("LINKTAB_PYTHON").context("LINKTAB_PYTHON is not set: start me by `cargo xtask bench`")
}
