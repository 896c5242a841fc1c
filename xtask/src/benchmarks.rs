//! `docs/benchmarks.md`: a section for each command that measures. A command writes its own section
//! and leaves the others as they are.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

const HEAD: &str = "\
# Benchmarks

Each section was made by the command that it names, and names the machine on which that ran.
What counts is the ratio of two sides that ran in turn on one machine, as median (minimum to maximum); \
single figures move with the machine.
A missed goal is a figure here and never a failing test.
";

/// The sections, in their order on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// `cargo xtask bench verification`.
    Verification,
    /// `cargo xtask bench audit`.
    Audit,
    /// `cargo xtask campaign load`.
    Load,
    /// `cargo xtask campaign faults`.
    Faults,
    /// `cargo xtask campaign dashboard`.
    Dashboard,
}

impl Section {
    const ALL: [Self; 5] =
        [Self::Verification, Self::Audit, Self::Load, Self::Faults, Self::Dashboard];

    fn title(self) -> &'static str {
        match self {
            Self::Verification => "Verification",
            Self::Audit => "Workflow audit",
            Self::Load => "Ingestion under load",
            Self::Faults => "Ingestion under faults",
            Self::Dashboard => "The dashboard over a million events",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::Verification => "cargo xtask bench verification",
            Self::Audit => "cargo xtask bench audit",
            Self::Load => "cargo xtask campaign load",
            Self::Faults => "cargo xtask campaign faults",
            Self::Dashboard => "cargo xtask campaign dashboard",
        }
    }

    /// Writes this section of the page, with the machine, and answers where the page is.
    pub(crate) fn write(self, root: &Path, body: &str) -> Result<PathBuf> {
        let path = root.join("docs/benchmarks.md");
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        let body = format!("Machine: {}.\n\n{}", machine(), body.trim());
        std::fs::write(&path, self.replaced(&page, &body)).context("docs/benchmarks.md")?;
        Ok(path)
    }

    /// The page with this body instead of the one that it had.
    fn replaced(self, page: &str, body: &str) -> String {
        let mut text = HEAD.to_owned();
        for section in Self::ALL {
            let body = match section == self {
                true => body,
                false => section.body(page).unwrap_or("Not measured yet."),
            };
            let (title, command) = (section.title(), section.command());
            text.push_str(&format!("\n## {title}\n\nMade by `{command}`.\n{body}\n"));
        }
        text
    }

    /// What stands in this section, behind the line that names its command.
    fn body(self, page: &str) -> Option<&str> {
        let (_, rest) = page.split_once(&format!("\n## {}\n", self.title()))?;
        let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
        let (_, body) = section.split_once(&format!("Made by `{}`.\n", self.command()))?;
        Some(body.trim_end())
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    format!("{model}, {cores} cores, {}; load average at the end {load}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::Section;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let page = Section::Load.replaced("", "12 rows a second.");
        let page = Section::Faults.replaced(&page, "| a | b |\n| --- | --- |\n\nNothing is lost.");
        let page = Section::Load.replaced(&page, "13 rows a second.");
        assert!(page.starts_with("# Benchmarks\n"), "{page}");
        assert!(page.contains("campaign load`.\n13 rows a second.\n\n## Ing"), "{page}");
        assert!(page.contains("campaign faults`.\n| a | b |\n| --- | --- |\n\nNothing"), "{page}");
        assert!(page.contains("cargo xtask bench audit`.\nNot measured yet.\n"), "{page}");
        assert_eq!(
            Section::Faults.replaced(&page, "x").matches("\n## ").count(),
            Section::ALL.len()
        );
    }
}
