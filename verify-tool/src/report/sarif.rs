//! For code scanning: SARIF 2.1.0 (OASIS).
//!
//! Services ask for `region.startLine`, and a binary has no lines: a result points at the record's
//! own source, else at the lock or config line, else at line 1 of the binary. They ask for paths from
//! the root of the checkout, which is where they run the tool; and GitHub's takes two results for one
//! and the same by `primaryLocationLineHash` alone (GitHub's documentation, "SARIF support for code
//! scanning"), which has to outlive edits of the lines above.

use std::env;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::{Report, escaped};
use crate::error::ErrorCode;
use crate::findings::{Code, Finding, Level, Location};
use crate::plain::plain;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut results: Vec<Value> = report.findings.iter().map(result).collect();
    results.extend(report.errors.iter().map(|error| {
        json!({
            "ruleId": error.code(),
            "ruleIndex": rule_index(error.code()),
            "level": "error",
            "message": { "text": plain(&error.to_string()) },
            "locations": [location(error.path(), 1, &[])],
            "partialFingerprints": fingerprints(error.code(), &error.to_string()),
        })
    }));
    let notifications: Vec<Value> = report
        .errors
        .iter()
        .map(|error| json!({ "level": "error", "message": { "text": plain(&error.to_string()) } }))
        .collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "linktab",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules(),
            }},
            "invocations": [{
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    escaped::write(&document, out)
}

fn rules() -> Vec<Value> {
    let rule = |code: &str, slug: &str, summary: &str, explanation: &str, default: &str| {
        json!({
            "id": code,
            "name": slug,
            "shortDescription": { "text": summary },
            "fullDescription": { "text": summary },
            "help": { "text": explanation, "markdown": explanation },
            "defaultConfiguration": { "level": default },
        })
    };
    let findings = Code::ALL.iter().map(|code| {
        rule(code.as_str(), code.slug(), code.summary(), code.explanation(), level(code.default_level()))
    });
    let errors = ErrorCode::ALL.iter().map(|it| rule(it.code, it.slug, it.summary, it.explanation, "error"));
    findings.chain(errors).collect()
}

fn rule_index(code: &str) -> Option<usize> {
    let findings = Code::ALL.iter().map(|code| code.as_str());
    findings.chain(ErrorCode::ALL.iter().map(|it| it.code)).position(|it| it == code)
}

fn fingerprints(code: &str, what: &str) -> Value {
    let identity = format!("{code}:{what}");
    let hash = linktab::hash::hash(identity.as_bytes());
    json!({ "linktab/v1": identity, "primaryLocationLineHash": format!("{hash:016x}:1") })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
        Level::Allow => "none",
    }
}

fn result(finding: &Finding) -> Value {
    let logical: Vec<Value> = finding
        .modules
        .iter()
        .map(|module| json!({ "fullyQualifiedName": module, "kind": "module" }))
        .collect();
    let (first, others) = match finding.locations.split_first() {
        Some((first, others)) => (location(&first.file, first.line, &logical), others),
        None => (location(&finding.input, 1, &logical), &[][..]),
    };
    let related = |location: &Location| {
        let mut value = self::location(&location.file, location.line, &[]);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("message".to_owned(), json!({ "text": location.label }));
        }
        value
    };
    let mut text = finding.message.clone();
    for note in &finding.notes {
        text.push_str(&format!("\nnote: {note}"));
    }
    text.push_str(&format!("\nhelp: {}", finding.help));
    let names = if finding.modules.is_empty() { finding.message.clone() } else { finding.modules.join(",") };
    json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": rule_index(finding.code.as_str()),
        "level": level(finding.level),
        "message": { "text": text },
        "locations": [first],
        "relatedLocations": distinct(others.iter().map(related)),
        "partialFingerprints": fingerprints(finding.code.as_str(), &names),
    })
}

/// The schema allows no place twice; two records may come from one line.
fn distinct(places: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut distinct = Vec::new();
    for place in places {
        if !distinct.contains(&place) {
            distinct.push(place);
        }
    }
    distinct
}

fn location(file: &str, line: u32, logical: &[Value]) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line.max(1) },
        },
    });
    if let (Some(fields), false) = (location.as_object_mut(), logical.is_empty()) {
        fields.insert("logicalLocations".to_owned(), json!(logical));
    }
    location
}

/// A path as a URI reference (RFC 3986): from the folder that the tool runs in, where it is below it;
/// forward slashes, everything unusual in percent.
fn uri(path: &str) -> String {
    let here = env::current_dir().ok();
    let below = here.and_then(|here| Some(Path::new(path).strip_prefix(here).ok()?.to_str()?.to_owned()));
    let path = below.as_deref().unwrap_or(path);
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            b'\\' => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
