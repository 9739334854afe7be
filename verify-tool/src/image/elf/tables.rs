//! The locator and the sections in, tables of records out: the one that the program walks, and what
//! lies in sections of that name beside it.
//!
//! The program walks what two symbols bound, and knows no section. So the locator counts wherever it is
//! there, and sections only where it is not: a linker script or `objcopy` may give them another name, or
//! put them into another one. A tool may have moved the note, though, from whose own address its
//! distances count. It is believed when there are records at both ends of what it says, or a section of
//! that name has these very bounds. Else the anchor is looked for, and, for programs from before there
//! was one, a table of the note's size, which no move changes.

use std::ops::Range;

use linktab::layout::{MAGIC, RECORD_SIZE, locator as layout, section};
use object::elf;
use object::read::elf::SectionHeader;

use super::locator::{self, Note, Span};
use super::{Elf, File, Section};
use crate::bytes::Blocks;
use crate::error::Error;
use crate::image::{Segments, Table, debug_file, read_table, search};

const RECORD: u64 = RECORD_SIZE as u64;

/// The tables of a linked file, without what the loader adds.
pub struct Tables {
    pub tables: Vec<Table>,
    /// The addresses of the table that the program walks. `None`: nothing shows that it walks one.
    pub walked: Option<Range<u64>>,
    /// Whether that may be because the note was taken away.
    pub note_removed: bool,
}

/// Finds the tables of a linked file.
pub fn find<E: Elf>(file: &File<'_, E>, segments: &Segments, blocks: &Blocks<'_>) -> Result<Tables, Error> {
    let finder = Finder { file, segments, blocks };
    let note = locator::find(file, segments)?;
    let walked = finder.walked(&note)?;
    if file.sections.is_empty() && walked.is_none() {
        return Err(Error::unsupported(
            "the section headers were removed and there is no locator note, so that nothing says where the records \
             are: check the file before `--strip-sections`",
        ));
    }
    let mut tables = Vec::new();
    if let Some(range) = walked.clone().filter(|range| !range.is_empty()) {
        tables.push(finder.table(range, None)?);
    }
    for (_, section) in file.sections_named(section::ELF) {
        finder.section(section, walked.as_ref(), &mut tables)?;
    }
    let note_removed = matches!(note, Note::Removed) && walked.is_none();
    Ok(Tables { tables, walked, note_removed })
}

/// What `--only-keep-debug` leaves has all sections, and the bytes of none that is loaded.
pub fn refuse_debug_file<E: Elf>(file: &File<'_, E>) -> Result<(), Error> {
    let endian = file.endian;
    let is_empty = |section: &&Section<'_, E>| {
        let is_code = section.header.sh_flags(endian).0 & elf::SHF_EXECINSTR.0 != 0;
        let has_bytes = section.header.sh_type(endian) != elf::SHT_NOBITS || section.size(endian) == 0;
        !has_bytes && (is_code || section.name == section::ELF.as_bytes())
    };
    let of_records = file.sections_named(section::ELF).map(|(_, section)| section);
    match of_records.chain(&file.sections).find(is_empty) {
        None => Ok(()),
        Some(section) => Err(debug_file().in_section(&String::from_utf8_lossy(section.name))),
    }
}

struct Finder<'f, 'd, E: Elf> {
    file: &'f File<'d, E>,
    segments: &'f Segments,
    blocks: &'f Blocks<'d>,
}

impl<E: Elf> Finder<'_, '_, E> {
    fn walked(&self, note: &Note) -> Result<Option<Range<u64>>, Error> {
        let told = match note {
            Note::Table(span) => Some(*span),
            Note::Removed | Note::None => None,
        };
        if let Some(span) = told
            && let Some(range) = span.range()
            && (range.is_empty() || self.is_section(&range) || self.is_table(&range)?)
        {
            return Ok(Some(range));
        }
        // A section without a note may be all that there is. Or GNU objcopy took another note away, and left the
        // segment of ours with an address where it is not.
        let is_plain = matches!(note, Note::None) && self.file.sections_named(section::ELF).next().is_some();
        let is_skipped = is_plain && search::writable_size(self.segments) > search::MAX_BYTES;
        let anchored = if is_skipped { None } else { self.anchored()? };
        match (anchored, told) {
            (Some(range), _) => Ok(Some(range)),
            (None, Some(span)) => self.moved(span),
            (None, None) => Ok(None),
        }
    }

    /// The bounds that the anchor tells.
    fn anchored(&self) -> Result<Option<Range<u64>>, Error> {
        let File { bytes, arch, .. } = *self.file;
        let Some(address) = search::anchor(bytes, self.segments, arch, self.blocks)? else { return Ok(None) };
        let mut distances = Vec::new();
        let len = 2 * u64::from(arch.pointer);
        self.segments.read(self.blocks, "the anchor", address, len, &mut distances)?;
        Ok(locator::span(arch, &distances, address)?.and_then(Span::range))
    }

