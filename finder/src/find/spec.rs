//! How a spec is made: by `ModuleSpec.__init__`, or like another one.
//!
//! Knows `importlib.machinery.ModuleSpec`; knows nothing of records.

use core::sync::atomic::Ordering;

use super::query::This;
use crate::object::{Borrowed, Owned, Place, ROWS, Result};
use crate::state::Held;

/// The spec of a module of either finder.
///
/// `ModuleSpec(name, finder, origin=…)` in two steps: the class's `__call__` packs the keywords into a
/// dictionary for `__init__` and unpacks them again, which costs more than `__init__` itself. It gets all
/// of them: CPython looks each that is missing up in a dictionary.
pub fn of<'a>(this: This<'a>, name: Borrowed<'_>, origin: Held, is_package: bool) -> Result<Owned<'a>> {
    let spec = this.held(Held::Spec)?.new_instance(this.held(Held::NoArguments)?)?;
    let none = this.at().borrowed_none();
    let is_package = if is_package { this.held(Held::True)? } else { none };
    let args = [spec.borrow(), name, this.object, this.held(origin)?, none, is_package];
    this.held(Held::SpecInit)?.call_keywords(&args, 3, this.held(Held::SpecKeywords)?)?;
    Ok(spec)
}

/// The spec of an extension that is no package.
///
/// All of them are alike but for their names and their lists of submodules under way. Where attributes lie
/// in a row (`object/instance.rs`) the row of one is copied: `__init__` is 1,500 instructions of Python code, of
/// which a call and its keywords are half, and eight attributes the rest.
pub fn of_extension<'a>(this: This<'a>, name: Borrowed<'_>) -> Result<Owned<'a>> {
    if let Some(pattern) = Pattern::get(this)?
        && let Some(spec) = pattern.copy(this, name)?
    {
        return Ok(spec);
    }
    of(this, name, Held::OriginStatic, false)
}

/// `spec._initializing = value`: the attribute is the last that a spec gets, so that its place is known too.
#[inline]
pub fn set_initializing(this: This<'_>, spec: Borrowed<'_>, value: bool) -> Result<()> {
    let value = this.held(if value { Held::True } else { Held::False })?;
    if let Some(pattern) = Pattern::get(this)?
        && spec.put(this.held(Held::Spec)?, pattern.initializing, value)
    {
        return Ok(());
    }
    spec.set_attribute(this.held(Held::Initializing)?, value)
}

/// `spec.name`, without a look-up where that is possible.
#[inline]
pub fn name<'a>(this: This<'a>, spec: Borrowed<'a>) -> Result<Owned<'a>> {
    attribute(this, spec, |pattern| pattern.name, Held::Name)
}

/// `spec.loader`, as [`name`].
#[inline]
pub fn loader<'a>(this: This<'a>, spec: Borrowed<'a>) -> Result<Owned<'a>> {
    attribute(this, spec, |pattern| pattern.loader, Held::Loader)
}

/// An attribute of any object: of a `ModuleSpec` in its row, which spares CPython's search through the classes.
#[inline]
fn attribute<'a>(
    this: This<'a>,
    spec: Borrowed<'a>,
    place: impl Fn(Pattern) -> Place,
    name: Held,
) -> Result<Owned<'a>> {
    if let Some(pattern) = Pattern::get(this)?
        && let Some(value) = spec.attribute_at(this.held(Held::Spec)?, place(pattern))
    {
        return Ok(value);
    }
    spec.attribute(this.held(name)?)
}

/// `spec._uninitialized_submodules`, where it is found without a look-up.
#[inline]
pub fn under_way<'a>(this: This<'a>, spec: Borrowed<'_>) -> Result<Option<Owned<'a>>> {
    let Some(pattern) = Pattern::get(this)? else { return Ok(None) };
    Ok(spec.attribute_at(this.held(Held::Spec)?, pattern.under_way))
}

/// Where in the rows of specs is what differs between them, and what is asked for.
#[derive(Clone, Copy)]
struct Pattern {
    name: Place,
    loader: Place,
    under_way: Place,
    initializing: Place,
}

