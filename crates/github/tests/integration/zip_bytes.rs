//! Zips written byte by byte, with any field wrong.

use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// One header of an entry, central or local.
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc32: u32,
    pub(crate) compressed: u32,
    pub(crate) size: u32,
    pub(crate) extra: Vec<u8>,
}

/// An entry: both headers and what stands between and after them.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) local: Header,
    pub(crate) central: Header,
    pub(crate) system: u8,
    /// Unix mode above, DOS attributes below.
    pub(crate) attributes: u32,
    pub(crate) data: Vec<u8>,
    pub(crate) after: Vec<u8>,
    /// Another place of the local header than the true one.
    pub(crate) offset: Option<u32>,
}

pub(crate) const UTF8: u16 = 1 << 11;
pub(crate) const DESCRIPTOR: u16 = 1 << 3;
const UNIX: u8 = 3;

impl Item {
    /// A stored regular file.
    pub(crate) fn stored(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::new(name.as_ref(), 0, content.to_vec(), content)
    }

    /// A deflated regular file.
    pub(crate) fn deflated(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::new(name.as_ref(), 8, deflate(content).0, content)
    }

    fn new(name: &[u8], method: u16, data: Vec<u8>, content: &[u8]) -> Self {
        let header = Header {
            name: name.to_vec(),
            flags: if name.is_ascii() { 0 } else { UTF8 },
            method,
            crc32: deflate(content).1,
            compressed: data.len() as u32,
            size: content.len() as u32,
            extra: Vec::new(),
        };
        Self {
            local: header.clone(),
            central: header,
            system: UNIX,
            attributes: 0o100_644 << 16,
            data,
            after: Vec::new(),
            offset: None,
        }
    }

    /// With a Unix mode.
    pub(crate) fn mode(mut self, mode: u32) -> Self {
        self.attributes = mode << 16;
        self
    }

    /// The same change of both headers.
    pub(crate) fn both(mut self, change: impl Fn(&mut Header)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    pub(crate) fn local(mut self, change: impl Fn(&mut Header)) -> Self {
        change(&mut self.local);
        self
    }

    pub(crate) fn central(mut self, change: impl Fn(&mut Header)) -> Self {
        change(&mut self.central);
        self
    }

    /// Streamed: checksum and lengths are zero in front and stand behind.
    pub(crate) fn streamed(self) -> Self {
        let streamed = self.both(|header| header.flags |= DESCRIPTOR);
        let truth = streamed.central.clone();
        let mut streamed = streamed.local(|header| {
            (header.crc32, header.compressed, header.size) = (0, 0, 0);
        });
        streamed.after = b"PK\x07\x08".to_vec();
        for value in [truth.crc32, truth.compressed, truth.size] {
            streamed.after.extend(value.to_le_bytes());
        }
        streamed
    }
}

/// The compressed form of some bytes and their checksum.
pub(crate) fn deflate(content: &[u8]) -> (Vec<u8>, u32) {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("x", SimpleFileOptions::default()).expect("entry");
    writer.write_all(content).expect("content");
    let mut archive = ZipArchive::new(writer.finish().expect("zip")).expect("zip");
    let mut entry = archive.by_index_raw(0).expect("entry");
    let mut data = Vec::new();
    entry.read_to_end(&mut data).expect("data");
    (data, entry.crc32())
}

/// A whole archive in parts.
pub(crate) struct Zip {
    /// Local headers and data.
    pub(crate) body: Vec<u8>,
    /// The central directory.
    pub(crate) directory: Vec<u8>,
    pub(crate) count: usize,
}

impl Zip {
    pub(crate) fn of(items: &[Item]) -> Self {
        let (mut body, mut directory) = (Vec::new(), Vec::new());
        for item in items {
            let offset = item.offset.unwrap_or(body.len() as u32);
            directory.extend(b"PK\x01\x02\x14");
            directory.push(item.system);
            header(&mut directory, &item.central, &[0; 8], item.attributes, Some(offset));
            if item.offset.is_none() {
                body.extend(b"PK\x03\x04");
                header(&mut body, &item.local, &[], 0, None);
                body.extend(&item.data);
                body.extend(&item.after);
            }
        }
        Self { body, directory, count: items.len() }
    }

    /// The bytes with the end record that belongs to them.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.with_end(&self.end(self.count as u16, self.directory.len() as u32))
    }

    pub(crate) fn with_end(&self, end: &[u8]) -> Vec<u8> {
        [&self.body, &self.directory, end].concat()
    }

    /// An end record that says this.
    pub(crate) fn end(&self, count: u16, length: u32) -> Vec<u8> {
        end_record(count, length, self.body.len() as u32)
    }

    /// Zip64 end record, its locator, and an end record that refers to them.
    pub(crate) fn end_64(&self, count: u64) -> Vec<u8> {
        let mut end = b"PK\x06\x06".to_vec();
        end.extend(44_u64.to_le_bytes());
        end.extend([45, 3, 45, 0]);
        end.extend([0; 8]);
        for value in [count, count, self.directory.len() as u64, self.body.len() as u64] {
            end.extend(value.to_le_bytes());
        }
        end.extend(b"PK\x06\x07\0\0\0\0");
        end.extend((self.body.len() as u64 + self.directory.len() as u64).to_le_bytes());
        end.extend(1_u32.to_le_bytes());
        end.extend(end_record(u16::MAX, u32::MAX, u32::MAX));
        end
    }
}

pub(crate) fn end_record(count: u16, length: u32, start: u32) -> Vec<u8> {
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend(count.to_le_bytes());
    end.extend(count.to_le_bytes());
    end.extend(length.to_le_bytes());
    end.extend(start.to_le_bytes());
    end.extend([0, 0]);
    end
}

fn header(to: &mut Vec<u8>, own: &Header, gap: &[u8], attributes: u32, offset: Option<u32>) {
    to.extend([20, 0]);
    to.extend(own.flags.to_le_bytes());
    to.extend(own.method.to_le_bytes());
    // Midnight of 1980-01-01.
    to.extend([0, 0, 0x21, 0]);
    to.extend(own.crc32.to_le_bytes());
    to.extend(own.compressed.to_le_bytes());
    to.extend(own.size.to_le_bytes());
    to.extend((own.name.len() as u16).to_le_bytes());
    to.extend((own.extra.len() as u16).to_le_bytes());
    if let Some(offset) = offset {
        // No comment, first part, no internal attributes.
        to.extend(&gap[..6]);
        to.extend(attributes.to_le_bytes());
        to.extend(offset.to_le_bytes());
    }
    to.extend(&own.name);
    to.extend(&own.extra);
}

/// The archive of these items.
pub(crate) fn zip_of(items: &[Item]) -> Vec<u8> {
    Zip::of(items).bytes()
}
