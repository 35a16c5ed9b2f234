//! A run's rows as a trace: what their columns tell, and NaN for the rest.

use std::collections::HashMap;

use super::axes::named_run;
use super::error::Problem;
use super::row::Row;
use crate::data::{Dataset, Moments, TargetKind};
use crate::kernels::ln;
use crate::metric::{LayerReading, RowStatus, least_rms, recorded_log10, settle_underflow};
use crate::plan::Plan;
use crate::spec::{LayerMetric, Precision};
use crate::trace::{Outcome, StepReading, Trace};

/// `loss_last` is the mean of the losses that were traced at the last so many steps.
const LAST_STEPS: u32 = 20;

/// The numbers of a file's rows.
#[derive(Debug)]
pub(super) struct Table {
    /// The metrics of each row, in their order, then log10 of these, and then its loss if `has_loss`.
    pub(super) metrics: Vec<LayerMetric>,
    pub(super) logarithms: Vec<LayerMetric>,
    pub(super) has_loss: bool,
    /// Row by row.
    pub(super) numbers: Vec<f64>,
}

/// The loss of chance of each run, as far as it can be told; of data in a file, which is read once for all runs.
#[derive(Debug, Default)]
pub(super) struct Chance {
    known: HashMap<String, f64>,
}

impl Chance {
    /// Returns the loss of chance of a run: ln C for C classes, the target's variance for numbers, NaN where the data cannot be read.
    fn of(&mut self, plan: &Plan, run: usize) -> f64 {
        let data = plan.spec(run).data;
        match (data.target(), data.sizes()) {
            (TargetKind::Class, Some(sizes)) => ln(sizes.outputs as f64),
            (TargetKind::Class, None) => f64::NAN,
            (TargetKind::Regression, _) => {
                let loss = || Dataset::load(&data).map_or(f64::NAN, |data| data.loss_of_chance());
                *self.known.entry(format!("{data:?}")).or_insert_with(loss)
            }
        }
    }
}

impl Table {
    /// A run's trace. Its rows are complete, by step and layer; `order` are its layers from the first to the head.
    pub(super) fn trace(
        &self,
        plan: &Plan,
        run: usize,
        (rows, order): (&[Row], &[u32]),
        chance: &mut Chance,
    ) -> Result<Trace, Problem> {
        let mut places: Vec<u32> = order.to_vec();
        places.sort_unstable();
        let place = |layer: &u32| places.binary_search(layer).expect("it is one of them");
        let order: Vec<usize> = order.iter().map(place).collect();
        let least = match plan.spec(run).train.precision {
            Precision::F32 => least_rms::<f32>(),
            Precision::F64 => least_rms::<f64>(),
        };
        let (mut steps, mut layers) = (Vec::new(), Vec::with_capacity(rows.len()));
        let mut losses: Vec<(u32, f64)> = Vec::new();
        for rows in rows.chunk_by(|a, b| a.step == b.step) {
            let loss = self.loss(plan, run, rows)?;
            losses.extend(loss.map(|loss| (rows[0].step, loss)));
            let nan = f64::NAN;
            let (step, loss) = (rows[0].step as usize, loss.unwrap_or(nan));
            steps.push(StepReading { step, loss, accuracy: nan, total_grad_norm: nan, clip_factor: nan });
            for (i, place) in order.iter().enumerate() {
                let row = &rows[*place];
                // Nothing is judged by the head's.
                if !row.has_delta && i + 1 < order.len() {
                    return Err(Problem::at(
                        row.line.into(),
                        "there is no delta_rms: every layer has one, or none has, and then the column is left out",
                    ));
                }
                layers.push(self.reading(row));
            }
            // What the columns tell of it: an error that is 0 below one that passes has underflowed, and no unit is dead.
            let begin = layers.len() - order.len();
            settle_underflow(&mut layers[begin..], false, least, |_| false, |_| true);
        }
        let nan = f64::NAN;
        let loss_of_chance = if self.has_loss { chance.of(plan, run) } else { nan };
        let recorded = |x: f64| plan.spec(run).train.precision.recorded(x);
        Ok(Trace {
            outcome: Outcome {
                diverged_at: losses.iter().find(|(_, loss)| !loss.is_finite()).map(|(step, _)| *step as usize),
                loss_first: losses.first().filter(|(step, _)| *step == 0).map_or(nan, |(_, loss)| *loss),
                loss_last: recorded(loss_last(&losses, rows.last().map_or(0, |row| row.step))),
                accuracy_last: nan,
                loss_of_chance,
                test_loss: nan,
                test_accuracy: nan,
                parameters: 0,
            },
            inputs: Moments { inputs: 0, square: nan, variance: nan, unevenness: nan, directions: nan },
            steps,
            layers,
            through_time: None,
        })
    }

