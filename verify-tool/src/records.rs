//! [`Image`](crate::image) in, [`Inventory`] out: records as data, defects beside them.
//!
//! Knows the layout of a record, from `linktab::layout` alone. Knows no file format: every pointer
//! that comes in is an address or a name. Judges nothing: a defect says what is there.

mod c_string;
mod decode;
mod defect;
mod facts;
mod frozen;
mod marker;
mod own_file;
mod record;
mod text;

use std::collections::HashSet;
use std::mem;

use crate::error::{Error, Kind};
use crate::image::{self, Intermediate, Part};

pub use crate::image::{Format, ImageKind, Packed};
pub use defect::{Defect, DefectKind};
pub(crate) use facts::symbols as symbols_of_facts;
pub use facts::{Facts, Hook, TableFacts};
pub use frozen::Frozen;
pub use marker::name_of as marker_name;
pub use record::{Init, Phase, Record};
pub use text::Text;
pub(crate) use text::Texts;

/// Everything that is known about one image.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inventory {
    /// The file, as it was given.
    pub path: String,
    /// The member of an archive, or the architecture in a universal file.
    pub member: Option<String>,
    /// The file format.
    pub format: Format,
    /// How far the image has been linked.
    pub kind: ImageKind,
    /// The machine.
    pub arch: String,
    /// Every readable record, in the linker's order.
    pub records: Vec<Record>,
    /// Every slot that cannot be read as a record.
    pub defects: Vec<Defect>,
    /// Names that only a marker symbol tells: the linker compiles the record (LTO).
    pub markers: Vec<String>,
    /// What else the image shows.
    pub facts: Facts,
}

impl Inventory {
    /// The file and, where there is one, the part of it.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.member {
            Some(member) => format!("{}({member})", self.path),
            None => self.path.clone(),
        }
    }

    /// What tells the image from others of its file: the part of it, else the architecture, which is
    /// what the part would be called in a universal file.
    #[must_use]
    pub fn part(&self) -> &str {
        self.member.as_deref().unwrap_or(&self.arch)
    }

    /// What the objects of an archive hold together, without what is only known once they are linked. For
    /// the machine of another inventory, for there may be none.
    #[must_use]
    pub(crate) fn together(path: &str, parts: Vec<Inventory>, like: &Inventory) -> Inventory {
        let mut together = Inventory {
            path: path.to_owned(),
            member: None,
            format: like.format,
            kind: ImageKind::Object,
            arch: like.arch.clone(),
            records: Vec::new(),
            defects: Vec::new(),
            markers: Vec::new(),
            facts: Facts::default(),
        };
        for part in parts {
            together.records.extend(part.records);
            together.defects.extend(part.defects);
            together.markers.extend(part.markers);
        }
        together
    }

    /// Whether this is an object of which nothing is to be told when it goes into a link: without any trace of
    /// linktab, and not asking for its own file.
    pub(crate) fn is_of_no_interest(&self) -> bool {
        self.is_silent() && self.facts.asks_for_file.is_empty()
    }

    /// Whether this is an object without any trace of linktab, as most members of an archive are.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.kind == ImageKind::Object
            && self.records.is_empty()
            && self.defects.is_empty()
            && self.markers.is_empty()
    }
}

/// A decoded part of an input: an inventory, or the path of a file that a thin archive names.
pub(crate) enum Decoded {
    Inventory(Box<Inventory>),
    /// Records of it could not be read.
    Partly(Box<Inventory>, Error),
    External(Vec<u8>),
}

/// Decodes a part.
pub(crate) fn decode(path: &str, part: Part<'_>) -> Result<Decoded, Error> {
    match part {
        Part::External { path } => Ok(Decoded::External(path)),
        Part::Bitcode { label, code } => Ok(of_bitcode(path, label, &code)),
        Part::Image { label, image } => {
            let inventory = of_image(path, label.clone(), *image);
            inventory
                .map(|inventory| Decoded::Inventory(Box::new(inventory)))
                .map_err(|error| error.in_file(path, label.as_deref()))
        }
    }
}

fn of_bitcode(path: &str, member: Option<String>, code: &Intermediate) -> Decoded {
    let inventory = Box::new(Inventory {
        path: path.to_owned(),
        member,
        format: Format::Bitcode,
        kind: ImageKind::Object,
        arch: "llvm".to_owned(),
        records: Vec::new(),
        defects: Vec::new(),
        markers: names(&code.symbols),
        facts: Facts::default(),
    });
    match code.records.checked_sub(inventory.markers.len()) {
        None | Some(0) => Decoded::Inventory(inventory),
        Some(nameless) => {
            let error = Error::new(Kind::Unsupported(format!(
                "expected a marker symbol beside each record that the linker will compile, found {nameless} of {} \
                 without, whose names nothing tells: register with `LINKTAB_MODULE`, or compile without LTO",
                code.records
            )));
            let error = error.in_file(path, inventory.member.as_deref());
            Decoded::Partly(inventory, error)
        }
    }
}

/// The names of extensions that markers tell.
fn names(markers: &[String]) -> Vec<String> {
    // What no macro can have written is told as it is, so that it is not lost.
    markers.iter().map(|symbol| marker::name_of(symbol).unwrap_or_else(|| symbol.clone())).collect()
}

fn of_image(path: &str, member: Option<String>, mut image: image::Image<'_>) -> Result<Inventory, Error> {
    let tables = mem::take(&mut image.tables);
    let about_tables = tables.iter().map(TableFacts::of).collect();
    let (mut records, defects) = decode::tables(&image, tables)?;
    let facts = facts::collect(&image, about_tables, &mut records)?;
    // An object may hold its code twice, compiled and for the linker to compile.
    let mut markers = names(&image.markers);
    if !markers.is_empty() {
        let compiled: HashSet<&str> = records.iter().map(|record| &*record.name).collect();
        markers.retain(|name| !compiled.contains(&**name));
    }
    Ok(Inventory {
        path: path.to_owned(),
        member,
        format: image.arch.format,
        kind: image.kind,
        arch: image.arch.name.to_owned(),
        records,
        defects,
        markers,
        facts,
    })
}
