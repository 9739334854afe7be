//! Config, lock and command line in, [`Expected`] and [`Limits`] out.

use std::path::{Path, PathBuf};

use super::options::CheckOptions;
use super::{Stop, files};
use crate::{Config, Expected, ExpectedName, Level, Limits, Lock, plain};

/// Name of the config file.
pub const CONFIG: &str = "linktab.toml";

/// Name of the lock file.
pub const LOCK: &str = "linktab.lock";

/// Reads what the options name. `folder` is where the default files are looked for; a manifest there
/// may hold the config too, which may say more of one program, by the first of its `names` that it has;
/// it means that cargo builds.
pub fn read(
    options: &CheckOptions,
    folder: &Path,
    manifest: Option<&Path>,
    names: &[String],
) -> Result<Expected, Stop> {
    let mut expected = Expected {
        locked: options.locked,
        python: options.python,
        python_inside: options.python_inside,
        ..Expected::default()
    };
    for name in &options.expect {
        expected.names.push(ExpectedName { name: name.clone(), place: None });
    }
    let (config, beside) = config(options, folder, manifest)?;
    let from_config = config.lock.as_ref().map(|lock| beside.join(lock));
    config.into_expected(names, &mut expected);
    for (codes, level) in
        [(&options.allow, Level::Allow), (&options.warn, Level::Warning), (&options.deny, Level::Error)]
    {
        expected.levels.extend(codes.iter().map(|code| (*code, level)));
    }
    expected.lock = lock(options, from_config, &beside)?;
    if expected.lock.is_none() && manifest.is_some() {
        // Cargo's own lock file is meant, too, and there always is one.
        expected.locked = false;
    }
    if expected.locked && expected.lock.is_none() {
        let default = beside.join(LOCK);
        return Err(Stop::Usage(format!(
            "--locked: {} does not exist: run `linktab lock`",
            plain::path(&default)
        )));
    }
    Ok(expected)
}

/// The config, and the folder that it is in.
fn config(options: &CheckOptions, folder: &Path, manifest: Option<&Path>) -> Result<(Config, PathBuf), Stop> {
    if options.no_config {
        return Ok((Config::default(), folder.to_owned()));
    }
    let path = options.config.clone().unwrap_or_else(|| folder.join(CONFIG));
    let is_asked_for = options.config.is_some();
    if let Some(text) = text(&path, is_asked_for, Limits::default().config)? {
        let config = Config::parse(&plain::path(&path), &text).map_err(Stop::Usage)?;
        let beside = path.parent().unwrap_or(folder).to_owned();
        return Ok((config, beside));
    }
    if let Some(manifest) = manifest
        && let Some(text) = text(manifest, true, Limits::default().config)?
    {
        let config = Config::parse_manifest(&plain::path(manifest), &text).map_err(Stop::Usage)?;
        return Ok((config, manifest.parent().unwrap_or(folder).to_owned()));
    }
    Ok((Config::default(), folder.to_owned()))
}

fn lock(options: &CheckOptions, from_config: Option<PathBuf>, beside: &Path) -> Result<Option<Lock>, Stop> {
    let is_asked_for = options.lock.is_some() || from_config.is_some();
    let path = options.lock.clone().or(from_config).unwrap_or_else(|| beside.join(LOCK));
    let path = path.strip_prefix("./").map_or(path.clone(), Path::to_owned);
    if !is_asked_for && files::is_absent(&path) {
        return Ok(None);
    }
    let mut file = files::open(&path, Limits::default().lock)?;
    Lock::read(&plain::path(&path), &mut file).map(Some).map_err(Stop::Usage)
}

/// The text of a small file; `None` when it does not exist and need not.
fn text(path: &Path, must_exist: bool, limit: u64) -> Result<Option<String>, Stop> {
    if must_exist { files::text(path, limit).map(Some) } else { files::optional_text(path, limit) }
}

/// The caps, as the options set them.
pub fn limits(options: &CheckOptions) -> Limits {
    let mut limits = Limits::default();
    if let Some(bytes) = options.max_file_size {
        limits.file = bytes;
    }
    if let Some(count) = options.max_records {
        limits.records = count;
        // A section of that many records has to fit.
        let bytes = (count as u64).saturating_mul(linktab::layout::RECORD_SIZE as u64);
        limits.section = limits.section.max(bytes);
    }
    limits
}
