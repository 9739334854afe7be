//! What can be explained: a finding or an error, by its code, also without its zeros, or its slug.

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
        let whole = whole(text);
        match ErrorCode::find(whole.as_deref().unwrap_or(text)) {
            Some(error) => Ok(Topic::Error(error)),
            None => match whole.and_then(|code| code.parse().ok()) {
                Some(code) => Ok(Topic::Finding(code)),
                // What was asked for is in the message.
                None => text.parse().map(Topic::Finding),
            },
        }
    }
}

impl Topic {
    /// All there are: findings, then errors, by their codes.
    pub fn all() -> impl Iterator<Item = Topic> {
        let findings = Code::ALL.iter().map(|code| Topic::Finding(*code));
        findings.chain(ErrorCode::ALL.iter().map(Topic::Error))
    }
}

/// `LT7` and `7` as `LT007`.
fn whole(text: &str) -> Option<String> {
    let has_letters = text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("LT"));
    let number = if has_letters { text.get(2..)? } else { text };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.parse().ok()).flatten().map(|number: u16| format!("LT{number:03}"))
}
