//! A path in, what its programs need of the machine that runs them out: libraries, with who asks for them and which
//! versions, the loader, and what a packed program takes from the system besides.
//!
//! Reads what loaders read, and records only where they show whether a program is one of `linktab_finder::main()`. Which
//! libraries of an archive lead to which others of it is decided as in `pack_links.py`, in `inside`.

mod inside;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::bytes::{Bytes, Input};
use crate::error::Error;
use crate::image::{self, Format, Image, ImageKind, Loading, PackedFile, Part};
use crate::limits::Limits;
use inside::Archive;
use versions::Wanted;

/// What one image needs.
#[derive(Debug)]
#[non_exhaustive]
pub struct Needs {
    /// The file.
    pub path: String,
    /// Which part of it, if it has several.
    pub member: Option<String>,
    /// The file format.
    pub format: Format,
    /// How far it was linked.
    pub kind: ImageKind,
    /// The machine.
    pub arch: &'static str,
    /// The program that loads it (`PT_INTERP`).
    pub loader: Option<String>,
    /// Those that the machine has to have, by name.
    pub libraries: Vec<Library>,
    /// Those that are packed with it, by name.
    pub inside: Vec<Inside>,
    /// What is behind it; `None` where nothing was packed.
    pub packed: Option<Packed>,
    /// Whether it looks for its standard library as `python` does.
    pub wants_standard_library: bool,
}

/// A library, and who asks for it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Library {
    /// Its name, as the loader is asked for it.
    pub name: String,
    /// Who asks.
    pub wanted_by: Askers,
    /// The newest version of each kind, such as `GLIBC_2.34`.
    pub versions: Vec<Version>,
}

/// A version of symbols.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Version {
    /// `GLIBC_2.34`
    pub name: String,
    /// Who asks for it, and for none that is newer.
    pub wanted_by: Askers,
}

/// A library that is packed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inside {
    /// Its name, as one of its askers has it.
    pub name: String,
    /// Where, in the archive.
    pub path: String,
    /// Who asks.
    pub wanted_by: Askers,
}

/// Who asks for something.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Askers {
    /// The image itself.
    pub program: bool,
    /// Files that are packed with it.
    pub files: BTreeSet<String>,
}

/// An archive, as far as the machine has to help with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Packed {
    /// Shared objects, which are loaded from memory.
    pub shared: usize,
    /// Whether packages have data files, which are put into a folder.
    pub data: bool,
}

impl Needs {
    /// Whether it is a program, and no library.
    #[must_use]
    pub fn is_program(&self) -> bool {
        self.kind == ImageKind::Executable
    }

    /// The oldest glibc that has all versions of symbols that are asked for, and who asks for the newest of them.
    #[must_use]
    pub fn glibc(&self) -> Option<Version> {
        let wanted = self.libraries.iter().flat_map(|library| &library.versions);
        versions::glibc(wanted)
    }
}

/// Reads what every image of a file needs. `-` is standard input.
#[must_use]
pub fn read(path: &Path, limits: &Limits) -> (Vec<Needs>, Vec<Error>) {
    let (name, input) = if path.as_os_str() == "-" {
        ("standard input".to_owned(), Input::standard(limits, image::is_known))
    } else {
        (path.display().to_string(), Input::open(path, limits, image::is_known))
    };
    of_input(&name, input)
}

/// The same for bytes that are in memory, under a name of the caller's choice.
#[must_use]
pub fn read_bytes(name: &str, bytes: Vec<u8>, limits: &Limits) -> (Vec<Needs>, Vec<Error>) {
    of_input(name, Input::from_bytes(bytes, limits))
}

fn of_input(name: &str, input: Result<Input, Error>) -> (Vec<Needs>, Vec<Error>) {
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    let parsed = input.and_then(|input| {
        image::parse(&input, &mut |part| match part.and_then(|part| of_part(name, part)) {
            Ok(needs) => found.push(needs),
            Err(error) => errors.push(error.in_file(name, None)),
        })
    });
    errors.extend(parsed.err().map(|error| error.in_file(name, None)));
    (found, errors)
}

fn of_part(path: &str, part: Part<'_>) -> Result<Needs, Error> {
    let Part::Image { label, image } = part else {
        return Err(Error::unsupported("expected a linked file, found an archive of objects"));
    };
    of_image(path, label.clone(), &image).map_err(|error| error.in_file(path, label.as_deref()))
}