/// In [`State::pattern`](crate::state::State): not looked yet, looked in vain, and the bit of all else, a pattern.
const UNKNOWN: u32 = 0;
const NONE: u32 = 1;
const KNOWN: u32 = 1 << 31;
/// Bits of each place: rows have up to 30 (`SHARED_KEYS_MAX_SIZE`, Include/internal/pycore_dict.h).
const PLACE: u32 = 7;

impl Pattern {
    #[inline]
    fn get(this: This<'_>) -> Result<Option<Pattern>> {
        if !ROWS {
            return Ok(None);
        }
        match this.state.pattern.load(Ordering::Acquire) {
            UNKNOWN => Pattern::find(this),
            NONE => Ok(None),
            known => Ok(Some(Pattern::unpack(known))),
        }
    }

    #[inline]
    fn unpack(known: u32) -> Pattern {
        let place = |at: u32| Place((known >> (at * PLACE) & ((1 << PLACE) - 1)) as u8);
        Pattern { name: place(0), loader: place(1), under_way: place(2), initializing: place(3) }
    }

    fn pack(self) -> u32 {
        let places = [self.name, self.loader, self.under_way, self.initializing];
        (0..).zip(places).fold(KNOWN, |known, (at, place)| known | u32::from(place.0) << (at * PLACE))
    }

    /// Makes a spec by `__init__`, which stays in the state, and looks where its attributes went.
    #[cold]
    #[inline(never)]
    fn find(this: This<'_>) -> Result<Option<Pattern>> {
        let spec = of(this, this.held(Held::Name)?, Held::OriginStatic, false)?;
        let under_way = spec.borrow().get(c"_uninitialized_submodules")?;
        spec.borrow().set_attribute(this.held(Held::Initializing)?, this.held(Held::False)?)?;
        let pattern = Pattern::read(this, spec.borrow(), under_way.borrow())?;
        drop(under_way);
        let known = pattern.map_or(NONE, Pattern::pack);
        if pattern.is_some() {
            this.state.get_or_make(this.at(), Held::SpecPattern, || Ok(spec))?;
        }
        this.state.pattern.store(known, Ordering::Release);
        Ok(pattern)
    }

    /// Nothing, if the class keeps attributes elsewhere, or `__init__` gives specs more that is their own.
    fn read(this: This<'_>, spec: Borrowed<'_>, under_way: Borrowed<'_>) -> Result<Option<Pattern>> {
        let class = this.held(Held::Spec)?;
        let Some(values) = spec.values(class).filter(|_| class.sets_as_objects_do()) else { return Ok(None) };
        let (none, name) = (this.at().borrowed_none(), this.held(Held::Name)?);
        let shared = [none, this.held(Held::False)?, this.held(Held::OriginStatic)?];
        let mut places = [None, None, None];
        let mut last = None;
        for at in 0..values.count() {
            let place = values.place(at);
            let is = |object: &Borrowed<'_>| object.as_pointer() == values.value(place);
            match [name, this.object, under_way].iter().position(is) {
                Some(which) => places[which] = Some(place),
                None if shared.iter().any(is) => last = Some(place),
                None => return Ok(None),
            }
        }
        Ok(match (places, last) {
            ([Some(name), Some(loader), Some(under_way)], Some(initializing)) => {
                Some(Pattern { name, loader, under_way, initializing })
            }
            _ => None,
        })
    }

    /// All but the last attribute, which importlib adds.
    fn copy<'a>(self, this: This<'a>, name: Borrowed<'_>) -> Result<Option<Owned<'a>>> {
        let class = this.held(Held::Spec)?;
        let pattern = this.held(Held::SpecPattern)?;
        let Some(values) = pattern.values(class) else { return Ok(None) };
        let list = this.at().empty_list()?;
        let own = [(self.name, name), (self.under_way, list.borrow())];
        pattern.like(class, values.count().saturating_sub(1), own, this.held(Held::NoArguments)?)
    }
}
