//! How fast this machine is: a short measurement that turns a plan's cost into seconds.

use std::ops::ControlFlow;
use std::time::Instant;

use super::datasets::Datasets;
use crate::kernels::ThreadBudget;
use crate::plan::{Plan, cost};
use crate::spec::RunSpec;
use crate::train::{self, Workspace};

/// The seconds of the cost model to which each sample is cut, roughly.
const SAMPLE_SECONDS: f64 = 0.04;

/// The seconds of a step above which a run is not sampled: the measurement must stay short.
const LONGEST_STEP: f64 = 0.1;

/// Where samples are taken along the plan's cost, dearest runs first: those that make up the time count most.
const QUANTILES: [f64; 4] = [0.05, 0.35, 0.65, 0.95];

/// Seconds that this machine takes for a second of the plan's cost model, measured by training a few of the plan's own
/// runs for a few steps on one core. Takes about a fifth of a second.
pub fn calibrate(plan: &Plan) -> f64 {
    let order = plan.order();
    let total: f64 = order.iter().map(|&run| plan.cost(run).seconds).sum();
    let mut samples = Vec::new();
    let mut sum = 0.0;
    for &run in &order {
        sum += plan.cost(run).seconds;
        while samples.len() < QUANTILES.len() && sum >= QUANTILES[samples.len()] * total {
            samples.push(plan.spec(run));
        }
    }
    let mut samples: Vec<RunSpec> = samples.into_iter().filter_map(shortened).collect();
    if samples.is_empty() {
        samples.extend(shortened(RunSpec::default()));
    }
    let (mut expected, mut taken) = (0.0, 0.0);
    let datasets = Datasets::default();
    let mut workspace = Workspace::new(&ThreadBudget::alone());
    for spec in &samples {
        // A file that vanished fails its runs, and tells nothing of the machine.
        let Ok(data) = datasets.get(&spec.data) else { continue };
        let start = Instant::now();
        let _ = train::run_in(&mut workspace, spec, &data, &mut |_| ControlFlow::Continue(()));
        taken += start.elapsed().as_secs_f64();
        expected += cost(spec).seconds;
    }
    if expected > 0.0 { taken / expected } else { 1.0 }
}

/// Returns the run with fewer steps; none where one step already takes long.
fn shortened(mut spec: RunSpec) -> Option<RunSpec> {
    let step = cost(&spec).seconds / spec.train.steps.get() as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a saturating cast is a clamp")]
    let steps = ((SAMPLE_SECONDS / step) as usize).clamp(1, spec.train.steps.get());
    spec.train.stop_when_diverged = false;
    spec.train.steps = steps.try_into().expect("at least one");
    (step <= LONGEST_STEP).then_some(spec)
}
