//! The options of `linktab pack`, as they were given.

use std::path::PathBuf;

/// Put Python code behind an executable that is a `python`: one file, which opens no other
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  linktab pack target/release/app -o app --code src/python
  linktab pack target/release/app -o app --code src/python --with requests --with 'lxml>=5'
  ./app -m acme.main
  linktab pack target/release/app -o tool --code src/python --entry acme.cli:main
  ./tool --help

Of two files of one name the first is packed, and a warning names the other: the standard library's comes before --code,
that before --with and -r, and those before --site. Folders of --site and --with hold metadata and data files too; `.pth`
files are read by no packed program.

The executable has `linktab_finder::main()` for its main function, and finds its standard library here.
What is in the archive: unzip -l app

Exit code: 0 packed, 2 not packed")]
pub struct Pack {
    /// The executable, as the linker made it
    #[arg(value_name = "BIN")]
    pub executable: PathBuf,

    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// A folder whose packages and modules go into the file, or one module; may be repeated
    #[arg(long, value_name = "PATH")]
    pub code: Vec<PathBuf>,

    /// A package from PyPI, with all that it needs: pip resolves and downloads wheels for the Python inside
    #[arg(long, value_name = "REQUIREMENT")]
    pub with: Vec<String>,

    /// A file of requirements, as pip reads it
    #[arg(short, long, value_name = "FILE")]
    pub requirement: Vec<PathBuf>,

    /// A site-packages of the same Python, as pip has filled it
    #[arg(long, value_name = "DIR")]
    pub site: Vec<PathBuf>,

    /// A package of the standard library that is left out otherwise, such as `tkinter` or `venv`
    #[arg(long, value_name = "NAME")]
    pub keep: Vec<String>,

    /// With the tests of packages from --with, -r and --site: folders `test` and `tests` in them that hold files of tests,
    /// and that nothing else in these packages imports
    #[arg(long)]
    pub keep_tests: bool,

    /// A package that reads its own code as files, as transformers does: all of it, sources too, is put where its data files
    /// are
    #[arg(long, value_name = "PACKAGE")]
    pub unpack: Vec<String>,

    /// With the sources of all modules, for `inspect` and tracebacks; the start takes a third longer
    #[arg(long)]
    pub source: bool,

    /// Deflate Python code, shared extensions and data: what is read, a start inflates, which takes longer. With `all` the
    /// executable too, by LZMA: each start inflates all of it into memory of its own, and runs it there
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "archive")]
    pub compress: Option<Compress>,

    /// Without what debuggers read: `strip` or `llvm-strip` takes it out of the program, all symbols but those that
    /// `linktab check` reads; shared extensions and libraries lose all that no segment of theirs has
    #[arg(long)]
    pub strip: bool,

    /// With the libraries of this machine that shared extensions need, but those of the C library and what the
    /// executable itself is linked with; `linktab needs` shows what is left
    #[arg(long)]
    pub include_libs: bool,

    /// The file is an application: it runs this function, `package.module:function`, and its arguments are the
    /// application's
    #[arg(long, value_name = "MODULE:FUNCTION", conflicts_with = "module")]
    pub entry: Option<String>,

    /// The file is an application: it runs this module, or a package's `__main__`, as `python -m` does
    #[arg(short, long, value_name = "MODULE")]
    pub module: Option<String>,

    /// Let PYTHON… variables of the environment count in an application too
    #[arg(long)]
    pub python_options: bool,

    /// Put shared extensions into a private folder when they are imported, and not into memory, as data files always
    /// are; the environment variable LINKTAB_EXTRACT decides otherwise: `0`, `1`, or a folder
    #[arg(long)]
    pub extract: bool,
}

/// What is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Compress {
    /// What is behind the executable
    Archive,
    /// The executable as well
    All,
}
