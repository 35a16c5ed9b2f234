//! Words of a shell's command line.

use std::fmt::Write as _;

/// A word that bash takes for exactly `text`, on one line.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if !text.contains(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    // A line break inside of quotes could end a here-document.
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            c if c.is_ascii_control() => write!(word, "\\x{:02x}", u32::from(c)).expect("a String takes all text"),
            c => word.push(c),
        }
    }
    word + "'"
}

/// A command line.
pub(super) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
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
