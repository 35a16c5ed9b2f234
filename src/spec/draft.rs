//! A run as it is being put together: which keys were named, and what follows for the others.

use toml::Value;

use super::{BatchSize, Every, KEYS, KeySet, Precision, RunSpec, key_index};
use crate::data::DataSource;
use crate::nn::{NormKind, OptimizerKind};

/// A run under construction: values that were named, the rest at default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    spec: RunSpec,
    named: KeySet,
}

/// Values of one point that cannot stand together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Conflict {
    /// What is wrong, in lower case, with the values.
    pub reason: String,
    /// Indices in [`KEYS`] of the keys whose values clash; an exclude of their values removes the point.
    pub keys: Vec<usize>,
}

impl Draft {
    /// Names the key at `index` of [`KEYS`]; false (and no change) where `value` is not one of the key's.
    pub fn set(&mut self, index: usize, value: &Value) -> bool {
        let accepted = (KEYS[index].set)(&mut self.spec, value);
        if accepted {
            self.named.insert(index);
        }
        accepted
    }

    /// Names the key at `index` of [`KEYS`] with its value in `from`: what [`Draft::set`] does, without reading again.
    pub fn take(&mut self, index: usize, from: &RunSpec) {
        (KEYS[index].copy)(&mut self.spec, from);
        self.named.insert(index);
    }

    /// Names every key that `other` names, with its value there.
    pub fn take_all(&mut self, other: &Self) {
        other.named.iter().for_each(|index| self.take(index, &other.spec));
    }

    /// The keys that were named.
    pub fn named(&self) -> KeySet {
        self.named
    }

    /// The values that were named, as [`Draft::take`] takes them; what the others are has no meaning.
    pub fn into_said(self) -> RunSpec {
        self.spec
    }

    /// The point as it was asked for: keys that were not named follow the ones that were. `where` and `exclude` match
    /// this, so that a point whose unused value was folded away is still found by it.
    pub fn point(mut self) -> RunSpec {
        for (i, key) in KEYS.iter().enumerate() {
            if !self.named.contains(i) {
                (key.reset)(&mut self.spec);
            }
        }
        let is_named = |name: &str| self.named.contains(key_index(name).expect("a key of the table"));
        if !is_named("model.batch_norm") && !is_named("model.layer_norm") {
            norm_as_flags(&mut self.spec);
        }
        self.spec
    }

    /// The run that the point stands for: `widths` that are all equal become depth and width, and keys that the run
    /// does not use are put to their defaults; the content of data files stands for their paths. Also the keys that the
    /// run does use.
    pub fn run(point: &RunSpec) -> (RunSpec, KeySet) {
        let mut spec = point.clone();
        let mut used = KeySet::default();
        // The question of use is asked of the point as it was written: `widths = [64, 64]` does use `widths`.
        for (i, key) in KEYS.iter().enumerate() {
            if (key.used)(&spec) {
                used.insert(i);
            }
        }
        if let Some(&first) = spec.model.widths.first()
            && spec.model.widths.iter().all(|&w| w == first)
        {
            spec.model.depth = spec.model.widths.len().try_into().expect("the list has a first");
            spec.model.width = first;
            spec.model.widths = [].into();
        }
        norm_as_flags(&mut spec);
        spec.data.resolve();
        for key in KEYS {
            if !(key.used)(&spec) {
                (key.reset)(&mut spec);
            }
        }
        (spec, used)
    }

