//! The two streams of the program. A closed pipe (`vgrun plan | head -1`) is no error and changes no exit code. Nothing
//! that stands in a file, or is its name, gives orders to the terminal: all text passes here. Only CSV, which programs
//! read, goes past: no value that a config or a baseline may have holds a control character.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};

use rustix::termios::tcgetwinsize;

/// Writes a line to standard output: what the command is asked for. It is no error if nobody reads any more: what the
/// command has found, and the code it ends with, are the same.
pub(crate) fn out(text: &str) -> io::Result<()> {
    unless_closed(out_one_of_many(text))
}

/// Writes a line to standard output, with its colours.
pub(crate) fn out_coloured(text: &str) -> io::Result<()> {
    unless_closed(line(io::stdout().lock(), &harmless_but_coloured(text)))
}

/// Writes a line to standard output of which there may be a million. It is an error if nobody reads any more, so that
/// no more lines are made.
pub(crate) fn out_one_of_many(text: &str) -> io::Result<()> {
    line(io::stdout().lock(), &harmless(text))
}

fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Writes a line to standard error: what accompanies the answer. It is no error if nobody listens.
pub(crate) fn note(text: &str) {
    let _ = line(io::stderr().lock(), &harmless(text));
}

/// Writes a line to standard error, with its colours.
pub(crate) fn note_coloured(text: &str) {
    let _ = line(io::stderr().lock(), &harmless_but_coloured(text));
}

fn line(mut stream: impl io::Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.write_all(b"\n")
}

/// Whether a terminal obeys a character instead of showing it, line ends and tabs included. Characters that turn the
/// direction of text count, too, as a line with them reads otherwise than it is.
pub(crate) fn is_order(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Puts text on one line, with all that a terminal would obey as a sign that can be seen: `\n`, `\u{1b}`.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_order)
}

/// Replaces what a terminal would obey by signs that can be seen, except for line ends and tabs.
fn harmless(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_order(c) && !matches!(c, '\n' | '\t'))
}

fn escaped(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_bad) {
        return text.into();
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_bad(c) { seen.extend(c.escape_debug()) } else { seen.push(c) }
    }
    seen.into()
}

/// Does the same as [`harmless`], except for what changes the colour of text.
fn harmless_but_coloured(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let mut seen = harmless(pieces.next().unwrap_or_default()).into_owned();
    for piece in pieces {
        let numbers = piece.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(piece.len());
        if piece[numbers..].starts_with('m') {
            seen.push_str("\x1b[");
        } else {
            seen.push_str("\\u{1b}[");
        }
        seen.push_str(&harmless(piece));
    }
    seen
}

/// Whether messages may carry colours.
pub(crate) fn colour() -> bool {
    io::stderr().is_terminal() && is_colour_wanted()
}

/// Whether answers may carry colours.
pub(crate) fn colour_out() -> bool {
    io::stdout().is_terminal() && is_colour_wanted()
}

/// Returns how many characters a line of an answer has room for: those of the terminal; elsewhere as many as `COLUMNS`
/// says, or 80.
pub(crate) fn width_out() -> usize {
    let terminal = tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.filter(|columns| *columns > 0).or_else(columns).unwrap_or(80)
}

fn is_colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_gives_orders_to_the_terminal() {
        let text = "a\x1b[2J\u{9b}2J\r\u{7}\u{202e}b\n\té\x1b[31mred\x1b[0m";
        let seen = r"a\u{1b}[2J\u{9b}2J\r\u{7}\u{202e}b";
        assert_eq!(harmless(text), format!("{seen}\n\té{}", r"\u{1b}[31mred\u{1b}[0m"));
        assert_eq!(harmless_but_coloured(text), format!("{seen}\n\té\x1b[31mred\x1b[0m"));
        assert_eq!(one_line(text), format!("{seen}{}", r"\n\té\u{1b}[31mred\u{1b}[0m"));
        for unfinished in ["\x1b[", "\x1b[31", "\x1b\x1b[1;3H", "\x1b[1;m\x1b"] {
            let seen = harmless_but_coloured(unfinished);
            assert_eq!(seen.matches('\x1b').count(), usize::from(unfinished.contains('m')), "{seen:?}");
        }
        assert_eq!(harmless("plain é"), "plain é");
    }
}
