//! The words around what is drawn, and the characters that stand for numbers.

use super::screen::{Colours, Screen};
use crate::report::band::Mark;
use crate::report::draw::cividis;
use crate::report::gathered::{CellRow, Gathered};
use crate::report::number::counted;

/// Text in lines that fit the screen, each with its line end; none of an empty text.
pub(super) fn wrapped(text: &str, screen: Screen) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in plain(text).split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.len() <= screen.room() => {
                line.push(' ');
                line.extend(word);
            }
            _ => {
                // A longer word than a line goes on in the next.
                while word.len() > screen.room() {
                    lines.push(word.drain(..screen.room()).collect());
                }
                lines.push(word.into_iter().collect());
            }
        }
    }
    lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
}

/// Words without what a terminal would obey.
pub(super) fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A name in at most so many characters; dots say that there is more of it.
pub(super) fn shortened(name: &str, most: usize) -> String {
    let name = plain(name);
    if name.chars().count() <= most {
        return name;
    }
    name.chars().take(most - 1).chain(['\u{2026}']).collect()
}

/// Which of 1 to `all` are not among `shown`, which ascend: `2, 4 to 6`; empty where all are shown.
pub(super) fn left_out(shown: &[usize], all: usize) -> String {
    let ends = shown.iter().copied().filter(|&n| n <= all).chain([all + 1]);
    let mut next = 1;
    let mut gaps = Vec::new();
    for end in ends {
        if end > next {
            gaps.push(if end == next + 1 { next.to_string() } else { format!("{next} to {}", end - 1) });
        }
        next = end + 1;
    }
    gaps.join(", ")
}

/// `3, 5 and 8`.
pub(super) fn listed(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match &words[..] {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// A character in the colour of a share of the way from little to much.
pub(super) fn painted(character: char, share: f64, colours: Colours) -> String {
    match colours {
        Colours::None => character.to_string(),
        Colours::Ansi => {
            let [r, g, b] = cividis(share);
            format!("\u{1b}[38;2;{r};{g};{b}m{character}\u{1b}[0m")
        }
    }
}

/// What stands in the place of a number that is none.
pub(super) fn letter(mark: Mark) -> char {
    match mark {
        Mark::Zero => '0',
        Mark::Underflow => 'u',
        Mark::Nan => 'x',
        Mark::Inf => 'i',
    }
}

/// What the letters mean that there are; empty where there are none.
pub(super) fn letters(marks: impl Iterator<Item = Mark>) -> String {
    let marks: Vec<Mark> = marks.collect();
    let present = Mark::ALL.into_iter().filter(|mark| marks.contains(mark));
    let words: Vec<String> = present.map(|mark| format!("{} {}", letter(mark), mark.name())).collect();
    if words.is_empty() { String::new() } else { format!("Letters, of any seed: {}.", words.join(", ")) }
}

/// The cells that a section does not draw, in a sentence with the reason; empty where it can draw all of them. `why` is
/// the reason that such nets cannot be drawn, none of a net that can.
pub(super) fn not_drawn(gathered: &Gathered, why: impl Fn(&CellRow) -> Option<&'static str>) -> String {
    const NO_RESULT: &str = "no result yet";
    const NO_ROOM: &str = "no curves kept, for there are too many cells";
    let mut reasons: Vec<(&'static str, usize)> = Vec::new();
    for cell in &gathered.cells {
        let missing = if cell.counts.done() == 0 { NO_RESULT } else { NO_ROOM };
        let Some(reason) = why(cell).or_else(|| cell.detail.is_none().then_some(missing)) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, n)) => *n += 1,
            None => reasons.push((reason, 1)),
        }
    }
    let has = |n: usize| if n == 1 { "has" } else { "have" };
    let words = reasons.iter().map(|&(reason, n)| format!("{} {} {reason}", counted(n, "cell"), has(n)));
    let words: Vec<String> = words.collect();
    if words.is_empty() { String::new() } else { format!("Not drawn: {}.", words.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(width: usize) -> Screen {
        Screen { colours: Colours::None, width }
    }

    #[test]
    fn no_line_is_wider_than_the_screen_and_no_word_is_lost() {
        let text = format!("one two three four five six seven {} eight\u{1b}", "long".repeat(20));
        let lines = wrapped(&text, screen(40));
        assert!(lines.lines().all(|line| line.chars().count() <= 40), "{lines}");
        assert_eq!(lines.replace(['\n', ' '], ""), text.replace(' ', "").replace('\u{1b}', "\u{fffd}"));
        assert_eq!(wrapped("", screen(80)), "");
    }

    #[test]
    fn what_is_left_out_is_told_in_ranges() {
        assert_eq!(left_out(&[1, 3, 7, 8], 8), "2, 4 to 6");
        assert_eq!(left_out(&[1, 2, 3], 3), "");
        assert_eq!(left_out(&[2, 4], 6), "1, 3, 5 to 6");
        assert_eq!(left_out(&[1, 3, 4], 3), "2", "the head is beyond the last of 3 layers");
    }

    #[test]
    fn a_name_that_does_not_fit_ends_in_dots() {
        assert_eq!([shortened("relu", 4), shortened("sigmoid", 4)], ["relu", "sig\u{2026}"]);
    }
}
