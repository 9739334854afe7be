//! [`Registry`]: the index over this executable's section, built once.

use core::cmp::Ordering;
use core::fmt;

use once_cell::sync::OnceCell;

use crate::error::RegistryError;
use crate::index::Index;
use crate::packages::Packages;
use crate::record::Record;
use crate::section;

/// Every extension that is linked into this executable, by name.
///
/// # Examples
///
/// ```
/// let registry = linktab::Registry::global()?;
/// assert!(registry.get("acme.geo._core").is_none(), "this doctest links no extension");
/// for record in registry.iter_by_name() {
///     println!("{} ({}), from {}", record.name(), record.phase(), record.origin());
/// }
/// # Ok::<(), linktab::RegistryError>(())
/// ```
pub struct Registry {
    index: Index,
    /// Built on first use: only listings ask for it.
    by_name: OnceCell<Box<[&'static Record]>>,
    /// Built on first use: only failing imports and implied packages ask for it.
    packages: OnceCell<Packages>,
}

static GLOBAL: OnceCell<Registry> = OnceCell::new();

impl Registry {
    /// The registry of this executable. The first call builds it, others wait for that.
    ///
    /// # Errors
    ///
    /// When a record is malformed or of an unknown ABI, or several have one name. The error names
    /// all of them, and the next call looks again.
    pub fn global() -> Result<&'static Registry, RegistryError> {
        GLOBAL.get_or_try_init(|| Registry::over(section::records()))
    }

    /// A registry over records of your own, for tests and benchmarks.
    ///
    /// # Errors
    ///
    /// As for [`Registry::global`].
    pub fn over(records: &'static [Record]) -> Result<Registry, RegistryError> {
        Ok(Registry { index: Index::build(records)?, by_name: OnceCell::new(), packages: OnceCell::new() })
    }

    /// The extension of that full dotted name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'static Record> {
        self.index.get(name)
    }

    /// Whether [`Record::python`] of any extension has an answer: only those that were compiled apart
    /// from the executable can be for another Python. Known since the index was built.
    #[must_use]
    pub fn names_python(&self) -> bool {
        self.index.names_python()
    }

    /// How many extensions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All extensions, in the index's order: by [`hash`](crate::hash::hash) of the name, and where two
    /// hashes are equal by name. The same names come in the same order, however they were linked.
    pub fn iter(&self) -> impl Iterator<Item = &'static Record> + '_ {
        self.index.iter()
    }

    /// All extensions, ordered by name. The first call sorts them.
    pub fn iter_by_name(&self) -> impl ExactSizeIterator<Item = &'static Record> + '_ {
        self.by_name().iter().copied()
    }

    /// All extensions below a package, ordered by name: those whose names begin with `package` and
    /// a dot.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = linktab::Registry::global()?;
    /// assert_eq!(registry.below("acme").count(), 0, "this doctest links no extension");
    /// # Ok::<(), linktab::RegistryError>(())
    /// ```
    pub fn below<'a>(&'a self, package: &'a str) -> impl Iterator<Item = &'static Record> + 'a {
        let is_below = move |record: &&'static Record| {
            record.name().strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
        };
        let by_name = self.by_name();
        // `acme-x` sorts before `acme.y`, and `acme` before both: everything from `acme.` on.
        let start = by_name.partition_point(|record| {
            let (name, package) = (record.name().as_bytes(), package.as_bytes());
            let shared = name.len().min(package.len());
            match name[..shared].cmp(&package[..shared]) {
                Ordering::Equal => name.get(shared).is_none_or(|next| *next < b'.'),
                order => order.is_lt(),
            }
        });
        by_name[start..].iter().copied().take_while(is_below)
    }

    /// Whether any extension is below a package: what [`Registry::below`] has an item for. The first call goes
    /// through all extensions once, and sorts none.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = linktab::Registry::global()?;
    /// assert!(!registry.has_below("acme"), "this doctest links no extension");
    /// # Ok::<(), linktab::RegistryError>(())
    /// ```
    #[must_use]
    pub fn has_below(&self, package: &str) -> bool {
        self.packages.get_or_init(|| Packages::around(self.index.records())).contains(package)
    }

    /// All extensions, in the order in which they were linked, which is another from link to link.
    pub fn iter_as_linked(&self) -> impl ExactSizeIterator<Item = &'static Record> + '_ {
        self.index.records().iter()
    }

    fn by_name(&self) -> &[&'static Record] {
        self.by_name.get_or_init(|| {
            let mut records: Box<[_]> = self.index.iter().collect();
            records.sort_unstable_by_key(|record| record.name());
            records
        })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter_by_name()).finish()
    }
}
