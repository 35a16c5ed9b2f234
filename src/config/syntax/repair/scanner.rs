//! Goes over one line, outside of its strings and comments, and finds what is not written as TOML has it.

use std::ops::Range;

use super::written::Repair;
use crate::config::spelling::alike::{DOUBLE_QUOTES, SINGLE_QUOTES, plain};
use crate::config::spelling::number::{plain_numbers, whole};

/// What the commas and the numbers of a line are taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Readings {
    /// A comma parts the items of a list.
    Plain,
    /// A comma between digits is that of a decimal.
    DecimalCommas,
    /// A number that begins with 0 is a whole one.
    LeadingZeros,
}

/// Whether a number without a fraction is written as a whole one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numbers {
    AsWritten,
    Whole,
}

/// Finds what is not written as TOML has it on a line, in the order of the line; `readings` and `numbers` say what its
/// commas and numbers are taken for.
pub(super) fn scan(line: &str, readings: Readings, numbers: Numbers) -> Vec<Repair> {
    let inside = !line.contains('=') && line.trim_start().starts_with(|c: char| !c.is_alphabetic() && c != '[');
    let brackets = usize::from(inside);
    Scanner { readings, numbers, has_key: inside, brackets, found: Vec::new() }.scan(line)
}

/// Goes over a line outside of its strings and comments.
#[derive(Debug)]
struct Scanner {
    readings: Readings,
    numbers: Numbers,
    /// Whether an equals sign came, so that values may.
    has_key: bool,
    brackets: usize,
    found: Vec<Repair>,
}

impl Scanner {
    fn scan(mut self, line: &str) -> Vec<Repair> {
        let mut at = 0;
        while let Some(c) = line[at..].chars().next() {
            let rest = &line[at..];
            let (double, single) = (DOUBLE_QUOTES.contains(&c), SINGLE_QUOTES.contains(&c));
            at = match c {
                '#' => return self.found,
                '/' if rest.starts_with("//") && line[..at].trim().is_empty() => {
                    self.push(at..at + 2, "#");
                    return self.found;
                }
                '"' | '\'' if self.is_doubled(rest, c) => self.doubled(line, at, c),
                _ if rest.starts_with("\"\"\"") || rest.starts_with("'''") => return Vec::new(),
                '"' | '\'' => self.string(line, at, c),
                _ if double || single => self.string(line, at, if double { '"' } else { '\'' }),
                ';' | ',' if self.brackets == 0 && self.has_key && line[at + 1..].trim().is_empty() => {
                    self.push(at..at + 1, "");
                    at + 1
                }
                ':' if !self.has_key && self.brackets == 0 => {
                    self.push(at..at + 1, " =");
                    self.has_key = true;
                    at + 1
                }
                _ if self.has_key && is_of_number(c) => self.number(line, at),
                _ => {
                    let written = plain(c).unwrap_or_default();
                    if plain(c).is_some() {
                        self.push(at..at + c.len_utf8(), written);
                    }
                    match written.chars().next().unwrap_or(c) {
                        '=' => self.has_key = true,
                        '[' | '{' => self.brackets += 1,
                        ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
                        _ => {}
                    }
                    at + c.len_utf8()
                }
            };
        }
        self.found
    }

    fn push(&mut self, span: Range<usize>, write: &str) {
        self.found.push(Repair { span, write: vec![write.to_owned()] });
    }

    /// Whether a string is in two marks instead of one: `''adam''`.
    fn is_doubled(&self, rest: &str, quote: char) -> bool {
        let inside = rest.trim_start_matches(quote);
        rest.len() - inside.len() == 2
            && self.has_key
            && inside.starts_with(char::is_alphanumeric)
            && inside.find(quote).is_some_and(|end| {
                let behind = &inside[end..];
                let after = behind.trim_start_matches(quote);
                behind.len() - after.len() == 2 && ends_a_string(after)
            })
    }

    fn doubled(&mut self, line: &str, at: usize, quote: char) -> usize {
        let inside = at + 2;
        let end = inside + line[inside..].find(quote).expect("a closing mark");
        self.push(at..inside, "\"");
        self.push(end..end + 2, "\"");
        end + 2
    }

    /// A string from its opening mark at `at` on; the place behind its closing one.
    fn string(&mut self, line: &str, at: usize, quote: char) -> usize {
        let opening = line[at..].chars().next().expect("a mark");
        let alikes: &[char] = if quote == '"' { &DOUBLE_QUOTES } else { &SINGLE_QUOTES };
        let inside = at + opening.len_utf8();
        let is_odd = opening != quote;
        if is_odd {
            self.push(at..inside, "\"");
        }
        let mut is_escaped = false;
        for (i, c) in line[inside..].char_indices().map(|(i, c)| (inside + i, c)) {
            let end = i + c.len_utf8();
            if is_escaped {
                is_escaped = false;
            } else if c == '\\' && opening == '"' {
                is_escaped = true;
            } else if alikes.contains(&c) && (is_odd || ends_a_string(&line[end..])) {
                self.push(i..end, if is_odd { "\"" } else { &line[at..inside] });
                return end;
            } else if c == quote {
                if is_odd && quote == '\'' {
                    self.push(i..end, "\"");
                }
                return end;
            }
        }
        line.len()
    }

    /// A number, as far as it goes; the place behind it.
    fn number(&mut self, line: &str, at: usize) -> usize {
        let length = |text: &str| text.find(|c| !is_of_number(c)).unwrap_or(text.len());
        let mut end = at + length(&line[at..]);
        if self.readings == Readings::DecimalCommas
            && let Some(part) = line[end..].strip_prefix(',')
            && part.starts_with(|c: char| c.is_ascii_digit())
        {
            let whole = line[at..end].trim_start_matches(['+', '-']);
            let is_padded = whole.len() > 1 && whole.starts_with('0');
            // Between the items of a list, only what no whole numbers would be.
            if !is_padded && (self.brackets == 0 || whole == "0" || part.starts_with('0')) {
                end += 1 + length(part);
            }
        }
        // What follows a decimal comma, perhaps.
        let is_part = line[..at].ends_with(',') && line[at..end].starts_with('0') && end - at > 1;
        let is_key = line[end..].trim_start().starts_with('=');
        if is_key || is_part && self.readings == Readings::Plain {
            return end;
        }
        let mut write = plain_numbers(&line[at..end]);
        if self.numbers == Numbers::Whole {
            write.iter_mut().for_each(|number| *number = whole(number).unwrap_or_else(|| number.clone()));
            write.dedup();
            if write.is_empty() {
                write.extend(whole(&line[at..end]));
            }
        }
        if !write.is_empty() {
            self.found.push(Repair { span: at..end, write });
        }
        end
    }
}

fn is_of_number(c: char) -> bool {
    const SUPERSCRIPTS: &str = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";
    c.is_ascii_alphanumeric()
        || "+-.^*_".contains(c)
        || SUPERSCRIPTS.contains(c)
        || plain(c).is_some_and(|twin| "+-.0123456789".contains(twin) && !twin.is_empty())
}

/// Whether what follows a quotation mark may follow a string.
fn ends_a_string(rest: &str) -> bool {
    rest.trim_start().chars().next().is_none_or(|c| ",]}#".contains(c))
}
