//! Who is asking: the running frames in, the name that an import statement wants out.
//!
//! Knows the functions of Lib/importlib/_bootstrap.py, from 3.9 to 3.15.

use pyo3_ffi as ffi;

use super::reference::{Attached, Borrowed, Owned, Result};

/// The functions of importlib that lead to a finder's question, as code objects.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// `_find_spec`.
    pub find_spec: Borrowed<'a>,
    /// `_find_and_load_unlocked`.
    pub find_and_load: Borrowed<'a>,
}

impl<'a> Attached<'a> {
    /// The full name behind a finder's question for `name`, when the import statement's machinery is
    /// asking, and not somebody who merely wants to know whether a module is there.
    ///
    /// That is `_find_spec` below `_find_and_load_unlocked`. For `import a.b.c` importlib imports the
    /// parents first, each below the frame that wants the child (from 3.15.2 on `_resolve_parents`): of
    /// `a`, `a.b` and `a.b.c` the outermost is the name that somebody wrote.
    pub fn wanted_by_import(self, name: &str, asking: Asking<'_>) -> Option<String> {
        self.walk(name, asking).unwrap_or_else(|raised| {
            raised.clear(self);
            None
        })
    }

    fn walk(self, name: &str, asking: Asking<'_>) -> Result<Option<String>> {
        // SAFETY: invariant 1. The frame belongs to the running code.
        let frame = unsafe { ffi::PyEval_GetFrame() };
        if frame.is_null() {
            return Ok(None);
        }
        // SAFETY: not null, and the running code keeps it alive.
        let frame = unsafe { self.borrow(frame.cast()) };
        if !frame.runs(asking.find_spec) {
            return Ok(None);
        }
        let Some(frame) = frame.caller() else { return Ok(None) };
        if !frame.borrow().runs(asking.find_and_load) {
            return Ok(None);
        }
        // Mostly `_find_and_load` is next, and then whoever wrote the name.
        let mut frame =
            frame.borrow().caller().and_then(|frame| frame.borrow().caller().map(|f| self.prolong(f)));
        let mut wanted = name.to_owned();
        while let Some(outer) = frame {
            let Some(function) = outer.borrow().function_of_importlib()? else { break };
            if matches!(function.as_str(), "_find_and_load_unlocked" | "_resolve_parents") {
                let locals = outer.borrow().get(c"f_locals")?;
                let name = locals.borrow().item(c"name")?;
                match name.borrow().text() {
                    Some(name) if is_below(name, &wanted) || name == wanted => name.clone_into(&mut wanted),
                    // Another import: an extension's own, or that of a hook in Python.
                    _ => break,
                }
            }
            frame = outer.borrow().caller().map(|frame| self.prolong(frame));
        }
        Ok(Some(wanted))
    }
}

/// Whether a module lies in a package.
fn is_below(name: &str, package: &str) -> bool {
    name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
}

impl<'a> Borrowed<'a> {
    /// Whether a frame runs that code.
    fn runs(self, code: Borrowed<'_>) -> bool {
        // SAFETY: invariant 2; the callers pass frames. A frame has a code object.
        let running = unsafe { ffi::PyFrame_GetCode(self.pointer.as_ptr().cast()) };
        // SAFETY: a new reference.
        let running = unsafe { self.attached.own(running.cast()) };
        running.is_ok_and(|running| running.borrow().is(code))
    }

    /// The frame that a frame returns to.
    fn caller(self) -> Option<Owned<'a>> {
        // SAFETY: invariant 2; the callers pass frames.
        let back = unsafe { ffi::PyFrame_GetBack(self.pointer.as_ptr().cast()) };
        // SAFETY: a new reference, or null without an exception.
        unsafe { self.attached.own(back.cast()) }.ok()
    }

    /// The name of the function that a frame runs, if it is one of importlib's frozen half.
    fn function_of_importlib(self) -> Result<Option<String>> {
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
