//! The layers of a trace: numbers or names, and their order in each run, from the first to the head.

use std::collections::HashMap;

use super::axes::named_run;
use super::cells::{Numbers, hint};
use super::error::Problem;
use super::exports::natural;
use super::row::Row;
use crate::config::quoted;
use crate::plan::Plan;

/// How a file tells layers apart: by what its first row has.
#[derive(Debug, Default)]
pub(super) enum Labels {
    /// No row was read.
    #[default]
    Unknown,
    /// Each by its number.
    Numbers,
    /// Each by its name. A layer's id is the place of its name.
    Names(HashMap<String, u32>, Vec<String>),
}

/// Layers that a message names at most.
const SHOWN: usize = 16;

impl Labels {
    /// Returns the id of the layer in a cell.
    pub(super) fn id(&mut self, cell: &str, numbers: &Numbers) -> Result<u32, String> {
        if cell.is_empty() {
            return Err("the cell of its layer is empty".to_owned());
        }
        if matches!(self, Self::Unknown) {
            let is_number = numbers.whole(cell).is_some();
            *self = if is_number { Self::Numbers } else { Self::Names(HashMap::new(), Vec::new()) };
        }
        match self {
            Self::Unknown | Self::Numbers => {
                let number = numbers.whole(cell).ok_or_else(|| {
                    let hint = hint(cell);
                    let said =
                        if hint.is_empty() { "; write numbers in all rows, or names in all".to_owned() } else { hint };
                    format!(
                        "{} is no layer's number: expected a whole number, as in the rows above{said}",
                        quoted(cell)
                    )
                })?;
                if number == 0 {
                    return Err(
                        "layer 0: layers are counted from 1, and the last is the head; add 1 to each".to_owned()
                    );
                }
                u32::try_from(number).map_err(|_| format!("layer {number}: no net has so many layers"))
            }
            Self::Names(ids, names) => {
                if let Some(id) = ids.get(cell) {
                    return Ok(*id);
                }
                let id = u32::try_from(names.len()).expect("there are fewer rows than 2^32");
                ids.insert(cell.to_owned(), id);
                names.push(cell.to_owned());
                Ok(id)
            }
        }
    }

    /// Names a layer for messages.
    pub(super) fn shown(&self, id: u32) -> String {
        match self {
            Self::Unknown | Self::Numbers => id.to_string(),
            Self::Names(_, names) => quoted(&names[id as usize]),
        }
    }

    /// Says which layer is which where that is not plain: for names, and for numbers of which a role made another the
    /// head. An order that was meant otherwise turns a vanishing gradient into an exploding one.
    pub(super) fn mapping(&self, order: &[u32]) -> Option<String> {
        let is_plain = match self {
            Self::Unknown => true,
            Self::Numbers => order.is_sorted(),
            Self::Names(..) => false,
        };
        let [hidden @ .., head] = order else { return None };
        (!is_plain).then(|| {
            let first = hidden.first().map_or(String::new(), |first| format!(", layer 1 being {}", self.shown(*first)));
            format!(
                "layers from the input to the head: {}; the head is {}{first}. If that is not their order, number them 1, 2, \
                 .. in the column layer",
                self.all_shown(hidden),
                self.shown(*head)
            )
        })
    }

    fn all_shown(&self, ids: &[u32]) -> String {
        let mut shown: Vec<String> = ids.iter().take(SHOWN).map(|id| self.shown(*id)).collect();
        if ids.len() > SHOWN {
            shown.push(format!("and {} more", ids.len() - SHOWN));
        }
        shown.join(", ")
    }
}

/// What is known of a run's layers.
pub(super) struct Layers<'a> {
    pub(super) plan: &'a Plan,
    pub(super) labels: &'a Labels,
    pub(super) run: usize,
    /// How many layers there must be: the hidden layers of the run's spec, and the head.
    pub(super) needed: usize,
    /// Whether rows of blocks were left out, so that numbers may have gaps.
    pub(super) has_gaps: bool,
}

