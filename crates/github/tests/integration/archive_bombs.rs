use crate::zip_bytes::{Item, Zip, deflate, zip_of};
use provost_github::archive::{ArchiveError, MAX_CONTENT_BYTES, MAX_ENTRIES, read};
use std::io::Cursor;
use std::process::Command;

const MIB: usize = 1024 * 1024;

/// What comes out of the archive in bytes, or why nothing does.
fn content(bytes: Vec<u8>) -> Result<usize, ArchiveError> {
    Ok(read(Cursor::new(bytes))?.iter().map(|file| file.bytes.len()).sum())
}

/// Bytes that deflate cannot shorten much: a simple generator's.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn a_thousand_entries_are_read_and_one_more_is_not() {
    let items: Vec<Item> = (0..=MAX_ENTRIES).map(|n| Item::stored(format!("{n}"), b"")).collect();
    assert_eq!(read(Cursor::new(zip_of(&items[1..]))).expect("a thousand").len(), MAX_ENTRIES);
    assert!(matches!(content(zip_of(&items)), Err(ArchiveError::TooMany)));
}

#[test]
fn a_ratio_that_text_has_is_read_and_that_of_a_bomb_is_not() {
    // Up to a mebibyte whatever the ratio, for a report may be all blanks.
    assert_eq!(content(zip_of(&[Item::deflated("a", &vec![0; MIB])])).expect("small"), MIB);
    let bomb = zip_of(&[Item::deflated("a", &vec![0; MIB + 1])]);
    assert!(matches!(content(bomb), Err(ArchiveError::TooLarge { .. })));
    let mut text = noise(100_000);
    text.resize(3 * MIB, b' ');
    assert_eq!(content(zip_of(&[Item::deflated("a", &text)])).expect("text"), 3 * MIB);
}

#[test]
fn content_is_read_up_to_its_limit() {
    let limit = MAX_CONTENT_BYTES as usize;
    let mut bytes = noise(300_000);
    bytes.resize(limit, 0);
    let one = Item::deflated("a", &bytes);
    assert_eq!(content(zip_of(std::slice::from_ref(&one))).expect("at the limit"), limit);
    let error = content(zip_of(&[one, Item::stored("b", b"x")])).expect_err("one byte more");
    assert!(matches!(error, ArchiveError::TooLarge { limit: MAX_CONTENT_BYTES }), "{error}");
}

/// What this many bytes of zeros say of themselves.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let (zeros, crc32) = deflate(&vec![0; 128 * MIB]);
    let item = Item::deflated("a", b"x");
    let bomb = |promised: u32| {
        let mut item = item.clone().both(|header| {
            (header.crc32, header.size, header.compressed) = (crc32, promised, zeros.len() as u32);
        });
        item.data.clone_from(&zeros);
        item
    };
    let streamed = bomb(1).streamed();
    // Makes the archive large enough for its content.
    let excuse = Item::stored("excuse", &noise(1_000_000));
    // Ten gibibytes take a zip64 field to be promised.
    let mut huge = bomb(u32::MAX);
    let field = [&[1, 0, 16, 0][..], &(10_u64 << 30).to_le_bytes(), &10_u64.to_le_bytes()].concat();
    huge = huge.both(|header| header.extra.clone_from(&field));
    let many: Vec<Item> = (0..2_000)
        .map(|n| {
            let mut one = bomb(MIB as u32).central(|header| header.name = format!("{n}").into());
            one.offset = (n > 0).then_some(0);
            one
        })
        .collect();
    // A directory of 47 MB.
    let mut crowd = Zip::of(&[Item::stored("a", b"")]);
    crowd.directory = crowd.directory.repeat(1_000_000);
    let mut fat =
        Zip::of(&[Item::stored("a", b"").central(|header| header.extra = vec![0; 65_000])]);
    fat.directory = fat.directory.repeat(900);
    vec![
        ("zeros that say so", zip_of(&[bomb(128 * MIB as u32)])),
        ("zeros that say ten gibibytes", zip_of(&[huge])),
        ("zeros that say nothing", zip_of(&[bomb(0)])),
        ("zeros that say a byte", zip_of(&[bomb(1)])),
        ("zeros that say a byte behind", zip_of(&[streamed])),
        ("zeros that say as much as may be", zip_of(&[bomb(40 * MIB as u32), excuse])),
        ("one kernel under many names", zip_of(&many)),
        ("a million entries", crowd.with_end(&crowd.end_64(1_000_000))),
        ("a million entries that say one", crowd.with_end(&crowd.end_64(1))),
        ("a million entries cut to 16 bits", crowd.with_end(&crowd.end(16_960, 47_000_000))),
        ("a fat directory", fat.with_end(&fat.end(900, fat.directory.len() as u32))),
    ]
}

const CHILD: &str = "PROVOST_TEST_READS_THE_ZIP";

/// Runs as a process of its own, once for each bomb, so that its peak can be read.
#[test]
#[allow(clippy::print_stdout, reason = "a line that the chores of this project collect")]
fn a_bomb_is_refused_in_little_memory() {
    if let Ok(path) = std::env::var(CHILD) {
        let error = read(std::fs::File::open(path).expect("zip")).expect_err("a bomb");
        let status = std::fs::read_to_string("/proc/self/status").expect("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("peak");
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("number");
        assert!(kibibytes < 64 * 1024, "{kibibytes} KiB for {error}");
        return;
    }
    if !std::path::Path::new("/proc/self/status").exists() {
        println!("not checked here: peak memory of zip bombs (there is no /proc)");
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    for (what, bytes) in bombs() {
        let path = folder.path().join("bomb.zip");
        std::fs::write(&path, bytes).expect("written");
        let mut child = Command::new(std::env::current_exe().expect("this program"));
        child.args(["--exact", "archive_bombs::a_bomb_is_refused_in_little_memory"]);
        let output = child.env(CHILD, &path).output().expect("child");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("1 passed"), "{what}: {said}");
    }
}
