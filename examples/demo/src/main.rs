//! A `python` with the extensions inside. Each crate is named once: cargo compiles a crate that no code
//! names, but does not link it.

use ext_fast as _;
use ext_geo as _;
use ext_graph as _;
use ext_hook as _;
use ext_mesh as _;
use ext_net as _;
use ext_pack as _;
use ext_raw as _;
use ext_text as _;
use ext_unicode as _;

fn main() -> std::process::ExitCode {
    linktab_finder::main()
}
