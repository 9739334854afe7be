//! A program that `linktab pack --compress=all` made in, the file as it was before it was compressed out: the program, with
//! its mark as the stub leaves it, the archive, of which the end was compressed too, and what is behind that.
//!
//! The stub is told by the head behind it (`head.rs`). Bytes may be anybody's: what they say of sizes is
//! held against limits before anything is allocated.

pub mod branches;
pub mod head;
pub mod lzma;

use memchr::memmem;

use super::store::{Piece, Store};
use super::{Bytes, Input};
use crate::error::Error;
use crate::limits::Limits;
use branches::Way;
use head::Head;

impl Bytes<'_> {
    /// Whether these are what a compressed program was, and what is behind it.
    pub fn is_inflated(self) -> bool {
        self.input.is_inflated
    }
}

impl Input {
    /// Sees through a program that is compressed.
    pub(super) fn new(store: Store, len: u64, limits: &Limits) -> Result<Input, Error> {
        let input = Input::plain(store, len, limits)?;
        Ok(input.inflated()?.unwrap_or(input))
    }

    /// The file with its program inflated; `None` where none is compressed.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is damaged, or the program is over the limit.
    fn inflated(&self) -> Result<Option<Input>, Error> {
        let Some((head, behind)) = find(self.bytes())? else { return Ok(None) };
        let limit = self.limits.program;
        if head.size > limit || head.compressed > limit {
            return Err(Error::limit("bytes of a program that is compressed", limit));
        }
        let damaged = || {
            Error::malformed(
                "the program that is compressed in it is damaged: copy the file again, or pack it again",
            )
        };
        if self.len.saturating_sub(behind) < head.compressed {
            return Err(damaged());
        }
        let mut packed = vec![0; head.compressed as usize];
        self.store.read_exact_at(behind, &mut packed)?;
        let mut program = inflate(&packed, &head).ok_or_else(damaged)?;
        let tail_at =
            usize::try_from(head.program).ok().filter(|at| *at <= program.len()).ok_or_else(damaged)?;
        let mut tail = program.split_off(tail_at);
        let start = head.rest_at.min(self.len);
        let end = head.rest_at.saturating_add(head.rest).clamp(start, self.len);
        if end - start < head.rest {
            // Cut off: no archive has an end then.
            tail.clear();
        }
        let program = [Piece::Memory(program), Piece::File(start..end)];
        let pieces = program.into_iter().chain([Piece::Memory(tail), Piece::File(end..self.len)]);
        let pieces = pieces.collect::<Vec<_>>();
        let len = pieces.iter().map(Piece::len).sum();
        let mut input = Input::plain(Store::Pieces { file: self.store.clone(), pieces }, len, &self.limits)?;
        input.is_inflated = true;
        Ok(Some(input))
    }
}

/// Most segments that a stub has.
const SEGMENTS: u16 = 16;
/// Most bytes of a stub with its head.
const STUB: u64 = 64 << 10;

/// The head, and where it ends: in what may be a stub, an ELF file of 64 bits without sections.
fn find(bytes: Bytes<'_>) -> Result<Option<(Head, u64)>, Error> {
    let mut start = [0; 64];
    if bytes.size() < start.len() as u64 {
        return Ok(None);
    }
    bytes.read_some_at(0, &mut start)?;
    // `Elf64_Ehdr` (gABI, "ELF Header"): counts of segments and sections.
    let [.., a, b, _, _, 0, 0, _, _] = start else { return Ok(None) };
    if !start.starts_with(b"\x7fELF\x02\x01") || u16::from_le_bytes([a, b]) > SEGMENTS {
        return Ok(None);
    }
    let file = bytes.read_owned("a stub", 0, bytes.size().min(STUB))?;
    // The stub's own code holds the signature too.
    let mut places = memmem::find_iter(&file, &head::SIGNATURE).peekable();
    let is_stub = places.peek().is_some();
    let head = places.find_map(|place| Some((Head::parse(&file, place)?, (place + head::SIZE) as u64)));
    if is_stub && head.is_none() {
        return Err(Error::malformed(
            "the beginning of the program that is compressed in it is damaged, or another version of `linktab pack` wrote it: \
             copy the file again, or pack it again",
        ));
    }
    Ok(head)
}

/// As the stub does it.
fn inflate(packed: &[u8], head: &Head) -> Option<Vec<u8>> {
    let mut program = vec![0; usize::try_from(head.size).ok()?];
    lzma::decode(packed, &mut program)?;
    let code_end = head.code_at.checked_add(head.code_size)?;
    let machine = program.get(18..20).map(<[u8]>::to_vec);
    let code = program.get_mut(usize::try_from(head.code_at).ok()?..usize::try_from(code_end).ok()?)?;
    filter(machine.as_deref()?, code, Way::Relative);
    if head::sum(&program) != head.sum {
        return None;
    }
    let mark = program.get_mut(usize::try_from(head.mark_at).ok()?..)?.get_mut(head::STATE..)?;
    *mark.first_chunk_mut()? = head.mark;
    Some(program)
}

/// Changes calls, as the machine has them that an ELF header names (`e_machine`).
pub fn filter(machine: &[u8], code: &mut [u8], way: Way) {
    match machine {
        [62, 0] => branches::x86(code, way),
        [183, 0] => branches::aarch64(code, way),
        _ => {}
    }
}