    /// The values of the point that cannot stand together, each once.
    pub fn conflicts(named: KeySet, point: &RunSpec) -> Vec<Conflict> {
        let model = &point.model;
        let mut found = Vec::new();
        let mut conflict = |reason: String, keys: &[&str]| {
            let keys = keys.iter().map(|name| key_index(name).expect("a key of the table")).collect();
            found.push(Conflict { reason, keys });
        };
        let is_named = |name: &str| named.contains(key_index(name).expect("a key of the table"));

        if model.batch_norm && model.layer_norm {
            let reason = "batch_norm and layer_norm cannot both be on: a layer has one norm";
            conflict(reason.into(), &["model.batch_norm", "model.layer_norm"]);
        }
        for (name, flag, kind) in [
            ("model.batch_norm", model.batch_norm, NormKind::Batch),
            ("model.layer_norm", model.layer_norm, NormKind::Layer),
        ] {
            if is_named("model.norm") && is_named(name) && flag != (model.norm == kind) {
                let short = name.trim_start_matches("model.");
                let reason = format!(
                    "norm = \"{}\" and {short} = {flag} cannot both be: leave {short} out, norm says it",
                    model.norm.name()
                );
                conflict(reason, &["model.norm", name]);
            }
        }
        if !model.widths.is_empty() {
            let listed = model.widths.len();
            if is_named("model.depth") && model.depth.get() != listed {
                let reason = format!("widths lists {listed} layers but depth is {}", model.depth);
                conflict(reason, &["model.widths", "model.depth"]);
            }
            if is_named("model.width") && model.widths.iter().any(|&w| w != model.width) {
                let reason = format!("widths and width = {} cannot both be given", model.width);
                conflict(reason, &["model.widths", "model.width"]);
            }
            if model.residual && model.widths.iter().any(|w| *w != model.widths[0]) {
                let reason = "a residual connection cannot join layers of different width";
                conflict(reason.into(), &["model.widths", "model.residual"]);
            }
        }
        let files = &point.data.files;
        let source = point.data.source.name();
        let has_tests = files.test_path.is_some() || files.test_labels.is_some();
        for (name, file, is_needed) in [
            ("data.path", &files.path, point.data.source.has_files()),
            ("data.labels", &files.labels, point.data.source == DataSource::Idx),
            ("data.test_path", &files.test_path, point.data.source == DataSource::Idx && has_tests),
            ("data.test_labels", &files.test_labels, point.data.source == DataSource::Idx && has_tests),
        ] {
            if is_needed && file.is_none() {
                let other = if name == "data.test_path" { "data.test_labels" } else { "data.test_path" };
                match name {
                    "data.path" | "data.labels" => {
                        conflict(
                            format!("data.source = \"{source}\" needs {name}, the path of a file"),
                            &["data.source", name],
                        );
                    }
                    _ => conflict(format!("{other} needs {name} beside it, the path of a file"), &[other, name]),
                }
            }
        }
        // How a point with batch norm says so, and the key that says it.
        let batch_norm = if is_named("model.norm") {
            ("norm = \"batch\"", "model.norm")
        } else {
            ("batch_norm", "model.batch_norm")
        };
        epsilon_conflicts(point, &mut conflict);
        time_conflicts(point, batch_norm, &mut conflict);
        if let Some(sizes) = point.data.sizes() {
            batch_conflicts(point, sizes.train, batch_norm, &mut conflict);
        }
        if let Every::Listed(steps) = &point.every
            && let Some(&beyond) = steps.iter().find(|&&s| s >= point.train.steps.get())
        {
            let last = point.train.steps.get() - 1;
            let reason = format!("trace.every lists step {beyond}, but the last step is {last}: steps count from 0");
            conflict(reason, &["trace.every", "train.steps"]);
        }
        found
    }
}

/// An epsilon beside which the root of the smallest second moment counts, below which one counts as 0.
fn epsilon_conflicts(point: &RunSpec, conflict: &mut impl FnMut(String, &[&str])) {
    let (optimizer, precision) = (&point.train.optimizer, point.train.precision);
    let (least, remedy) = match precision {
        Precision::F32 if optimizer.epsilon >= LEAST_EPSILON_F64 => (LEAST_EPSILON_F32, ", or precision = \"f64\""),
        Precision::F32 => (LEAST_EPSILON_F32, "; f64 takes 1e-130 or more"),
        Precision::F64 => (LEAST_EPSILON_F64, ""),
    };
    let has_epsilon = optimizer.kind.is_adam() || optimizer.kind == OptimizerKind::Rmsprop;
    if has_epsilon && optimizer.epsilon < least {
        let reason = format!(
            "epsilon = {:e} is too small in {}, where a mean of squares below {} counts as 0: take {least:e} or more{remedy}",
            optimizer.epsilon,
            precision.name(),
            if precision == Precision::F32 { "1e-38" } else { "1e-308" },
        );
        conflict(reason, &["train.epsilon", "train.precision", "train.optimizer"]);
    }
}

/// The root of the smallest second moment, 1e-19 in f32, is below the last digit of these.
const LEAST_EPSILON_F32: f64 = 1e-10;
const LEAST_EPSILON_F64: f64 = 1e-130;

/// Has a flag say the norm where it can.
fn norm_as_flags(spec: &mut RunSpec) {
    let model = &mut spec.model;
    if model.norm_of_flags() == NormKind::None {
        (model.batch_norm, model.layer_norm) = (model.norm == NormKind::Batch, model.norm == NormKind::Layer);
    }
    if model.norm_of_flags() != NormKind::None {
        model.norm = NormKind::None;
    }
}

