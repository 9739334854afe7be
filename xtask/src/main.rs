//! `cargo xtask`: what a person types, to one of the commands below; 0, or 1 with a reason.
//!
//! Knows nothing of what linktab does: it runs cargo, Python and the programs they make.

#![forbid(unsafe_code)]

mod bench;
mod cli;
mod cxx;
mod demo;
mod environment;
mod hygiene;
mod needs;
mod rust_src;
mod steps;
mod suite;
mod tools;
mod workspace;

use std::process::ExitCode;

use cli::Command;
use environment::Environment;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("error: {error:#}\n\n{}", cli::OVERVIEW);
            return ExitCode::from(2);
        }
    };
    let done = match command {
        Command::Help(text) => {
            print!("{text}");
            Ok(())
        }
        Command::Demo(options) if options.one_file => demo::one_file(&mut Environment::new(&options)),
        Command::Demo(options) => demo::demo(&mut Environment::new(&options)),
        Command::Test(options) => suite::test(&options),
        Command::Bench(options) => bench::bench(&options),
        Command::Python(options) => environment::show(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
