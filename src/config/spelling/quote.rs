//! Texts of the user as messages quote them, and numbers as words.

/// The user's text on one line, cut where it is long.
pub(in crate::config) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        line
    } else {
        let cut: String = line.chars().take(LONGEST - 3).collect();
        format!("{cut}...")
    }
}

/// A cell of somebody's file in quotes, as a message can hold it: on one line, cut where it is long, and without
/// characters that a terminal obeys.
pub(crate) fn quoted(cell: &str) -> String {
    const LONGEST: usize = 60;
    let cut: String = cell.chars().take(LONGEST).collect();
    let more = if cut.len() < cell.len() { ".." } else { "" };
    format!("\"{}{more}\"", cut.escape_debug())
}

/// `1st`, `2nd`, `3rd`, `4th`, ..
pub(in crate::config) fn ordinal(n: u64) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_cell_is_short_and_on_one_line() {
        assert_eq!(quoted("a \"b\"\n\u{1b}[2J\u{9b}é"), r#""a \"b\"\n\u{1b}[2J\u{9b}é""#);
        assert_eq!(quoted(&"é".repeat(1000)), format!("\"{}..\"", "é".repeat(60)));
    }

    #[test]
    fn ordinals_are_english() {
        assert_eq!([1, 2, 3, 4, 11, 22, 113].map(ordinal), ["1st", "2nd", "3rd", "4th", "11th", "22nd", "113th"]);
    }
}
