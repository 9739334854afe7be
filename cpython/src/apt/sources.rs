//! The system's package sources and the name of another suite in, the sources of that suite out.
//!
//! Pure. Knows the two formats of sources.list(5); where packages come from is the system's affair.

/// The stanzas and lines of `texts` that name `codename`, for `suite` instead.
pub fn of_suite(texts: &[String], codename: &str, suite: &str) -> String {
    let mut sources = String::new();
    for text in texts {
        let stanzas: Vec<&str> = text.split("\n\n").collect();
        for stanza in stanzas {
            sources.push_str(&stanza_of(stanza, codename, suite).unwrap_or_default());
        }
        for line in text.lines() {
            sources.push_str(&line_of(line, codename, suite).unwrap_or_default());
        }
    }
    sources
}

/// `Suites: bookworm bookworm-updates` becomes `Suites: sid`, in a deb822 stanza.
fn stanza_of(stanza: &str, codename: &str, suite: &str) -> Option<String> {
    let is_comment = |line: &&str| line.starts_with('#') || line.trim().is_empty();
    let mut named = false;
    let lines: Vec<String> = stanza
        .lines()
        .filter(|line| !is_comment(line))
        .map(|line| match line.split_once(':') {
            Some((key, value)) if key.eq_ignore_ascii_case("suites") => {
                named = value.split_whitespace().any(|word| word == codename);
                format!("Suites: {suite}")
            }
            Some((key, _)) if key.eq_ignore_ascii_case("types") => "Types: deb".to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    named.then(|| format!("{}\n\n", lines.join("\n")))
}

/// `deb [signed-by=…] URI bookworm main` as a stanza.
fn line_of(line: &str, codename: &str, suite: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("deb ")?.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (uri, named) = (words.next()?, words.next()?);
    if named != codename {
        return None;
    }
    let components: Vec<&str> = words.collect();
    let signed_by = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
    let signed_by = signed_by.map(|key| format!("Signed-By: {key}\n")).unwrap_or_default();
    let components = components.join(" ");
    Some(format!("Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: {components}\n{signed_by}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_lead_to_the_other_suite_and_foreign_sources_are_left_out() {
        let texts = [
            "Types: deb deb-src\n# a remark\nURIs: mirror://one\nSuites: bookworm bookworm-updates\n\
             Components: main\nSigned-By: /a.gpg\n\nTypes: deb\nURIs: mirror://two\nSuites: bookworm-security\n\
             Components: main\n",
            "# deb mirror://three bookworm main\ndeb [arch=amd64 signed-by=/b.gpg] mirror://four bookworm main \
             contrib\ndeb mirror://five stable main\n",
        ]
        .map(str::to_owned);
        insta::assert_snapshot!(of_suite(&texts, "bookworm", "sid"));
    }
}