/// What nets with time cannot be, nor those without.
fn time_conflicts(point: &RunSpec, batch_norm: (&str, &str), conflict: &mut impl FnMut(String, &[&str])) {
    let (kind, source) = (point.model.kind, point.data.source);
    let keys = ["model.kind", "data.source"];
    if kind.is_recurrent() && !source.is_sequence() && source != DataSource::Noise {
        let instead =
            if source == DataSource::Digits { "digits_rows or digits_pixels" } else { "adding, copy or noise" };
        let (kind, source) = (kind.name(), source.name());
        conflict(format!("kind = \"{kind}\" reads sequences, and {source} has none: take {instead}"), &keys);
    }
    if !kind.is_recurrent() && source.is_sequence() {
        let source = source.name();
        conflict(format!("{source} has sequences, which an mlp cannot read: take an rnn, lstm or gru"), &keys);
    }
    if kind.is_recurrent() && point.model.norm() == NormKind::Batch {
        let (said, key) = batch_norm;
        let reason = format!(
            "{said} and kind = \"{}\" cannot stand together: every time step would need statistics of its own",
            kind.name()
        );
        conflict(reason, &["model.kind", key]);
    }
    if source == DataSource::Adding && point.data.length.get() < 2 {
        let reason = "adding needs a length of at least 2: each half has a mark".into();
        conflict(reason, &["data.source", "data.length"]);
    }
}

