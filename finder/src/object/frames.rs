//! Who is asking: the running frames in, the name that an import statement wants out.
//!
//! Knows the functions of Lib/importlib/_bootstrap.py, from 3.9 to 3.15.

use pyo3_ffi as ffi;

use super::{Attached, Borrowed, Owned, Result};

impl<'a> Attached<'a> {
    /// The full name behind a finder's question, when the import statement's machinery is asking, and
    /// not somebody who merely wants to know whether a module is there.
    ///
    /// That is `_find_spec` below `_find_and_load_unlocked`. For `import a.b.c` importlib imports the
    /// parents first, each below the frame that wants the child (from 3.15.2 on `_resolve_parents`): of
    /// `a`, `a.b` and `a.b.c` the outermost is the name that somebody wrote.
    pub fn wanted_by_import(self) -> Option<String> {
        self.walk().unwrap_or_else(|raised| {
            raised.clear(self);
            None
        })
    }

    fn walk(self) -> Result<Option<String>> {
        // SAFETY: invariant 1. The frame belongs to the running code.
        let frame = unsafe { ffi::PyEval_GetFrame() };
        if frame.is_null() {
            return Ok(None);
        }
        // SAFETY: not null, and the running code keeps it alive.
        let asking = unsafe { self.borrow(frame.cast()) };
        if asking.function_of_importlib()?.as_deref() != Some("_find_spec") {
            return Ok(None);
        }
        let mut frame = self.prolong(asking.get(c"f_back")?);
        if frame.borrow().function_of_importlib()?.as_deref() != Some("_find_and_load_unlocked") {
            return Ok(None);
        }
        let mut wanted = String::new();
        while let Some(function) = frame.borrow().function_of_importlib()? {
            if matches!(function.as_str(), "_find_and_load_unlocked" | "_resolve_parents") {
                let locals = frame.borrow().get(c"f_locals")?;
                let name = locals.borrow().item(c"name")?;
                match name.borrow().text() {
                    Some(name) if is_below(name, &wanted) => name.clone_into(&mut wanted),
                    // Another import: an extension's own, or that of a hook in Python.
                    _ => break,
                }
            }
            let back = self.prolong(frame.borrow().get(c"f_back")?);
            frame = back;
        }
        Ok(Some(wanted))
    }
}

/// Whether a module lies in a package; everything lies in the empty one.
fn is_below(name: &str, package: &str) -> bool {
    package.is_empty() || name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
}

impl Borrowed<'_> {
    /// The name of the function that a frame runs, if it is one of importlib's frozen half.
    fn function_of_importlib(self) -> Result<Option<String>> {
        if self.is_none() {
            return Ok(None);
        }
        let code = self.get(c"f_code")?;
        let text = |attribute| -> Result<Option<String>> {
            let value: Owned<'_> = code.borrow().get(attribute)?;
            Ok(value.borrow().text().map(str::to_owned))
        };
        if text(c"co_filename")?.as_deref() != Some("<frozen importlib._bootstrap>") {
            return Ok(None);
        }
        text(c"co_name")
    }
}
