//! For code scanning: SARIF 2.1.0 (OASIS).
//!
//! Services ask for `region.startLine`, and a binary has no lines: a result points at the record's
//! own source, else at the lock or config line, else at line 1 of the binary.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Report;
use crate::findings::{Code, Finding, Level, Location};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut results: Vec<Value> = report.findings.iter().map(result).collect();
    results.extend(report.errors.iter().map(|error| {
        json!({
            "ruleId": error.code(),
            "level": "error",
            "message": { "text": error.to_string() },
            "locations": [location(error.path(), 1, &[])],
            "partialFingerprints": { "linktab/v1": error.to_string() },
        })
    }));
    let notifications: Vec<Value> = report
        .errors
        .iter()
        .map(|error| json!({ "level": "error", "message": { "text": error.to_string() } }))
        .collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "linktab",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "name": code.slug(),
        "shortDescription": { "text": code.summary() },
        "fullDescription": { "text": code.summary() },
        "help": { "text": code.explanation(), "markdown": code.explanation() },
        "defaultConfiguration": { "level": level(code.default_level()) },
    })
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
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": level(finding.level),
        "message": { "text": text },
        "locations": [first],
        "relatedLocations": others.iter().map(related).collect::<Vec<_>>(),
        "partialFingerprints": { "linktab/v1": format!("{}:{names}", finding.code) },
    })
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

/// A path as a URI reference (RFC 3986): forward slashes, everything unusual in percent.
fn uri(path: &str) -> String {
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
