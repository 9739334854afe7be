//! The two streams of a command. A report goes to [`Out`], everything else is said through [`Notes`].
//! Neither lets a pipe that somebody closed change the verdict. Knows no report and no exit code.

use std::env;
use std::io::{self, IsTerminal, Write};

use super::options::Color;
use crate::Error;
use crate::plain::plain;

/// Whether standard output takes colors: the conventions of NO_COLOR (no-color.org) and CLICOLOR
/// (bixense.com/clicolors).
pub fn use_color(color: Color) -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto if env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => env::var_os("CLICOLOR").is_none_or(|value| value != "0") && io::stdout().is_terminal(),
    }
}

/// How many columns standard output has, if it is a terminal.
pub fn columns() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into())
}

/// Where a report goes. Whoever closed the pipe has read what they wanted: the rest is dropped, and
/// the verdict stays what it is. Every other failure is one.
pub struct Out<'a> {
    stream: &'a mut dyn Write,
    is_closed: bool,
}

impl<'a> Out<'a> {
    pub fn new(stream: &'a mut dyn Write) -> Out<'a> {
        Out { stream, is_closed: false }
    }

    fn unless_closed<T>(
        &mut self,
        otherwise: T,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.is_closed {
            return Ok(otherwise);
        }
        match write(self.stream) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(otherwise)
            }
            written => written,
        }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), |stream| stream.flush())
    }
}

/// Standard error, for people. What it does not take is lost: there is nowhere left to say so, and the
/// exit code says what matters.
pub struct Notes<'a>(&'a mut dyn Write);

impl<'a> Notes<'a> {
    pub fn new(stream: &'a mut dyn Write) -> Notes<'a> {
        Notes(stream)
    }

    /// Says one line, whatever is in the text.
    pub fn line(&mut self, text: &str) {
        let _ = self.0.write_all(format!("{}\n", plain(text)).as_bytes());
    }

    /// Says why something could not be read.
    pub fn error(&mut self, error: &Error) {
        self.line(&format!("error[{}]: {error}", error.code()));
    }

    /// Says a text of several lines that is the tool's own, or was made plain before.
    pub fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
    }

    /// The stream itself, for who says lines of their own.
    pub fn stream(&mut self) -> &mut dyn Write {
        self.0
    }
}
