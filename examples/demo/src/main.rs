//! A `python` with the extensions inside. Each crate is named once: cargo compiles a crate that no code
//! names, but does not link it.

use demo_fast as _;
use demo_geo as _;
use demo_graph as _;
use demo_hook as _;
use demo_mesh as _;
use demo_net as _;
use demo_pack as _;
use demo_raw as _;
use demo_text as _;
use demo_unicode as _;

fn main() -> std::process::ExitCode {
    linktab_finder::main()
}
