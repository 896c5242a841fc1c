//! `actions/upload-artifact` and `actions/download-artifact`: real archives, kept by the run.

use super::super::workspace::files_below;
use super::{Action, Done, Trouble};
use crate::github::{Artifact, RunHandle};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;
use zip::ZipArchive;

/// Uploads a folder, with paths relative to it, or one file, under its name alone.
pub(super) fn upload(action: &Action<'_>) -> Result<Done, Trouble> {
    let (name, given) = (action.input("name"), action.input("path"));
    if name.is_empty() || name.contains(['/', '\\', ':', '<', '>', '|', '*', '?', '"', '\n', '\r'])
    {
        return Err(Trouble::Failed(format!("the artifact name is not valid: {name:?}")));
    }
    if given.is_empty() || given.contains(['*', '?', '\n', '!']) {
        return Err(Trouble::Refused(format!("a path of the form {given:?} is not known")));
    }
    let path = action.job.workspace.resolve(given);
    let files = match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            vec![(name, std::fs::read(&path).expect("a file is read"))]
        }
        _ => files_below(&path),
    };
    if files.is_empty() {
        let log = format!("no files were found with the path {given}");
        return match action.input("if-no-files-found") {
            "error" => Err(Trouble::Failed(log)),
            "ignore" | "warn" | "" => Ok(Done { log, ..Done::default() }),
            other => Err(Trouble::Refused(format!("if-no-files-found is {other:?}"))),
        };
    }
    let handle = &action.run.handle;
    if !handle.artifacts_named(name).is_empty() {
        if !action.flag("overwrite", false)? {
            return Err(Trouble::Failed(format!(
                "an artifact with the name {name} exists already"
            )));
        }
        handle.remove_artifacts(name);
    }
    let members: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    handle.artifact(Artifact::of(name, &members));
    Ok(Done { log: format!("{} files in {name}", files.len()), ..Done::default() })
}

/// Downloads one artifact by name, or all whose names fit a pattern, of this run or of another. A
/// single one is unpacked right into the folder, several into one folder each.
pub(super) fn download(action: &Action<'_>) -> Result<Done, Trouble> {
    let handle = origin(action)?;
    let found = match (action.input("name"), action.input("pattern")) {
        (name, "") if !name.is_empty() => handle.artifacts_named(name),
        ("", pattern) if !pattern.is_empty() => {
            let start = pattern.strip_suffix('*').filter(|start| !start.contains('*'));
            let start = start.ok_or(format!("a pattern {pattern:?} is not known"))?;
            handle.artifacts_starting(start)
        }
        _ => return Err(Trouble::Refused("neither name nor pattern alone".into())),
    };
    if found.is_empty() {
        return Err(Trouble::Failed("unable to download artifact(s): artifact not found".into()));
    }
    let folder = action.job.workspace.resolve(action.input("path"));
    for artifact in &found {
        let into = match found.len() {
            1 => folder.clone(),
            _ => folder.join(&artifact.name),
        };
        unpack(&artifact.archive, &into).map_err(Trouble::Failed)?;
    }
    let outputs = BTreeMap::from([("download-path".into(), folder.display().to_string())]);
    Ok(Done { log: format!("{} artifacts", found.len()), outputs, ..Done::default() })
}

/// The run whose artifacts are meant. Another one than this is asked for over the API, with a
/// token that may.
fn origin(action: &Action<'_>) -> Result<RunHandle, Trouble> {
    let own = &action.run.handle;
    let (run, token) = (action.input("run-id"), action.input("github-token"));
    if run.is_empty() && token.is_empty() {
        return Ok(own.clone());
    }
    if token.is_empty() {
        return Err(Trouble::Refused("a run without a token".into()));
    }
    action.needs("actions", "read")?;
    let id: u64 = run.parse().map_err(|_| Trouble::Failed(format!("{run:?} is no run")))?;
    let mut runs = own.repository().runs().into_iter();
    runs.find(|run| run.id() == id).ok_or(Trouble::Failed(format!("there is no run {id}")))
}

fn unpack(archive: &[u8], folder: &Path) -> Result<(), String> {
    let unreadable = |error: zip::result::ZipError| error.to_string();
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(unreadable)?;
    std::fs::create_dir_all(folder).expect("a folder is made");
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(unreadable)?;
        let name = member.enclosed_name().ok_or("a member leaves the folder")?;
        let path = folder.join(name);
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .expect("a folder is made");
        std::fs::write(path, bytes).expect("a file is written");
    }
    Ok(())
}
