//! Sources in, executables out, one per way to register, all around the same objects and the same
//! static CPython. What is there already and was made from the same is not made again.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, thread};

use anyhow::{Context as _, Result, bail};

use linktab_bench::names;

use crate::{run, sources};

/// The C files of this package.
const DRIVER: &[(&str, &str)] = &[
    ("bench.h", include_str!("../c/bench.h")),
    ("module.h", include_str!("../c/module.h")),
    ("driver.c", include_str!("../c/driver.c")),
    ("inittab.c", include_str!("../c/inittab.c")),
    ("unordered_map.cpp", include_str!("../c/unordered_map.cpp")),
    ("linktab.c", include_str!("../c/linktab.c")),
    // Copied for its text to count: what includes it is compiled anew when it changes.
    ("linktab.h", include_str!("../../../registry/include/linktab.h")),
];

/// The executables for one count of modules.
pub struct Peers {
    /// CPython's inittab in all its forms, and nothing registered.
    pub inittab: PathBuf,
    /// The hash map of C++.
    pub map: PathBuf,
    /// linktab.
    pub linktab: PathBuf,
    /// How many modules are in each.
    pub count: usize,
}

/// Where things are, from the variables that `cargo xtask bench` sets.
pub struct Site {
    /// Everything is built below.
    pub dir: PathBuf,
    root: PathBuf,
    include: Vec<PathBuf>,
    libpython: Vec<OsString>,
    host: PathBuf,
}

