//! Tables of bytes in, records and defects out.

use std::mem;
use std::sync::Arc;

use linktab::layout::{self, MAX_NAME_LEN, MAX_ORIGIN_LEN, RECORD_SIZE, offset};

use crate::error::Error;
use crate::image::{Arch, Format, Image, Symbolic, Table};
use crate::records::text::Texts;
use crate::records::{Defect, DefectKind, Init, Phase, Record};

/// Most defects that are told of one image: behind these it is no table.
const MAX_DEFECTS: usize = 1000;

/// Bytes of a table that are decoded before their memory is given back: a million records and the
/// bytes that they are made of would be too much at a time.
const STEP: usize = 1 << 20;

/// Decodes every table of an image.
pub fn tables(image: &Image<'_>, tables: Vec<Table>) -> Result<(Vec<Record>, Vec<Defect>), Error> {
    let mut decoder = Decoder {
        image,
        index: 0,
        records: Vec::new(),
        defects: Vec::new(),
        texts: Texts::default(),
        spare: [String::new(), String::new()],
    };
    let mut first = 0;
    for (index, table) in tables.into_iter().enumerate() {
        decoder.index = index;
        let section = table.section.clone();
        first = decoder.table(table, first).map_err(|error| error.in_section(&section))?;
    }
    Ok((decoder.records, decoder.defects))
}

struct Decoder<'i, 'd> {
    image: &'i Image<'d>,
    /// The table at hand.
    index: usize,
    records: Vec<Record>,
    defects: Vec<Defect>,
    texts: Texts,
    /// What the last record's texts were read into.
    spare: [String; 2],
}

impl Decoder<'_, '_> {
    /// Decodes one table whose first slot has a number; returns the number behind its last. It goes
    /// from the end to the start, which is the only end that a vector can be cut off at.
    fn table(&mut self, mut table: Table, first: usize) -> Result<usize, Error> {
        table.check_relocations(self.image.arch)?;
        let mut bytes = mem::take(&mut table.bytes);
        let rest = bytes.len() % RECORD_SIZE;
        let is_record = |bytes: &&[u8]| !self.is_sentinel(bytes);
        let behind = first + bytes.chunks_exact(RECORD_SIZE).filter(is_record).count();
        let (records, defects) = (self.records.len(), self.defects.len());
        let mut at = bytes.len() - rest;
        if rest != 0 {
            self.defect(&table, at as u64, behind, DefectKind::Stride { rest })?;
        }
        let mut slot = behind;
        while let Some(start) = at.checked_sub(RECORD_SIZE) {
            if self.records.len() == self.records.capacity() {
                self.records.reserve_exact((slot - first).min(STEP / RECORD_SIZE));
            }
            let record = bytes.get(start..at).unwrap_or_default();
            if !self.is_sentinel(record) {
                slot -= 1;
                match self.record(&table, start as u64, record, slot)? {
                    Ok(record) => self.records.push(record),
                    Err((field, kind)) => self.defect(&table, (start + field) as u64, slot, kind)?,
                }
            }
            at = start;
            if at.is_multiple_of(STEP) {
                bytes.truncate(at);
                bytes.shrink_to_fit();
            }
        }
        self.records.get_mut(records..).unwrap_or_default().reverse();
        self.defects.get_mut(defects..).unwrap_or_default().reverse();
        Ok(behind)
    }

    fn defect(&mut self, table: &Table, offset: u64, slot: usize, kind: DefectKind) -> Result<(), Error> {
        if self.defects.len() >= MAX_DEFECTS {
            return Err(Error::limit("slots that hold no valid record", MAX_DEFECTS as u64));
        }
        self.defects.push(Defect { section: table.section.clone(), offset, slot, kind });
        Ok(())
    }

    /// linkme bounds its slices by one record of zeros at each end on Windows.
    fn is_sentinel(&self, bytes: &[u8]) -> bool {
        matches!(self.image.arch.format, Format::Pe | Format::Coff) && bytes.iter().all(|&byte| byte == 0)
    }