    /// Where a table of that size is, if there is one and no other. If none is, what the note says is
    /// all that is known.
    fn moved(&self, span: Span) -> Result<Option<Range<u64>>, Error> {
        let places = search::records(self.file.bytes, self.segments, self.file.arch)?;
        let is_record = |address: u64| places.binary_search(&address).is_ok();
        let last = span.size.saturating_sub(RECORD);
        let begins = |address: u64| {
            let before = address.checked_sub(RECORD).is_some_and(is_record);
            let at = |distance: u64| address.checked_add(distance).is_some_and(is_record);
            !before && at(last) && !at(span.size)
        };
        let mut tables: Vec<u64> = self
            .sections()
            .filter(|range| range.end - range.start == span.size)
            .map(|range| range.start)
            .collect();
        tables.extend(places.iter().copied().filter(|&address| begins(address)));
        tables.sort_unstable();
        tables.dedup();
        match *tables {
            [] => Ok(span.range()),
            [start] => Ok(Some(start..start.saturating_add(span.size))),
            [..] => Err(Error::unsupported(format!(
                "the locator note was moved, and {} tables of records have the size that it tells, {} bytes: check \
                 the program before it is changed",
                tables.len(),
                span.size
            ))),
        }
    }

    /// Whether a record is at both ends of a range.
    fn is_table(&self, range: &Range<u64>) -> Result<bool, Error> {
        let last = range.end.saturating_sub(RECORD).max(range.start);
        Ok(self.is_record(range.start)? && self.is_record(last)?)
    }

    /// Whether one of the slots in a range that is loaded looks like a record.
    fn holds_record(&self, range: &Range<u64>) -> Result<bool, Error> {
        if self.segments.offset(range.start, range.end - range.start).is_none() {
            return Ok(false);
        }
        for address in range.clone().step_by(RECORD_SIZE) {
            if self.is_record(address)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_record(&self, address: u64) -> Result<bool, Error> {
        let mut magic = Vec::new();
        let held = self.segments.read(self.blocks, "a record", address, 4, &mut magic)?;
        Ok(held && self.file.arch.u32(&magic, 0) == Some(MAGIC))
    }

    /// The addresses of sections with the records' name.
    fn sections(&self) -> impl Iterator<Item = Range<u64>> {
        let endian = self.file.endian;
        let sections = self.file.sections_named(section::ELF);
        sections.map(move |(_, section)| section.addresses(endian))
    }

    fn is_section(&self, range: &Range<u64>) -> bool {
        self.sections().any(|section| section == *range)
    }
}

impl<E: Elf> Finder<'_, '_, E> {
    /// The table at some addresses. What the program does not load has its place in the file from
    /// `section`.
    fn table(&self, range: Range<u64>, section: Option<&Section<'_, E>>) -> Result<Table, Error> {
        let endian = self.file.endian;
        let size = range.end - range.start;
        let holder =
            self.file.sections.iter().find(|section| {
                section.is_allocated(endian) && section.addresses(endian).contains(&range.start)
            });
        let holder = section.or(holder);
        let name = holder.map_or(layout::SECTION.into(), |section| String::from_utf8_lossy(section.name));
        let offset = self.segments.offset(range.start, size);
        let offset = offset.or(section.map(|section| section.offset(endian))).ok_or_else(|| {
            let Range { start, .. } = range;
            Error::malformed(format!(
                "the locator's range ({start:#x}, {size} bytes) lies outside every segment"
            ))
        })?;
        let table = Table::new(&name, range.start, read_table(self.file.bytes, &name, offset, size)?);
        Ok(Table { retained: holder.is_some_and(|section| section.is_retained(endian)), ..table })
    }

    /// Adds what a section of the records' name holds beside what the program walks.
    fn section(
        &self,
        section: &Section<'_, E>,
        walked: Option<&Range<u64>>,
        tables: &mut Vec<Table>,
    ) -> Result<(), Error> {
        let endian = self.file.endian;
        let range = section.addresses(endian);
        let Some(walked) = walked else {
            tables.push(self.table(range, Some(section))?);
            return Ok(());
        };
        if walked.end <= range.start || range.end <= walked.start {
            // What is not loaded, or holds no record, is there for another purpose, or a header's lie.
            if self.holds_record(&range)? {
                tables.push(self.table(range, Some(section))?);
            }
            return Ok(());
        }
        // A linker script may put other things into the section: only records are of interest.
        let (mut before, mut behind) = (walked.start, walked.end);
        while before.checked_sub(RECORD).is_some_and(|at| at >= range.start)
            && self.is_record(before - RECORD)?
        {
            before -= RECORD;
        }
        while behind.saturating_add(RECORD) <= range.end && self.is_record(behind)? {
            behind += RECORD;
        }
        for rest in [before..walked.start, walked.end..behind].into_iter().filter(|rest| !rest.is_empty()) {
            tables.push(self.table(rest, Some(section))?);
        }
        Ok(())
    }
}
