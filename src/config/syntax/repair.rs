//! Lines that are TOML but for a few characters: look-alikes of plain ones, and numbers as other languages write them.
//!
//! What to write is believed only where the parser takes it: the whole text is read again with every line repaired.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeTable;

use super::Lines;
use crate::config::suggest::alike::{DOUBLE_QUOTES, SINGLE_QUOTES, escape, plain};
use crate::config::suggest::number::plain_numbers;
use crate::config::suggest::shown;
use crate::config::{Diagnostic, Place, Source};

/// A stretch of a text, and what to write there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Repair {
    pub(super) span: Range<usize>,
    /// The first is tried; a number of two readings has both.
    pub(super) write: Vec<String>,
}

/// How much of a line is taken for a slip.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Readings {
    /// A comma parts the items of a list.
    Plain,
    /// A comma between digits is that of a decimal.
    DecimalCommas,
}

/// A line this long was not typed.
const LONGEST: usize = 4096;

/// The repairs of the lines, by number from 0, on which the parser found an error.
pub(super) fn of_lines(text: &str, wrong: &BTreeSet<usize>) -> BTreeMap<usize, Vec<Repair>> {
    let mut found: BTreeMap<usize, Vec<Repair>> = BTreeMap::new();
    for readings in [Readings::Plain, Readings::DecimalCommas] {
        let mut tried = found.clone();
        let mut start = 0;
        for (number, line) in text.split('\n').enumerate() {
            if wrong.contains(&number) && !found.contains_key(&number) && line.len() <= LONGEST {
                let repairs = of_line(line, start, readings);
                if !repairs.is_empty() {
                    tried.insert(number, repairs);
                }
            }
            start += line.len() + 1;
        }
        if tried.len() > found.len() {
            let repaired = applied(text, tried.values().flatten());
            let (_, errors) = DeTable::parse_recoverable(&repaired);
            let lines = Lines::of(&repaired);
            let left: BTreeSet<usize> =
                errors.iter().map(|error| lines.number(error.span().map_or(0, |span| span.start))).collect();
            tried.retain(|number, _| !left.contains(number));
            found = tried;
        }
    }
    found
}

/// The text with what is to be written.
fn applied<'a>(text: &str, repairs: impl Iterator<Item = &'a Repair>) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut at = 0;
    for repair in repairs {
        repaired.push_str(&text[at..repair.span.start]);
        repaired.push_str(&repair.write[0]);
        at = repair.span.end;
    }
    repaired + &text[at..]
}

/// The error of a line or of an argument that is TOML but for `repairs`; its text ends at `end`.
pub(super) fn error(source: &std::sync::Arc<Source>, line: Range<usize>, repairs: &[Repair]) -> Diagnostic {
    const LABELS: usize = 8;
    let text = source.text();
    let odd = |repair: &Repair| text[repair.span.clone()].chars().find(|c| plain(*c).is_some());
    let given = |repair: &Repair| shown(&text[repair.span.clone()]);
    let first = &repairs[0];
    let message = match odd(first) {
        Some(c) if repairs.len() == 1 => format!("{} is no character of TOML here", escape(c)),
        Some(_) => format!("{} characters are none of TOML here", repairs.len()),
        None => format!("{} is not written as TOML has it", given(first)),
    };
    let label = |repair: &Repair| {
        let write = match repair.write.as_slice() {
            [nothing] if nothing.is_empty() => "leave it out".to_owned(),
            [space] if space == " " => "write a space".to_owned(),
            choices => format!("write {}", choices.join(" or ")),
        };
        odd(repair).map_or_else(|| write.clone(), |c| format!("{}: {write}", escape(c)))
    };
    let error = repairs.iter().take(LABELS).fold(Diagnostic::error(message), |error, repair| {
        error.at(&Place::new(source, repair.span.clone()), label(repair))
    });
    // Where there is a choice, the labels name it.
    if repairs.iter().any(|repair| repair.write.len() > 1) {
        return error;
    }
    let before = line.start;
    let moved: Vec<Repair> = repairs
        .iter()
        .map(|repair| Repair { span: repair.span.start - before..repair.span.end - before, ..repair.clone() })
        .collect();
    let whole = applied(&text[line], moved.iter());
    error.help(format!("write {}", whole.trim()))
}

/// The repairs of a value by itself, such as the argument of `--set`, which begins at `start` of its text.
pub(super) fn of_value(value: &str, start: usize) -> Option<Vec<Repair>> {
    [Readings::Plain, Readings::DecimalCommas].into_iter().find_map(|readings| {
        let scanner = Scanner { readings, has_key: true, ..Scanner::default() };
        let repairs = scanner.scan(value);
        let is_one = !repairs.is_empty() && toml::de::DeValue::parse(&applied(value, repairs.iter())).is_ok();
        is_one.then(|| moved(repairs, start))
    })
}

