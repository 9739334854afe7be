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

/// `spec._uninitialized_submodules`, where it is found without a look-up.
#[inline]
pub fn under_way<'a>(this: This<'a>, spec: Borrowed<'_>) -> Result<Option<Owned<'a>>> {
    let Some(pattern) = Pattern::get(this)? else { return Ok(None) };
    Ok(spec.attribute_at(this.held(Held::Spec)?, pattern.under_way))
}

/// What differs between specs, and where it is in their rows.
#[derive(Clone, Copy)]
struct Pattern {
    name: Place,
    under_way: Place,
    initializing: Place,
}

/// In [`State::pattern`](crate::state::State): not looked yet, and looked in vain. All else is a pattern.
const UNKNOWN: u32 = 0;
const NONE: u32 = 1;
const KNOWN: u8 = 2;

impl Pattern {
    #[inline]
    fn get(this: This<'_>) -> Result<Option<Pattern>> {
        if !ROWS {
            return Ok(None);
        }
        match this.state.pattern.load(Ordering::Acquire) {
            UNKNOWN => Pattern::find(this),
            NONE => Ok(None),
            known => {
                let [_, name, under_way, initializing] = known.to_le_bytes();
                Ok(Some(Pattern {
                    name: Place(name),
                    under_way: Place(under_way),
                    initializing: Place(initializing),
                }))
            }
        }
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
        let known = pattern
            .map_or(NONE, |it| u32::from_le_bytes([KNOWN, it.name.0, it.under_way.0, it.initializing.0]));
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
        let shared = [none, this.held(Held::False)?, this.object, this.held(Held::OriginStatic)?];
        let mut places = [None, None];
        let mut last = None;
        for at in 0..values.count() {
            let place = values.place(at);
            let is = |object: &Borrowed<'_>| object.as_pointer() == values.value(place);
            match [name, under_way].iter().position(is) {
                Some(which) => places[which] = Some(place),
                None if shared.iter().any(is) => last = Some(place),
                None => return Ok(None),
            }
        }
        let [name, under_way] = places;
        Ok(match (name, under_way, last) {
            (Some(name), Some(under_way), Some(initializing)) => {
                Some(Pattern { name, under_way, initializing })
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
