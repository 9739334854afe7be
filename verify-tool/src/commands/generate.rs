//! Completions and the man page, from the definitions in `args`.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use super::streams::Out;
use super::{Ended, Exit};

pub fn completions(shell: Shell, out: &mut Out<'_>) -> Ended {
    // The generator takes a sized writer and stops on errors of it.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "linktab", &mut text);
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Clean)
}

pub fn man(out: &mut Out<'_>) -> Ended {
    let mut text = Vec::new();
    let command = Args::command();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    // One page for everything: the options of a command are in its own.
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let sub = sub.clone().bin_name(format!("linktab {}", sub.get_name()));
        let man = clap_mangen::Man::new(sub);
        man.render_synopsis_section(&mut text)?;
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
    }
    out.write_all(&text)?;
    out.flush()?;
    Ok(Exit::Clean)
}
