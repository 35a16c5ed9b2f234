//! What would make a run small enough, or short enough: a value of each key that matters, at which it fits.

use toml::Value;

use super::memory::memory;
use super::time::cost;
use crate::data::DataSource;
use crate::nn::NormKind;
use crate::spec::{BatchSize, Every, KeptWeights, Key, RunSpec, key};

/// A key with a value at which a run fits that did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The key's name.
    pub key: &'static str,
    /// The value, as tables show it.
    pub value: String,
}

/// The next smaller run's value of a key; none where there is no smaller one.
type Step = fn(&RunSpec) -> Option<Value>;

/// Keys with the steps that make a run smaller: counts are halved, and what is kept is not kept.
const STEPS: [(&str, Step); 11] = [
    ("train.batch_size", |spec| {
        let now = spec.train.batch_size.of(spec.data.train_examples());
        half(now, if spec.model.norm() == NormKind::Batch { 2 } else { 1 })
    }),
    ("data.length", |spec| half(spec.data.length.get(), if spec.data.source == DataSource::Adding { 2 } else { 1 })),
    ("data.delay", |spec| half(spec.data.delay.get(), 1)),
    ("model.width", |spec| half(spec.model.width.get(), 1)),
    ("model.depth", |spec| half(spec.model.depth.get(), 1)),
    ("trace.every", |spec| match &spec.every {
        Every::Steps(n) if n < &spec.train.steps => value(2 * n.get()),
        Every::Steps(_) | Every::Log | Every::Listed(_) => None,
    }),
    ("trace.weights", |spec| (spec.weights != KeptWeights::None).then(|| KeptWeights::None.name().into())),
    ("trace.order", |spec| spec.order.then_some(false.into())),
    ("data.features", |spec| half(spec.data.features.get(), 1)),
    ("data.symbols", |spec| half(spec.data.symbols.get(), 2)),
    ("data.examples", |spec| match spec.train.batch_size {
        BatchSize::Full => half(spec.data.examples.get(), 2),
        BatchSize::Examples(n) => half(spec.data.examples.get(), n.get()),
    }),
];

/// The step that makes a run shorter and hardly smaller.
const FEWER_STEPS: (&str, Step) = ("train.steps", |spec| half(spec.train.steps.get(), 1));

/// The keys of [`STEPS`] that make a run shorter, too.
const SHORTEN: [&str; 5] = ["train.batch_size", "data.length", "data.delay", "model.width", "model.depth"];

/// Half of a count, unless that is too few.
fn half(n: usize, least: usize) -> Option<Value> {
    value(n / 2).filter(|_| n / 2 >= least)
}

fn value(n: usize) -> Option<Value> {
    i64::try_from(n).ok().map(Value::Integer)
}

/// Single changes at which the run takes at most `limit` bytes, the least of them first.
pub fn remedies(spec: &RunSpec, limit: f64) -> Vec<Remedy> {
    changes(spec, STEPS, |spec| memory(spec).peak <= limit)
}

/// Single changes at which the run takes at most `limit` seconds of the cost model, the least of them first.
pub fn shorter(spec: &RunSpec, limit: f64) -> Vec<Remedy> {
    let shorten = STEPS.into_iter().filter(|(name, _)| SHORTEN.contains(name));
    changes(spec, [FEWER_STEPS].into_iter().chain(shorten), |spec| cost(spec).seconds <= limit)
}

fn changes(
    spec: &RunSpec,
    steps: impl IntoIterator<Item = (&'static str, Step)>,
    is_enough: impl Fn(&RunSpec) -> bool,
) -> Vec<Remedy> {
    let mut found: Vec<(usize, Remedy)> = Vec::new();
    for (name, step) in steps {
        let key: &Key = key(name);
        let smaller = |spec: &RunSpec| -> Option<RunSpec> {
            let (mut smaller, value) = (spec.clone(), step(spec)?);
            (key.set)(&mut smaller, &value).then_some(smaller)
        };
        if (key.used)(spec) {
            let all = std::iter::successors(smaller(spec), smaller);
            let fitting = all.enumerate().find(|(_, smaller)| is_enough(smaller));
            found.extend(fitting.map(|(steps, spec)| {
                let value = (key.show)(&spec).to_string();
                (steps, Remedy { key: name, value })
            }));
        }
    }
    found.sort_by_key(|(steps, _)| *steps);
    found.into_iter().map(|(_, remedy)| remedy).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::nn::ModelKind;

    fn texts(spec: &RunSpec, share: f64) -> Vec<String> {
        let remedies = remedies(spec, share * memory(spec).peak);
        remedies.into_iter().map(|remedy| format!("{} = {}", remedy.key, remedy.value)).collect()
    }

    fn count(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).expect("positive")
    }

    #[test]
    fn a_recurrent_run_fits_with_smaller_batches_shorter_sequences_or_fewer_units() {
        let mut spec = RunSpec::default();
        spec.model.kind = ModelKind::Lstm;
        spec.data.source = DataSource::Adding;
        (spec.data.length, spec.model.depth, spec.train.batch_size) =
            (count(1000), count(1), BatchSize::Examples(count(256)));
        assert_eq!(texts(&spec, 0.3), ["train.batch_size = 64", "data.length = 250", "model.width = 16"]);
    }

    #[test]
    fn what_is_kept_need_not_be_kept() {
        let mut spec = RunSpec::default();
        spec.model.width = count(1000);
        spec.weights = KeptWeights::Both;
        let some = texts(&spec, 0.6);
        assert_eq!(some, ["model.width = 500", "model.depth = 5", "trace.weights = none"]);
        spec.weights = KeptWeights::None;
        (spec.every, spec.model.width) = (Every::Steps(count(1)), count(1));
        (spec.train.steps, spec.train.batch_size) = (count(100_000), BatchSize::Examples(count(1)));
        assert_eq!(texts(&spec, 0.4), ["model.depth = 2", "trace.every = 4"]);
    }

    #[test]
    fn a_full_batch_becomes_a_number_and_batch_norm_keeps_two_examples() {
        let mut spec = RunSpec::default();
        spec.data.source = DataSource::Noise;
        spec.model.batch_norm = true;
        spec.train.batch_size = BatchSize::Full;
        assert!(texts(&spec, 0.6).contains(&"train.batch_size = 512".to_owned()));
        spec.train.batch_size = BatchSize::Examples(count(3));
        assert!(!texts(&spec, 0.9).iter().any(|text| text.starts_with("train.batch_size")));
    }

    #[test]
    fn a_run_is_shorter_with_fewer_steps_or_a_smaller_net() {
        let spec = RunSpec::default();
        let limit = cost(&spec).seconds;
        assert!(shorter(&spec, limit / 5.0).contains(&Remedy { key: "train.steps", value: "25".into() }));
        assert!(shorter(&spec, limit / 5.0).iter().any(|remedy| remedy.key == "model.depth"));
        assert!(shorter(&spec, 0.0).is_empty());
    }

    #[test]
    fn where_no_single_change_is_enough_none_is_named() {
        assert!(texts(&RunSpec::default(), 1e-9).is_empty());
    }
}