    fn record(
        &mut self,
        table: &Table,
        at: u64,
        bytes: &[u8],
        slot: usize,
    ) -> Result<Result<Record, (usize, DefectKind)>, Error> {
        let arch = self.image.arch;
        let header = match header(arch, bytes) {
            Ok(header) => header,
            Err(defect) => return Ok(Err(defect)),
        };
        let [name, origin] = mem::take(&mut self.spare);
        let name = match self.text(table, at, bytes, &NAME, name)? {
            Ok(name) => name,
            Err(defect) => return Ok(Err(defect)),
        };
        let origin = match self.text(table, at, bytes, &ORIGIN, origin)? {
            Ok(origin) => origin,
            Err(defect) => return Ok(Err(defect)),
        };
        let stored = arch.u64(bytes, offset::HASH).unwrap_or(0);
        // Some records from C carry none.
        if stored != 0 && stored != linktab::hash::hash(name.as_bytes()) {
            return Ok(Err((offset::HASH, DefectKind::Hash)));
        }
        let texts = [&name, &origin].map(|text| self.texts.push(text));
        self.spare = [name, origin];
        let [name, origin] = texts;
        Ok(Ok(Record {
            slot: slot as u32,
            name,
            phase: header.phase,
            package: header.flags & layout::flags::PACKAGE != 0,
            init: self.init(table, at, bytes)?,
            symbol: None,
            origin,
            python: arch.u32(bytes, offset::PYTHON).unwrap_or(0),
            build_flags: arch.u32(bytes, offset::BUILD_FLAGS).unwrap_or(0),
            table: self.index as u32,
        }))
    }

    fn init(&self, table: &Table, at: u64, bytes: &[u8]) -> Result<Init, Error> {
        match table.symbolic(at + offset::INIT as u64) {
            Some(Symbolic::Import { name, has_library }) => {
                return Ok(Init::Import { symbol: Arc::new(name.clone()), has_library: *has_library });
            }
            Some(Symbolic::Resolver(address)) => return Ok(Init::Resolver(*address)),
            Some(Symbolic::Unknown { .. }) | None => {}
        }
        Ok(match self.image.arch.word(bytes, offset::INIT) {
            None | Some(0) => Init::Null,
            Some(address) => Init::Address { address, executable: self.image.is_function(address)? },
        })
    }

    fn text(
        &mut self,
        table: &Table,
        at: u64,
        bytes: &[u8],
        field: &Field,
        spare: String,
    ) -> Result<Result<String, (usize, DefectKind)>, Error> {
        let len = self.image.arch.u32(bytes, field.len).unwrap_or(0);
        if len == 0 {
            return Ok(Ok(String::new()));
        }
        if len as usize > field.limit {
            let kind = DefectKind::Length { field: field.name, len, limit: field.limit };
            return Ok(Err((field.len, kind)));
        }
        self.image.blocks.spend_text(len.into())?;
        let pointer =
            |target: String| Ok(Err((field.pointer, DefectKind::Pointer { field: field.name, target })));
        match table.symbolic(at + field.pointer as u64) {
            Some(Symbolic::Import { name, .. }) => return pointer(format!("the undefined symbol `{name}`")),
            Some(Symbolic::Resolver(address)) => return pointer(format!("an IFUNC at {address:#x}")),
            Some(Symbolic::Unknown { .. }) | None => {}
        }
        let address = self.image.arch.word(bytes, field.pointer).unwrap_or(0);
        let mut text = spare.into_bytes();
        text.clear();
        let image = self.image;
        if !image.segments.read(&image.blocks, field.name, address, u64::from(len), &mut text)? {
            return pointer(format!("{address:#x}"));
        }
        Ok(String::from_utf8(text).map_err(|_| (field.pointer, DefectKind::Utf8 { field: field.name })))
    }
}

/// A text behind a record.
struct Field {
    name: &'static str,
    pointer: usize,
    len: usize,
    limit: usize,
}

const NAME: Field = Field { name: "name", pointer: offset::NAME, len: offset::NAME_LEN, limit: MAX_NAME_LEN };
const ORIGIN: Field =
    Field { name: "origin", pointer: offset::ORIGIN, len: offset::ORIGIN_LEN, limit: MAX_ORIGIN_LEN };

struct Header {
    phase: Phase,
    flags: u8,
}

/// The fields that say whether the rest can be trusted to mean what this version thinks.
fn header(arch: Arch, bytes: &[u8]) -> Result<Header, (usize, DefectKind)> {
    let magic = arch.u32(bytes, offset::MAGIC).unwrap_or(0);
    if magic != layout::MAGIC {
        return Err((offset::MAGIC, DefectKind::Magic(magic)));
    }
    let abi = arch.u16(bytes, offset::ABI).unwrap_or(0);
    if abi != layout::ABI_VERSION {
        return Err((offset::ABI, DefectKind::Abi(abi)));
    }
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let phase = byte(offset::PHASE);
    let phase = Phase::from_byte(phase).ok_or((offset::PHASE, DefectKind::Phase(phase)))?;
    let flags = byte(offset::FLAGS);
    if flags & !layout::flags::KNOWN != 0 {
        return Err((offset::FLAGS, DefectKind::Flags(flags)));
    }
    Ok(Header { phase, flags })
}
