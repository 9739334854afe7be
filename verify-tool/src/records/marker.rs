//! A marker symbol in, the extension's name out.

use linktab::layout::MARKER_PREFIX;

/// The name that a marker symbol carries, or `None` for every other symbol.
///
/// Bytes that are not ASCII, and those that mean something to a linker, stand in it as `$` and two hexadecimal digits.
#[must_use]
pub fn name_of(symbol: &str) -> Option<String> {
    let escaped = symbol.strip_prefix(MARKER_PREFIX)?;
    let mut name = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'$' {
            let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            name.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            name.push(byte);
        }
    }
    String::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn markers_are_read_as_the_macros_write_them() {
        assert_eq!(name_of("__linktab_mod$acme.geo._core").as_deref(), Some("acme.geo._core"));
        assert_eq!(name_of("__linktab_mod$caf$c3$a9.x").as_deref(), Some("café.x"));
        assert_eq!(name_of("__linktab_mod$a$20b$24.2-d").as_deref(), Some("a b$.2-d"));
        assert_eq!(name_of("__linktab_mod$a$c3"), None, "half a character");
        assert_eq!(name_of("PyInit_x"), None);
    }
}
