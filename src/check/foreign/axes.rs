//! Which run a row belongs to: by the values of the swept axes, however the other program wrote them.

use std::collections::HashMap;

use csv::StringRecord;

use super::cells::{Numbers, truth};
use crate::config::{closest, quoted};
use crate::plan::Plan;
use crate::spec::{Precision, Shown};

/// A value by what it is, and not by how it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value {
    Truth(bool),
    Whole(u64),
    /// The bits of a number.
    Number(u64),
    Text(String),
}

/// The values of an axis in the plan, each with its number.
#[derive(Debug)]
struct Axis {
    name: String,
    /// The values in the order of the plan, as tables show them.
    shown: Vec<Shown>,
    numbers: HashMap<Value, u32>,
    /// Numbers that are not whole, rounded as float32 or 15 digits round them; none where several round to one.
    rounded: HashMap<Rounded, Option<u32>>,
}

/// A number as far as a float32 or R's 15 digits can tell it from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Rounded {
    Single(u32),
    Digits(String),
}

/// What a run's rows must fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Which run.
    pub(super) run: usize,
    /// Hidden layers and the head.
    pub(super) layers: usize,
    /// `train.steps`.
    pub(super) steps: usize,
    /// How its numbers are recorded.
    pub(super) precision: Precision,
}

impl Shape {
    /// Takes the shape of a run of the plan.
    pub(super) fn of(plan: &Plan, run: usize) -> Self {
        let spec = plan.spec(run);
        let layers = spec.model.hidden_layers() + 1;
        Self { run, layers, steps: spec.train.steps.get(), precision: spec.train.precision }
    }
}

/// The axes of a plan, and the run of the last row that was asked about: nearly always that of the next one, too.
#[derive(Debug)]
pub(super) struct Axes<'a> {
    plan: &'a Plan,
    /// The column of each axis.
    columns: Vec<usize>,
    values: Vec<Axis>,
    runs: HashMap<Vec<u32>, usize>,
    last: Option<(Vec<String>, Shape)>,
}

impl<'a> Axes<'a> {
    /// Takes the axes of a plan in a file with these columns for them.
    pub(super) fn of(plan: &'a Plan, columns: Vec<usize>) -> Self {
        let mut axes: Vec<Axis> = plan.columns().iter().map(|column| Axis::named(&column.name)).collect();
        let runs = plan.runs().map(|run| {
            let cells = plan.axis_cells(run);
            (axes.iter_mut().zip(cells).map(|(axis, cell)| axis.number(cell)).collect(), run)
        });
        let runs = runs.collect();
        axes.iter_mut().for_each(Axis::round);
        Self { plan, columns, values: axes, runs, last: None }
    }

    /// Finds the run of a row, whose cells stand `shift` to the right of their names.
    pub(super) fn run(&mut self, row: &StringRecord, shift: usize, numbers: &Numbers) -> Result<Shape, String> {
        let cell = |column: &usize| super::rows::cell(row, column + shift);
        if let Some((cells, shape)) = &self.last
            && cells.iter().zip(&self.columns).all(|(last, column)| last == cell(column))
        {
            return Ok(*shape);
        }
        let cells: Vec<&str> = self.columns.iter().map(cell).collect();
        let found: Vec<Option<u32>> =
            self.values.iter().zip(&cells).map(|(axis, cell)| axis.find(cell, numbers)).collect();
        let values: Option<Vec<u32>> = found.iter().copied().collect();
        let Some(&run) = values.as_ref().and_then(|values| self.runs.get(values)) else {
            return Err(self.unknown(&cells, &found, numbers));
        };
        let shape = Shape::of(self.plan, run);
        self.last = Some((cells.into_iter().map(str::to_owned).collect(), shape));
        Ok(shape)
    }

    fn unknown(&self, cells: &[&str], found: &[Option<u32>], numbers: &Numbers) -> String {
        let owned: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let which = format!("the config has no run with {}", named(self.plan, &owned));
        let bad = self.values.iter().zip(cells).zip(found).find(|(_, found)| found.is_none());
        match bad {
            Some(((axis, cell), _)) => format!("{which}: {}", axis.why_not(cell, numbers)),
            None => format!("{which}: it has each of these values, and not all of them together"),
        }
    }
}

