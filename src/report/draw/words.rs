//! Words on a page whose fonts are not known: widths are estimates that rather take too much.

/// The width of a line of text in pixels at this size, at most.
pub(in crate::report) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The width of a character relative to the font size, in DejaVu Sans: the widest of the fonts that are asked for.
fn em(c: char) -> f64 {
    match c {
        ' ' | '.' | ',' | ':' | ';' | '!' | '|' | 'i' | 'l' | 'j' | '\'' | 'I' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' => 0.7,
        c if c.is_ascii() => 0.62,
        c if c < '\u{2e80}' => 0.72,
        _ => 1.05,
    }
}

/// The text, or its beginning with dots where it is wider than `most` pixels.
pub(in crate::report) fn shortened(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.into();
    }
    let mut short = String::new();
    for c in text.chars() {
        if width(&short, size) + (em(c) + em('m')) * size > most {
            break;
        }
        short.push(c);
    }
    short.trim_end().to_owned() + "\u{2026}"
}

/// The text in lines of at most `most` pixels, broken at blanks; a longer word is shortened.
pub(in crate::report) fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = shortened(word, size, most);
        match lines.last_mut() {
            Some(line) if width(line, size) + (em(' ') * size) + width(&word, size) <= most => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_ends_in_dots_and_a_short_one_stays() {
        assert_eq!(shortened("relu", 12.0, 100.0), "relu");
        let short = shortened(&"activation".repeat(50), 12.0, 100.0);
        assert!(short.ends_with('\u{2026}') && width(&short, 12.0) <= 101.0, "{short}");
    }

    #[test]
    fn lines_are_no_wider_than_asked_for_and_lose_no_word() {
        let text = "Seeds as mean and band. Layers count from the input, and what is no number stands beside the axis.";
        let lines = wrapped(text, 12.0, 200.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, 12.0) <= 200.0));
        assert_eq!(lines.join(" "), text);
    }
}
