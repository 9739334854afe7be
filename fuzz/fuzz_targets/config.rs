//! Any text as config, manifest and lock file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use linktab_verify::{Config, Lock};

fuzz_target!(|text: &str| {
    let _ = Config::parse("linktab.toml", text);
    let _ = Config::parse_manifest("Cargo.toml", text);
    let _ = Lock::parse("linktab.lock", text);
});
