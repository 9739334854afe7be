//! A block of a lock file as `write` makes it in, its module out: the parser of TOML takes twenty thousand
//! instructions for each, and a lock has thousands. Whatever is written in another way is for that parser.

use super::LockedModule;
use crate::records::Phase;

/// A module, and how much of the file it is.
pub struct Block<'f> {
    pub module: LockedModule<'f>,
    pub len: usize,
    pub lines: u32,
}

/// What begins the next block.
const NEXT: &str = "\n[[module]]\n";

/// The block that a file begins with from a line of this number on, or `None` when it is written in
/// another way, right or wrong.
pub fn block(file: &str, first: u32) -> Option<Block<'_>> {
    let mut rest = file.strip_prefix("[[module]]\nname = \"")?;
    let name = string(&mut rest)?;
    rest = rest.strip_prefix("phase = \"")?;
    let phase = string(&mut rest)?;
    let phase = [Phase::Multi, Phase::Single, Phase::Export].into_iter().find(|it| it.as_str() == phase)?;
    let mut lines = 3;
    let package = rest.strip_prefix("package = true\n");
    if let Some(behind) = package {
        (rest, lines) = (behind, lines + 1);
    }
    let mut registered_by = "";
    if let Some(behind) = rest.strip_prefix("registered-by = \"") {
        (rest, lines) = (behind, lines + 1);
        registered_by = string(&mut rest)?;
    }
    if rest.starts_with(NEXT) {
        (rest, lines) = (rest.get(1..)?, lines + 1);
    } else if !rest.is_empty() {
        return None;
    }
    let package = package.is_some();
    let module = LockedModule { name, phase, package, registered_by, architectures: &[], line: first + 1 };
    Some(Block { module, len: file.len() - rest.len(), lines })
}

/// Takes the rest of a line that is a string, when nothing in it is escaped or ought to be.
fn string<'f>(rest: &mut &'f str) -> Option<&'f str> {
    let (text, behind) = rest.split_at_checked(memchr::memchr2(b'"', b'\\', rest.as_bytes())?)?;
    *rest = behind.strip_prefix("\"\n")?;
    // Not broken off at the first: the compiler looks at many bytes at a time.
    let has_control = text.bytes().fold(false, |bad, byte| bad | (byte < b' ') | (byte == 0x7f));
    (!has_control).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::block;
    use crate::expected::lock::Lock;

    /// It takes nothing that the parser of TOML reads in another way, or refuses.
    #[test]
    fn it_reads_what_the_parser_reads() {
        let parts = [
            "name = \"a.b\"",
            "name = \"a\\\\b\"",
            "name = 'a'",
            "phase = \"multi\"",
            "phase = \"many\"",
            "package = true",
            "package = false",
            "registered-by = \"x\"",
            "registered-by = \"x\u{7f}\"",
            "registered-by = \"\u{e9}\"",
            "architectures = [\"x86\"]",
            "# words",
            "",
            "more = 1",
        ];
        let mut taken = 0;
        for number in 0..parts.len().pow(4) {
            let digits = (0..4).map(|digit| number / parts.len().pow(digit) % parts.len());
            let lines: Vec<&str> = digits.map(|digit| parts[digit]).collect();
            let text = format!("[[module]]\n{}\n", lines.join("\n"));
            let text = text.trim_end_matches('\n').to_owned() + "\n";
            let Some(block) = block(&text, 2) else { continue };
            // A blank before it makes it another way to write it.
            let slowly = format!("version = 1\n {text}");
            let lock = Lock::parse("x", &slowly).expect("the parser of TOML takes it too");
            assert_eq!(lock.modules().collect::<Vec<_>>(), [block.module], "{text}");
            assert_eq!((block.len, block.lines as usize), (text.len(), text.lines().count()), "{text}");
            taken += 1;
        }
        assert_eq!(taken, 6, "every way in which linktab writes a block");
    }
}
