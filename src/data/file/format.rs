//! Files that are something else than what is asked for, told by their first bytes: what each is called, and what to do
//! with it.

/// A kind of file that is told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What it is called, with an article.
    pub name: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// What to do with a file where images and labels are read, and where a table is.
#[derive(Debug, Clone, Copy)]
struct Remedies {
    idx: &'static str,
    table: &'static str,
}

const UNPACK: Remedies = Remedies {
    idx: "unpack it, and name the file that was in it; gzip is the one packing that is read",
    table: "unpack it, and name the file that was in it",
};
const CONVERT: Remedies = Remedies {
    idx: "a table of pixels is read with data.source = \"csv\"; else write the pixels as unsigned bytes in MNIST's format",
    table: "write its numbers as text: a row in each line, and commas between the columns",
};
const DOWNLOAD: Remedies = Remedies { idx: FETCH, table: FETCH };
const FETCH: &str = "the download went wrong: fetch the file itself, and look into it before";
const PULL: Remedies = Remedies { idx: GIT_LFS, table: GIT_LFS };
const GIT_LFS: &str = "fetch the file itself: git lfs pull";
const WRITE_CSV: Remedies = Remedies {
    idx: FETCH,
    table: "write it as CSV: in pandas, read_json(path, lines=True).to_csv(\"data.csv\", index=False), without lines=True \
            where the whole file is one list",
};

/// The first bytes of each kind of text, in lower case.
const TEXTS: [(&[u8], &str, Remedies); 8] = [
    (b"<!doctype", "a web page (HTML)", DOWNLOAD),
    (b"<html", "a web page (HTML)", DOWNLOAD),
    (b"<?xml", "an XML page", DOWNLOAD),
    (b"{\"", "JSON", WRITE_CSV),
    (b"[{", "JSON", WRITE_CSV),
    (b"[[", "JSON", WRITE_CSV),
    (b"[\"", "JSON", WRITE_CSV),
    (b"version https://git-lfs", "a pointer of Git LFS", PULL),
];

/// The first bytes of each other kind.
const BINARIES: [(&[u8], &str, Remedies); 15] = [
    (b"PK\x03\x04", "a ZIP archive", UNPACK),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\xfd7zXZ", "an xz file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x89PNG", "a PNG image", CONVERT),
    (b"\xff\xd8\xff", "a JPEG image", CONVERT),
    (b"GIF8", "a GIF image", CONVERT),
    (b"\x93NUMPY", "a NumPy array", CONVERT),
    (b"\x89HDF", "an HDF5 file", CONVERT),
    (b"MATLAB", "a MATLAB file", CONVERT),
    (b"PAR1", "a Parquet file", CONVERT),
    (b"\x80\x02", "a Python pickle", CONVERT),
    (b"\x80\x04", "a Python pickle", CONVERT),
];

/// Where a tar archive says so.
const TAR: (usize, &[u8]) = (257, b"ustar");

impl Format {
    /// How many bytes tell it.
    pub(super) const TOLD_BY: u64 = 512;

    /// The kind of a file that begins with these bytes, and that holds neither images nor labels.
    pub(in crate::data) fn of(start: &[u8]) -> Option<Self> {
        const TEXT: usize = 64;
        if let Some((name, remedies)) = of_text(start).or_else(|| of_binary(start)) {
            return Some(Self { name, remedy: remedies.idx });
        }
        let is_table = !start.is_empty()
            && start.iter().take(TEXT).all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
        let table = Self { name: "text", remedy: "a table is read with data.source = \"csv\"" };
        is_table.then_some(table)
    }

    /// The kind of a whole file that is no table. Names of columns may begin as other formats do, which hold bytes that no
    /// text has.
    pub(super) fn of_no_table(bytes: &[u8]) -> Option<Self> {
        let is_text = || std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
        let found = of_text(bytes).or_else(|| of_binary(bytes).filter(|_| !is_text()));
        found.map(|(name, remedies)| Self { name, remedy: remedies.table })
    }
}

fn of_text(start: &[u8]) -> Option<(&'static str, Remedies)> {
    const LONGEST: usize = 32;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let mut start = start[..LONGEST.min(start.len())].to_ascii_lowercase();
    if start.starts_with(b"{") || start.starts_with(b"[") {
        start.retain(|byte| !byte.is_ascii_whitespace());
    }
    TEXTS.iter().find(|(begin, ..)| start.starts_with(begin)).map(|&(_, name, remedies)| (name, remedies))
}

fn of_binary(start: &[u8]) -> Option<(&'static str, Remedies)> {
    let (at, mark) = TAR;
    if start.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
        return Some(("a tar archive", UNPACK));
    }
    BINARIES.iter().find(|(begin, ..)| start.starts_with(begin)).map(|&(_, name, remedies)| (name, remedies))
}
