//! Lines that are TOML but for a few characters: look-alikes of plain ones, and numbers as other languages write them.
//!
//! What to write is believed only where it works: the whole text is read again, as a config, with every line repaired.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::de::DeTable;

use super::Lines;
use crate::config::parse::errors_of_meaning;
use crate::config::suggest::alike::{DOUBLE_QUOTES, SINGLE_QUOTES, escape, plain};
use crate::config::suggest::list::lists;
use crate::config::suggest::number::{any_numbers, plain_numbers, whole};
use crate::config::suggest::shown;
use crate::config::{Diagnostic, Place, Source, tree};

/// A stretch of a text, and what to write there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Repair {
    pub(super) span: Range<usize>,
    /// The first is tried; a number of two readings has both.
    pub(super) write: Vec<String>,
}

/// What is to be written on a line.
#[derive(Debug)]
pub(super) struct Repaired {
    pub(super) repairs: Vec<Repair>,
    /// What is wrong with the line after that, if anything is.
    pub(super) left: Option<Diagnostic>,
}

/// What the commas and the numbers of a line are taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Readings {
    /// A comma parts the items of a list.
    Plain,
    /// A comma between digits is that of a decimal.
    DecimalCommas,
    /// A number that begins with 0 is a whole one.
    LeadingZeros,
}

/// Whether a number without a fraction is written as a whole one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Numbers {
    AsWritten,
    Whole,
}

/// A line this long was not typed.
const LONGEST: usize = 4096;

/// Nor was a text this long, which is read once more for every reading.
const LONGEST_TEXT: usize = 1 << 18;

/// Lines whose choices are tried one by one.
const MOST_CHOICES: usize = 8;

/// Everything that a line may have been meant as, the likeliest first.
fn readings(line: &str, start: usize) -> Vec<Vec<Repair>> {
    let mut all = Vec::new();
    for numbers in [Numbers::AsWritten, Numbers::Whole] {
        for readings in [Readings::Plain, Readings::DecimalCommas, Readings::LeadingZeros] {
            all.push(of_line(line, start, readings, numbers));
        }
    }
    all.extend(of_list(line, start));
    all.extend(of_backslashes(line, start));
    all.retain(|repairs| !repairs.is_empty());
    let mut once: Vec<Vec<Repair>> = Vec::new();
    for repairs in all {
        if !once.contains(&repairs) {
            once.push(repairs);
        }
    }
    once
}

/// The repairs of the lines, by number from 0, on which the parser found an error. The text with all of them is read as a
/// config: of a line's readings the first is taken whose values its keys take, else the first that is TOML.
pub(super) fn of_lines(text: &str, wrong: &BTreeSet<usize>) -> BTreeMap<usize, Repaired> {
    if text.len() > LONGEST_TEXT {
        return BTreeMap::new();
    }
    let mut start = 0;
    let mut open: BTreeMap<usize, Vec<Vec<Repair>>> = BTreeMap::new();
    for (number, line) in text.split('\n').enumerate() {
        if wrong.contains(&number) && line.len() <= LONGEST {
            open.insert(number, readings(line, start));
        }
        start += line.len() + 1;
    }
    let (mut right, mut better): (BTreeMap<usize, Repaired>, BTreeMap<usize, Repaired>) = Default::default();
    let most = open.values().map(Vec::len).max().unwrap_or(0);
    for reading in 0..most {
        let mut tried: BTreeMap<usize, &[Repair]> =
            right.iter().map(|(number, found)| (*number, found.repairs.as_slice())).collect();
        let new = open.iter().filter(|(number, _)| !right.contains_key(number));
        let new: Vec<_> = new.filter_map(|(number, all)| Some((*number, all.get(reading)?.as_slice()))).collect();
        if new.is_empty() {
            continue;
        }
        tried.extend(new.iter().copied());
        let outcomes = tried_out(text, &tried);
        let (mut fine, mut left) = (Vec::new(), Vec::new());
        for (number, repairs) in new {
            match &outcomes[&number] {
                Outcome::Fine => fine.push((number, repairs.to_vec())),
                Outcome::Left(error) => left.push((number, repairs.to_vec(), error.clone())),
                Outcome::Syntax => {}
            }
        }
        for (number, repairs) in fine {
            let repairs = if open.len() > MOST_CHOICES { repairs } else { fitting(text, repairs) };
            right.insert(number, Repaired { repairs, left: None });
        }
        for (number, repairs, error) in left {
            better.entry(number).or_insert(Repaired { repairs, left: Some(error) });
        }
    }
    better.extend(right);
    better
}

/// How a line is read after its repair.
enum Outcome {
    /// Without an error.
    Fine,
    /// As TOML, with an error of meaning.
    Left(Diagnostic),
    /// With an error of syntax.
    Syntax,
}

