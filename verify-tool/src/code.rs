//! The codes: stable for ever, each with its slug, its default level and its sentence.

use std::fmt;
use std::str::FromStr;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Not told.
    Allow,
    /// Told.
    Note,
    /// Told, and counted.
    Warning,
    /// Told, counted, and the exit code is 1.
    Error,
}

impl Level {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! codes {
    ($($code:ident $slug:literal $level:ident $summary:literal,)*) => {
        /// A kind of finding. Codes never change meaning, and retired ones are not used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)] // `summary` is the documentation, and a test prints it.
        #[non_exhaustive]
        pub enum Code { $($code,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// The code itself, such as `LT001`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// The readable name.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Code::$code => $slug,)* }
            }

            /// The level when nobody says otherwise.
            #[must_use]
            pub fn default_level(self) -> Level {
                match self { $(Code::$code => Level::$level,)* }
            }

            /// What it means, in a line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Code::$code => $summary,)* }
            }

            /// What it means, how it comes about, how to mend it, with an example.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$code => include_str!(concat!("explain/", stringify!($code), ".md")),)* }
            }
        }
    };
}

codes! {
    LT001 "duplicate-module" Error "one name, two records",
    LT002 "missing-module" Error "expected or locked, and absent",
    LT003 "abi-mismatch" Error "record ABI, Python version, free-threading or hook kind do not fit the image",
    LT004 "phase-mismatch" Error "the phase differs from the lock, or the target Python does not know it",
    LT005 "shadowed-builtin" Error "the name of a built-in, frozen or standard-library module",
    LT006 "unresolved-init" Error "the init function is null, undefined or not executable",
    LT007 "record-dropped" Error "in an input of the link, and not in its output",
    LT008 "corrupt-section" Error "the section holds something that is no record",
    LT009 "shared-init" Error "different names, one init function",
    LT010 "unexpected-module" Warning "not in the lock",
    LT011 "invalid-name" Warning "not a dotted name that an `import` statement can take",
    LT012 "orphan-submodule" Warning "an ancestor is an extension, or a module of Python's, that is no package",
    LT013 "mixed-versions" Error "records of several ABI versions in one image",
    LT014 "no-table" Error "the runtime is linked in and the table is not, or the reverse",
    LT015 "stripped-names" Note "no symbols, so that findings name addresses only",
    LT016 "limit-exceeded" Error "the input is larger than a limit",
    LT017 "unused-suppression" Warning "a suppression that suppresses nothing",
    LT018 "unregistered-extension" Warning "an init function is linked in, and no record points at it",
    LT019 "shared-python" Warning "the program looks for a libpython of the machine",
    LT020 "hidden-python" Warning "CPython is linked in, and shared extensions do not find it",
    LT021 "unified-features" Note "compiled with Cargo features that only other extensions ask for",
    LT022 "damaged-archive" Error "the Python code behind a packed program is gone or damaged",
    LT023 "own-file" Note "code asks which file it is in, and in one executable everything is",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Neither a code nor a slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode(String);

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = self;
        let last = Code::ALL.last().map_or("LT001", |code| code.as_str());
        write!(f, "unknown code `{code}`: expected LT001 to {last} or a name such as `duplicate-module`")
    }
}

impl std::error::Error for UnknownCode {}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Code, UnknownCode> {
        let matches = |code: &&Code| code.as_str().eq_ignore_ascii_case(text) || code.slug() == text;
        Code::ALL.iter().copied().find(|code| matches(&code)).ok_or_else(|| UnknownCode(text.to_owned()))
    }
}
