//! `docs/rules.md`: every rule of the pipeline audit with its explanation.

use provost_workflow_audit::{RuleInfo, rules};

const HEAD: &str = "\
<!-- Generated from the rules' own explanations by `cargo xtask generate`; edit those. -->

# Rules of the pipeline audit

`provost workflows audit` says whether the workflows of a repository will really produce, check and record provenance, with the least rights.
`provost explain RULE` prints the same text as this page.

Severity says how bad it is if it is so, confidence how sure the rule is.
The exit code is 11 when something is found at or above `--fail-on` (default `error`).

A finding is left as it is with a comment on its line, or alone on the line above, and the comment needs a reason:

```yaml
- uses: some/action@v1 # provost: ignore[unpinned-action] reviewed at every update
```

| rule | severity | what it finds |
| --- | --- | --- |
";

/// The page.
pub(crate) fn text() -> String {
    let mut page = HEAD.to_owned();
    for info in rules() {
        let (id, severity) = (info.id, info.severity);
        page.push_str(&format!("| [`{id}`](#{id}) | {severity} | {} |\n", info.summary));
    }
    rules().for_each(|info| page.push_str(&entry(info)));
    page
}

fn entry(info: &RuleInfo) -> String {
    format!("\n## `{}`\n\n**{}**\n\n{}", info.id, info.summary, info.explanation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_heading_and_no_other_has() {
        let page = text();
        let headings: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
        let ids: Vec<&str> = rules().map(|info| info.id).collect();
        assert_eq!(headings, ids);
    }
}
