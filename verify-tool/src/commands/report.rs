//! `linktab report`: a check whose words are a page for people.

use super::args::Page;
use super::options::Format;
use super::streams::{Notes, Out};
use super::{Ended, check};

pub fn run(page: &mut Page, out: &mut Out<'_>, notes: &mut Notes<'_>) -> Ended {
    // Who looks for faults asks `linktab check`; this one shows what is there.
    let options = &mut page.check.options;
    (options.output_format, options.exit_zero) = (Format::Html, true);
    check::run(&page.check, out, notes)
}
