//! For people with a browser: one page that needs no other file and asks no network. What is in it is data for
//! the script of `html/page.html`, which makes text of it and never markup.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Report, escaped, json, sorted, symbol};
use crate::records::{Inventory, Record};
use crate::sizes::PackageSize;
use crate::texts::PAGE;

#[derive(Serialize)]
struct Data<'a> {
    report: json::Document<'a>,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    label: String,
    format: &'static str,
    arch: &'a str,
    kind: &'static str,
    python: Option<String>,
    #[serde(serialize_with = "modules")]
    modules: &'a Inventory,
    sizes: &'a [PackageSize],
}

#[derive(Serialize)]
struct Module<'a> {
    name: &'a str,
    phase: &'static str,
    is_package: bool,
    init: String,
    origin: Origin<'a>,
}

#[derive(Serialize)]
struct Origin<'a> {
    package: &'a str,
    version: &'a str,
    file: &'a str,
    line: u32,
}

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let page = PAGE.read();
    let (before, after) = page.split_once("@DATA@").unwrap_or((&page, ""));
    let sizes = report.sizes.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
    let images = report.inventories.iter().zip(sizes).map(|(inventory, sizes)| image(inventory, sizes));
    let data = Data { report: json::document(report), images: images.collect() };
    out.write_all(before.as_bytes())?;
    escaped::write_in_html(&data, out)?;
    out.write_all(after.as_bytes())
}

fn image<'a>(inventory: &'a Inventory, sizes: &'a [PackageSize]) -> Image<'a> {
    Image {
        label: inventory.label(),
        format: inventory.format.as_str(),
        arch: &inventory.arch,
        kind: inventory.kind.as_str(),
        python: inventory.facts.python_name(),
        modules: inventory,
        sizes,
    }
}

/// One after the other: a million of them would fill the memory.
fn modules<S: Serializer>(inventory: &&Inventory, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(sorted(inventory).into_iter().map(module))
}

fn module(record: &Record) -> Module<'_> {
    let mut init = String::new();
    symbol::push_init(&mut init, record);
    let origin = record.origin();
    Module {
        name: &record.name,
        phase: record.phase.as_str(),
        is_package: record.package,
        init,
        origin: Origin {
            package: origin.package,
            version: origin.version,
            file: origin.file,
            line: origin.line,
        },
    }
}
