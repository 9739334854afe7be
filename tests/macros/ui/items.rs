//! The attribute on something else.
#[linktab::extension_module("acme.a")]
struct Type;

#[linktab::extension_module("acme.b")]
mod plain {}

#[linktab::extension_module("acme.c")]
static DATA: u8 = 0;

fn main() {
    let _ = Type;
    let _ = DATA;
}

extern crate renamed as linktab;