fn tried_out(text: &str, tried: &BTreeMap<usize, &[Repair]>) -> BTreeMap<usize, Outcome> {
    let repaired = applied(text, tried.values().copied().flatten());
    let (table, errors) = DeTable::parse_recoverable(&repaired);
    let source = Source::new("", repaired.as_str());
    let meaning = errors_of_meaning(&source, tree::entries(&source, 0, table.get_ref()));
    let lines = Lines::of(text);
    let (mut added, mut removed) = (0, 0);
    let mut outcomes = BTreeMap::new();
    for (&number, &repairs) in tried {
        // A repair may write a line break: where the line is now is counted in bytes.
        let line = lines.span(number, text);
        let written: usize = repairs.iter().map(|repair| repair.write[0].len()).sum();
        let replaced: usize = repairs.iter().map(|repair| repair.span.len()).sum();
        let begin = line.start + added - removed;
        (added, removed) = (added + written, removed + replaced);
        let end = line.end + added - removed;
        let is_here = |at: usize| (begin..=end).contains(&at);
        let outcome = if errors.iter().any(|error| error.span().is_none_or(|span| is_here(span.start))) {
            Outcome::Syntax
        } else {
            let left = meaning.iter().find(|d| {
                d.is_error() && d.place().is_some_and(|place| !place.span.is_empty() && is_here(place.span.start))
            });
            left.map_or(Outcome::Fine, |error| Outcome::Left(error.clone()))
        };
        outcomes.insert(number, outcome);
    }
    outcomes
}

