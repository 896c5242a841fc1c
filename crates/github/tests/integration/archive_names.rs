use crate::zip_bytes::{Header, Item, UTF8, deflate, zip_of};
use provost_github::archive::{ArchiveError, ArchivedFile, read};
use std::io::Cursor;

fn read_items(items: &[Item]) -> Result<Vec<ArchivedFile>, ArchiveError> {
    read(Cursor::new(zip_of(items)))
}

fn read_name(name: impl AsRef<[u8]>) -> Result<Vec<ArchivedFile>, ArchiveError> {
    read_items(&[Item::stored(name, b"content")])
}

#[test]
fn plain_relative_names_are_read() {
    let long = "x".repeat(1_024);
    for name in [
        "provenance.json",
        "a/b/c.json",
        "..a",
        "...a/b",
        ".hidden",
        "-rf",
        "$(id)",
        "b\u{e4}r.json",
        "\u{1f980}",
        " a",
        "CON",
        &long,
    ] {
        let files = read_name(name).expect(name);
        let expected = ArchivedFile { name: name.to_owned(), bytes: b"content".to_vec() };
        assert_eq!(files, [expected]);
    }
}

#[test]
fn a_name_that_leads_anywhere_refuses_the_whole_archive() {
    let long = "x".repeat(1_025);
    for name in [
        "../x",
        "..",
        "x/..",
        "x/../../y",
        "x/../y",
        ".",
        "./x",
        "x/./y",
        "/x",
        "/",
        "//x",
        "x//y",
        "",
        "..\\x",
        "x\\y",
        "\\\\?\\C:\\x",
        "\\\\server\\share",
        "C:x",
        "C:\\x",
        "C:/x",
        "x:stream",
        "x\0",
        "\0",
        "x\0.json",
        "a/\0/b",
        "x.",
        "x..",
        "x ",
        "x./y",
        "x /y",
        "x\n",
        "x\r",
        "x\ty",
        "\u{1b}[0m",
        "x\u{7f}",
        "x\u{85}y",
        &long,
    ] {
        let good = Item::stored("good.json", b"{}");
        let error = read_items(&[good, Item::stored(name, b"")]).expect_err(name);
        assert!(matches!(error, ArchiveError::UnsafeName(_)), "{name:?}: {error}");
    }
}

#[test]
fn a_name_must_be_utf_8_and_say_so() {
    let flagged = |name: &[u8], flags| {
        read_items(&[Item::stored(name, b"").both(|header| header.flags = flags)])
    };
    assert_eq!(flagged("b\u{e4}r".as_bytes(), UTF8).expect("flagged")[0].name, "b\u{e4}r");
    flagged(b"bar", UTF8).expect("flagged for nothing");
    // The same bytes without the flag are two letters of code page 437.
    for (name, flags) in
        [("b\u{e4}r".as_bytes(), 0), (b"b\x84r", 0), (b"b\x84r", UTF8), (b"\xff", UTF8)]
    {
        let error = flagged(name, flags).expect_err("other letters");
        assert!(matches!(error, ArchiveError::UnsafeName(_)), "{name:?} {flags}: {error}");
    }
}

/// Extra field 0x7075: version, checksum of the header's name, another name.
fn unicode_path(header: &Header, name: &str) -> Vec<u8> {
    let mut field = vec![0x75, 0x70];
    field.extend((name.len() as u16 + 5).to_le_bytes());
    field.push(1);
    field.extend(deflate(&header.name).1.to_le_bytes());
    field.extend(name.as_bytes());
    field
}

#[test]
fn a_second_name_must_be_the_first() {
    let with = |name: &'static str, second: &'static str| {
        let item = Item::stored(name, b"x");
        read_items(&[item.both(|header| header.extra = unicode_path(header, second))])
    };
    assert_eq!(with("a.json", "a.json").expect("the same")[0].name, "a.json");
    for second in ["b.json", "../x", "/x", "A.json", "b\u{e4}r.json"] {
        let error = with("a.json", second).expect_err(second);
        let refused = matches!(error, ArchiveError::UnsafeName(_) | ArchiveError::Malformed(_));
        assert!(refused, "{second}: {error}");
    }
    // In one of the two headers alone.
    let item = Item::stored("a.json", b"x");
    for one_sided in [
        item.clone().local(|header| header.extra = unicode_path(header, "b.json")),
        item.central(|header| header.extra = unicode_path(header, "b.json")),
    ] {
        read_items(&[one_sided]).expect_err("another name in one header");
    }
}

#[test]
fn two_files_of_one_name_are_refused_also_where_only_some_file_systems_see_it() {
    let both = |one: &str, other: &str| {
        read_items(&[Item::stored(one, b"1"), Item::stored(other, b"2")]).map(|files| files.len())
    };
    assert_eq!(both("a", "b").expect("two"), 2);
    assert_eq!(both("a/b", "a/c").expect("two"), 2);
    assert_eq!(both("\u{e4}", "\u{f6}").expect("two"), 2);
    for (one, other) in [
        ("a", "a"),
        ("a.json", "A.JSON"),
        ("dir/a", "DIR/a"),
        ("\u{e4}", "\u{c4}"),
        ("stra\u{df}e", "STRASSE"),
        ("\u{3b1}\u{3c2}", "\u{391}\u{3a3}"),
        ("\u{212a}", "k"),
        ("\u{17f}", "s"),
        ("a", "a/b"),
        ("a/b", "A"),
    ] {
        let error = both(one, other).expect_err(one);
        let refused = matches!(error, ArchiveError::Duplicate(_) | ArchiveError::Malformed(_));
        assert!(refused, "{one} {other}: {error}");
    }
}