fn of_image(path: &str, member: Option<String>, image: &Image<'_>) -> Result<Needs, Error> {
    if image.kind == ImageKind::Object {
        return Err(Error::unsupported("expected a linked file, found an object that is not linked"));
    }
    let program = image.loading()?;
    let mark = if image.kind == ImageKind::Executable { image.mark()? } else { None };
    let files = mark.map(|mark| image.packed_files(mark)).transpose()?.flatten();
    let mut archive = Archive::default();
    for file in files.iter().flatten() {
        let loading = shared_object(image.blocks.bytes(), file);
        if let Some(loading) = loading.map_err(|error| error.in_section(&file.name))? {
            archive.insert(&file.name, loading);
        }
    }
    let mut sum = Sum::default();
    sum.add(None, &program, &BTreeMap::new());
    let found = archive.found();
    for (file, loading) in archive.files() {
        sum.add(Some(file), loading, found.get(file).unwrap_or(&BTreeMap::new()));
        sum.check(image.blocks.bytes().limits())?;
    }
    let is_data = |file: &PackedFile| file.name == "_linktab_data.pyc";
    let packed =
        files.map(|files| Packed { shared: archive.files().count(), data: files.iter().any(is_data) });
    let (libraries, inside) = sum.finish();
    Ok(Needs {
        path: path.to_owned(),
        member,
        format: program.arch.format,
        kind: image.kind,
        arch: program.arch.name,
        loader: program.loader,
        libraries,
        inside,
        wants_standard_library: mark.is_some() && packed.is_none(),
        packed,
    })
}

/// A packed file's own needs, if it is a shared object or a program.
fn shared_object(bytes: Bytes<'_>, file: &PackedFile) -> Result<Option<Loading>, Error> {
    if file.method == 0 {
        return image::loading_of(bytes.sub("a packed file", file.start, file.size)?);
    }
    if file.method != DEFLATED {
        return Err(Error::unsupported(format!("compressed by method {}", file.method)));
    }
    // Most are code, and their first bytes say so.
    let mut head = [0; 4];
    let packed = bytes.read_owned("a packed file", file.start, file.size)?;
    let is_elf = inflate_into(&packed, &mut head) && head == *b"\x7fELF";
    if !is_elf {
        return Ok(None);
    }
    let limits = bytes.limits();
    if file.unpacked > limits.section {
        return Err(Error::limit("bytes of a packed file", limits.section));
    }
    let inflated = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, file.unpacked as usize);
    let inflated =
        inflated.map_err(|error| Error::malformed(format!("a packed file is damaged: {error}")))?;
    image::loading_of(Input::from_bytes(inflated, limits)?.bytes())
}

const DEFLATED: usize = 8;

/// Fills a short buffer with the first bytes of a deflated stream; `false` where it has fewer.
fn inflate_into(packed: &[u8], head: &mut [u8]) -> bool {
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (_, _, written) = decompress(&mut DecompressorOxide::new(), packed, head, 0, flags);
    written == head.len()
}

/// Who asks for what, as it is collected.
#[derive(Default)]
struct Sum {
    libraries: BTreeMap<String, (Askers, Wanted)>,
    inside: BTreeMap<String, Inside>,
    pairs: u64,
}

impl Sum {
    /// `None` is the program itself; `found` are the libraries that the archive has for a file of it.
    fn add(&mut self, file: Option<&str>, loading: &Loading, found: &BTreeMap<&str, String>) {
        for name in &loading.needed {
            self.pairs += 1;
            match found.get(name.as_str()) {
                Some(path) => {
                    let new =
                        || Inside { name: name.clone(), path: path.clone(), wanted_by: Askers::default() };
                    self.inside.entry(path.clone()).or_insert_with(new).wanted_by.add(file);
                }
                None => self.libraries.entry(name.clone()).or_default().0.add(file),
            }
        }
        for (library, version) in &loading.versions {
            if !found.contains_key(library.as_str())
                && let Some((_, wanted)) = self.libraries.get_mut(library)
            {
                self.pairs += 1;
                wanted.add(version, file);
            }
        }
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        let limit = limits.members as u64;
        if self.pairs > limit {
            return Err(Error::limit("libraries and versions that packed files ask for", limit));
        }
        Ok(())
    }

    fn finish(self) -> (Vec<Library>, Vec<Inside>) {
        let library = |(name, (wanted_by, wanted)): (String, (Askers, Wanted))| Library {
            name,
            wanted_by,
            versions: wanted.newest(),
        };
        let mut inside: Vec<Inside> = self.inside.into_values().collect();
        inside.sort_unstable_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
        (self.libraries.into_iter().map(library).collect(), inside)
    }
}

impl Askers {
    fn add(&mut self, file: Option<&str>) {
        match file {
            None => self.program = true,
            Some(file) => drop(self.files.insert(file.to_owned())),
        }
    }
}