    /// The numbers of a row.
    pub(super) fn width(&self) -> usize {
        self.metrics.len() + self.logarithms.len() + usize::from(self.has_loss)
    }

    fn numbers_of(&self, row: &Row) -> &[f64] {
        let at = row.at as usize * self.width();
        &self.numbers[at..at + self.width()]
    }

    fn reading(&self, row: &Row) -> LayerReading {
        let nan = f64::NAN;
        let mut reading = LayerReading {
            grad_norm: nan,
            delta_rms: nan,
            log10_grad_norm: nan,
            log10_delta_rms: nan,
            weight_norm: nan,
            update_norm: nan,
            moved: nan,
            act_mean: nan,
            act_std: nan,
            zero_fraction: nan,
            saturated_fraction: nan,
            gains: None,
            status: RowStatus::Ok,
        };
        for (metric, number) in self.metrics.iter().zip(self.numbers_of(row)) {
            *match metric {
                LayerMetric::GradNorm => &mut reading.grad_norm,
                LayerMetric::DeltaRms => &mut reading.delta_rms,
                LayerMetric::WeightNorm => &mut reading.weight_norm,
                LayerMetric::UpdateNorm => &mut reading.update_norm,
                LayerMetric::Moved => &mut reading.moved,
                LayerMetric::RelativeUpdate => continue,
                LayerMetric::ActMean => &mut reading.act_mean,
                LayerMetric::ActStd => &mut reading.act_std,
                LayerMetric::ZeroFraction => &mut reading.zero_fraction,
                LayerMetric::SaturatedFraction => &mut reading.saturated_fraction,
            } = *number;
        }
        reading = reading.with_logarithms();
        for (metric, exact) in self.logarithms.iter().zip(&self.numbers_of(row)[self.metrics.len()..]) {
            if exact.is_nan() {
                continue;
            }
            match metric {
                LayerMetric::DeltaRms => {
                    reading.log10_delta_rms = recorded_log10(reading.delta_rms, *exact);
                }
                _ => reading.log10_grad_norm = recorded_log10(reading.grad_norm, *exact),
            }
        }
        let has_delta = row.has_delta && self.metrics.contains(&LayerMetric::DeltaRms);
        let of_grad = Some((reading.grad_norm, reading.log10_grad_norm));
        let errors = [of_grad, has_delta.then_some((reading.delta_rms, reading.log10_delta_rms))];
        let any = |is: fn((f64, f64)) -> bool| errors.into_iter().flatten().any(is);
        reading.status = if any(|(x, _)| x.is_nan()) {
            RowStatus::Nan
        } else if any(|(x, _)| x.is_infinite()) {
            RowStatus::Inf
        } else if any(|(x, log10)| x == 0.0 && log10 > f64::NEG_INFINITY) {
            RowStatus::Underflow
        } else if any(|(x, _)| x == 0.0) {
            RowStatus::Zero
        } else {
            RowStatus::Ok
        };
        reading
    }

