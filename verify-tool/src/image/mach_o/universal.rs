//! A universal Mach-O file in, its slices as parts out. A slice is an image or an archive.

use object::macho::{FatArch32, FatArch64};
use object::read::macho::{FatArch, MachOFatFile};

use super::{arch_name, malformed};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::image::{Each, Parsed, Part, parse_bytes};

pub fn parse32<'d>(bytes: Bytes<'d>, depth: usize, each: Each<'_, 'd>) -> Result<(), Error> {
    parse::<FatArch32>(bytes, depth, each)
}

pub fn parse64<'d>(bytes: Bytes<'d>, depth: usize, each: Each<'_, 'd>) -> Result<(), Error> {
    parse::<FatArch64>(bytes, depth, each)
}

fn parse<'d, Fat: FatArch>(bytes: Bytes<'d>, depth: usize, each: Each<'_, 'd>) -> Result<(), Error> {
    let limit = bytes.limits().slices;
    let mut count = [0; 8];
    bytes.read_some_at(0, &mut count)?;
    if u32::from_be_bytes([count[4], count[5], count[6], count[7]]) as usize > limit {
        return Err(Error::limit("architectures in a universal file", limit as u64));
    }
    let file = MachOFatFile::<Fat>::parse(bytes).map_err(|error| malformed("universal header", error))?;
    for slice in file.arches() {
        let name = arch_name(slice.cputype(), slice.cpusubtype());
        let (offset, size) = slice.file_range();
        let slice = bytes.sub("a slice", offset, size).and_then(|slice| {
            // A universal file in a slice would be a file that contains itself.
            if is_universal(slice) { Err(Error::malformed("a slice is a universal file")) } else { Ok(slice) }
        });
        let parsed =
            slice.and_then(|slice| parse_bytes(slice, depth, &mut |part| each(labelled(part, name))));
        if let Err(error) = parsed {
            each(Err(error.in_file("", Some(name))));
        }
    }
    Ok(())
}

fn is_universal(bytes: Bytes<'_>) -> bool {
    let mut magic = [0; 4];
    bytes.read_some_at(0, &mut magic).is_ok() && matches!(magic, [0xca, 0xfe, 0xba, 0xbe | 0xbf])
}

fn labelled<'d>(part: Parsed<'d>, arch: &str) -> Parsed<'d> {
    match part {
        Ok(Part::Image { label: None, image }) => Ok(Part::Image { label: Some(arch.to_owned()), image }),
        Ok(part) => Ok(part.inside(arch)),
        Err(error) => Err(error.in_file("", Some(arch))),
    }
}
