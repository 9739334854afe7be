//! What can be explained: a finding or an error, by its code or its slug.

use std::str::FromStr;

use crate::{Code, ErrorCode};

/// What can be explained.
#[derive(Clone, Copy, Debug)]
pub enum Topic {
    Finding(Code),
    Error(&'static ErrorCode),
}

impl FromStr for Topic {
    type Err = <Code as FromStr>::Err;

    fn from_str(text: &str) -> Result<Topic, Self::Err> {
        match ErrorCode::find(text) {
            Some(error) => Ok(Topic::Error(error)),
            None => text.parse().map(Topic::Finding),
        }
    }
}
