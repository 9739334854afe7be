//! Texts that the command hands on to a Python or a browser: deflated by `build.rs` in, as they were written out.

use miniz_oxide::inflate::decompress_to_vec;

/// One of them.
pub struct Text(&'static [u8]);

macro_rules! text {
    ($name:literal) => {
        Text(include_bytes!(concat!(env!("OUT_DIR"), "/", $name)))
    };
}

/// Of `linktab pack`: what packs.
pub const PACK: Text = text!("pack");
/// What an archive starts with.
pub const START: Text = text!("start");
/// What an archive does for files of data.
pub const DATA: Text = text!("data");
/// What an archive does for shared objects.
pub const SHARED: Text = text!("shared");
/// The page of a report.
pub const PAGE: Text = text!("page");

impl Text {
    /// The text.
    pub fn read(&self) -> String {
        let bytes = decompress_to_vec(self.0).expect("`build.rs` deflated it");
        String::from_utf8(bytes).expect("`build.rs` had it from a string")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_its_files_are_one_after_the_other() {
        let start =
            concat!(include_str!("commands/pack_start.py"), include_str!("commands/pack_resources.py"));
        assert_eq!(START.read(), start);
        assert_eq!(PAGE.read(), include_str!("report/html/page.html"));
        assert!([PACK, DATA, SHARED].iter().all(|text| text.read().ends_with('\n')));
    }
}