impl Site {
    /// # Errors
    /// A variable is missing: `cargo xtask bench` sets them.
    pub fn new() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let include = env::var_os("LINKTAB_PYTHON_INCLUDE");
        let include =
            include.context("LINKTAB_PYTHON_INCLUDE is not set: start me by `cargo xtask bench`")?;
        let config = env::var_os("PYO3_CONFIG_FILE").context("PYO3_CONFIG_FILE is not set, see above")?;
        let config = fs::read_to_string(config).context("PYO3_CONFIG_FILE cannot be read")?;
        let mut hasher = DefaultHasher::new();
        (&config, DRIVER).hash(&mut hasher);
        Ok(Self {
            dir: target.join("bench").join(format!("{:016x}", hasher.finish())),
            include: env::split_paths(&include).collect(),
            libpython: libpython(&config)?,
            host: target.join("release/liblinktab_bench_host.a"),
            root,
        })
    }

    /// Builds the executables for `count` modules.
    ///
    /// # Errors
    /// A compiler or the linker fails.
    pub fn peers(&self, count: usize) -> Result<Peers> {
        let dir = self.dir.join(count.to_string());
        fs::create_dir_all(&dir)?;
        for (name, text) in DRIVER {
            write(&self.dir.join(name), text)?;
        }
        let names = names::names(count);
        let mut files: Vec<(String, String)> = sources::modules(&names);
        let modules: Vec<PathBuf> =
            files.iter().map(|(name, _)| dir.join(name).with_extension("o")).collect();
        files.push(("table.c".to_owned(), sources::table(&names)));
        files.push(("inittab_table.c".to_owned(), sources::inittab(&names)));
        files.push(("records.c".to_owned(), sources::records(&names)));
        for (name, text) in &files {
            write(&dir.join(name), text)?;
        }
        let sources: Vec<PathBuf> = files.iter().map(|(name, _)| dir.join(name)).collect();
        self.compile_all(&sources)?;
        let own = ["driver.c", "inittab.c", "unordered_map.cpp", "linktab.c"].map(|name| self.dir.join(name));
        self.compile_all(&own)?;

        let object = |name: &str| dir.join(name);
        let own = |name: &str| self.dir.join(name);
        let with = |more: &[PathBuf]| {
            let common = [own("driver.o"), object("table.o")];
            common.iter().chain(&modules).chain(more).cloned().collect::<Vec<PathBuf>>()
        };
        let peer = |name: &str, objects: &[PathBuf]| self.link(&dir.join(name), &with(objects));
        Ok(Peers {
            inittab: peer("inittab", &[own("inittab.o"), object("inittab_table.o")])?,
            map: peer("map", &[own("unordered_map.o")])?,
            linktab: peer("linktab", &[own("linktab.o"), object("records.o"), self.host.clone()])?,
            count,
        })
    }

    /// Two that are a `python`: CPython's own `main`, and linktab's with `count` modules inside.
    ///
    /// # Errors
    /// A compiler or the linker fails.
    pub fn pythons(&self, count: usize) -> Result<[PathBuf; 2]> {
        let dir = self.dir.join(count.to_string());
        fs::create_dir_all(&dir)?;
        write(&self.dir.join("module.h"), include_str!("../c/module.h"))?;
        let names = names::names(count);
        let mut files: Vec<(String, String)> = sources::modules(&names);
        files.push(("records.c".to_owned(), sources::records(&names)));
        files.push(("static_python.c".to_owned(), include_str!("../c/static_python.c").to_owned()));
        let sources: Vec<PathBuf> = files.iter().map(|(name, _)| dir.join(name)).collect();
        for (source, (_, text)) in sources.iter().zip(&files) {
            write(source, text)?;
        }
        self.compile_all(&sources)?;
        let mut objects: Vec<PathBuf> = sources.iter().map(|source| source.with_extension("o")).collect();
        objects.push(self.host.clone());
        Ok([self.stock_python(&dir)?, self.link(&dir.join("static_python"), &objects)?])
    }

    /// CPython's own `main`, in a folder that is there.
    ///
    /// # Errors
    /// A compiler or the linker fails.
    pub fn stock_python(&self, dir: &Path) -> Result<PathBuf> {
        let source = dir.join("stock_python.c");
        write(&source, include_str!("../c/stock_python.c"))?;
        self.compile_all(std::slice::from_ref(&source))?;
        self.link(&dir.join("stock_python"), &[source.with_extension("o")])
    }

    /// The same modules as shared objects, in the folders of their packages.
    ///
    /// # Errors
    /// The compiler or the linker fails.
    pub fn shared_objects(&self, count: usize) -> Result<PathBuf> {
        let root = self.dir.join(count.to_string()).join("so");
        let done = root.join("complete");
        if done.is_file() {
            return Ok(root);
        }
        for name in names::names(count) {
            let path = root.join(name.replace('.', "/")).with_extension("so");
            let folder = path.parent().context("a file is in a folder")?;
            fs::create_dir_all(folder)?;
            let leaf = name.rsplit('.').next().unwrap_or(&name);
            // One object for each leaf name; linked anew for each module, so that no two share an inode.
            let object = self.dir.join(format!("shared_{leaf}.c"));
            write(&object, &sources::shared_module(leaf))?;
            self.compile_all(std::slice::from_ref(&object))?;
            let mut ld = Command::new("ld");
            run::output(ld.args(["-shared", "-o"]).arg(&path).arg(object.with_extension("o")))?;
        }
        fs::write(done, "")?;
        Ok(root)
    }

    /// Two at a time or more, as the machine has processors.
    fn compile_all(&self, sources: &[PathBuf]) -> Result<()> {
        let stale: Vec<&PathBuf> =
            sources.iter().filter(|source| is_stale(source, &source.with_extension("o"))).collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        for some in stale.chunks(threads) {
            thread::scope(|scope| {
                let jobs: Vec<_> = some.iter().map(|source| scope.spawn(|| self.compile(source))).collect();
                jobs.into_iter()
                    .try_for_each(|job| job.join().unwrap_or_else(|_| bail!("a compiler's thread died")))
            })?;
        }
        Ok(())
    }

    fn compile(&self, source: &Path) -> Result<()> {
        let cxx = source.extension().is_some_and(|extension| extension == "cpp");
        let (compiler, standard) = if cxx {
            (env::var_os("CXX").unwrap_or_else(|| "c++".into()), "-std=c++17")
        } else {
            ("cc".into(), "-std=gnu11")
        };
        let mut command = Command::new(compiler);
        command
            .args([standard, "-O2", "-fPIC", "-c", "-w"])
            .arg(source)
            .arg("-o")
            .arg(source.with_extension("o"));
        command.arg("-I").arg(&self.dir);
        for dir in
            self.include.iter().chain(&[self.root.join("registry/include"), self.root.join("finder/include")])
        {
            command.arg("-I").arg(dir);
        }
        run::output(&mut command).map(drop)
    }

    fn link(&self, program: &Path, objects: &[PathBuf]) -> Result<PathBuf> {
        if objects.iter().any(|object| is_stale(object, program)) {
            // A CPython with another C library than this machine's has a driver that links with that one.
            let driver = env::var_os("LINKTAB_CC").or_else(|| env::var_os("CXX"));
            let mut command = Command::new(driver.unwrap_or_else(|| "c++".into()));
            // Shared extensions look for CPython's symbols in the executable.
            command.arg("-rdynamic").arg("-o").arg(program).args(objects).args(&self.libpython);
            run::output(command.args(["-lstdc++", "-ldl", "-lpthread", "-lutil", "-lm"]))?;
        }
        Ok(program.to_owned())
    }
}

/// How the config file links libpython, for a C compiler.
fn libpython(config: &str) -> Result<Vec<OsString>> {
    let pairs: Vec<(&str, &str)> = config.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |key: &str| pairs.iter().find(|(found, _)| *found == key).map_or("", |(_, value)| *value);
    if value("shared") == "true" {
        bail!("only a shared libpython was found; the benchmarks compare executables with CPython inside");
    }
    let mut words = vec![format!("-L{}", value("lib_dir"))];
    for (kind, option) in [("search=native", "-L"), ("lib", "-l")] {
        let start = format!("cargo:rustc-link-{kind}=");
        let extra = pairs.iter().filter(|(key, _)| *key == "extra_build_script_line");
        let found = extra.filter_map(|(_, line)| line.strip_prefix(&start));
        let found: Vec<String> =
            found.map(|word| format!("{option}{}", word.trim_start_matches("static="))).collect();
        if option == "-l" {
            words.push(format!("-l{}", value("lib_name")));
        }
        words.extend(found);
    }
    Ok(words.into_iter().map(OsString::from).collect())
}

/// Writes unless that is what is there, so that what depends on the file stays fresh.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).ok().as_deref() == Some(text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn is_stale(from: &Path, made: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    match (time(from), time(made)) {
        (Some(from), Some(made)) => from > made,
        _ => true,
    }
}
