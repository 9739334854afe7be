//! SARIF: real output against the official schema of 2.1.0, and against what code scanning asks for
//! beyond it (GitHub's documentation, "SARIF support for code scanning").

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use linktab_tests::fixture;
use linktab_tests::verify::faulty::{faulty, report};
use linktab_tests::verify::{linktab, must, scratch};
use serde_json::Value;

/// The schema as OASIS publishes it, which the crate `serde-sarif` brings along. It is fetched, and not compiled.
fn schema() -> Value {
    let manifest = fixture("sarif").join("Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--locked", "--format-version", "1", "--filter-platform"]);
    let host = must(Command::new("rustc").args(["--print", "host-tuple"])).stdout;
    cargo.arg(String::from_utf8_lossy(&host).trim()).arg("--manifest-path").arg(manifest);
    let metadata: Value = serde_json::from_slice(&must(&mut cargo).stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .expect("a dependency of the fixture");
    let folder = PathBuf::from(package["manifest_path"].as_str().expect("a path"));
    let text = fs::read_to_string(folder.with_file_name("src").join("schema.json"))
        .expect("the crate has the schema");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    schema
}

/// Reports of programs with and without findings, and of files that could not be read.
fn reports() -> Vec<(&'static str, Value)> {
    let program = faulty("sarif");
    let program = program.to_str().expect("an ASCII path");
    let folder = scratch("sarif");
    let (text, config) = (folder.join("text"), folder.join("linktab.toml"));
    fs::write(&text, "no binary").expect("the scratch folder is writable");
    let suppression = "[[allow]]\ncode = \"LT001\"\nmodule = \"acme.absent\"\nreason = \"a test\"\n";
    fs::write(&config, suppression).expect("the scratch folder is writable");
    let text = text.to_str().expect("an ASCII path");
    let all: [(&str, &[&str]); 4] = [
        ("findings", &["--no-config", program]),
        ("nothing", &["--no-config", "-A", "LT001", "-A", "LT005", "-A", "LT012", "-A", "LT018", program]),
        ("errors", &["--no-config", program, text, "/nonexistent", "a b\u{e9}.so"]),
        (
            "suppressions",
            &["--config", config.to_str().expect("an ASCII path"), "--expect", "acme.absent", program],
        ),
    ];
    let document = |arguments: &[&str]| {
        let ran = linktab(["check", "--output-format", "sarif"].iter().chain(arguments));
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {ran:?}"))
    };
    all.iter().map(|(name, arguments)| (*name, document(arguments))).collect()
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_report_is_valid_by_the_official_schema() {
    let schema = schema();
    let validator =
        jsonschema::options().should_validate_formats(true).build(&schema).expect("a valid schema");
    for (name, document) in reports() {
        let faults: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{name}: {}: {error}", error.instance_path))
            .collect();
        assert_eq!(faults, Vec::<String>::new());
        // The validator finds what is wrong.
        for (place, value) in [("/version", Value::from("2.0")), ("/runs/0/tool/driver/name", Value::from(1))]
        {
            let mut wrong = document.clone();
            *wrong.pointer_mut(place).expect("a field of every report") = value;
            assert!(!validator.is_valid(&wrong), "{name}: {place}");
        }
    }
}

#[test]
fn every_report_is_what_code_scanning_accepts() {
    for (name, document) in reports() {
        let runs = list(&document, "runs");
        assert_eq!(runs.len(), 1, "{name}");
        let rules = list(&runs[0]["tool"]["driver"], "rules");
        for rule in rules {
            let len = |field: &str| rule[field]["text"].as_str().map_or(0, str::len);
            assert!((1..=1024).contains(&len("shortDescription")), "{rule}");
            assert!((1..=1024).contains(&len("fullDescription")), "{rule}");
            assert!(len("help") > 0 && rule["help"]["markdown"].is_string(), "{rule}");
            assert!(rule["id"].as_str().is_some_and(|id| id.len() <= 255), "{rule}");
        }
        let results = list(&runs[0], "results");
        assert_eq!(results.is_empty(), name == "nothing", "{name}");
        assert!(results.len() < 25_000 && rules.len() < 25_000, "{name}");
        for result in results {
            accepted(result, rules);
        }
    }
}

fn accepted(result: &Value, rules: &[Value]) {
    let rule = rules.get(result["ruleIndex"].as_u64().expect("an index") as usize);
    assert_eq!(rule.map(|rule| &rule["id"]), Some(&result["ruleId"]), "{result}");
    assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{result}");
    let locations = list(result, "locations");
    assert!(!locations.is_empty() && list(result, "relatedLocations").len() < 100, "{result}");
    for location in locations.iter().chain(list(result, "relatedLocations")) {
        let physical = &location["physicalLocation"];
        assert!(physical["region"]["startLine"].as_u64().is_some_and(|line| line > 0), "{result}");
        let uri = physical["artifactLocation"]["uri"].as_str().expect("a path");
        assert!(!uri.is_empty() && uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
    }
    let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("a hash");
    let (digits, count) = hash.split_once(':').expect("hash and count");
    assert!(
        digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && count == "1",
        "{hash}"
    );
}

/// Paths below the folder that the tool runs in are told from there, however they were given.
#[test]
fn paths_are_those_of_the_checkout() {
    let here = std::env::current_dir().expect("a folder");
    let outside = here.parent().expect("a folder of the checkout").join("absent.so");
    let cases = [
        (here.join("target/absent.so"), "target/absent.so".to_owned()),
        (PathBuf::from("target/a b.so"), "target/a%20b.so".to_owned()),
        (outside.clone(), format!("file://{}", outside.display())),
    ];
    for (path, expected) in cases {
        let path = path.to_str().expect("an ASCII path");
        let ran = linktab(["check", "--no-config", "--output-format", "sarif", path]);
        let document: Value = serde_json::from_str(&ran.out).expect("JSON");
        let place = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
        assert_eq!(document.pointer(place), Some(&Value::from(expected)));
    }
}

#[test]
fn a_whole_report() {
    let mut document: Value = serde_json::from_str(&report(&faulty("sarif-whole"), "sarif")).expect("JSON");
    // The explanations are shown by `explain`'s own snapshot.
    document["runs"][0]["tool"]["driver"]["rules"] = Value::Null;
    insta::assert_snapshot!("sarif", serde_json::to_string_pretty(&document).expect("JSON"));
}