fn of_line(line: &str, start: usize, readings: Readings) -> Vec<Repair> {
    let inside = !line.contains('=') && line.trim_start().starts_with(|c: char| !c.is_alphabetic() && c != '[');
    let scanner = Scanner { readings, has_key: inside, brackets: usize::from(inside), ..Scanner::default() };
    moved(scanner.scan(line), start)
}

fn moved(repairs: Vec<Repair>, by: usize) -> Vec<Repair> {
    repairs.into_iter().map(|r| Repair { span: r.span.start + by..r.span.end + by, ..r }).collect()
}

/// Goes over a line outside of its strings and comments.
#[derive(Debug)]
struct Scanner {
    readings: Readings,
    /// Whether an equals sign came, so that values may.
    has_key: bool,
    brackets: usize,
    found: Vec<Repair>,
}

impl Default for Scanner {
    fn default() -> Self {
        Self { readings: Readings::Plain, has_key: false, brackets: 0, found: Vec::new() }
    }
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
                _ if rest.starts_with("\"\"\"") || rest.starts_with("'''") => return Vec::new(),
                '"' | '\'' => self.string(line, at, c),
                _ if double || single => self.string(line, at, if double { '"' } else { '\'' }),
                ';' if line[at + 1..].trim().is_empty() => {
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
            // Between the items of a list, only what no whole numbers would be.
            if self.brackets == 0 || whole == "0" || part.starts_with('0') {
                end += 1 + length(part);
            }
        }
        // What follows a decimal comma, perhaps.
        let is_part = line[..at].ends_with(',') && line[at..end].starts_with('0') && end - at > 1;
        let is_key = line[end..].trim_start().starts_with('=');
        if is_key || is_part && self.readings == Readings::Plain {
            return end;
        }
        let write = plain_numbers(&line[at..end]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(line: &str) -> Option<String> {
        let text = format!("x = 1\n{line}\n");
        let found = of_lines(&text, &BTreeSet::from([1]));
        let whole = applied(&text, found.get(&1)?.iter());
        whole.lines().nth(1).map(str::to_owned)
    }

    #[test]
    fn lines_of_look_alikes_and_of_foreign_numbers_are_repaired() {
        for (line, plain) in [
            ("a = [“relu”, \"tanh\"]", "a = [\"relu\", \"tanh\"]"),
            ("a = [\"relu”, ‘tanh’] # “so”", "a = [\"relu\", \"tanh\"] # “so”"),
            ("a = „relu“", "a = \"relu\""),
            ("a = 1e−5", "a = 1e-5"),
            ("a = [.01, 1., 2]", "a = [0.01, 1.0, 2]"),
            ("a = 0,02", "a = 0.02"),
            ("a = [0,02, 0,1]", "a = [0.02, 0.1]"),
            ("a = [1, 2, 1e-5.]", "a = [1, 2, 1e-5]"),
            ("a = [1,2,.5]", "a = [1,2,0.5]"),
            ("a = { from = .5, to = 1., count = 3 }", "a = { from = 0.5, to = 1.0, count = 3 }"),
            ("a = 1d-5", "a = 1e-5"),
            ("a = 10⁻⁵", "a = 1e-5"),
            ("a = ０．５", "a = 0.5"),
            ("a ＝ 3", "a = 3"),
            ("a\u{200b} = 3\u{a0}", "a = 3 "),
            ("\u{feff}[run]", "[run]"),
            ("[run]\u{200b}", "[run]"),
            ("a = 3;", "a = 3"),
            ("a: 3", "a = 3"),
            ("// why", "# why"),
        ] {
            assert_eq!(repaired(line).as_deref(), Some(plain), "{line}");
        }
        for line in ["a = relu", "a = [1, 2", "a = \"b", "a b", "a = 'x' y", "a = \"“\" b"] {
            assert_eq!(repaired(line), None, "{line}");
        }
    }

    #[test]
    fn a_value_by_itself_is_repaired_too() {
        let repaired = |value: &str| of_value(value, 0).map(|repairs| applied(value, repairs.iter()));
        assert_eq!(repaired("[.01, 1.]").as_deref(), Some("[0.01, 1.0]"));
        assert_eq!(repaired("[“relu”]").as_deref(), Some("[\"relu\"]"));
        assert_eq!(repaired("[5, 10"), None);
    }
}
