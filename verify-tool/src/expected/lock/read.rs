//! A lock file in, [`Lock`] out: block by block, so that neither the file nor what its parser makes of it is
//! ever in memory as a whole.

use std::io::{self, BufRead};

use memchr::memmem::Finder;
use serde::Deserialize;
use toml::Spanned;

use super::{Entry, Lock, LockedModule, VERSION, canonical, part};
use crate::expected::place::Quoted;
use crate::records::Phase;

/// Bytes that are read at a time.
const READ: usize = 8 * MAX_BLOCK;

/// Most bytes of one block, in which a name takes a kibibyte at most.
const MAX_BLOCK: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: Spanned<u32>,
    #[serde(default)]
    architectures: Vec<String>,
    #[serde(default)]
    module: Vec<Module>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    module: Vec<Module>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Module {
    name: Spanned<String>,
    phase: Spanned<String>,
    #[serde(default)]
    package: bool,
    #[serde(default)]
    registered_by: String,
    #[serde(default)]
    architectures: Vec<String>,
}

impl Lock {
    /// Parses a lock file.
    ///
    /// # Errors
    ///
    /// With file, line and what is wrong.
    pub fn parse(path: &str, text: &str) -> Result<Lock, String> {
        Lock::read(path, &mut text.as_bytes())
    }

    /// Reads and parses a lock file.
    ///
    /// # Errors
    ///
    /// As for [`Lock::parse`], and those of the stream.
    pub fn read(path: &str, file: &mut dyn BufRead) -> Result<Lock, String> {
        let mut lock = Lock { path: path.to_owned(), ..Lock::default() };
        let mut blocks = Blocks::new(file);
        let stream = |error: io::Error| format!("{path}: {error}");
        let mut is_head = true;
        while let Some((first, text)) = blocks.next().map_err(stream)? {
            let block = Quoted::new(path, text, first);
            let modules = if is_head { lock.head(&block)? } else { parse::<Rest>(&block)?.module };
            modules.into_iter().try_for_each(|module| lock.take(&block, module))?;
            is_head = false;
            while let Some(module) = blocks.canonical().map_err(stream)? {
                lock.push(&module).map_err(|error| format!("{path}: line {}: {error}", module.line))?;
            }
        }
        if is_head {
            lock.head(&Quoted::new(path, "", 1))?;
        }
        let Lock { entries, text, .. } = &mut lock;
        let name = |entry: &Entry| part(text, entry.name);
        // Nobody but an editor gives them another order.
        if !entries.is_sorted_by_key(name) {
            entries.sort_by(|a, b| name(a).cmp(name(b)));
        }
        entries.shrink_to_fit();
        text.shrink_to_fit();
        Ok(lock)
    }

    /// Takes what stands before the first module.
    fn head(&mut self, block: &Quoted<'_>) -> Result<Vec<Module>, String> {
        let head: Head = parse(block)?;
        if *head.version.get_ref() != VERSION {
            let found = head.version.get_ref();
            let message = format!("expected lock version {VERSION}, found {found}: run `linktab lock`");
            return Err(block.message(head.version.span(), &message));
        }
        self.architectures = head.architectures;
        Ok(head.module)
    }

    fn take(&mut self, block: &Quoted<'_>, module: Module) -> Result<(), String> {
        let phases = [Phase::Multi, Phase::Single, Phase::Export];
        let Some(phase) = phases.into_iter().find(|phase| phase.as_str() == module.phase.get_ref()) else {
            let message =
                format!("expected the phase multi, single or export, found `{}`", module.phase.get_ref());
            return Err(block.message(module.phase.span(), &message));
        };
        self.push(&LockedModule {
            name: module.name.get_ref(),
            phase,
            package: module.package,
            registered_by: &module.registered_by,
            architectures: &module.architectures,
            line: block.line(&module.name.span()),
        })
        .map_err(|error| block.message(module.name.span(), error))
    }
}

fn parse<T: for<'a> Deserialize<'a>>(block: &Quoted<'_>) -> Result<T, String> {
    toml::from_str(block.text).map_err(|error| block.parse_error(&error))
}

/// The parts of a lock file: what stands before the first module, and each module.
struct Blocks<'f> {
    file: &'f mut dyn BufRead,
    /// What was read and not handed out, from `start` on.
    read: String,
    start: usize,
    is_at_end: bool,
    /// The number of the line at `start`.
    line: u32,
    module: Finder<'static>,
}

impl<'f> Blocks<'f> {
    fn new(file: &'f mut dyn BufRead) -> Blocks<'f> {
        let module = Finder::new(b"\n[[module]]");
        Blocks { file, read: String::new(), start: 0, is_at_end: false, line: 1, module }
    }

    /// The module of the next block, when it is written as linktab writes it.
    fn canonical(&mut self) -> io::Result<Option<LockedModule<'_>>> {
        if self.read.len() - self.start < MAX_BLOCK && !self.is_at_end {
            self.fill()?;
        }
        let rest = self.read.get(self.start..).unwrap_or_default();
        let Some(block) = canonical::block(rest, self.line) else { return Ok(None) };
        // What follows may not have been read.
        if block.len == rest.len() && !self.is_at_end {
            return Ok(None);
        }
        self.start += block.len;
        self.line += block.lines;
        Ok(Some(block.module))
    }

    /// The next block with the number of its first line.
    fn next(&mut self) -> io::Result<Option<(u32, &str)>> {
        let len = loop {
            let rest = self.read.get(self.start..).unwrap_or_default();
            match self.module.find(rest.as_bytes()) {
                Some(end) => break end + 1,
                None if self.is_at_end => break rest.len(),
                None if rest.len() > MAX_BLOCK => return Err(self.too_large()),
                None => self.fill()?,
            }
        };
        if len > MAX_BLOCK {
            return Err(self.too_large());
        }
        let block = self.read.get(self.start..self.start + len).unwrap_or_default();
        let first = self.line;
        self.start += len;
        self.line += memchr::memchr_iter(b'\n', block.as_bytes()).count() as u32;
        Ok((!block.is_empty()).then_some((first, block)))
    }

    /// Reads whole lines, and forgets what was handed out.
    fn fill(&mut self) -> io::Result<()> {
        self.read.drain(..self.start);
        self.start = 0;
        let until = self.read.len() + READ;
        while self.read.len() < until && !self.is_at_end {
            let held = self.file.fill_buf()?;
            let end = memchr::memrchr(b'\n', held).map_or(held.len(), |at| at + 1);
            let lines = std::str::from_utf8(held.get(..end).unwrap_or_default());
            self.is_at_end = held.is_empty();
            self.read.push_str(lines.map_err(|_| {
                io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8")
            })?);
            self.file.consume(end);
        }
        Ok(())
    }

    fn too_large(&self) -> io::Error {
        let (line, limit) = (self.line, MAX_BLOCK);
        io::Error::other(format!("line {line}: expected at most {limit} bytes for one module, found more"))
    }
}
