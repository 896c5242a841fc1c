//! Diagrams, read by Mermaid itself: what `provost workflows diagram` prints has to be one.

use crate::program;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use provost_workflow_audit::{Input, SourceFile, audit};
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "target/lint/mermaid-11";

const READER: &str = "\
import { JSDOM } from 'jsdom';
import fs from 'node:fs';
const { window } = new JSDOM('<!DOCTYPE html>');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
for (const file of process.argv.slice(2)) {
  try {
    await mermaid.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    console.log(`${file}: ${error}`);
    process.exitCode = 1;
  }
}
";

/// A repository whose names are all orders to a reader of diagrams.
const HOSTILE: &str = "\
name: 'a\"]; click n1 href \"https://example.com\"'
on: push
jobs:
  end:
    name: '%%{init: {\"securityLevel\": \"loose\"}}%%'
    runs-on: x
    environment: '<img src=x>'
    steps:
      - run: make
  subgraph:
    name: 'end --- x[(\"'
    needs: end
    runs-on: x
    steps:
      - run: make
";

/// Fetches Mermaid where it is not there yet.
///
/// # Errors
/// Why it cannot be had, in one line.
pub(super) fn get(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path(FOLDER);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("read.mjs"), READER)?;
    if folder.join("node_modules/mermaid").is_dir() && folder.join("node_modules/jsdom").is_dir() {
        return Ok(());
    }
    program::npm_install(&folder, &["mermaid@11", "jsdom@26"]).map_err(|error| {
        let said = format!("{error:#}");
        anyhow::anyhow!("could not be installed: {}", said.lines().last().unwrap_or_default())
    })
}

/// Mermaid reads the project's own diagram, and that of a hostile repository; and it refuses one
/// that is none, so that its silence means something.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let place = |name: &str| folder.path().join(name);
    let file = SourceFile {
        path: ".github/workflows/a.yml".to_owned(),
        bytes: HOSTILE.as_bytes().to_vec(),
    };
    let audited = audit(&Input { files: vec![file], actions: Vec::new() });
    for diagram in audited.diagrams() {
        std::fs::write(place("hostile.mmd"), diagram.text)?;
    }
    std::fs::write(place("none.mmd"), "flowchart LR\n  a[\"x\"\n")?;
    if read(workspace, &[&place("none.mmd")]).is_ok() {
        bail!("Mermaid sees no fault where there is one, so its silence means nothing");
    }
    read(workspace, &[&workspace.path("docs/ops/workflows.mmd"), &place("hostile.mmd")])
}

fn read(workspace: &Workspace, files: &[&Path]) -> Result<()> {
    let mut node = Command::new("node");
    node.arg(workspace.path(FOLDER).join("read.mjs")).args(files);
    program::run(&mut node).map(|_| ())
}
