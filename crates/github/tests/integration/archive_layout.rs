use crate::zip_bytes::{Item, Zip, end_record, zip_of};
use provost_github::archive::{ArchiveError, read};
use std::io::Cursor;

fn items() -> Vec<Item> {
    vec![Item::stored("a", b"first"), Item::deflated("b", &[b'b'; 500]).streamed()]
}

fn names(bytes: Vec<u8>) -> Result<Vec<String>, ArchiveError> {
    Ok(read(Cursor::new(bytes))?.into_iter().map(|file| file.name).collect())
}

#[track_caller]
fn malformed(bytes: Vec<u8>, what: &str) {
    let error = names(bytes).expect_err(what);
    assert!(matches!(error, ArchiveError::Malformed(_)), "{what}: {error}");
}

#[test]
fn an_archive_is_read_in_one_way() {
    assert_eq!(names(zip_of(&items())).expect("sound"), ["a", "b"]);
    assert!(names(zip_of(&[])).expect("empty").is_empty());
    // In the directory's order, which need not be that of the bytes.
    let mut zip = Zip::of(&items());
    zip.directory.rotate_left(47);
    assert_eq!(names(zip.bytes()).expect("other order"), ["b", "a"]);
}

#[test]
fn what_is_no_zip_is_refused() {
    for bytes in [&b""[..], b"PK", b"<html></html>", &[0; 1_000]] {
        malformed(bytes.to_vec(), "no zip");
    }
    malformed(end_record(1, 0, 0), "an end without a directory");
    malformed(b"PK\x05\x06".repeat(100), "ends alone");
}

#[test]
fn bytes_before_between_and_after_the_entries_are_refused() {
    let zip = Zip::of(&items());
    // A self-extracting program: offsets that count from the zip's own start, or from the file's.
    malformed([b"#!/bin/sh\n".to_vec(), zip.bytes()].concat(), "in front");
    let mut moved = Zip::of(&items()[..1]);
    moved.body.splice(..0, [b'#'; 10]);
    moved.directory[42] = 10;
    malformed(moved.bytes(), "in front, and counted");
    malformed([zip.bytes(), b"more".to_vec()].concat(), "behind");
    malformed([zip.bytes(), zip.bytes()].concat(), "twice");
    let between = Zip { body: [zip.body.clone(), vec![0; 9]].concat(), ..Zip::of(&items()) };
    malformed(between.bytes(), "before the directory");
    let mut gap = items();
    gap[0].after = vec![0; 16];
    malformed(zip_of(&gap), "between two entries");
    let after =
        Zip { directory: [zip.directory.clone(), vec![0; 9]].concat(), ..Zip::of(&items()) };
    malformed(after.bytes(), "in the directory");
}

#[test]
fn a_comment_is_refused_as_it_may_hold_another_end() {
    let zip = Zip::of(&items());
    let inner = end_record(0, 0, 0);
    for comment in [b"hello".to_vec(), inner] {
        let mut end = zip.end(2, zip.directory.len() as u32);
        end[20] = comment.len() as u8;
        malformed(zip.with_end(&[end, comment].concat()), "comment");
    }
}

#[test]
fn the_end_must_say_what_the_directory_holds() {
    let zip = Zip::of(&items());
    let length = zip.directory.len() as u32;
    assert_eq!(names(zip.with_end(&zip.end(2, length))).expect("sound"), ["a", "b"]);
    for (count, length) in [(1, length), (3, length), (2, length - 1), (2, length + 1), (0, 0)] {
        malformed(zip.with_end(&zip.end(count, length)), "another directory");
    }
    for at in [4, 6, 8] {
        let mut parts = zip.end(2, length);
        parts[at] ^= 1;
        malformed(zip.with_end(&parts), "several parts");
    }
    let twice = [zip.end(2, length), zip.end(2, length)].concat();
    malformed(zip.with_end(&twice), "two ends");
}

#[test]
fn an_entry_that_the_directory_leaves_out_is_refused() {
    let mut zip = Zip::of(&items());
    zip.directory.truncate(47);
    zip.count = 1;
    malformed(zip.bytes(), "an unlisted entry");
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut twin = Item::stored("b", b"first");
    twin.offset = Some(0);
    names(zip_of(&[Item::stored("a", b"first"), twin])).expect_err("one header for two");
    // The second entry's header is in the first one's data: a quine's trick.
    let inner = Zip::of(&[Item::stored("inner", b"kernel")]);
    let outer = Item::stored("outer", &inner.body);
    let mut shared = Item::stored("inner", b"kernel");
    shared.offset = Some(30 + 5);
    names(zip_of(std::slice::from_ref(&outer))).expect("a zip in a zip");
    names(zip_of(&[outer, shared])).expect_err("overlapping");
}

#[test]
fn zip64_is_read_where_all_its_records_agree() {
    let zip = Zip::of(&items());
    let end = zip.end_64(2);
    assert_eq!(names(zip.with_end(&end)).expect("zip64"), ["a", "b"]);
    for (what, at) in [
        ("signature", 0),
        ("length of the record", 4),
        ("disk", 16),
        ("first disk", 20),
        ("entries here", 24),
        ("entries", 32),
        ("length", 40),
        ("start", 48),
        ("locator", 56),
        ("locator's disk", 60),
        ("located", 64),
        ("disks", 73),
    ] {
        let mut wrong = end.clone();
        wrong[at] ^= 2;
        malformed(zip.with_end(&wrong), what);
    }
    malformed(zip.with_end(&end[56..]), "without the record");
    malformed(zip.with_end(&end[76..]), "without both");
    let mut both = end.clone();
    both.splice(76.., zip.end(2, zip.directory.len() as u32));
    malformed(zip.with_end(&both), "two kinds of end");
    let mut spoken = end;
    spoken[76 + 8] = 3;
    spoken[76 + 9] = 0;
    spoken[76 + 10] = 3;
    spoken[76 + 11] = 0;
    malformed(zip.with_end(&spoken), "another count in the old record");
}

#[test]
fn a_cut_or_changed_archive_never_gives_a_part_of_it() {
    let contents: Vec<(String, Vec<u8>)> =
        (0_u8..20).map(|n| (format!("dir/{n}.json"), vec![n; 300])).collect();
    let items: Vec<Item> =
        contents.iter().map(|(name, bytes)| Item::deflated(name, bytes)).collect();
    let whole = zip_of(&items);
    assert_eq!(names(whole.clone()).expect("whole").len(), 20);
    for end in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        malformed(whole[..end].to_vec(), "cut");
    }
    for at in (0..whole.len()).step_by(7) {
        for bit in [0, 3, 7] {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            // Names, times and attributes are covered by no checksum; contents are.
            let Ok(files) = read(Cursor::new(changed)) else { continue };
            let bytes: Vec<Vec<u8>> = files.into_iter().map(|file| file.bytes).collect();
            let expected: Vec<Vec<u8>> = contents.iter().map(|(_, bytes)| bytes.clone()).collect();
            assert_eq!(bytes, expected, "byte {at}, bit {bit}");
        }
    }
}
