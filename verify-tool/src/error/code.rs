//! The codes of errors: what kept the tool from looking. Those of findings are in `code.rs`.

/// A kind of error. Codes never change meaning, and retired ones are not used again.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorCode {
    /// The code itself, such as `LT903`.
    pub code: &'static str,
    /// The readable name.
    pub slug: &'static str,
    /// What it means, in a line.
    pub summary: &'static str,
    /// What it means, how it comes about, how to mend it, with an example.
    pub explanation: &'static str,
}

impl ErrorCode {
    /// Every code, in order.
    pub const ALL: &'static [ErrorCode] = &[
        ErrorCode {
            code: "LT900",
            slug: "unreadable",
            summary: "the operating system did not let the file be read",
            explanation: include_str!("../explain/LT900.md"),
        },
        ErrorCode {
            code: "LT901",
            slug: "unknown-format",
            summary: "the file is no ELF, Mach-O or PE/COFF file, nor an archive of those",
            explanation: include_str!("../explain/LT901.md"),
        },
        ErrorCode {
            code: "LT902",
            slug: "malformed-file",
            summary: "the file contradicts its format, or ends too early",
            explanation: include_str!("../explain/LT902.md"),
        },
        ErrorCode {
            code: "LT903",
            slug: "unsupported-file",
            summary: "the format allows it, and this version does not read it",
            explanation: include_str!("../explain/LT903.md"),
        },
    ];

    /// The kind of error that a code or its readable name stands for.
    #[must_use]
    pub fn find(text: &str) -> Option<&'static ErrorCode> {
        ErrorCode::ALL.iter().find(|it| it.code.eq_ignore_ascii_case(text) || it.slug == text)
    }
}
