//! What the two finders are asked: a vectorcall's arguments in, a name and where to look for it out, and the
//! answer of the finders behind.
//!
//! Knows importlib's protocol of finders; knows nothing of what either answers.

use core::ffi::CStr;

use linktab::Record;

use super::signature::Signature;
use crate::object::{Asking, Attached, Borrowed, Kind, Owned, Result};
use crate::state::{Held, State};

/// One of the two finders, as its methods see it.
#[derive(Clone, Copy)]
pub struct This<'a> {
    pub object: Borrowed<'a>,
    pub state: &'a State,
}

impl<'a> This<'a> {
    pub fn at(self) -> Attached<'a> {
        self.object.attached()
    }

    pub fn held(self, held: Held) -> Result<Borrowed<'a>> {
        self.state.get(self.at(), held)
    }

    pub fn record(self, name: Borrowed<'_>) -> Result<Option<&'static Record>> {
        let registry = self.state.registry(self.at())?;
        // A name with lone surrogates is no UTF-8 and in nobody's table.
        Ok(name.text().and_then(|name| registry.get(name)))
    }

    /// What the finder's module is called.
    pub fn home(self) -> Result<Owned<'a>> {
        let class = self.object.get(c"__class__")?;
        class.borrow().get(c"__module__").map(|home| self.at().prolong(home))
    }

    /// Where the finder is, if it is not in its place: for whoever looks why nothing is found.
    pub fn place(self) -> &'static str {
        let is_there = || -> Result<bool> {
            let meta_path = self.at().sys(c"meta_path")?;
            let finders = meta_path.borrow().items()?;
            Ok(finders.iter().any(|finder| finder.borrow().is(self.object)))
        };
        match is_there() {
            Ok(true) => "",
            Ok(false) => ", not on sys.meta_path",
            // The interpreter ends.
            Err(raised) => {
                raised.clear(self.at());
                ""
            }
        }
    }

    /// How the import statement's question is told from others.
    pub fn asking(self) -> Result<Asking<'a>> {
        let code = |held, function: &CStr| {
            self.state.get_or_make(self.at(), held, || {
                let bootstrap = self.at().imported(c"_frozen_importlib")?;
                let function = bootstrap.borrow().get(function)?;
                function.borrow().get(c"__code__").map(|code| self.at().prolong(code))
            })
        };
        Ok(Asking {
            find_spec: code(Held::FindSpecCode, c"_find_spec")?,
            find_and_load: code(Held::FindAndLoadCode, c"_find_and_load_unlocked")?,
        })
    }

    /// The record that `find_spec` found last, if it is that of a name: importlib asks for the module next.
    pub fn found_last(self, name: Borrowed<'_>) -> Option<&'static Record> {
        self.state.last().filter(|last| name.text() == Some(last.name()))
    }

    /// The record behind a name, as importlib's own loaders insist on it for names not theirs.
    pub fn own_record(self, name: Borrowed<'_>) -> Result<&'static Record> {
        self.record(name)?.ok_or_else(|| {
            let message = format!("{} is not a static extension of this executable", quoted(name));
            self.at().raise_import_error(Kind::ImportError, &message, name)
        })
    }
}

/// A name as Python would show it, for messages.
pub fn quoted(name: Borrowed<'_>) -> String {
    match (name.text(), name.ascii()) {
        (Some(text), _) => format!("'{text}'"),
        (None, Ok(ascii)) => ascii.borrow().text().unwrap_or_default().to_owned(),
        (None, Err(raised)) => {
            raised.clear(name.attached());
            name.type_name()
        }
    }
}

const FIND_SPEC: Signature<3> =
    Signature { function: "find_spec", parameters: ["fullname", "path", "target"], required: 1 };

/// What `find_spec` of either finder was asked.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    pub name: Borrowed<'a>,
    /// The `__path__` of the package around it, or `None`.
    pub path: Borrowed<'a>,
    pub target: Borrowed<'a>,
}

impl<'a> Query<'a> {
    pub fn bind(this: This<'a>, values: &[Borrowed<'a>], keywords: &[Borrowed<'_>]) -> Result<Query<'a>> {
        let bound = match (values, keywords) {
            // importlib's way.
            ([name, path, target], []) => [Some(*name), Some(*path), Some(*target)],
            _ => FIND_SPEC.bind(this.object, values, keywords)?,
        };
        let [name, path, target] = bound.map(|value| value.unwrap_or(this.at().borrowed_none()));
        if !name.is_text() {
            let message = format!("find_spec() argument 1 must be str, not {}", name.type_name());
            return Err(this.at().raise(Kind::TypeError, &message));
        }
        Ok(Query { name, path, target })
    }

    /// The answer of the finders that stand behind this one on `sys.meta_path`, as importlib asks them
    /// (`_find_spec`, Lib/importlib/_bootstrap.py), but for those that are of no interest.
    pub fn ask_those_behind(
        self,
        this: This<'a>,
        interesting: impl Fn(Borrowed<'_>) -> bool,
    ) -> Result<Option<Owned<'a>>> {
        let meta_path = this.at().sys(c"meta_path")?;
        if meta_path.borrow().ends_with(this.object) {
            return Ok(None);
        }
        let mut finders = meta_path.borrow().items()?.into_iter();
        if !finders.by_ref().any(|finder| finder.borrow().is(this.object)) {
            return Ok(None);
        }
        for finder in finders.filter(|finder| interesting(finder.borrow())) {
            let find_spec = match finder.borrow().get(c"find_spec") {
                Ok(find_spec) => find_spec,
                Err(raised) => {
                    raised.clear(this.at());
                    continue;
                }
            };
            let spec = this.at().prolong(find_spec.borrow().call(&[self.name, self.path, self.target])?);
            if !spec.borrow().is_none() {
                return Ok(Some(spec));
            }
        }
        Ok(None)
    }
}
