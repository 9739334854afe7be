//! What is written for other people's services, held to the schemas that check-jsonschema brings of them: the job for GitLab
//! and the steps for GitHub that `docs/ci.md` shows, `action.yml`, and the forms for issues.
//!
//! Each schema is shown a fault too, in the very file: one that takes everything would be content with it. The schemas are in
//! the wheel, so that nothing is asked of the services.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use linktab_cpython::files::{empty_dir, names_in};

use super::run::Run;
use crate::needs::Tools;
use crate::workspace;

/// What steps of a workflow stand in.
const AROUND_STEPS: &str = "on: push\njobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:\n";

/// A file, the schema that it is held to, and what makes a fault of which of its words.
struct Held {
    file: PathBuf,
    schema: &'static str,
    fault: (&'static str, &'static str),
}

/// Holds all to theirs.
///
/// # Errors
/// A file cannot be read, or the checker does not start.
pub fn check(run: &mut Run) -> Result<()> {
    let interpreter = run.environment.python().context("the part needs a CPython")?.interpreter.clone();
    let Ok(site) = Tools::Schemas.folder(&interpreter, &workspace::target()) else {
        run.skip("check-jsonschema is not installed");
        return Ok(());
    };
    let folder = workspace::target().join("schemas");
    empty_dir(&folder)?;
    let checker = || {
        let mut command = Command::new(&interpreter.executable);
        command.env("PYTHONPATH", &site).args(["-m", "check_jsonschema", "--builtin-schema"]);
        command
    };
    for held in held(&folder)? {
        let schema = format!("vendor.{}", held.schema);
        run.check(checker().arg(&schema).arg(&held.file))?;
        let text = fs::read_to_string(&held.file)?;
        let faulty = folder.join("faulty.yml");
        let (from, to) = held.fault;
        fs::write(&faulty, text.replacen(from, to, 1))?;
        let output = checker().arg(&schema).arg(&faulty).output().context("the checker does not start")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let is_seen = !output.status.success() && said.contains("validation errors");
        run.judge(is_seen, &format!("{schema} sees `{to}` in {}", held.file.display()));
    }
    Ok(())
}

/// The files, of which those that a page shows are written into a folder.
fn held(folder: &Path) -> Result<Vec<Held>> {
    let page = fs::read_to_string(workspace::root().join("docs/ci.md")).context("docs/ci.md is a page")?;
    let mut held = Vec::new();
    for (at, steps) in blocks(&page, "GitHub").into_iter().enumerate() {
        let indented: String = steps.lines().map(|line| format!("      {line}\n")).collect();
        let file = folder.join(format!("steps-{at}.yml"));
        fs::write(&file, format!("{AROUND_STEPS}{indented}"))?;
        held.push(Held { file, schema: "github-workflows", fault: ("- run:", "- runs:") });
    }
    for (at, job) in blocks(&page, "GitLab").into_iter().enumerate() {
        let file = folder.join(format!("gitlab-{at}.yml"));
        fs::write(&file, job)?;
        held.push(Held { file, schema: "gitlab-ci", fault: ("when: always", "when: ever") });
    }
    let action = workspace::root().join("action.yml");
    held.push(Held { file: action, schema: "github-actions", fault: ("      shell: bash\n", "") });
    let forms = workspace::root().join(".github/ISSUE_TEMPLATE");
    for name in names_in(&forms).into_iter().filter(|name| name != "config.yml") {
        let fault = ("type: textarea", "type: text");
        held.push(Held { file: forms.join(name), schema: "github-issue-forms", fault });
    }
    Ok(held)
}

/// The blocks of YAML below a heading of a page.
fn blocks<'p>(page: &'p str, heading: &str) -> Vec<&'p str> {
    let below = page.split("\n## ").find(|section| section.lines().next() == Some(heading));
    let blocks = below.unwrap_or_default().split("```yaml\n").skip(1);
    blocks.filter_map(|rest| Some(rest.split_once("```")?.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_shows_is_found_below_its_heading() {
        let page = "# CI\n\n## GitHub\n\n```yaml\n- run: a\n```\n\nand\n\n```yaml\n- run: b\n```\n\n## GitLab\n\n```sh\nc\n```\n";
        assert_eq!(blocks(page, "GitHub"), ["- run: a\n", "- run: b\n"]);
        assert!(blocks(page, "GitLab").is_empty() && blocks(page, "Elsewhere").is_empty());
    }

    #[test]
    fn the_page_on_ci_shows_steps_and_a_job() {
        let folder = std::env::temp_dir().join(format!("linktab-schemas-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let schemas: Vec<&str> = held(&folder).unwrap().iter().map(|held| held.schema).collect();
        fs::remove_dir_all(&folder).unwrap();
        let each = ["github-workflows", "github-workflows", "gitlab-ci", "github-actions"];
        assert!(schemas.starts_with(&each) && schemas.len() > each.len(), "{schemas:?}");
    }
}