/// What a batch of a training part of `examples` cannot be.
fn batch_conflicts(
    point: &RunSpec,
    examples: usize,
    batch_norm: (&'static str, &'static str),
    conflict: &mut impl FnMut(String, &[&str]),
) {
    if point.data.source.is_fresh() {
        if point.train.batch_size == BatchSize::Full {
            let source = point.data.source.name();
            let reason =
                format!("batch_size = \"full\" has no meaning for {source}, which draws new examples at every step");
            conflict(reason, &["train.batch_size", "data.source"]);
        }
        if point.order {
            let source = point.data.source.name();
            let reason =
                format!("trace.order names rows of a training part, and {source} draws new examples at every step");
            conflict(reason, &["trace.order", "data.source"]);
        }
        return;
    }
    let batch = point.train.batch_size.of(examples);
    let size = match point.data.source {
        DataSource::Digits
        | DataSource::DigitsRows
        | DataSource::DigitsPixels
        | DataSource::Blobs
        | DataSource::Adding
        | DataSource::Copy => None,
        DataSource::Spirals | DataSource::Moons | DataSource::Noise => Some("data.examples"),
        DataSource::Csv | DataSource::Idx => Some("data.path"),
    };
    let with_size = |keys: &[&'static str]| -> Vec<&'static str> { keys.iter().copied().chain(size).collect() };
    if batch > examples {
        let source = point.data.source.name();
        let plural = if examples == 1 { "" } else { "s" };
        let reason = format!("batch_size {batch} is larger than the {examples} training example{plural} of {source}");
        conflict(reason, &with_size(&["train.batch_size", "data.source"]));
    } else if point.model.norm() == NormKind::Batch && batch == 1 {
        let (said, key) = batch_norm;
        let reason = format!("{said} needs a batch of at least 2 examples: the variance of one is 0");
        match point.train.batch_size {
            BatchSize::Full => conflict(reason, &with_size(&[key, "train.batch_size", "data.source"])),
            BatchSize::Examples(_) => conflict(reason, &[key, "train.batch_size"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::key;

    fn draft(values: &[(&str, &str)]) -> Draft {
        let mut draft = Draft::default();
        for (name, text) in values {
            let value = toml::from_str::<toml::Table>(&format!("x = {text}")).expect(text)["x"].clone();
            assert!(draft.set(key_index(name).expect(name), &value), "{name} = {text}");
        }
        draft
    }

    fn run(values: &[(&str, &str)]) -> RunSpec {
        Draft::run(&draft(values).point()).0
    }

    #[test]
    fn a_slope_beside_relu_is_set_to_its_default_so_the_points_are_one_run() {
        assert_eq!(run(&[("model.negative_slope", "0.3")]).id(), RunSpec::default().id());
        let leaky = run(&[("model.activation", "\"leaky_relu\""), ("model.negative_slope", "0.3")]);
        assert_eq!(leaky.model.negative_slope, 0.3);
    }

    #[test]
    fn equal_widths_are_the_same_run_as_depth_and_width() {
        let listed = run(&[("model.widths", "[32, 32, 32]")]);
        assert_eq!(listed, run(&[("model.depth", "3"), ("model.width", "32")]));
        assert_eq!(listed.id(), run(&[("model.depth", "3"), ("model.width", "32")]).id());
    }

    #[test]
    fn an_epsilon_that_flushed_moments_would_count_beside_is_refused_by_the_rules_that_have_one() {
        let conflicts = |optimizer: &str, epsilon: &str, precision: &str| {
            let draft =
                draft(&[("train.optimizer", optimizer), ("train.epsilon", epsilon), ("train.precision", precision)]);
            let conflicts = Draft::conflicts(KeySet::default(), &draft.point());
            conflicts.into_iter().map(|conflict| conflict.reason).collect::<Vec<_>>()
        };
        for optimizer in ["\"adam\"", "\"adamw\"", "\"rmsprop\""] {
            assert!(conflicts(optimizer, "1e-10", "\"f32\"").is_empty(), "{optimizer}");
            let refused = conflicts(optimizer, "1e-11", "\"f32\"");
            assert!(refused[0].ends_with("take 1e-10 or more, or precision = \"f64\""), "{refused:?}");
            assert!(conflicts(optimizer, "1e-11", "\"f64\"").is_empty());
            assert!(conflicts(optimizer, "1e-131", "\"f64\"")[0].ends_with("take 1e-130 or more"));
            assert!(!conflicts(optimizer, "1e-131", "\"f32\"")[0].contains("precision ="));
        }
        assert!(conflicts("\"sgd\"", "1e-200", "\"f32\"").is_empty());
    }

    #[test]
    fn a_norm_by_its_name_is_the_run_of_its_flag_and_contradicts_no_flag() {
        for (name, flag) in [("batch", "model.batch_norm"), ("layer", "model.layer_norm")] {
            let by_name = run(&[("model.norm", &format!("\"{name}\""))]);
            let by_flag = run(&[(flag, "true")]);
            assert_eq!((by_name.id(), &by_name), (by_flag.id(), &by_flag));
            assert_eq!((key("model.norm").show)(&by_flag).to_string(), name);
            let both = draft(&[("model.norm", "\"rms\""), (flag, "true")]);
            let conflicts = Draft::conflicts(both.named(), &both.clone().point());
            assert_eq!(conflicts.len(), 1, "{conflicts:?}");
            let agreeing = draft(&[("model.norm", &format!("\"{name}\"")), (flag, "true")]);
            assert_eq!(Draft::conflicts(agreeing.named(), &agreeing.clone().point()), []);
        }
        assert_eq!(run(&[("model.norm", "\"none\"")]).id(), RunSpec::default().id());
        let rms = run(&[("model.norm", "\"rms\"")]);
        assert!(rms.canonical().contains("model.norm = rms\n") && rms.id() != RunSpec::default().id());
        let recurrent = [("model.kind", "\"rnn\""), ("data.source", "\"adding\""), ("model.norm", "\"batch\"")];
        let point = draft(&recurrent);
        let conflicts = Draft::conflicts(point.named(), &point.clone().point());
        assert!(conflicts.len() == 1 && conflicts[0].reason.contains("norm = \"batch\""), "{conflicts:?}");
    }

    #[test]
    fn explicit_defaults_leave_the_id_alone() {
        let explicit = run(&[("model.depth", "10"), ("train.learning_rate", "0.02"), ("data.source", "\"digits\"")]);
        assert_eq!(explicit.id(), RunSpec::default().id());
    }

    #[test]
    fn unnamed_keys_follow_the_named_ones() {
        assert_eq!(run(&[("model.activation", "\"prelu\"")]).model.negative_slope, 0.25);
        assert_eq!(run(&[("data.source", "\"blobs\""), ("seed", "7")]).data.seed, 7);
    }

    #[test]
    fn values_that_cannot_stand_together_are_named_with_their_keys() {
        let point = draft(&[("model.batch_norm", "true"), ("model.layer_norm", "true"), ("train.batch_size", "1")]);
        let conflicts = Draft::conflicts(point.named(), &point.clone().point());
        assert_eq!(conflicts.len(), 2);
        assert_eq!(conflicts[0].keys.len(), 2);
    }
}
