use crate::zip_bytes::{Item, zip_of};
use provost_github::archive::{ArchiveError, read};
use std::io::Cursor;

fn read_one(item: &Item) -> Result<Vec<String>, ArchiveError> {
    let files = read(Cursor::new(zip_of(&[item.clone(), Item::stored("last", b"")])))?;
    Ok(files.into_iter().map(|file| file.name).collect())
}

fn file() -> Item {
    Item::stored("a", b"target")
}

#[test]
fn regular_files_are_read_and_folders_passed_over() {
    for mode in [0o100_644, 0o100_755, 0o100_600, 0o644, 0] {
        assert_eq!(read_one(&file().mode(mode)).expect("a file"), ["a", "last"]);
    }
    for mode in [0o040_755, 0o755, 0] {
        let folder = Item::stored("a/", b"").mode(mode);
        assert_eq!(read_one(&folder).expect("a folder"), ["last"]);
    }
    let mut dos = file();
    (dos.system, dos.attributes) = (0, 0x20);
    assert_eq!(read_one(&dos).expect("of DOS"), ["a", "last"]);
    assert_eq!(read_one(&Item::deflated("a", b"aaaa")).expect("deflated"), ["a", "last"]);
}

#[test]
fn links_devices_and_special_modes_are_refused_whatever_system_they_name() {
    for mode in [
        0o120_777, // link
        0o020_644, // character device
        0o060_644, // block device
        0o010_644, // pipe
        0o140_644, // socket
        0o104_755, // set-user-id
        0o102_755, // set-group-id
        0o101_777, // sticky
        0o004_755, 0o160_000,
    ] {
        // Unix, DOS, Macintosh, NTFS, OS X: some readers look at the mode whatever it says.
        for system in [3, 0, 7, 10, 19, 255] {
            let mut item = file().mode(mode);
            item.system = system;
            let error = read_one(&item).expect_err("no regular file");
            assert!(matches!(error, ArchiveError::NotRegular(..)), "{mode:o} {system}: {error}");
        }
    }
}

#[test]
fn a_file_through_a_link_is_refused_with_the_link() {
    let link = Item::stored("dir", b"/etc").mode(0o120_777);
    let through = Item::stored("dir/passwd", b"root");
    assert!(read(Cursor::new(zip_of(&[link, through.clone()]))).is_err());
    let folder = Item::stored("dir/", b"").mode(0o040_755);
    assert_eq!(read(Cursor::new(zip_of(&[folder, through]))).expect("a folder").len(), 1);
}

#[test]
fn half_a_folder_is_refused() {
    let mut dos = file();
    (dos.system, dos.attributes) = (0, 0x10);
    for item in [
        file().mode(0o040_755),
        Item::stored("a/", b"").mode(0o100_644),
        Item::stored("a/", b"hidden").mode(0o040_755),
        dos,
    ] {
        let error = read_one(&item).expect_err("half a folder");
        assert!(matches!(error, ArchiveError::NotRegular(..)), "{error}");
    }
}

#[test]
fn encrypted_and_unknown_methods_are_refused() {
    for flags in [1, 1 | 1 << 6] {
        let encrypted = file().both(|header| header.flags = flags);
        let error = read_one(&encrypted).expect_err("encrypted");
        assert!(matches!(error, ArchiveError::NotRegular(_, "encrypted")), "{error}");
    }
    for method in [1, 6, 9, 12, 14, 93, 95, 98, 99, 77] {
        read_one(&file().both(|header| header.method = method)).expect_err("another method");
    }
}

#[test]
fn content_must_have_its_checksum_and_its_length() {
    let item = Item::deflated("a", &[7; 1_000]);
    read_one(&item).expect("sound");
    for (what, wrong) in [
        ("checksum", item.clone().both(|header| header.crc32 ^= 1)),
        ("longer", item.clone().both(|header| header.size += 1)),
        ("shorter", item.clone().both(|header| header.size -= 1)),
        ("nothing", item.clone().both(|header| header.size = 0)),
        ("cut", item.clone().both(|header| header.compressed -= 1)),
        ("beyond", item.clone().both(|header| header.compressed += 1)),
        ("stored", item.clone().both(|header| header.method = 0)),
        ("local checksum", item.clone().local(|header| header.crc32 ^= 1)),
        ("local length", item.clone().local(|header| header.size += 1)),
        ("local name", item.clone().local(|header| header.name = b"b".to_vec())),
        ("local method", item.clone().local(|header| header.method = 0)),
        ("central length", item.clone().central(|header| header.size += 1)),
    ] {
        read_one(&wrong).expect_err(what);
    }
}

#[test]
fn a_data_descriptor_must_say_what_the_directory_says() {
    let item = Item::deflated("a", b"streamed").streamed();
    assert_eq!(read_one(&item).expect("streamed"), ["a", "last"]);
    let mut bare = item.clone();
    bare.after.drain(..4);
    assert_eq!(read_one(&bare).expect("without signature"), ["a", "last"]);
    for at in [0, 4, 8, 12, 15] {
        let mut lying = item.clone();
        lying.after[at] ^= 1;
        read_one(&lying).expect_err("another descriptor");
    }
    let mut none = item.clone();
    none.after.clear();
    read_one(&none).expect_err("no descriptor");
    let mut needless = item.both(|header| header.flags = 0);
    needless.local = needless.central.clone();
    read_one(&needless).expect_err("a descriptor that nothing announces");
}
