//! Every reading of a wrong line, tried on the whole text: it is read again, as a config, with every line repaired.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::de::DeTable;

use super::readings::readings;
use super::written::{Repair, applied};
use crate::config::diagnose::Diagnostic;
use crate::config::syntax::lines::LineEnds;
use crate::config::text::{Entry, Source, entries};

/// Reads the tree of a text as a config: its errors of meaning. A later step than syntax, and so handed in.
pub(in crate::config) type Meaning<'a> = &'a dyn Fn(&Arc<Source>, Vec<Entry>) -> Vec<Diagnostic>;

/// What is to be written on a line.
#[derive(Debug)]
pub(in crate::config::syntax) struct Repaired {
    pub(super) repairs: Vec<Repair>,
    /// What is wrong with the line after that, if anything is.
    pub(super) left: Option<Diagnostic>,
}

/// A line this long was not typed.
const LONGEST: usize = 4096;

/// A text this long was not typed either; it would be read once more for every reading.
const LONGEST_TEXT: usize = 1 << 18;

/// Lines whose choices are tried one by one.
const MOST_CHOICES: usize = 8;

/// The repairs of the lines, by number from 0, on which the parser found an error. The text with all of them is read as a
/// config: of a line's readings the first is taken whose values its keys take, else the first that is TOML.
pub(in crate::config::syntax) fn of_lines(
    text: &str,
    wrong: &BTreeSet<usize>,
    meaning: Meaning<'_>,
) -> BTreeMap<usize, Repaired> {
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
        let outcomes = tried_out(text, &tried, meaning);
        let (mut fine, mut left) = (Vec::new(), Vec::new());
        for (number, repairs) in new {
            match &outcomes[&number] {
                Outcome::Fine => fine.push((number, repairs.to_vec())),
                Outcome::Left(error) => left.push((number, repairs.to_vec(), error.clone())),
                Outcome::Syntax => {}
            }
        }
        for (number, repairs) in fine {
            let repairs = if open.len() > MOST_CHOICES { repairs } else { fitting(text, repairs, meaning) };
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
    /// The line has no error.
    Fine,
    /// The line is TOML, with an error of meaning.
    Left(Diagnostic),
    /// The line has an error of syntax.
    Syntax,
}

/// Reads the text again with what is tried: how each of the lines is then.
fn tried_out(text: &str, tried: &BTreeMap<usize, &[Repair]>, meaning: Meaning<'_>) -> BTreeMap<usize, Outcome> {
    let repaired = applied(text, tried.values().copied().flatten());
    let (table, errors) = DeTable::parse_recoverable(&repaired);
    let source = Source::new("", repaired.as_str());
    let errors_of_meaning = meaning(&source, entries(&source, 0, table.get_ref()));
    let lines = LineEnds::of(text);
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
            let left = errors_of_meaning.iter().find(|d| {
                d.is_error() && d.place().is_some_and(|place| !place.span.is_empty() && is_here(place.span.start))
            });
            left.map_or(Outcome::Fine, |error| Outcome::Left(error.clone()))
        };
        outcomes.insert(number, outcome);
    }
    outcomes
}

/// Repairs that leave out each choice which makes an error.
fn fitting(text: &str, repairs: Vec<Repair>, meaning: Meaning<'_>) -> Vec<Repair> {
    if repairs.iter().all(|repair| repair.write.len() < 2) {
        return repairs;
    }
    let number = LineEnds::of(text).number(repairs[0].span.start);
    let fits = |at: usize, choice: &String| {
        let mut one = repairs.clone();
        one[at].write = vec![choice.clone()];
        let outcomes = tried_out(text, &BTreeMap::from([(number, one.as_slice())]), meaning);
        matches!(outcomes[&number], Outcome::Fine)
    };
    let fitting = |(at, repair): (usize, &Repair)| {
        let write: Vec<String> = repair.write.iter().filter(|choice| fits(at, choice)).cloned().collect();
        Repair { write: if write.is_empty() { repair.write.clone() } else { write }, ..repair.clone() }
    };
    repairs.iter().enumerate().map(fitting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse::errors_of_meaning;

    fn repaired(line: &str) -> Option<String> {
        let text = format!("x = 1\n{line}\n");
        let found = of_lines(&text, &BTreeSet::from([1]), &errors_of_meaning);
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
            let found = of_lines(&text, &BTreeSet::from([2]), &errors_of_meaning);
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
