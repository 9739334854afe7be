//! A mangled symbol of Rust in, the crate that its path begins in out; `None` for what rustc did not mangle.

/// The crate of a symbol, in either of rustc's manglings (rustc book, "Symbol Mangling").
pub fn of(symbol: &[u8]) -> Option<&[u8]> {
    match symbol {
        [b'_', b'Z', b'N', rest @ ..] => legacy(rest),
        [b'_', b'R', rest @ ..] => v0(rest),
        _ => None,
    }
}

/// `_ZN9acme_geo4core17h…E`, and of an impl `_ZN40_$LT$acme_geo..Map$u20$as$u20$…`.
fn legacy(rest: &[u8]) -> Option<&[u8]> {
    // Names of C++ begin so as well, and have no hash at their end.
    let first = sized(rest)?;
    let Some(mut path) = first.strip_prefix(b"_$LT$") else { return Some(first) };
    for reference in [&b"$RF$"[..], b"mut$u20$", b"$LP$", b"$u5b$"] {
        path = path.strip_prefix(reference).unwrap_or(path);
    }
    let end = path.iter().position(|byte| matches!(byte, b'.' | b'$'))?;
    path.get(..end)
}

/// `_RNvNtCs1234_8acme_geo4core4find`: the crate is behind the first `C` that begins one.
fn v0(rest: &[u8]) -> Option<&[u8]> {
    (0..rest.len()).find_map(|at| {
        let root = rest.get(at..)?.strip_prefix(b"C")?;
        match root.strip_prefix(b"s") {
            None => sized(root),
            Some(hashed) => {
                let end = hashed.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
                sized(hashed.get(end..)?.strip_prefix(b"_")?)
            }
        }
    })
}

/// A name behind the number of its bytes.
fn sized(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, name) = text.split_at_checked(digits)?;
    let len: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
    name.get(..len)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn both_manglings_name_the_crate_and_others_none() {
        let named =
            |symbol: &str| of(symbol.as_bytes()).map(|name| String::from_utf8_lossy(name).into_owned());
        for symbol in [
            "_ZN8acme_geo4core4find17h0123456789abcdefE",
            "_ZN52_$LT$acme_geo..Map$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
            "_RNvNtCs1234_8acme_geo4core4find",
            "_RNCNvC8acme_geo4find0",
            "_RNvXs_NtCslvMjE1_8acme_geo4coreNtB4_3MapNtNtCs9_4core3fmt5Debug3fmt",
        ] {
            assert_eq!(named(symbol).as_deref(), Some("acme_geo"), "{symbol}");
        }
        for symbol in ["", "_R", "_ZN", "_ZN9", "_ZN99acme", "_RC", "_RCs", "_RCs12_99x", "PyInit__core"] {
            assert_eq!(named(symbol), None, "{symbol}");
        }
    }
}