/// Repairs that leave out each choice which makes an error.
fn fitting(text: &str, repairs: Vec<Repair>) -> Vec<Repair> {
    if repairs.iter().all(|repair| repair.write.len() < 2) {
        return repairs;
    }
    let number = Lines::of(text).number(repairs[0].span.start);
    let fits = |at: usize, choice: &String| {
        let mut one = repairs.clone();
        one[at].write = vec![choice.clone()];
        let outcomes = tried_out(text, &BTreeMap::from([(number, one.as_slice())]));
        matches!(outcomes[&number], Outcome::Fine)
    };
    let fitting = |(at, repair): (usize, &Repair)| {
        let write: Vec<String> = repair.write.iter().filter(|choice| fits(at, choice)).cloned().collect();
        Repair { write: if write.is_empty() { repair.write.clone() } else { write }, ..repair.clone() }
    };
    repairs.iter().enumerate().map(fitting).collect()
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

/// The error of a line or of an argument that is TOML but for some repairs; its text is at `line`.
pub(super) fn error(source: &Arc<Source>, line: Range<usize>, repaired: &Repaired) -> Diagnostic {
    const LABELS: usize = 8;
    let repairs = &repaired.repairs;
    let text = source.text();
    let odd = |repair: &Repair| {
        let mut given = text[repair.span.clone()].chars();
        given.find(|c| plain(*c).is_some()).filter(|_| repair.span.len() <= 4 || repair.write.len() == 1)
    };
    let given = |repair: &Repair| shown(&text[repair.span.clone()]);
    let first = &repairs[0];
    let place = |repair: &Repair| Place::new(source, repair.span.clone());
    if let (None, Some(left)) = (odd(first), &repaired.left) {
        // No number and no list of TOML that the key takes.
        let error = Diagnostic::error(left.message.clone());
        let label = left.labels.first().map_or("", |label| &label.text);
        return left.help.iter().fold(error.at(&place(first), label), |error, help| error.help(help.clone()));
    }
    let message = match odd(first) {
        Some(c) if repairs.len() == 1 => format!("{} is no character of TOML here", escape(c)),
        Some(_) => format!("{} characters are none of TOML here", repairs.len()),
        None => format!("{} is not written as TOML has it", given(first)),
    };
    let label = |repair: &Repair| {
        let write = match repair.write.as_slice() {
            [nothing] if nothing.is_empty() => "leave it out".to_owned(),
            [space] if space == " " => "write a space".to_owned(),
            [line] if line == "\n" => "write a line break".to_owned(),
            choices => format!("write {}", choices.join(" or ")),
        };
        odd(repair).map_or_else(|| write.clone(), |c| format!("{}: {write}", escape(c)))
    };
    let error = repairs
        .iter()
        .take(LABELS)
        .fold(Diagnostic::error(message), |error, repair| error.at(&place(repair), label(repair)));
    if let Some(left) = &repaired.left {
        let expected = left.labels.first().map(|label| label.text.as_str()).filter(|text| !text.is_empty());
        let expected = expected.map(|text| format!(": {text}")).unwrap_or_default();
        let error = error.help(format!("after that {}{expected}", left.message));
        return left.help.iter().fold(error, |error, help| error.help(help.clone()));
    }
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
    let whole = Some(whole.trim()).filter(|whole| !whole.contains('\n'));
    error.help_if(whole.map(|whole| format!("write {whole}")))
}

fn of_line(line: &str, start: usize, readings: Readings, numbers: Numbers) -> Vec<Repair> {
    let inside = !line.contains('=') && line.trim_start().starts_with(|c: char| !c.is_alphabetic() && c != '[');
    let brackets = usize::from(inside);
    let scanner = Scanner { readings, numbers, has_key: inside, brackets, found: Vec::new() };
    moved(scanner.scan(line), start)
}

/// Where the value of a line stands, without a comment behind it; none where it may go on below.
fn value_of(line: &str) -> Option<Range<usize>> {
    let start = line.find('=')? + 1;
    let value = &line[start..];
    let end = if value.contains(['"', '\'']) { value.len() } else { value.find('#').unwrap_or(value.len()) };
    let value = &value[..end];
    let start = start + value.len() - value.trim_start().len();
    (!value.trim().is_empty()).then(|| start..start + value.trim().len())
}

/// A line whose value is a number, or a list, as other languages write it.
fn of_list(line: &str, start: usize) -> Vec<Vec<Repair>> {
    let Some(value) = value_of(line) else { return Vec::new() };
    let span = start + value.start..start + value.end;
    let numbers = any_numbers(&line[value.clone()]).into_iter().map(|number| vec![number]);
    numbers.chain(lists(&line[value])).map(|write| vec![Repair { span: span.clone(), write }]).collect()
}

/// A line whose value is a string in which `\` is no escape, such as a path of Windows: in single quotes it stays as it is.
fn of_backslashes(line: &str, start: usize) -> Option<Vec<Repair>> {
    let value = value_of(line)?;
    let text = line[value.clone()].strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = text.contains('\\') && !text.contains(['"', '\'']);
    let span = start + value.start..start + value.end;
    is_plain.then(|| vec![Repair { span, write: vec![format!("'{text}'")] }])
}

fn moved(repairs: Vec<Repair>, by: usize) -> Vec<Repair> {
    repairs.into_iter().map(|r| Repair { span: r.span.start + by..r.span.end + by, ..r }).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(line: &str) -> Option<String> {
        let text = format!("x = 1\n{line}\n");
        let found = of_lines(&text, &BTreeSet::from([1]));
        let whole = applied(&text, found.get(&1)?.repairs.iter());
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

    /// A line below `[grid]` or `[run]`, and what to write in its place.
    #[test]
    fn what_is_to_be_written_is_a_value_of_the_key() {
        let repaired = |section: &str, line: &str| {
            let text = format!("name = \"a\"\n[{section}]\n{line}\n");
            let found = of_lines(&text, &BTreeSet::from([2]));
            let one = found.get(&2).filter(|found| found.left.is_none())?;
            let whole = applied(&text, one.repairs.iter());
            Some(whole.lines().nth(2)?.to_owned())
        };
        for (section, line, plain) in [
            ("run", "model.depth = 2,0", "model.depth = 2"),
            ("run", "train.batch_size = 64,0", "train.batch_size = 64"),
            ("run", "train.steps = 1d2", "train.steps = 100"),
            ("run", "train.steps = 1,000", "train.steps = 1000"),
            ("run", "model.widths = [8,08]", "model.widths = [8,8]"),
            ("run", "train.learning_rate = 0.1,", "train.learning_rate = 0.1"),
            ("run", "train.optimizer = ''adam''", "train.optimizer = \"adam\""),
            ("run", "data.path = \"C:\\Users\\a.csv\"", "data.path = 'C:\\Users\\a.csv'"),
            ("grid", "model.depth = [2.,3.]", "model.depth = [2,3]"),
            ("grid", "model.depth = [02,05]", "model.depth = [2,5]"),
            ("grid", "model.depth = 2,0", "model.depth = [2]"),
            ("grid", "train.learning_rate = (0.1, 0.2)", "train.learning_rate = [0.1, 0.2]"),
            ("grid", "train.learning_rate = [0.1; 0.2]", "train.learning_rate = [0.1, 0.2]"),
            ("grid", "train.learning_rate = 0,1, 0,2", "train.learning_rate = [0.1, 0.2]"),
            ("grid", "model.depth = 2-5", "model.depth = { from = 2, count = 4 }"),
            ("grid", "seed = range(5)", "seed = { from = 0, count = 5 }"),
        ] {
            assert_eq!(repaired(section, line).as_deref(), Some(plain), "{line}");
        }
        for (section, line) in [
            ("run", "model.depth = 2,5"),
            ("grid", "seed = [1,01]"),
            ("run", "seed = 0..5"),
            ("run", "model.dpeth = 2,0"),
        ] {
            assert_eq!(repaired(section, line), None, "{line}");
        }
    }
}
