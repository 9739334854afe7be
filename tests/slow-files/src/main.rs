//! `slow-files SOURCE MOUNTPOINT [--latency-us N] [--cache-ms N]`: shows a folder again elsewhere, where
//! every request takes its time and is counted.
//!
//! Says `mounted`; answers each line of its standard input with the counts since the last one, `kind N`
//! each, and `end`; unmounts when its input ends.

#![forbid(unsafe_code)]

mod server;

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fuser::MountOption;
use lexopt::{Arg, ValueExt as _};

use server::{Server, lock};

struct Options {
    source: PathBuf,
    mountpoint: PathBuf,
    latency: Duration,
    cache: Duration,
}

fn main() -> Result<()> {
    let options = options()?;
    let source = options.source.canonicalize().context("the folder to show is not there")?;
    let server = Server::new(&source, options.latency, options.cache);
    let counts = server.counts();
    let mut config = fuser::Config::default();
    config.mount_options = vec![MountOption::RO, MountOption::FSName("slow-files".to_owned())];
    let mounted = fuser::spawn_mount(server, &options.mountpoint, &config)
        .with_context(|| format!("cannot mount on {}", options.mountpoint.display()))?;
    say("mounted\n")?;
    for line in io::stdin().lock().lines() {
        line?;
        let counts = std::mem::take(&mut *lock(&counts));
        let lines: String = counts.iter().map(|(kind, count)| format!("{kind} {count}\n")).collect();
        say(&(lines + "end\n"))?;
    }
    mounted.umount_and_join().context("cannot unmount")
}

fn say(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())?;
    io::stdout().flush()
}

fn options() -> Result<Options> {
    let (mut folders, mut latency, mut cache) = (Vec::new(), 1_000, 1_000);
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("latency-us") => latency = parser.value()?.parse()?,
            Arg::Long("cache-ms") => cache = parser.value()?.parse()?,
            Arg::Value(folder) => folders.push(PathBuf::from(folder)),
            other => return Err(other.unexpected().into()),
        }
    }
    let Ok([source, mountpoint]) = <[PathBuf; 2]>::try_from(folders) else {
        bail!("usage: slow-files SOURCE MOUNTPOINT [--latency-us N] [--cache-ms N]");
    };
    let (latency, cache) = (Duration::from_micros(latency), Duration::from_millis(cache));
    Ok(Options { source, mountpoint, latency, cache })
}
