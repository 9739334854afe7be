//! [`Text`]: a name or an origin. An image may hold a million of each; on their own they would take more
//! room for their beginnings and ends than for themselves, so that they lie in long strings together.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A text that shares its memory with others.
#[derive(Clone)]
pub struct Text {
    /// Set when the string is complete, which is before anybody but [`Texts`] sees the text.
    shared: Arc<OnceLock<String>>,
    start: u32,
    len: u32,
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        let (start, len) = (self.start as usize, self.len as usize);
        self.shared.get().and_then(|text| text.get(start..start + len)).unwrap_or_default()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Texts::default().push(text)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        (**self).cmp(other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// Bytes of one shared string.
const SHARED: usize = 256 << 10;

/// Makes texts. They can be read when it is gone.
#[derive(Default)]
pub struct Texts {
    shared: Arc<OnceLock<String>>,
    filling: String,
}

impl Texts {
    pub fn push(&mut self, text: &str) -> Text {
        if !self.filling.is_empty() && self.filling.len() + text.len() > SHARED {
            self.share();
        }
        let start = self.filling.len() as u32;
        self.filling.push_str(text);
        Text { shared: Arc::clone(&self.shared), start, len: text.len() as u32 }
    }

    fn share(&mut self) {
        let mut text = mem::take(&mut self.filling);
        text.shrink_to_fit();
        // Nobody else sets it.
        let _ = mem::take(&mut self.shared).set(text);
    }
}

impl Drop for Texts {
    fn drop(&mut self) {
        self.share();
    }
}

#[cfg(test)]
mod tests {
    use super::{SHARED, Text, Texts};

    #[test]
    fn texts_are_what_they_were_made_of() {
        let long = "é".repeat(SHARED);
        let mut texts = Texts::default();
        let mut all: Vec<(String, Text)> = Vec::new();
        for index in 0..20_000 {
            let text = format!("acme.package._native{index:05}");
            all.push((text.clone(), texts.push(&text)));
        }
        for text in ["", &long, "", "x"] {
            all.push((text.to_owned(), texts.push(text)));
        }
        drop(texts);
        assert!(all.iter().all(|(expected, text)| **text == **expected));
        assert_eq!(size_of::<Text>(), 16, "as small as a string of its own");
        assert_eq!(Text::from("a.b").to_string(), "a.b");
    }
}
