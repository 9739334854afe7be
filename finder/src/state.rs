//! What linktab keeps for one interpreter: a few objects, made once when its module is executed.
//!
//! The state lives in the memory of the module `linktab`, so that interpreters share nothing and
//! everything goes when the interpreter does. Knows which objects there are;
//! `module/contents.rs` makes them, `module/definition.rs` leads CPython's garbage collector through them.

use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use linktab::{Record, Registry};
use pyo3_ffi as ffi;

use crate::object::{Attached, Borrowed, Kind, Owned, Result};

/// The objects that are kept.
#[derive(Clone, Copy)]
pub enum Held {
    /// The `StaticExtensionFinder`.
    Finder,
    /// The `ImpliedPackageFinder`.
    Implied,
    /// `importlib.machinery.ModuleSpec`.
    Spec,
    /// `ModuleSpec.__init__`.
    SpecInit,
    /// A spec that others are made like, once there was one (`find/spec.rs`).
    SpecPattern,
    /// `()`.
    NoArguments,
    /// `("origin", "loader_state", "is_package")`: all that it takes by keyword.
    SpecKeywords,
    /// `"static"`.
    OriginStatic,
    /// `"implied"`.
    OriginImplied,
    /// `"name"`.
    Name,
    /// `"loader"`.
    Loader,
    /// `"__loader__"`.
    DunderLoader,
    /// `"__package__"`.
    DunderPackage,
    /// `"__file__"`, once an extension was imported.
    DunderFile,
    /// `"_initializing"`.
    Initializing,
    /// `False`.
    False,
    /// `True`.
    True,
    /// `_imp.create_builtin`.
    CreateBuiltin,
    /// `importlib._bootstrap._call_with_frames_removed`.
    CallWithFramesRemoved,
    /// A function that raises its argument.
    Raise,
    /// The code of `importlib._bootstrap._find_spec`, once somebody missed a module.
    FindSpecCode,
    /// The code of `_find_and_load_unlocked`, likewise.
    FindAndLoadCode,
    /// The type `linktab.Explanation`, once there is one.
    Explanation,
    /// The type `linktab.Extension`, once somebody asked for it.
    Extension,
    /// The type `linktab.Origin`, likewise.
    Origin,
}

const HELD: usize = Held::Origin as usize + 1;

/// What is to be done about files that have the name of an extension.
#[derive(Clone, Copy)]
pub struct Files {
    /// Say which of both is imported.
    pub tell: bool,
    /// Import the file.
    pub first: bool,
}

impl Files {
    /// Whether anybody has to look for such files.
    pub fn matter(self) -> bool {
        self.tell || self.first
    }
}

/// The memory of one module `linktab`. All zeros is a valid, empty state, as CPython makes it.
#[repr(C)]
pub struct State {
    /// Invariant: each is null or one reference of this state's own. They are written while the
    /// module is executed, before anything else sees the state, or once by `get_or_make`, and nulled when
    /// it is cleared.
    held: [AtomicPtr<ffi::PyObject>; HELD],
    registry: Option<&'static Registry>,
    /// Whether the table of built-in modules holds linktab's slot, see `load/slot.rs`.
    pub slot: bool,
    pub files: Files,
    /// How others are made like the pattern: `find/spec.rs` knows what it stands for.
    pub pattern: AtomicU32,
    /// Invariant: null, or a record of the registry, which outlives everything.
    last: AtomicPtr<Record>,
}

impl State {
    /// Fills what `set` does not: called once, while the module is executed.
    pub fn start(&mut self, registry: &'static Registry, slot: bool, files: Files) {
        self.registry = Some(registry);
        self.slot = slot;
        self.files = files;
    }

    /// The record that was found last.
    pub fn last(&self) -> Option<&'static Record> {
        // SAFETY: the invariant of `last`.
        unsafe { self.last.load(Ordering::Relaxed).as_ref() }
    }

    pub fn found(&self, record: &'static Record) {
        self.last.store(ptr::from_ref(record).cast_mut(), Ordering::Relaxed);
    }

    pub fn set(&self, held: Held, object: Owned<'_>) {
        let old = self.held[held as usize].swap(object.into_pointer(), Ordering::Release);
        debug_assert!(old.is_null(), "the module is executed once");
    }

    /// One of the objects; raises when the interpreter is already clearing its modules.
    pub fn get<'a>(&'a self, at: Attached<'a>, held: Held) -> Result<Borrowed<'a>> {
        match NonNull::new(self.held[held as usize].load(Ordering::Acquire)) {
            // SAFETY: the invariant of `held`: the state owns a reference until it is cleared, which
            // happens when the interpreter ends and runs no more imports.
            Some(pointer) => Ok(unsafe { at.borrow(pointer.as_ptr()) }),
            None => Err(at.raise(Kind::ImportError, "linktab is shut down with its interpreter")),
        }
    }

    /// One of the objects that few programs need, made now if it was not.
    pub fn get_or_make<'a>(
        &'a self,
        at: Attached<'a>,
        held: Held,
        make: impl FnOnce() -> Result<Owned<'a>>,
    ) -> Result<Borrowed<'a>> {
        let place = &self.held[held as usize];
        if place.load(Ordering::Acquire).is_null() {
            let made = make()?.into_pointer();
            let other = place.compare_exchange(ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire);
            if other.is_err() {
                // SAFETY: the reference that was just made; another thread was faster.
                unsafe { ffi::Py_DECREF(made) };
            }
        }
        self.get(at, held)
    }

    pub fn registry(&self, at: Attached<'_>) -> Result<&'static Registry> {
        self.registry.ok_or_else(|| at.raise(Kind::ImportError, "linktab is shut down with its interpreter"))
    }

    /// The raw references, for the garbage collector.
    pub fn pointers(&self) -> impl Iterator<Item = *mut ffi::PyObject> + '_ {
        self.held.iter().map(|held| held.load(Ordering::Acquire)).filter(|held| !held.is_null())
    }

    /// Takes every reference out.
    pub fn take(&self) -> impl Iterator<Item = *mut ffi::PyObject> + '_ {
        self.held
            .iter()
            .map(|held| held.swap(ptr::null_mut(), Ordering::AcqRel))
            .filter(|held| !held.is_null())
    }
}
