//! [`Record`]: what one extension leaves in the section. Layout and accessors; no index, no Python.
//!
//! A record comes from [`Record::new`], which only takes valid parts, or from C, where the compiler
//! cannot check them. [`Record::hash_if_sound`] tells the good from the bad, and nothing but the index
//! build sees a record before it has been asked; [`Record::defect`] says what is wrong.

use core::ffi::c_void;
use core::fmt;
use core::mem::offset_of;
use core::sync::atomic::AtomicU32;

use crate::defect::Defect;
use crate::hash::{hash, hash_of_parts};
use crate::layout::{self, offset};
use crate::origin::Origin;
use crate::parts::{bytes, text};
use crate::phase::Phase;
use crate::spelling;

/// The type of every init function and export hook, with the returned pointer's type erased.
pub type InitFunction = unsafe extern "C" fn() -> *mut c_void;

/// One registered extension: its name, its init function, its phase, and where it came from.
///
/// The macros make records; [`Registry`](crate::Registry) hands them out.
#[repr(C, align(8))]
pub struct Record {
    magic: u32,
    abi: u16,
    phase: u8,
    flags: u8,
    /// Invariant 1: after [`Record::hash_if_sound`] returned a hash, `name` and `name_len` are the parts
    /// of a `&'static str`; `origin` and `origin_len` are those of a `&'static [u8]`, unless `origin` is
    /// null or `origin_len` over the limit, which is asked whenever it is read.
    name: Pointer<u8>,
    /// Invariant 2: never null after [`Record::hash_if_sound`] returned a hash. [`Record::new`] takes an
    /// [`InitFunction`]; the C header assigns the function to a field of that type.
    init: Init,
    origin: Pointer<u8>,
    name_len: u32,
    origin_len: u32,
    hash: u64,
    python: u32,
    build_flags: u32,
    /// Interior mutability makes rustc place every record in a writable section, as the section's
    /// anchor is. With `relocation-model=static` it would be read-only otherwise, and mold would
    /// then make two sections of one name, of which the runtime sees one.
    word: AtomicU32,
    reserved: u32,
}

/// A pointer in a field of eight bytes.
#[repr(C)]
struct Pointer<T> {
    address: *const T,
    #[cfg(target_pointer_width = "32")]
    padding: u32,
}

#[repr(C)]
struct Init {
    function: Option<InitFunction>,
    #[cfg(target_pointer_width = "32")]
    padding: u32,
}

impl<T> Pointer<T> {
    const fn new(address: *const T) -> Self {
        Pointer {
            address,
            #[cfg(target_pointer_width = "32")]
            padding: 0,
        }
    }
}

// SAFETY: the pointers lead to immutable statics (invariant 1) and to code; the only field that
// changes is atomic.
unsafe impl Sync for Record {}

// SAFETY: as for `Sync`; a record owns nothing that is bound to a thread.
unsafe impl Send for Record {}

const _: () = {
    assert!(size_of::<Record>() == layout::RECORD_SIZE);
    assert!(align_of::<Record>() == layout::RECORD_ALIGN);
    assert!(offset_of!(Record, magic) == offset::MAGIC);
    assert!(offset_of!(Record, abi) == offset::ABI);
    assert!(offset_of!(Record, phase) == offset::PHASE);
    assert!(offset_of!(Record, flags) == offset::FLAGS);
    assert!(offset_of!(Record, name) == offset::NAME);
    assert!(offset_of!(Record, init) == offset::INIT);
    assert!(offset_of!(Record, origin) == offset::ORIGIN);
    assert!(offset_of!(Record, name_len) == offset::NAME_LEN);
    assert!(offset_of!(Record, origin_len) == offset::ORIGIN_LEN);
    assert!(offset_of!(Record, hash) == offset::HASH);
    assert!(offset_of!(Record, python) == offset::PYTHON);
    assert!(offset_of!(Record, build_flags) == offset::BUILD_FLAGS);
    assert!(offset_of!(Record, word) == offset::WORD);
    assert!(offset_of!(Record, reserved) == offset::RESERVED);
};

impl Record {
    /// Makes a record. The macros call it in a `static`, where it is evaluated at compile time.
    ///
    /// `origin` holds package, version, file and line, parted by
    /// [`layout::ORIGIN_SEPARATOR`].
    ///
    /// # Panics
    ///
    /// When `name` or a part of it between dots is empty, or it is longer than
    /// [`layout::MAX_NAME_LEN`] bytes, or `origin` is longer than [`layout::MAX_ORIGIN_LEN`]; in a
    /// `static` that is a compile error.
    #[must_use]
    pub const fn new(
        name: &'static str,
        init: InitFunction,
        phase: Phase,
        package: bool,
        origin: &'static str,
    ) -> Record {
        // The index takes the name of a record with a hash for good (`hash_if_sound`).
        let Some(hash) = hash_of_parts(name.as_bytes()) else {
            panic!("the name of an extension, or a part of it, is empty");
        };
        assert!(name.len() <= layout::MAX_NAME_LEN, "the name of an extension is over 1024 bytes long");
        assert!(origin.len() <= layout::MAX_ORIGIN_LEN, "the origin of an extension is over 16 KiB long");
        Record {
            magic: layout::MAGIC,
            abi: layout::ABI_VERSION,
            phase: phase.to_byte(),
            flags: if package { layout::flags::PACKAGE } else { 0 },
            name: Pointer::new(name.as_ptr()),
            init: Init {
                function: Some(init),
                #[cfg(target_pointer_width = "32")]
                padding: 0,
            },
            origin: Pointer::new(origin.as_ptr()),
            name_len: name.len() as u32,
            origin_len: origin.len() as u32,
            hash,
            python: 0,
            build_flags: 0,
            word: AtomicU32::new(0),
            reserved: 0,
        }
    }

