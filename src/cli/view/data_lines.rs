//! What the runs of a plan learn from, in a line for each file and each kind of sequences.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{DataSource, Found, Sizes};
use crate::plan::Plan;

use crate::cli::terminal::number::{counted, thousands};

/// The most lines; more files are counted.
const SHOWN: usize = 8;

/// Writes one line for each file or kind of sequences.
pub(crate) fn data_lines(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.files().map(file).collect();
    lines.sort();
    lines.dedup();
    if lines.len() > SHOWN {
        let more = lines.split_off(SHOWN - 1).len();
        lines.push(format!("and {more} more files"));
    }
    lines.extend(sequences(plan));
    lines
}

/// Says what is worth knowing about the data: how each table was read, what in it looks odd, and rows that no epoch
/// sees.
pub(crate) fn note_lines(plan: &Plan) -> Vec<String> {
    const NOTES: usize = 24;
    let mut lines: Vec<String> = Vec::new();
    let mut files: Vec<&Found> = plan.files().collect();
    files.sort_by_key(|found| found.path());
    for found in files {
        lines.extend(found.notes.iter().map(|note| format!("{}: {note}", found.path())));
    }
    // The same file may be read in several ways; what is said of each stays in its order.
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    lines.extend(plan.left_over().iter().map(|left| {
        format!(
            "{}: batches of {} leave {} of {} training examples out of each epoch",
            left.data,
            thousands(left.batch as u64),
            thousands(left.count() as u64),
            thousands(left.train as u64)
        )
    }));
    if lines.len() > NOTES {
        let more = lines.split_off(NOTES - 1).len();
        lines.push(format!("and {more} more notes"));
    }
    lines
}

/// Says what was made of a file: whether a header or a class was taken for what it is not.
fn file(found: &Found) -> String {
    let Sizes { train, test, inputs, outputs, .. } = found.sizes;
    let [train, test] = [train, test].map(|n| thousands(n as u64));
    let answers = if outputs == 1 { "a number".into() } else { format!("{} classes", thousands(outputs as u64)) };
    format!("{}: {train} + {test} examples, {} -> {answers}", found.path(), counted(inputs, "input"))
}

/// Says how long the sequences of each source are: for a problem such as copy, no key says so.
fn sequences(plan: &Plan) -> Vec<String> {
    let mut found: BTreeMap<&str, Ranges> = BTreeMap::new();
    for spec in plan.runs().map(|run| plan.spec(run)).filter(|spec| spec.model.kind.is_recurrent()) {
        let sizes = spec.data.sizes().expect("a plan knows the sizes of its data");
        let source = spec.data.source;
        found.entry(source.name()).or_insert(Ranges { source, least: sizes, most: sizes }).add(sizes);
    }
    found.into_values().map(|ranges| ranges.line()).collect()
}

/// The smallest and the largest sizes of a source's data.
struct Ranges {
    source: DataSource,
    least: Sizes,
    most: Sizes,
}

impl Ranges {
    fn add(&mut self, sizes: Sizes) {
        let with = |a: Sizes, choose: fn(usize, usize) -> usize| Sizes {
            train: choose(a.train, sizes.train),
            test: choose(a.test, sizes.test),
            length: choose(a.length, sizes.length),
            answers: choose(a.answers, sizes.answers),
            inputs: choose(a.inputs, sizes.inputs),
            outputs: choose(a.outputs, sizes.outputs),
        };
        self.least = with(self.least, usize::min);
        self.most = with(self.most, usize::max);
    }

    /// Writes a size or its range: `50`, `10 to 50`.
    fn of(&self, size: fn(&Sizes) -> usize) -> String {
        let [least, most] = [&self.least, &self.most].map(|sizes| thousands(size(sizes) as u64));
        if least == most { least } else { format!("{least} to {most}") }
    }

    /// Writes a size or its range, with the word for what is counted.
    fn counted(&self, size: fn(&Sizes) -> usize, what: &str) -> String {
        format!("{} {what}{}", self.of(size), if size(&self.most) == 1 { "" } else { "s" })
    }

    fn line(&self) -> String {
        let name = self.source.name();
        let test = self.of(|sizes| sizes.test);
        let examples = if self.source.is_fresh() {
            format!("new examples at every step + {test} for testing")
        } else {
            format!("{} + {test} examples", self.of(|sizes| sizes.train))
        };
        let (steps, inputs) =
            (self.counted(|sizes| sizes.length, "time step"), self.counted(|sizes| sizes.inputs, "input"));
        let answer = match self.most.outputs {
            1 => "a number".into(),
            _ => format!("{} classes", self.of(|sizes| sizes.outputs)),
        };
        let each = match self.most.answers {
            1 => String::new(),
            _ => format!(" at each of the last {}", self.of(|sizes| sizes.answers)),
        };
        format!("{name}: {examples}, {steps} of {inputs} -> {answer}{each}")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn lines(config: &str) -> Vec<String> {
        let text = format!("name = \"a\"\n{config}\n");
        data_lines(&crate::plan::plan(&crate::config::Source::new("test.toml", text.as_str()), &[]).unwrap())
    }

    #[test]
    fn sequences_tell_their_time_steps_and_other_data_without_files_nothing() {
        let copy = "run.data.source = \"copy\"\nrun.model.kind = \"gru\"\n[grid]\ndata.delay = [100, 1000]";
        assert_eq!(
            lines(copy),
            [
                "copy: new examples at every step + 512 for testing, 120 to 1,020 time steps of 10 inputs -> 8 classes at \
              each of the last 10"
            ]
        );
        let grid = "run.model.kind = \"rnn\"\n[grid]\ndata.source = [\"adding\", \"digits_pixels\"]";
        assert_eq!(
            lines(grid),
            [
                "adding: new examples at every step + 512 for testing, 50 time steps of 2 inputs -> a number",
                "digits_pixels: 1,437 + 360 examples, 64 time steps of 1 input -> 10 classes"
            ]
        );
        let mixed = "run.data.source = \"noise\"\n[grid]\nmodel.kind = [\"mlp\", \"rnn\"]";
        assert_eq!(lines(mixed), ["noise: 1,024 + 0 examples, 20 time steps of 64 inputs -> 10 classes"]);
        assert!(lines("").is_empty());
    }
}
