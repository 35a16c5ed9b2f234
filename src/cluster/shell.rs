//! Words of a shell's command line.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Returns a word that bash takes for exactly `text`, on one line.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if !text.contains(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    escaped(text.as_bytes())
}

/// Returns a word that bash takes for exactly `path`, which need not be UTF-8.
pub(crate) fn quoted_path(path: &Path) -> String {
    path.to_str().map_or_else(|| escaped(path.as_os_str().as_bytes()), quoted)
}

/// Writes any bytes as a word without a line break: one inside of plain quotes could end a here-document.
fn escaped(bytes: &[u8]) -> String {
    let mut word = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => word.extend(['\\', c]),
                c if c.is_ascii_control() => write!(word, "\\x{:02x}", u32::from(c)).expect("a String takes all text"),
                c => word.push(c),
            }
        }
        for byte in chunk.invalid() {
            write!(word, "\\x{byte:02x}").expect("a String takes all text");
        }
    }
    word + "'"
}

/// Writes a command line.
pub(crate) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn plain_words_stay_as_they_are() {
        assert_eq!(
            line(["vgrun", "configs/depth.toml", "--set", "a=[1,2]", ""]),
            "vgrun configs/depth.toml --set 'a=[1,2]' ''"
        );
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a\nb'\\"), r"$'a\x0ab\'\\'");
        assert_eq!(quoted_path(Path::new("/a b")), "'/a b'");
    }

    #[test]
    fn bash_finds_a_path_of_any_bytes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(std::ffi::OsStr::from_bytes(b"n\xff'\xc3\xa4 $x\xc3"));
        std::fs::write(&path, "x").expect("any bytes");
        let script = format!("test -f {}", quoted_path(&path));
        assert!(Command::new("bash").args(["-c", &script]).status().expect("bash").success(), "{script}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn bash_reads_back_what_was_quoted(words in proptest::collection::vec("[^\0]{0,12}|[a-z '\"$`\\\\!*~#\n\t{}()&;|<>-]{0,12}", 0..6)) {
            let script = format!("printf '%s\\0' {}", line(words.iter().map(String::as_str)));
            let output = Command::new("bash").args(["-c", &script]).output().expect("bash");
            let read: Vec<&[u8]> = output.stdout.split(|&b| b == 0).collect();
            let mut expected: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
            // Without words, printf writes its format once.
            if expected.is_empty() {
                expected.push(b"");
            }
            expected.push(b"");
            prop_assert_eq!(read, expected);
            prop_assert!(!script.contains('\n'));
        }
    }
}
