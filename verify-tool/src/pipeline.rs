//! The straight line: a path in, [`Inventory`]s and errors out.

use std::path::Path;

use crate::bytes::Input;
use crate::error::Error;
use crate::image::{self, Part};
use crate::limits::Limits;
use crate::paths;
use crate::records::{self, Decoded, Inventory};

/// What an input held, and what of it could not be read.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One for each image, in the file's order.
    pub inventories: Vec<Inventory>,
    /// One for each part that could not be read.
    pub errors: Vec<Error>,
}

impl Outcome {
    /// Adds what another input held.
    pub fn extend(&mut self, other: Outcome) {
        self.inventories.extend(other.inventories);
        self.errors.extend(other.errors);
    }
}

/// Reads every image of a file. `-` is standard input.
#[must_use]
pub fn read(path: &Path, limits: &Limits) -> Outcome {
    let mut outcome = Outcome::default();
    if path.as_os_str() == "-" {
        let input = Input::standard(limits, image::is_known);
        input_into(path, ("standard input", None), input, limits, 0, &mut outcome);
    } else {
        let input = Input::open(path, limits, image::is_known);
        input_into(path, (&path.display().to_string(), None), input, limits, 0, &mut outcome);
    }
    outcome
}

/// Reads every image of bytes that are in memory, under a name of the caller's choice.
#[must_use]
pub fn read_bytes(name: &str, bytes: Vec<u8>, limits: &Limits) -> Outcome {
    let mut outcome = Outcome::default();
    match Input::from_bytes(bytes, limits) {
        Ok(input) => parts_into(Path::new(name), (name, None), &input, limits, 0, &mut outcome),
        Err(error) => outcome.errors.push(error.in_file(name, None)),
    }
    outcome
}

/// What an input is called: the file, and the member where a thin archive led to it.
type Name<'n> = (&'n str, Option<&'n str>);

fn input_into(
    path: &Path,
    name: Name<'_>,
    input: Result<Input, Error>,
    limits: &Limits,
    depth: usize,
    outcome: &mut Outcome,
) {
    match input {
        Ok(input) => parts_into(path, name, &input, limits, depth, outcome),
        Err(error) => outcome.errors.push(error.in_file(name.0, name.1)),
    }
}

fn parts_into(
    path: &Path,
    (name, member): Name<'_>,
    input: &Input,
    limits: &Limits,
    depth: usize,
    outcome: &mut Outcome,
) {
    let mut externals = Vec::new();
    let named = |part: Part<'_>| match member {
        Some(member) => records::decode(name, part.inside(member)),
        None => records::decode(name, part),
    };
    let parsed = image::parse(input, &mut |part| match part.and_then(named) {
        // Of an archive with thousands of members only few say anything.
        Ok(Decoded::Inventory(inventory)) if inventory.member.is_some() && inventory.is_of_no_interest() => {}
        Ok(Decoded::Inventory(inventory)) => outcome.inventories.push(*inventory),
        Ok(Decoded::Partly(inventory, error)) => {
            outcome.inventories.push(*inventory);
            outcome.errors.push(error);
        }
        Ok(Decoded::External(member)) => externals.push(member),
        Err(error) => outcome.errors.push(error.in_file(name, member)),
    });
    if let Err(error) = parsed {
        outcome.errors.push(error.in_file(name, member));
    }
    for of_thin in externals {
        if depth >= limits.depth {
            let error = Error::limit("levels of archives in archives", limits.depth as u64);
            outcome.errors.push(error.in_file(name, member));
            break;
        }
        // A thin archive names its members relative to itself (GNU ar, "thin"), and a linker pulls them as it
        // does those of others.
        let file = paths::of_bytes(&of_thin);
        let label = match member {
            Some(member) => format!("{member}/{}", file.display()),
            None => file.display().to_string(),
        };
        let beside = path.parent().unwrap_or(Path::new("")).join(&file);
        let opened = Input::open(&beside, limits, image::is_known);
        input_into(&beside, (name, Some(&label)), opened, limits, depth + 1, outcome);
    }
}
