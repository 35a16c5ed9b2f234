//! Files that are something else than images and labels in MNIST's format, by their first bytes: what each is called, and
//! what to do with it.

/// A kind of file that is told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What it is called, with an article.
    pub name: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const UNPACK: &str = "unpack it, and name the file that was in it; gzip is the one packing that is read";
const CONVERT: &str = "a table of pixels is read with data.source = \"csv\"; else write the pixels as unsigned bytes in MNIST's \
                       format";
const DOWNLOAD: &str = "the download went wrong: fetch the file itself, and look into it before";

/// The first bytes of a kind, in lower case where they are letters of text.
const FORMATS: [(&[u8], Format); 20] = [
    (b"<!doctype", format("a web page (HTML)", DOWNLOAD)),
    (b"<html", format("a web page (HTML)", DOWNLOAD)),
    (b"<?xml", format("an XML page", DOWNLOAD)),
    (b"{", format("JSON", DOWNLOAD)),
    (b"version https://git-lfs", format("a pointer of Git LFS", "fetch the file itself: git lfs pull")),
    (b"pk\x03\x04", format("a ZIP archive", UNPACK)),
    (b"bzh", format("a bzip2 file", UNPACK)),
    (b"\xfd7zxz", format("an xz file", UNPACK)),
    (b"\x28\xb5\x2f\xfd", format("a zstd file", UNPACK)),
    (b"7z\xbc\xaf", format("a 7z archive", UNPACK)),
    (b"rar!", format("a RAR archive", UNPACK)),
    (b"\x89png", format("a PNG image", CONVERT)),
    (b"\xff\xd8\xff", format("a JPEG image", CONVERT)),
    (b"gif8", format("a GIF image", CONVERT)),
    (b"\x93numpy", format("a NumPy array", CONVERT)),
    (b"\x89hdf", format("an HDF5 file", CONVERT)),
    (b"matlab", format("a MATLAB file", CONVERT)),
    (b"par1", format("a Parquet file", CONVERT)),
    (b"\x80\x02", format("a Python pickle", CONVERT)),
    (b"\x80\x04", format("a Python pickle", CONVERT)),
];

const fn format(name: &'static str, remedy: &'static str) -> Format {
    Format { name, remedy }
}

impl Format {
    /// How many bytes tell it.
    pub(super) const TOLD_BY: u64 = 64;

    /// The kind of a file that begins with these bytes.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        let start = start.trim_ascii_start().to_ascii_lowercase();
        if let Some((_, format)) = FORMATS.iter().find(|(begin, _)| start.starts_with(begin)) {
            return Some(*format);
        }
        let is_table =
            !start.is_empty() && start.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
        let table = Self { name: "text", remedy: "a table is read with data.source = \"csv\"" };
        is_table.then_some(table)
    }
}
