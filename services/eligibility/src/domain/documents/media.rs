//! What a content is, by the content itself; what a name or a browser says of it counts for nothing.

use std::io::Cursor;

use serde::{Deserialize, Serialize};
use zip::{ZipArchive, result::ZipResult};

/// Every OFD has it at the root of its archive (GB/T 33190).
const OFD_ROOT: &str = "OFD.xml";
/// What an archive begins with.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// Contents that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Media {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// HEIC.
    Heic,
    /// OFD.
    Ofd,
}

/// A content that is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {
    /// It is of another type, whose media type that is.
    Other(&'static str),
    /// It begins like an archive, and cannot be read as one.
    BrokenArchive,
    /// Nothing known begins like it.
    Unknown,
}

impl Media {
    /// What `content` is.
    pub fn of(content: &[u8]) -> Result<Self, NotKept> {
        let found = infer::get(content).ok_or(NotKept::Unknown)?;
        match found.mime_type() {
            // Elsewhere in a content it may stand in a page for browsers.
            "application/pdf" if content.starts_with(b"%PDF-") => Ok(Self::Pdf),
            "application/pdf" => Err(NotKept::Other("not a PDF from its beginning")),
            "image/jpeg" => Ok(Self::Jpeg),
            "image/png" => Ok(Self::Png),
            "image/heif" => Ok(Self::Heic),
            // What is found first in an archive names it otherwise, and may be anything in an OFD.
            other if content.starts_with(ARCHIVE) => match is_ofd(content) {
                Ok(true) => Ok(Self::Ofd),
                Ok(false) => Err(NotKept::Other(other)),
                Err(_) => Err(NotKept::BrokenArchive),
            },
            other => Err(NotKept::Other(other)),
        }
    }
}

impl NotKept {
    /// What it is instead, for people and programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Other(media) => media,
            Self::BrokenArchive => "broken application/zip",
            Self::Unknown => "unknown",
        }
    }
}

/// Only the directory of the archive is read: what it holds is never unpacked here.
fn is_ofd(content: &[u8]) -> ZipResult<bool> {
    let archive = ZipArchive::new(Cursor::new(content))?;
    Ok(archive.file_names().flatten().any(|it| it == OFD_ROOT))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn zipped(names: &[&str]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for name in names {
            archive.start_file(*name, stored).expect("an entry");
            archive.write_all(b"<xml/>").expect("written");
        }
        archive.finish().expect("an archive").into_inner()
    }

    #[test]
    fn the_content_says_what_it_is() {
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        for (content, media) in [
            (&b"%PDF-1.7\n"[..], Media::Pdf),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Media::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Media::Png),
            (heic, Media::Heic),
            (&zipped(&["OFD.xml"]), Media::Ofd),
            (&zipped(&["META-INF/MANIFEST.MF", "OFD.xml"]), Media::Ofd),
        ] {
            assert_eq!(Media::of(content), Ok(media));
        }
    }

    #[test]
    fn everything_else_is_told_by_what_it_is() {
        let whole = zipped(&["OFD.xml"]);
        for (content, told) in [
            (
                &b"MZ\x90\0\x03\0\0\0"[..],
                "application/vnd.microsoft.portable-executable",
            ),
            (b"<html><!-- %PDF-1.7", "not a PDF from its beginning"),
            (b"GIF89a", "image/gif"),
            (b"<?xml version", "text/xml"),
            (b"just text", "unknown"),
            (b"", "unknown"),
            (&zipped(&["Doc_0/OFD.xml"]), "application/zip"),
            (
                &zipped(&["word/document.xml"]),
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (&whole[..whole.len() - 30], "broken application/zip"),
        ] {
            assert_eq!(Media::of(content).expect_err(told).as_str(), told);
        }
    }
}
