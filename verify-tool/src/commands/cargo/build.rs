//! `cargo build` with its messages in, programs and libraries out.

mod script;

use std::env;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::args::CargoCheck;
pub use script::{BuildScript, For};

/// What cargo built.
#[derive(Default)]
pub struct Built {
    pub programs: Vec<Program>,
    pub libraries: Vec<Library>,
    pub scripts: Vec<BuildScript>,
}

pub struct Program {
    /// cargo's identifier of the package.
    pub package: String,
    /// The name of the target that it is made of.
    pub name: String,
    pub kind: Kind,
    pub path: PathBuf,
}

/// What a program is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Binary,
    /// An example, a test or a bench, to which dependencies of development belong.
    Development,
    /// A `cdylib`, which may hold a table of its own.
    Shared,
    /// A `staticlib`, which another linker takes.
    Archive,
}

/// A package, and whether its dependencies of development count: in examples, tests and benches.
#[derive(Clone, Copy)]
pub struct Start<'p> {
    pub package: &'p str,
    pub development: bool,
}

impl Program {
    pub fn start(&self) -> Start<'_> {
        Start { package: &self.package, development: self.kind == Kind::Development }
    }
}

#[derive(Clone)]
pub struct Library {
    pub package: String,
    /// The `.rlib`, a `dylib`, or a static library of its build script's.
    pub path: PathBuf,
    pub is_dylib: bool,
    /// `None`: for all that depend on the package.
    pub only: Option<For>,
}

impl Library {
    pub fn new(package: &str, path: PathBuf) -> Library {
        Library { package: package.to_owned(), path, is_dylib: false, only: None }
    }
}

/// One line of `--message-format=json` (cargo reference, "External tools", JSON messages).
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    BuildScriptExecuted(BuildScript),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Artifact {
    package_id: String,
    target: Target,
    profile: Profile,
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Cargo, as it names itself to its subcommands.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command that builds, and says what it did in a form of cargo's.
pub fn command(args: &CargoCheck, format: &str) -> Command {
    let mut command = cargo();
    command.arg("build").arg(format!("--message-format={format}"));
    command.args(args.flags());
    command
}

/// Builds, and tells what came out and whether all did.
pub fn run(args: &CargoCheck) -> Result<(Built, bool), String> {
    let mut command = command(args, "json-render-diagnostics");
    command.stdout(Stdio::piped());
    // Cargo gives up when nobody reads what it says. On a terminal somebody does, and sees it move.
    command.stderr(if io::stderr().is_terminal() { Stdio::inherit() } else { Stdio::piped() });
    let mut child = command.spawn().map_err(|error| format!("cargo cannot be started: {error}"))?;
    let said = hand_on(child.stderr.take());
    let mut built = Built::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(|error| format!("cargo's messages cannot be read: {error}"))?;
            built.take(&line)?;
        }
    }
    let status = child.wait().map_err(|error| format!("cargo cannot be waited for: {error}"))?;
    // Its last words come before the report; a daemon that it started may hold the pipe for ever.
    let _ = said.recv_timeout(Duration::from_secs(1));
    // Cargo tells them in the order in which they got ready.
    built.programs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    built.scripts.sort_unstable_by(|a, b| a.package_id.cmp(&b.package_id));
    built.libraries.sort_unstable_by(|a, b| (&a.package, &a.path).cmp(&(&b.package, &b.path)));
    Ok((built, status.success()))
}

/// Reads a stream to its end, whether standard error takes it or not; the channel closes then.
fn hand_on(said: Option<ChildStderr>) -> mpsc::Receiver<()> {
    let (end, ended) = mpsc::channel();
    let Some(mut said) = said else { return ended };
    thread::spawn(move || {
        let _end: mpsc::Sender<()> = end;
        let mut buffer = [0; 8192];
        loop {
            match said.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let _ = io::stderr().write_all(buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    });
    ended
}

impl Built {
    fn take(&mut self, line: &str) -> Result<(), String> {
        // Build scripts and wrappers print lines of their own.
        if !line.starts_with('{') {
            return Ok(());
        }
        let message: Message = serde_json::from_str(line)
            .map_err(|error| format!("cargo's message is not understood: {error}"))?;
        let artifact = match message {
            Message::CompilerArtifact(artifact) => artifact,
            Message::BuildScriptExecuted(script) => {
                self.libraries.extend(script.libraries());
                self.scripts.push(script);
                return Ok(());
            }
            Message::Other => return Ok(()),
        };
        self.artifact(artifact);
        Ok(())
    }

    fn library(&mut self, package: &str, path: PathBuf, is_dylib: bool) {
        self.libraries.push(Library { is_dylib, ..Library::new(package, path) });
    }

    fn artifact(&mut self, artifact: Artifact) {
        let Artifact { package_id, target, profile, filenames, executable } = artifact;
        let is = |kind: &str| target.kind.iter().any(|it| it == kind);
        // A build script is an executable, too.
        let is_development = profile.test || is("example") || is("test") || is("bench");
        let mut programs: Vec<(Kind, PathBuf)> = Vec::new();
        match executable {
            Some(path) if is_development => programs.push((Kind::Development, path)),
            Some(path) if is("bin") => programs.push((Kind::Binary, path)),
            Some(_) => {}
            None => {
                for path in filenames {
                    match path.extension().and_then(|it| it.to_str()) {
                        Some("rlib") => self.library(&package_id, path, false),
                        Some("so" | "dylib" | "dll") if is("dylib") => self.library(&package_id, path, true),
                        Some("so" | "dylib" | "dll") if is("cdylib") => programs.push((Kind::Shared, path)),
                        Some("a" | "lib") if is("staticlib") && !is_import(&path) => {
                            programs.push((Kind::Archive, path))
                        }
                        _ => {}
                    }
                }
            }
        }
        self.programs.extend(programs.into_iter().map(|(kind, path)| Program {
            package: package_id.clone(),
            name: target.name.clone(),
            kind,
            path,
        }));
    }
}

/// Whether it tells a linker of Windows what is in a shared library.
fn is_import(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| Path::new(stem).extension().is_some_and(|it| it == "dll"))
}