impl Axis {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), shown: Vec::new(), numbers: HashMap::new(), rounded: HashMap::new() }
    }

    /// Returns the number of a value, which is a new one if nobody asked for it before.
    fn number(&mut self, shown: Shown) -> u32 {
        let next = u32::try_from(self.shown.len()).expect("a plan has fewer than 2^32 runs");
        *self.numbers.entry(Value::of(&shown)).or_insert_with(|| {
            self.shown.push(shown);
            next
        })
    }

    /// Notes what each number is rounded to, once all are known.
    fn round(&mut self) {
        for (number, shown) in (0_u32..).zip(&self.shown) {
            if let Shown::Float(x) = shown {
                self.rounded.entry(Rounded::of(*x)).and_modify(|known| *known = None).or_insert(Some(number));
            }
        }
    }

    /// Returns the number of the value that a cell holds.
    fn find(&self, cell: &str, numbers: &Numbers) -> Option<u32> {
        let known = |value: Value| self.numbers.get(&value).copied();
        match self.shown.first()? {
            Shown::Bool(_) => known(Value::Truth(truth(cell)?)),
            Shown::Int(_) => known(Value::Whole(numbers.whole(cell)?)),
            Shown::Float(_) => {
                let x = numbers.parsed(cell)?;
                known(Value::Number((x + 0.0).to_bits())).or_else(|| *self.rounded.get(&Rounded::of(x))?)
            }
            // A number among words is in brackets, so that readers take the column for text.
            Shown::Text(_) => known(Value::Text(cell.to_owned()))
                .or_else(|| known(Value::Text(format!("[{}]", numbers.whole(cell)?)))),
        }
    }

    /// Says why a cell is none of the values.
    fn why_not(&self, cell: &str, numbers: &Numbers) -> String {
        const SHOWN: usize = 8;
        let name = &self.name;
        let mut values: Vec<String> = self.shown.iter().take(SHOWN).map(ToString::to_string).collect();
        if self.shown.len() > SHOWN {
            values.push(format!("{} more", self.shown.len() - SHOWN));
        }
        let has = format!("its {name} is {}", values.join(", "));
        if let Some(what) = super::cells::what_it_is(cell) {
            return format!("{has}, and {} is none of them; {what}", quoted(cell));
        }
        if let (Some(Shown::Float(_)), Some(x)) = (self.shown.first(), numbers.parsed(cell))
            && self.rounded.get(&Rounded::of(x)) == Some(&None)
        {
            return format!("{has}, and {} may be several of them: write {name} with all its digits", quoted(cell));
        }
        let words = self.shown.iter().filter_map(|shown| match shown {
            Shown::Text(text) => Some(text.as_str()),
            Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) => None,
        });
        match closest(cell, words) {
            Some(near) => format!("{has}; write {near} in place of {}", quoted(cell)),
            None => format!("{has}, and {} is none of them", quoted(cell)),
        }
    }
}

impl Value {
    fn of(shown: &Shown) -> Self {
        match shown {
            Shown::Bool(truth) => Self::Truth(*truth),
            Shown::Int(whole) => Self::Whole(*whole),
            Shown::Float(x) => Self::Number((x + 0.0).to_bits()),
            Shown::Text(text) => Self::Text(text.clone()),
        }
    }
}

impl Rounded {
    fn of(x: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is the purpose")]
        let single = x as f32;
        if single.is_normal() { Self::Single(single.to_bits()) } else { Self::Digits(format!("{x:.14e}")) }
    }
}

/// Writes the axes' values for messages: on one line, whatever the cells hold.
pub(super) fn named(plan: &Plan, values: &[String]) -> String {
    let named = plan.columns().iter().zip(values);
    named.map(|(column, value)| format!("{}={}", column.name, unquoted(value))).collect::<Vec<_>>().join(" ")
}

/// Writes a run's axes for messages.
pub(super) fn named_run(plan: &Plan, run: usize) -> String {
    let values: Vec<String> = plan.axis_cells(run).iter().map(ToString::to_string).collect();
    let named = if values.is_empty() { "no swept key".to_owned() } else { named(plan, &values) };
    format!("the run with {named}")
}

/// Quotes a cell, unless it needs no quotes.
fn unquoted(cell: &str) -> String {
    let quoted = quoted(cell);
    if quoted.len() == cell.len() + 2 { cell.to_owned() } else { quoted }
}