impl Layers<'_> {
    /// Returns the layers from the first to the head. `rows` are the run's by step and layer, each layer of a step
    /// once; `first` are the layers of the first step in the order of the file.
    pub(super) fn order(&self, first: &[u32], rows: &[Row]) -> Result<Vec<u32>, Problem> {
        let mut order = match self.labels {
            Labels::Names(..) => {
                self.same_at_every_step(rows)?;
                self.as_many_as_needed(first)?;
                self.is_not_alphabetical(first)?;
                first.to_vec()
            }
            Labels::Unknown | Labels::Numbers if self.has_gaps => {
                self.same_at_every_step(rows)?;
                let mut order = first.to_vec();
                order.sort_unstable();
                self.as_many_as_needed(&order)?;
                order
            }
            Labels::Unknown | Labels::Numbers => self.numbered(rows)?,
        };
        let mut heads: Vec<u32> = rows.iter().filter(|row| row.is_head).map(|row| row.layer).collect();
        heads.sort_unstable();
        heads.dedup();
        match heads.as_slice() {
            [] => {}
            [head] => {
                order.retain(|layer| layer != head);
                order.push(*head);
            }
            several => {
                return Err(Problem::of_file(format!(
                    "the role of several layers of {} is head: {}",
                    self.of_run(),
                    self.labels.all_shown(several)
                )));
            }
        }
        Ok(order)
    }

    /// Returns the layers 1, .., L + 1, all of which must be there at every step.
    fn numbered(&self, rows: &[Row]) -> Result<Vec<u32>, Problem> {
        let needed = u32::try_from(self.needed).expect("a config has at most 10^9 layers");
        let steps = || rows.chunk_by(|a, b| a.step == b.step);
        // A step's rows are by layer, and each is there once.
        let has = |step: &[Row], layers: u32| step.iter().map(|row| row.layer).eq(1..=layers);
        if steps().all(|step| has(step, needed)) {
            return Ok((1..=needed).collect());
        }
        // The same layers at every step are those of a net of another depth.
        let first = steps().next().map_or(0, <[Row]>::len);
        let found = u32::try_from(first).ok().filter(|found| steps().all(|step| has(step, *found)));
        let depth = found.map_or(String::new(), |found| format!("; {}", self.depth(&(1..=found).collect::<Vec<_>>())));
        if let Some(row) = rows.iter().filter(|row| row.layer > needed).min_by_key(|row| row.line) {
            let text = format!("layer {}: layers are 1 to {}, and {needed} is the head{depth}", row.layer, needed - 1);
            return Err(Problem::at(row.line.into(), text));
        }
        let step = steps().find(|step| !has(step, needed)).expect("one of them is not whole");
        let missing = (1..).zip(step).find(|(layer, row)| row.layer != *layer).map_or_else(
            || u32::try_from(step.len()).expect("a trace has fewer than 2^32 rows") + 1,
            |(layer, _)| layer,
        );
        Err(self.not_there(missing, step[0].step, &depth))
    }

    fn not_there(&self, layer: u32, step: u32, more: &str) -> Problem {
        let layer = self.labels.shown(layer);
        Problem::of_file(format!("layer {layer} of step {step} is not there for {}{more}", self.of_run()))
    }

    /// Holds the layers of every step against those of the first.
    fn same_at_every_step(&self, rows: &[Row]) -> Result<(), Problem> {
        let mut steps = rows.chunk_by(|a, b| a.step == b.step);
        let Some(first) = steps.next() else { return Ok(()) };
        for step in steps {
            let layers = |rows: &[Row]| rows.iter().map(|row| row.layer).collect::<Vec<u32>>();
            let lacks = |rows: &[Row], others: &[Row]| {
                let known = layers(rows);
                layers(others).into_iter().find(|layer| known.binary_search(layer).is_err())
            };
            let (first_step, this_step) = (first[0].step, step[0].step);
            if let Some(layer) = lacks(step, first) {
                return Err(self.not_there(layer, this_step, &format!(", and it is at step {first_step}")));
            }
            if let Some(layer) = lacks(first, step) {
                return Err(self.not_there(layer, first_step, &format!(", and it is at step {this_step}")));
            }
        }
        Ok(())
    }

    fn as_many_as_needed(&self, found: &[u32]) -> Result<(), Problem> {
        if found.len() == self.needed { Ok(()) } else { Err(Problem::of_file(self.depth(found))) }
    }

    /// Says what to do about a net of as many layers as were found.
    fn depth(&self, found: &[u32]) -> String {
        let (count, needed) = (found.len(), self.needed);
        let spec = self.plan.spec(self.run);
        let are = if count == 1 { "1 layer was".to_owned() } else { format!("{count} layers were") };
        let shown = self.labels.all_shown(found);
        let wants = format!("{are} found for {}: {shown}; its config has {} and the head", self.of_run(), needed - 1);
        let biases = found.iter().filter(|id| self.labels.shown(**id).contains("bias")).count();
        if biases > 0 && count - biases == needed {
            return format!("{wants}: leave out the rows of biases, which are part of their layers");
        }
        let Some(hidden) = count.checked_sub(1).filter(|hidden| *hidden > 0) else {
            return format!("{wants}: a net has at least one layer before its head");
        };
        let is_swept = self.plan.columns().iter().any(|column| column.name == "depth");
        if !spec.model.widths.is_empty() {
            format!("{wants}: give model.widths {hidden} widths, or leave rows out")
        } else if is_swept {
            format!("{wants}: write {hidden} for its depth, here and in the config's grid, or leave rows out")
        } else {
            format!("{wants}: write `depth = {hidden}` under [run.model], or leave rows out")
        }
    }

    /// Names in the order of a dictionary are those of a table that was sorted or pivoted, where `layer10` comes before
    /// `layer2`: which layer is the first would be chance.
    fn is_not_alphabetical(&self, order: &[u32]) -> Result<(), Problem> {
        let Labels::Names(_, names) = self.labels else { return Ok(()) };
        let names: Vec<&str> = order.iter().map(|id| names[*id as usize].as_str()).collect();
        let wrong = names.windows(2).find(|pair| natural(pair[0]) > natural(pair[1]));
        match wrong {
            Some(pair) if names.is_sorted() => Err(Problem::of_file(format!(
                "the layers of {} are in the order of the alphabet, {} before {}: write their rows in the order of the \
                 net, or numbers in place of names",
                self.of_run(),
                quoted(pair[0]),
                quoted(pair[1])
            ))),
            Some(_) | None => Ok(()),
        }
    }

    fn of_run(&self) -> String {
        named_run(self.plan, self.run)
    }
}

/// Holds the order of a run's layers against that of an earlier run of as many: names mean the same in both.
pub(super) fn same_in_both(
    plan: &Plan,
    labels: &Labels,
    (run, order): (usize, &[u32]),
    (other, of_other): (usize, &[u32]),
) -> Result<(), Problem> {
    if order == of_other {
        return Ok(());
    }
    let (run, other) = (named_run(plan, run), named_run(plan, other));
    let lacks = |order: &[u32], of_other: &[u32]| of_other.iter().copied().find(|layer| !order.contains(layer));
    let text = match (lacks(order, of_other), lacks(of_other, order)) {
        (Some(layer), _) => format!("layer {} is not there for {run}, and {other} has it", labels.shown(layer)),
        (None, Some(layer)) => format!("layer {} is not there for {other}, and {run} has it", labels.shown(layer)),
        (None, None) => format!(
            "the layers come in another order for {run} ({}) than for {other} ({}): write the rows of all runs in the order \
             of the net",
            labels.all_shown(order),
            labels.all_shown(of_other)
        ),
    };
    Err(Problem::of_file(text))
}