    /// The full dotted name of the extension.
    #[must_use]
    pub fn name(&self) -> &'static str {
        // SAFETY: invariant 1 of the fields.
        unsafe { text(self.name.address, self.name_len) }
    }

    /// The init function or, with [`Phase::Export`], the export hook.
    #[must_use]
    pub fn init(&self) -> InitFunction {
        match self.init.function {
            Some(function) => function,
            None => unreachable!("the index refuses records without an init function"),
        }
    }

    /// How the init function answers.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match Phase::from_byte(self.phase) {
            Some(phase) => phase,
            None => unreachable!("the index refuses records of an unknown phase"),
        }
    }

    /// Whether the extension is itself a package.
    #[must_use]
    pub fn is_package(&self) -> bool {
        self.flags & layout::flags::PACKAGE != 0
    }

    /// Whether its module has the `__file__` that it had as a shared object: see [`layout::flags::FILE`].
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.flags & layout::flags::FILE != 0
    }

    /// The package, version, file and line that registered the extension.
    #[must_use]
    pub fn origin(&self) -> Origin<'static> {
        self.readable_origin().unwrap_or(Origin::parse(""))
    }

    /// `PY_VERSION_HEX` of the `Python.h` that the extension was compiled with and its
    /// [build flags](layout::build_flags), or `None` when it comes from the same build graph as
    /// the executable.
    #[must_use]
    pub fn python(&self) -> Option<(u32, u32)> {
        (self.python != 0).then_some((self.python, self.build_flags))
    }

    /// What [`Record::python`] answers by: 0 when it has no answer.
    pub(crate) fn python_version(&self) -> u32 {
        self.python
    }

    /// The hash of the name, from the record or, for records that come from C, computed; nothing when
    /// the record has a defect.
    ///
    /// Every start of a program pays for this once per record, most of all for the pages that it
    /// touches. A record with a hash was made by [`Record::new`], which takes a `&str`, or by somebody
    /// who vouches for the name as much (layout.rs): its name is not read. Nor is any origin, which
    /// [`Record::origin`] checks.
    #[inline]
    pub(crate) fn hash_if_sound(&self) -> Option<u64> {
        let good = self.magic == layout::MAGIC
            && self.abi == layout::ABI_VERSION
            && Phase::is_known(self.phase)
            && self.init.function.is_some()
            && !self.name.address.is_null()
            // From 1 on: 0 wraps around to the largest number.
            && (self.name_len.wrapping_sub(1) as usize) < layout::MAX_NAME_LEN;
        if !good {
            return None;
        }
        if self.hash != 0 { Some(self.hash) } else { self.hash_of_plain_name() }
    }

    /// The rest of [`Record::hash_if_sound`] for a record without a hash.
    ///
    /// Apart, so that the loop over thousands of records that have one keeps its variables in registers.
    #[cold]
    #[inline(never)]
    fn hash_of_plain_name(&self) -> Option<u64> {
        // SAFETY: magic and ABI version say that these fields were written as a record's.
        let name = unsafe { bytes(self.name.address, self.name_len, layout::MAX_NAME_LEN) }?;
        let is_sound = spelling::is_plain(name) || self.defect().is_none();
        is_sound.then(|| hash(name))
    }

    /// The hash of the name, of a record without a defect: from the record, or else computed.
    pub(crate) fn hash(&self) -> u64 {
        if self.hash != 0 { self.hash } else { hash(self.name().as_bytes()) }
    }

    /// What is wrong with a record, if anything.
    pub(crate) fn defect(&self) -> Option<Defect> {
        if self.magic != layout::MAGIC {
            return Some(Defect::Magic(self.magic));
        }
        if self.abi != layout::ABI_VERSION {
            return Some(Defect::Abi(self.abi));
        }
        match self.readable_name() {
            Err(defect) => return Some(defect),
            Ok(name) if name.split('.').any(str::is_empty) => return Some(Defect::NameShape),
            Ok(_) => {}
        }
        if self.readable_origin().is_none() {
            return Some(Defect::Origin);
        }
        if self.init.function.is_none() {
            return Some(Defect::NoInit);
        }
        if Phase::from_byte(self.phase).is_none() {
            return Some(Defect::Phase(self.phase));
        }
        None
    }

    /// The name of a record with a defect, as far as it can be read.
    pub(crate) fn readable_name(&self) -> Result<&'static str, Defect> {
        if self.magic != layout::MAGIC || self.abi != layout::ABI_VERSION {
            return Err(Defect::NamePointer);
        }
        // SAFETY: magic and ABI version say that these fields were written as a record's.
        let name = unsafe { bytes(self.name.address, self.name_len, layout::MAX_NAME_LEN) };
        core::str::from_utf8(name.ok_or(Defect::NamePointer)?).map_err(|_| Defect::NameUtf8)
    }

    /// The origin of a record with a defect, as far as it can be read.
    pub(crate) fn readable_origin(&self) -> Option<Origin<'static>> {
        if self.magic != layout::MAGIC || self.abi != layout::ABI_VERSION {
            return None;
        }
        // SAFETY: magic and ABI version say that these fields were written as a record's.
        let origin = unsafe { bytes(self.origin.address, self.origin_len, layout::MAX_ORIGIN_LEN) };
        core::str::from_utf8(origin?).ok().map(Origin::parse)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("name", &self.name())
            .field("phase", &self.phase())
            .field("package", &self.is_package())
            .field("origin", &self.origin())
            .finish_non_exhaustive()
    }
}
