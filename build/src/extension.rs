//! Sources of an extension in, a library of objects that cargo links as a whole out.

use std::fs;
use std::path::{Path, PathBuf};

use cc::Build;

use crate::cargo::{fail, given, out, variable, watch};
use crate::generators::Generator;
use crate::phase::Phase;
use crate::python::python;

/// An extension that is compiled into this package. Made by [`c_extension`] and its like.
#[derive(Debug, Clone)]
#[must_use = "nothing is compiled before `compile`"]
pub struct Extension {
    name: String,
    generator: Generator,
    files: Vec<PathBuf>,
    init: Option<(String, Phase)>,
    build: Build,
}

/// An extension in C. Its record stands in the source, as `LINKTAB_MODULE`, or is written by [`Extension::init`].
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::c_extension("acme.fast._native").file("src/native.c").compile();
/// ```
pub fn c_extension(name: &str) -> Extension {
    Extension::new(name, Generator::C)
}

/// An extension in C++17. Its record stands in the source, as `LINKTAB_MODULE`, or is written by [`Extension::init`].
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::cpp_extension("acme.fast._native").file("src/native.cpp").compile();
/// ```
pub fn cpp_extension(name: &str) -> Extension {
    Extension::new(name, Generator::Cpp)
}

/// An extension in Cython: `.pyx` and `.py` are translated, to C++ where the file says so
/// (`# distutils: language = c++`), and the record is written.
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::cython_extension("acme.text._tokens").file("src/_tokens.pyx").compile();
/// ```
pub fn cython_extension(name: &str) -> Extension {
    Extension::new(name, Generator::Cython)
}

/// An extension in C++ with pybind11, whose headers are found. Its record stands in the source, behind
/// `PYBIND11_MODULE`, or is written by [`Extension::init`].
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::pybind11_extension("acme.graph").file("src/graph.cpp").compile();
/// ```
pub fn pybind11_extension(name: &str) -> Extension {
    Extension::new(name, Generator::Pybind11)
}

/// An extension in C++ with nanobind, whose headers and runtime, a source too, are found. Its record stands in the
/// source, behind `NB_MODULE`, or is written by [`Extension::init`].
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// linktab_build::nanobind_extension("acme.mesh").file("src/mesh.cpp").compile();
/// ```
pub fn nanobind_extension(name: &str) -> Extension {
    Extension::new(name, Generator::Nanobind)
}

impl Extension {
    pub(crate) fn new(name: &str, generator: Generator) -> Extension {
        Extension { name: name.to_owned(), generator, files: Vec::new(), init: None, build: Build::new() }
    }

    /// A source, by its path in the package. Cargo looks at its whole folder for changes, headers among them.
    pub fn file(mut self, path: impl AsRef<Path>) -> Extension {
        self.files.push(path.as_ref().to_owned());
        self
    }

    /// Further sources.
    pub fn files(mut self, paths: impl IntoIterator<Item: AsRef<Path>>) -> Extension {
        self.files.extend(paths.into_iter().map(|path| path.as_ref().to_owned()));
        self
    }

    /// A folder of headers. Those of CPython and linktab are known.
    pub fn include(mut self, folder: impl AsRef<Path>) -> Extension {
        self.build.include(folder);
        self
    }

    /// A macro.
    pub fn define<'v>(mut self, name: &str, value: impl Into<Option<&'v str>>) -> Extension {
        self.build.define(name, value);
        self
    }

    /// Anything else that the crate [`cc`] can do.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// linktab_build::c_extension("acme._fast")
    ///     .file("src/fast.c")
    ///     .configure(|cc| {
    ///         cc.flag_if_supported("-fno-math-errno");
    ///     })
    ///     .compile();
    /// ```
    pub fn configure(mut self, configure: impl FnOnce(&mut Build)) -> Extension {
        configure(&mut self.build);
        self
    }

    /// Writes the record: the init function, which is visible outside of its source, and how it answers. For sources
    /// that have no place for `LINKTAB_MODULE`, such as what a generator writes.
    pub fn init(mut self, function: &str, phase: Phase) -> Extension {
        self.init = Some((function.to_owned(), phase));
        self
    }

    /// Compiles, and has cargo link every object into what depends on this package. Records name this package, its
    /// version, and the source.
    ///
    /// What does not compile fails the build. Where `LINKTAB_ONLY_CHECKED` is set nothing is compiled: for clippy and
    /// rustdoc, which link nothing.
    pub fn compile(mut self) {
        for file in &self.files {
            watch_source(file);
        }
        if variable("LINKTAB_ONLY_CHECKED").is_some() {
            return;
        }
        let generator = self.generator;
        generator.configure(&mut self.build);
        let sources = generator.translate(&self.name, &self.files);
        let init = self.init.clone().or_else(|| generator.init(&self.name, &mut self.build));
        let record = init.map(|(function, phase)| self.record(&function, phase));
        self.build
            .includes(python().include())
            .include(header())
            .define("LINKTAB_ORIGIN_PACKAGE", quoted(&given("CARGO_PKG_NAME")).as_str())
            .define("LINKTAB_ORIGIN_VERSION", quoted(&given("CARGO_PKG_VERSION")).as_str())
            // No code names the objects: without this they would not be linked.
            .link_lib_modifier("+whole-archive")
            .files(sources)
            .files(record);
        if let Err(error) = self.build.try_compile(&library(&self.name)) {
            fail(&format!("{} does not compile: {error}", self.name));
        }
    }

    /// A source with nothing but the record, which calls itself by the first source's name.
    fn record(&self, function: &str, phase: Phase) -> PathBuf {
        let source = self.files.first().map(|file| file.display().to_string()).unwrap_or_default();
        let text = format!(
            "#include <Python.h>\n#include <linktab.h>\n#line 1 {}\nLINKTAB_EXTERN_MODULE({}, {function}, {})\n",
            quoted(&source),
            quoted(&self.name),
            phase.word()
        );
        let file = out(&format!("{}.record.c", library(&self.name)));
        write(&file, &text);
        file
    }
}

/// Sources in a folder of their own are watched with their headers; in the package's they stand beside everything.
/// What this script writes is no reason to run again.
fn watch_source(file: &Path) {
    if file.starts_with(given("OUT_DIR")) {
        return;
    }
    let folder = file.parent().filter(|folder| file.is_relative() && !folder.as_os_str().is_empty());
    watch(folder.unwrap_or(file));
}

/// Where `linktab.h` is: cargo hands on what linktab's own build script says (`links`).
fn header() -> PathBuf {
    variable("DEP_LINKTAB_INCLUDE").map(PathBuf::from).unwrap_or_else(|| {
        fail(
            "expected `linktab` among the dependencies of this package, found none: its records are in linktab.h",
        )
    })
}

/// `acme-fast-_native`: no dotted name has a dash, so that no two have one library.
fn library(name: &str) -> String {
    name.replace('.', "-")
}

fn write(file: &Path, text: &str) {
    if let Err(error) = fs::write(file, text) {
        fail(&format!("cannot write {}: {error}", file.display()));
    }
}

/// As a string of C.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