    /// The loss of a step, which its rows agree upon; none where no row has it.
    fn loss(&self, plan: &Plan, run: usize, rows: &[Row]) -> Result<Option<f64>, Problem> {
        if !self.has_loss {
            return Ok(None);
        }
        let loss = |row: &Row| self.numbers_of(row)[self.width() - 1];
        let mut rows = rows.iter().filter(|row| row.has_loss);
        let Some(first) = rows.next() else { return Ok(None) };
        let differs = |row: &&Row| loss(row) != loss(first) && !(loss(row).is_nan() && loss(first).is_nan());
        match rows.find(differs) {
            None => Ok(Some(loss(first))),
            Some(other) => {
                let [a, b] = if first.line < other.line { [first, other] } else { [other, first] };
                Err(Problem::at(
                    b.line.into(),
                    format!(
                        "the loss of step {} is {:?} here and {:?} on line {}, for {}: a step has one loss, that of its \
                         batch, in each of its rows",
                        b.step,
                        loss(b),
                        loss(a),
                        a.line,
                        named_run(plan, run)
                    ),
                ))
            }
        }
    }
}

/// The mean of the losses that were traced at the last [`LAST_STEPS`] steps up to `last`, the last one that was traced.
/// NaN where there is none.
fn loss_last(losses: &[(u32, f64)], last: u32) -> f64 {
    let losses: Vec<f64> = losses.iter().filter(|(step, _)| step + LAST_STEPS > last).map(|(_, loss)| *loss).collect();
    losses.iter().sum::<f64>() / losses.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;
    use crate::plan::plan;

    /// The trace of a run of one hidden layer with these losses, a step each, from the file's first row on.
    fn outcome(steps: &[(u32, Option<f64>)], more: &str) -> Outcome {
        let config = format!("name = \"a\"\nrun.model.depth = 1\nrun.train.precision = \"f64\"\n{more}");
        let plan = plan(&Source::new("a.toml", config), &[]).expect("a good config");
        let mut table =
            Table { metrics: vec![LayerMetric::GradNorm], logarithms: Vec::new(), has_loss: true, numbers: Vec::new() };
        let mut rows = Vec::new();
        for (line, (step, loss)) in (2..).step_by(2).zip(steps) {
            for layer in 1..=2 {
                let at = line - 2 + layer - 1;
                let (has_loss, has_delta) = (loss.is_some(), true);
                rows.push(Row { step: *step, layer, line: line + layer - 1, at, is_head: false, has_loss, has_delta });
                table.numbers.extend([0.5, loss.unwrap_or(f64::NAN)]);
            }
        }
        let trace = table.trace(&plan, 0, (&rows, &[1, 2]), &mut Chance::default()).expect("it is whole");
        assert!(trace.is_whole());
        trace.outcome
    }

    #[test]
    fn the_last_loss_is_that_of_the_last_twenty_steps_as_far_as_they_were_traced() {
        let steps = [(0, Some(4.0)), (80, Some(2.0)), (81, Some(1.0)), (90, None), (100, Some(0.5))];
        let outcome = outcome(&steps, "");
        assert_eq!((outcome.loss_first, outcome.loss_last, outcome.diverged_at), (4.0, 0.75, None));
        assert_eq!(outcome.loss_of_chance, ln(10.0));
    }

    #[test]
    fn a_loss_that_is_not_finite_ends_the_run_and_one_that_is_not_there_says_nothing() {
        for loss in [f64::NAN, f64::INFINITY] {
            let outcome = outcome(&[(3, None), (5, Some(loss)), (6, Some(1.0))], "");
            assert_eq!(outcome.diverged_at, Some(5));
            assert!(outcome.loss_first.is_nan() && !outcome.loss_last.is_finite());
        }
        let nothing = outcome(&[(0, None), (1, None)], "run.data.source = \"noise\"\nrun.data.classes = 3\n");
        assert!(nothing.diverged_at.is_none() && nothing.loss_last.is_nan());
        assert_eq!(nothing.loss_of_chance, ln(3.0));
    }
}
