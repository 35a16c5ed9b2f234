//! A table's rows -> a data set: split, and standardised by its training part.

use ndarray::Array2;

use super::body::Body;
use super::shown::shown;
use crate::data::dataset::Dataset;
use crate::data::examples::Answers;
use crate::data::file::class_sizes::{check_classes, few_examples};
use crate::data::file::error::{Problem, RareNumber};
use crate::data::spec::{FewExamples, Label, TargetKind, TestFraction};
use crate::data::split::{Split, standardise};

/// A column with no more different whole numbers may well be a class.
const FEW_VALUES: usize = 20;

/// A table as numbers, in the order of the file.
#[derive(Debug)]
pub(super) struct NumberTable {
    /// What was read, without its numbers and answers.
    pub(super) body: Body,
    /// (examples, inputs)
    pub(super) x: Array2<f64>,
    pub(super) answers: Answers,
    /// The names of the classes, in the order of their numbers.
    pub(super) names: Vec<Box<str>>,
    /// Whether a class is a number that is written in several ways.
    pub(super) has_aliases: bool,
}

impl NumberTable {
    pub(super) fn of(mut body: Body, target: TargetKind) -> Self {
        let (examples, inputs) = (body.examples, body.inputs().count());
        let x = std::mem::take(&mut body.x);
        let x = Array2::from_shape_vec((examples, inputs), x).expect("every row is complete");
        let (values, classes) = (std::mem::take(&mut body.values), std::mem::take(&mut body.classes));
        let has_aliases = classes.has_aliases();
        let (names, answers) = match target {
            TargetKind::Class => {
                let (names, labels) = classes.sorted();
                let count = names.len();
                (names, Answers::Classes { labels, count })
            }
            TargetKind::Regression => {
                let values = Array2::from_shape_vec((examples, 1), values).expect("one value for each example");
                (Vec::new(), Answers::Values(values))
            }
        };
        Self { body, x, answers, names, has_aliases }
    }

    /// The data set, and what makes its split doubtful. `asked` is the column of answers that the config names.
    pub(super) fn divided(
        &self,
        share: TestFraction,
        asked: &Label,
    ) -> Result<(Dataset, Option<FewExamples>), Problem> {
        let examples = self.x.nrows();
        let (split, few) = match &self.answers {
            Answers::Classes { labels, count } => {
                let split = Split::stratified(labels, share);
                let name = |class: usize| shown(&self.names[class]);
                check_classes(labels, *count, &split.train, name)
                    .map_err(|problem| self.rare_number(problem, asked))?;
                let few = few_examples(labels, *count, split.test.len(), name);
                (split, few)
            }
            Answers::Values(values) => {
                let split = Split::evenly_spaced(&(0..examples).collect::<Vec<_>>(), share);
                let Some(&first) = split.train.first() else { return Err(Problem::TooFewExamples { examples }) };
                let value = values[[first, 0]];
                if split.train.iter().all(|&row| values[[row, 0]] == value) {
                    return Err(Problem::ConstantTarget { value: value.to_string() });
                }
                let few = few_examples(&[], 0, split.test.len(), |_| String::new());
                (split, few)
            }
        };
        let mut data = split.of(&self.x, &self.answers);
        let inputs: Vec<usize> = self.body.inputs().collect();
        standardise(&mut data.train.x, &mut data.test.x)
            .map_err(|input| Problem::Spread { column: self.body.column(inputs[input]) })?;
        if let (Answers::Values(train), Answers::Values(test)) = (&mut data.train.answers, &mut data.test.answers) {
            standardise(train, test).map_err(|_| Problem::Spread { column: self.body.column(self.body.label) })?;
        }
        Ok((data, few))
    }

    /// How many examples each class has; empty for numbers to learn.
    pub(super) fn class_sizes(&self) -> Vec<usize> {
        let Answers::Classes { labels, count } = &self.answers else { return Vec::new() };
        let mut sizes = vec![0; *count];
        labels.iter().for_each(|&label| sizes[label] += 1);
        sizes
    }

    /// A class that is a number and has few examples may be a number to learn, or another column be the class.
    fn rare_number(&self, problem: Problem, asked: &Label) -> Problem {
        match problem {
            Problem::NotInTraining { class: number, examples, more } if number.parse::<f64>().is_ok() => {
                let column = self.body.column(self.body.label);
                let (column, likelier) = match asked {
                    Label::Last => (format!("the last column, {column},"), self.class_like_column()),
                    Label::Name(_) | Label::Number(_) => (format!("column {column}"), None),
                };
                Problem::NumberNotInTraining(Box::new(RareNumber { number, examples, more, column, likelier }))
            }
            other => other,
        }
    }

    /// The input with the fewest different values, where it has few and all are whole numbers.
    fn class_like_column(&self) -> Option<String> {
        let inputs: Vec<usize> = self.body.inputs().collect();
        let different = |input: usize| {
            let mut values: Vec<f64> = Vec::new();
            for &x in self.x.column(input) {
                if x.fract() != 0.0 || values.len() > FEW_VALUES {
                    return None;
                }
                if !values.contains(&x) {
                    values.push(x);
                }
            }
            ((2..=FEW_VALUES).contains(&values.len())).then_some(values.len())
        };
        let (input, count) = (0..inputs.len())
            .filter_map(|input| Some((input, different(input)?)))
            .min_by_key(|&(input, count)| (count, input))?;
        Some(format!("column {}, of {count} different numbers,", self.body.column(inputs[input])))
    }
}
