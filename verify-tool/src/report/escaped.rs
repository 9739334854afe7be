//! Anything that can be serialised in, indented JSON out whose bytes speak to no terminal and no CI
//! service: what [`plain`](crate::plain) would replace is escaped, so that readers get it back.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::plain::{is_hidden, is_second_hash};

/// Writes one document, with a line end.
pub fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    document.serialize(&mut Serializer::with_formatter(&mut *out, Escaping::default()))?;
    writeln!(out)
}

/// Writes one document into an element `script` of HTML, which no text of it ends: `</script>` and `<!--` would
/// (HTML, "Restrictions for contents of script elements").
pub fn write_in_html(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let escaping = Escaping { is_in_html: true, ..Escaping::default() };
    document.serialize(&mut Serializer::with_formatter(&mut *out, escaping)).map_err(io::Error::from)
}

#[derive(Default)]
struct Escaping {
    pretty: PrettyFormatter<'static>,
    is_in_html: bool,
}

macro_rules! as_before {
    ($($method:ident($($name:ident: $kind:ty),*);)*) => {$(
        fn $method<W: ?Sized + Write>(&mut self, writer: &mut W $(, $name: $kind)*) -> io::Result<()> {
            self.pretty.$method(writer $(, $name)*)
        }
    )*};
}

impl Formatter for Escaping {
    as_before! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let (mut written, mut before) = (0, None);
        for (at, c) in text.char_indices() {
            if is_hidden(c) || is_second_hash(before, c) || self.is_in_html && c == '<' {
                writer.write_all(text.get(written..at).unwrap_or_default().as_bytes())?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                written = at + c.len_utf8();
            }
            before = Some(c);
        }
        writer.write_all(text.get(written..).unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn what_is_hidden_is_escaped_and_comes_back() {
        let text = "caf\u{e9}\u{1b}[31m\u{9b}\u{202e}\u{e0041}\n##[error]\"##";
        let mut out = Vec::new();
        write(&[text], &mut out).expect("memory takes everything");
        let json = String::from_utf8(out).expect("JSON is UTF-8");
        let escaped = "caf\u{e9}\\u001b[31m\\u009b\\u202e\\udb40\\udc41\\n#\\u0023[error]\\\"#\\u0023";
        assert_eq!(json, format!("[\n  \"{escaped}\"\n]\n"));
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).expect("JSON"), [text]);
    }
}
