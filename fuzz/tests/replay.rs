//! Replays every seed through its target's promises, without a fuzzer.

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]
#![allow(clippy::print_stdout, reason = "shown only when a test fails")]

use std::path::{Path, PathBuf};

const FEWEST: usize = 3;

#[track_caller]
fn replay(target: &str, promises: fn(&[u8])) {
    let seeds = files(&folder("seeds").join(target));
    assert!(seeds.len() >= FEWEST, "{target}: {} seeds are too few", seeds.len());
    for seed in &seeds {
        let data = std::fs::read(seed).unwrap();
        // The name of a seed that breaks a promise comes before the panic's own words.
        println!("{}", seed.display());
        promises(&data);
        // What a fuzzer tries first: the seed cut short, and one bit of it changed.
        for end in cuts(data.len()) {
            promises(&data[..end]);
            let mut flipped = data.clone();
            flipped[end] ^= 1 << (end % 8);
            promises(&flipped);
        }
    }
}

/// Eight places spread over a seed.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (0..8).map(move |eighth| length * eighth / 8).take(if length == 0 { 0 } else { 8 })
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

#[test]
fn archive() {
    replay("archive", provost_fuzz::archive);
}

#[test]
fn bundle() {
    replay("bundle", provost_fuzz::bundle);
}

#[test]
fn certificate() {
    replay("certificate", provost_fuzz::certificate);
}

#[test]
fn config() {
    replay("config", provost_fuzz::config);
}

#[test]
fn manifest() {
    replay("manifest", provost_fuzz::manifest);
}

#[test]
fn provenance() {
    replay("provenance", provost_fuzz::provenance);
}

#[test]
fn statement() {
    replay("statement", provost_fuzz::statement);
}

#[test]
fn workflow() {
    replay("workflow", provost_fuzz::workflow);
}

/// A folder of seeds without a target, or a target without seeds, is a target that nobody replays.
#[test]
fn every_target_has_its_seeds() {
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let targets: Vec<String> = files(&folder("fuzz_targets")).iter().map(name).collect();
    let listed = std::fs::read_dir(folder("seeds")).unwrap();
    let mut seeds: Vec<String> = listed.map(|entry| name(&entry.unwrap().path())).collect();
    seeds.sort();
    assert_eq!(seeds, targets);
    assert_eq!(targets.len(), 8);
}
