//! The table of every key of a run: the one place that knows a key's name, kind, default and use.
//!
//! Parsing, sweeping, excluding, folding, the canonical form, axis columns and "did you mean" all read this table, so
//! that a new hyper-parameter is one field of `RunSpec` and one row here.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use toml::Value;

use super::shape::Shape;
use super::value::{
    AnyNumber, Batch, Count, Decay, Flag, HasHeader, LabelColumn, Name, NonNegative, Path, Positive, Seed, Shown,
    TestShare, TracedSteps, ValueKind, Widths,
};
use super::{BatchSize, Every, KeptWeights, Precision, RunSpec, TrainSpec};
use crate::data::{DataSource, DataSpec, FileSpec, Header, Label, Separator, TargetKind, TestFraction};
use crate::nn::{Activation, Init, ModelKind, ModelSpec, NormKind, OptimizerKind, OptimizerSpec, ResidualScaling};

/// One key of a run, such as `model.depth`.
#[derive(Debug)]
pub struct Key {
    /// The dotted path below `[run]`.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub doc: &'static str,
    /// Which runs use it, for messages; empty where all do.
    pub used_by: &'static str,
    /// What a correct value is.
    pub expected: fn() -> String,
    /// The names to choose from, where values are names.
    pub names: fn() -> Vec<&'static str>,
    /// Its values as data.
    pub shape: fn() -> Shape,
    /// Whether one value is itself written as a TOML list.
    pub is_list: bool,
    /// Reads a value into the spec; false (and no change) where it is not one of this key's.
    pub set: fn(&mut RunSpec, &Value) -> bool,
    /// Takes this key's value from another spec.
    pub copy: fn(&mut RunSpec, &RunSpec),
    /// Puts the key to its default, which may depend on the keys before it in the table.
    pub reset: fn(&mut RunSpec),
    /// Whether two specs agree in this key.
    pub same: fn(&RunSpec, &RunSpec) -> bool,
    /// The value as the canonical form, listings and messages write it.
    pub show: fn(&RunSpec) -> Shown,
    /// The value as an axis column of the tables holds it: one kind of [`Shown`] whatever the value, because readers
    /// take a column's type from its first rows.
    pub cell: fn(&RunSpec) -> Shown,
    /// Whether a run with this spec depends on the key at all.
    pub used: fn(&RunSpec) -> bool,
}

impl Key {
    /// The column name before conflicts are resolved: the last part of the path.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().expect("a split has a last part")
    }
}

/// A set of keys, one bit per row of [`KEYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySet<const WORDS: usize = { KEYS.len().div_ceil(64) }>([u64; WORDS]);

impl<const WORDS: usize> Default for KeySet<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

impl KeySet {
    /// Every key.
    pub fn all() -> Self {
        let mut all = Self::default();
        (0..KEYS.len()).for_each(|i| all.insert(i));
        all
    }
}

impl<const WORDS: usize> KeySet<WORDS> {
    /// Adds the key at `index` of [`KEYS`].
    pub fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    /// Whether the key at `index` of [`KEYS`] is in the set.
    pub fn contains(self, index: usize) -> bool {
        self.0[index / 64] & (1 << (index % 64)) != 0
    }

    /// Whether no key is in the set.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// All keys of either set.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(bits, other)| *bits |= other);
        self
    }

    /// The indices in the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..64 * WORDS).filter(move |&i| self.contains(i))
    }
}

macro_rules! key {
    ($name:literal, $($field:ident).+ : $kind:ty = $default:expr, $doc:literal) => {
        key!($name, $($field).+ : $kind = $default, $doc, used by "" if |_| true)
    };
    ($name:literal, $($field:ident).+ : $kind:ty = $default:expr, $doc:literal, used by $by:literal if $used:expr) => {
        Key {
            name: $name,
            doc: $doc,
            used_by: $by,
            expected: <$kind as ValueKind>::expected,
            names: <$kind as ValueKind>::names,
            shape: <$kind as ValueKind>::shape,
            is_list: <$kind as ValueKind>::IS_LIST,
            set: |spec, value| match <$kind as ValueKind>::parse(value) {
                Some(parsed) => {
                    spec.$($field).+ = parsed;
                    true
                }
                None => false,
            },
            copy: |spec, from| spec.$($field).+.clone_from(&from.$($field).+),
            reset: |spec| {
                let default: fn(&RunSpec) -> <$kind as ValueKind>::Value = $default;
                let value = default(spec);
                spec.$($field).+ = value;
            },
            same: |a, b| a.$($field).+ == b.$($field).+,
            show: |spec| <$kind as ValueKind>::show(&spec.$($field).+),
            cell: |spec| <$kind as ValueKind>::cell(&spec.$($field).+, spec),
            used: $used,
        }
    };
}

const fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("defaults are positive")
}

/// Whether data.length says how long an example is.
fn has_length(spec: &RunSpec) -> bool {
    match spec.data.source {
        DataSource::Adding | DataSource::Copy => true,
        DataSource::Noise => spec.model.kind.is_recurrent(),
        DataSource::Digits
        | DataSource::Spirals
        | DataSource::Moons
        | DataSource::Blobs
        | DataSource::Csv
        | DataSource::Idx
        | DataSource::DigitsRows
        | DataSource::DigitsPixels => false,
    }
}

/// The default of data.length; 1 where it says nothing.
fn default_length(spec: &RunSpec) -> usize {
    match (has_length(spec), spec.data.source == DataSource::Adding, spec.data.source == DataSource::Copy) {
        (false, _, _) => 1,
        (true, true, _) => 50,
        (true, _, true) => 10,
        (true, false, false) => 20,
    }
}

/// Whether a part of the files' examples is kept for testing.
fn is_divided(spec: &RunSpec) -> bool {
    match spec.data.source {
        DataSource::Csv => true,
        DataSource::Idx => !spec.data.files.has_test_files(),
        DataSource::Digits
        | DataSource::Spirals
        | DataSource::Moons
        | DataSource::Blobs
        | DataSource::Noise
        | DataSource::Adding
        | DataSource::Copy
        | DataSource::DigitsRows
        | DataSource::DigitsPixels => false,
    }
}

/// Every key, dependants after what they depend on.
pub static KEYS: &[Key] = &[
    key!("seed", seed: Seed = |_| 0, "governs weights and order, and the data unless data.seed is set"),
    key!("data.source", data.source: Name<DataSource> = |_| DataSource::Digits, "where the examples come from"),
    key!("data.seed", data.seed: Seed = |s| if s.data.source.is_synthetic() { s.seed } else { 0 },
        "governs synthetic data alone; the run's seed where not given",
        used by "synthetic data" if |s| s.data.source.is_synthetic()),
    key!("data.features", data.features: Count<1> = |_| count(64), "input width of noise",
        used by "data.source = \"noise\"" if |s| s.data.source == DataSource::Noise),
    key!("data.classes", data.classes: Count<2> = |s| count(if s.data.source == DataSource::Spirals { 3 } else { 10 }),
        "number of classes (noise 10, spirals 3)",
        used by "data.source = \"noise\" or \"spirals\"" if |s| s.data.source.has_any_classes()),
    key!("data.examples", data.examples: Count<1> = |_| count(1024),
        "training examples; spirals and moons have a quarter as many for testing",
        used by "data.source = \"noise\", \"spirals\" or \"moons\"" if |s| s.data.source.has_any_size()),
    key!("data.std", data.std: NonNegative = |_| 1.0, "standard deviation of every input of noise",
        used by "data.source = \"noise\"" if |s| s.data.source == DataSource::Noise),
    key!("data.noise_std", data.noise_std: NonNegative = |_| 0.1,
        "standard deviation of the noise around the curves of spirals and moons",
        used by "data.source = \"spirals\" or \"moons\"" if |s| s.data.source.has_curves()),
    key!("data.length", data.length: Count<1> = |s| count(default_length(s)),
        "time steps of an example (adding 50, noise for a recurrent net 20); symbols to remember (copy 10)",
        used by "data.source = \"adding\", \"copy\" or, with a recurrent net, \"noise\"" if has_length),
    key!("data.symbols", data.symbols: Count<2> = |_| count(8), "how many symbols there are to remember",
        used by "data.source = \"copy\"" if |s| s.data.source == DataSource::Copy),
    key!("data.delay", data.delay: Count<1> = |_| count(50),
        "time steps between the last symbol that is read and the first that is told",
        used by "data.source = \"copy\"" if |s| s.data.source == DataSource::Copy),
    key!("data.path", data.files.path: Path = |_| None,
        "the table, or the training images: a file, relative to the config's folder",
        used by "data.source = \"csv\" or \"idx\"" if |s| s.data.source.has_files()),
    key!("data.label", data.files.label: LabelColumn = |_| Label::Last,
        "the column of answers: its name, or its number from 1; the last where not given",
        used by "data.source = \"csv\"" if |s| s.data.source == DataSource::Csv),
    key!("data.separator", data.files.separator: Name<Separator> = |_| Separator::Auto,
        "what stands between the table's columns, by name or as the character itself; \"auto\" tells by its rows",
        used by "data.source = \"csv\"" if |s| s.data.source == DataSource::Csv),
    key!("data.header", data.files.header: HasHeader = |_| Header::Auto,
        "whether the table's first row names its columns; \"auto\" tells by the rows below",
        used by "data.source = \"csv\"" if |s| s.data.source == DataSource::Csv),
    key!("data.target", data.files.target: Name<TargetKind> = |_| TargetKind::Class,
        "what the column of answers holds: a class by any name, or a number to come close to",
        used by "data.source = \"csv\"" if |s| s.data.source == DataSource::Csv),
    key!("data.test_fraction", data.files.test_fraction: TestShare = |_| TestFraction::default(),
        "share of the examples that is kept for testing, of each class alike; 0 holds nothing out",
        used by "data.source = \"csv\", or \"idx\" without test files" if is_divided),
    key!("data.labels", data.files.labels: Path = |_| None, "the labels of the training images: a file",
        used by "data.source = \"idx\"" if |s| s.data.source == DataSource::Idx),
    key!("data.test_path", data.files.test_path: Path = |_| None,
        "the test images: a file; where not given, data.test_fraction of the images is kept for testing",
        used by "data.source = \"idx\"" if |s| s.data.source == DataSource::Idx),
    key!("data.test_labels", data.files.test_labels: Path = |_| None, "the labels of the test images: a file",
        used by "data.source = \"idx\"" if |s| s.data.source == DataSource::Idx),
    key!("model.kind", model.kind: Name<ModelKind> = |_| ModelKind::Mlp, "the family of network"),
    key!("model.widths", model.widths: Widths = |_| [].into(), "units of each hidden layer, instead of depth and width",
        used by "models of unequal layers" if |s| !s.model.widths.is_empty()),
    key!("model.depth", model.depth: Count<1> = |s| NonZeroUsize::new(s.model.widths.len()).unwrap_or(count(if s.model.kind.is_recurrent() { 1 } else { 10 })),
        "hidden layers (of a recurrent net 1)",
        used by "models without widths" if |s| s.model.widths.is_empty()),
    key!("model.width", model.width: Count<1> = |s| s.model.widths.iter().copied().max().unwrap_or(count(64)),
        "units per hidden layer",
        used by "models without widths" if |s| s.model.widths.is_empty()),
    key!("model.activation", model.activation: Name<Activation> =
        |s| if s.model.kind == ModelKind::Rnn { Activation::Tanh } else { Activation::Relu },
        "the activation phi (of an rnn tanh)",
        used by "model.kind = \"mlp\" or \"rnn\"; the gates of an lstm and of a gru have their own"
        if |s| s.model.kind.has_activation()),
    key!("model.negative_slope", model.negative_slope: NonNegative = |s| s.model.activation.default_slope(),
        "slope for negative arguments (leaky_relu 0.01; prelu 0.25, its start: it is trained)",
        used by "model.activation = \"leaky_relu\" or \"prelu\""
        if |s| s.model.kind.has_activation() && s.model.activation.has_slope()),
    key!("model.init", model.init: Name<Init> =
        |s| if s.model.kind.is_recurrent() { Init::Orthogonal } else { Init::HeNormal },
        "distribution of the hidden weights; in a recurrent net (orthogonal) of W_h, gate by gate: its W_x is Xavier's"),
    key!("model.init_gain", model.init_gain: Positive = |_| 1.0,
        "multiplies the standard deviation of every hidden weight; of W_h in a recurrent net"),
    key!("model.bias", model.bias: Flag = |_| true, "whether dense layers have biases"),
    key!("model.bias_std", model.bias_std: NonNegative = |_| 0.0,
        "standard deviation of the hidden layers' initial biases",
        used by "models with biases whose init does not draw them itself"
        if |s| s.model.bias && s.model.init != Init::PytorchDefault),
    key!("model.forget_bias", model.forget_bias: AnyNumber = |_| 0.0,
        "added to the initial bias of the forget gate; 1 lets an lstm remember from the start",
        used by "model.kind = \"lstm\" with biases" if |s| s.model.kind == ModelKind::Lstm && s.model.bias),
    key!("model.update_bias", model.update_bias: AnyNumber = |_| 0.0,
        "added to the initial bias of the update gate z, the weight of the old state in h_t = (1 - z) n + z h_{t-1}",
        used by "model.kind = \"gru\" with biases" if |s| s.model.kind == ModelKind::Gru && s.model.bias),
    key!("model.batch_norm", model.batch_norm: Flag = |_| false, "batch norm before every activation"),
    key!("model.layer_norm", model.layer_norm: Flag = |_| false,
        "layer norm before every activation; in a recurrent net of the input of every layer but the first",
        used by "feed-forward nets, and recurrent ones of at least two layers"
        if |s| !s.model.kind.is_recurrent() || s.model.hidden_layers() > 1),
    // batch and layer are other names of the flags, which stand for them in a run.
    Key {
        same: |a, b| a.model.norm() == b.model.norm(),
        show: |spec| Shown::Text(spec.model.norm().name().into()),
        cell: |spec| Shown::Text(spec.model.norm().name().into()),
        ..key!("model.norm", model.norm: Name<NormKind> = |_| NormKind::None,
            "the norm before every activation, instead of batch_norm and layer_norm; in a recurrent net of the input of every layer but the first",
            used by "feed-forward nets, and recurrent ones of at least two layers"
            if |s| !s.model.kind.is_recurrent() || s.model.hidden_layers() > 1)
    },
    key!("model.residual", model.residual: Flag = |_| false,
        "pre-activation residual connections; in a recurrent net from layer to layer",
        used by "models of at least two hidden layers" if |s| s.model.hidden_layers() > 1),
    key!("model.residual_scaling", model.residual_scaling: Name<ResidualScaling> = |_| ResidualScaling::None,
        "what a residual branch is multiplied by", used by "model.residual = true" if |s| s.model.residual),
    key!("model.layer_scale_init", model.layer_scale_init: NonNegative = |_| 0.1,
        "where the trained factors of a residual branch start",
        used by "model.residual_scaling = \"layer_scale\""
        if |s| s.model.residual_scaling == ResidualScaling::LayerScale),
    key!("train.optimizer", train.optimizer.kind: Name<OptimizerKind> = |_| OptimizerKind::Sgd, "the update rule"),
    key!("train.learning_rate", train.optimizer.learning_rate: Positive = |_| 0.02, "step size of the update"),
    key!("train.momentum", train.optimizer.momentum: Decay = |_| 0.9, "decay of the velocity",
        used by "train.optimizer = \"momentum\"" if |s| s.train.optimizer.kind == OptimizerKind::Momentum),
    key!("train.beta1", train.optimizer.beta1: Decay = |_| 0.9, "decay of the first moment",
        used by "train.optimizer = \"adam\" or \"adamw\"" if |s| s.train.optimizer.kind.is_adam()),
    key!("train.beta2", train.optimizer.beta2: Decay = |_| 0.999, "decay of the second moment",
        used by "train.optimizer = \"adam\" or \"adamw\"" if |s| s.train.optimizer.kind.is_adam()),
    key!("train.epsilon", train.optimizer.epsilon: Positive = |_| 1e-8, "added to the root of the second moment",
        used by "train.optimizer = \"rmsprop\", \"adam\" or \"adamw\""
        if |s| s.train.optimizer.kind.is_adam() || s.train.optimizer.kind == OptimizerKind::Rmsprop),
    key!("train.alpha", train.optimizer.alpha: Decay = |_| 0.99, "decay of rmsprop's second moment",
        used by "train.optimizer = \"rmsprop\"" if |s| s.train.optimizer.kind == OptimizerKind::Rmsprop),
    key!("train.weight_decay", train.optimizer.weight_decay: NonNegative = |_| 0.01,
        "share of every parameter that an update takes away, times the learning rate",
        used by "train.optimizer = \"adamw\"" if |s| s.train.optimizer.kind == OptimizerKind::Adamw),
    key!("train.batch_size", train.batch_size: Batch = |_| BatchSize::Examples(count(64)),
        "examples per step, or \"full\""),
    key!("train.steps", train.steps: Count<1> = |_| count(200), "number of updates"),
    key!("train.clip_norm", train.clip_norm: NonNegative = |_| 0.0,
        "largest total gradient norm that an update may use; 0 is off"),
    key!("train.precision", train.precision: Name<Precision> = |_| Precision::F32,
        "the floating-point type of weights, activations and gradients"),
    key!("train.stop_when_diverged", train.stop_when_diverged: Flag = |_| true,
        "whether the run ends at its first non-finite loss"),
    key!("trace.every", every: TracedSteps = |_| Every::Steps(count(10)),
        "the steps at which every layer is measured: every n-th, \"log\", or a list"),
    key!("trace.weights", weights: Name<KeptWeights> = |_| KeptWeights::None,
        "the weights that are written as safetensors files: none, init, final or both"),
    key!("trace.order", order: Flag = |_| false,
        "whether each step's examples, and the data, are written as safetensors files"),
];

/// The first part of dotted keys, such as `model`.
#[derive(Debug)]
pub struct Group {
    /// The part.
    pub name: &'static str,
    /// What its keys say, in a few words.
    pub doc: &'static str,
}

/// Every group of [`KEYS`], in their order.
pub static GROUPS: [Group; 4] = [
    Group { name: "data", doc: "where the examples come from" },
    Group { name: "model", doc: "the network" },
    Group { name: "train", doc: "how it is trained" },
    Group { name: "trace", doc: "what is measured and kept of it" },
];

/// The position of `name` in [`KEYS`].
pub fn key_index(name: &str) -> Option<usize> {
    KEYS.iter().position(|k| k.name == name)
}

/// The key called `name`, which the caller knows to exist.
///
/// # Panics
/// If there is no such key.
pub fn key(name: &str) -> &'static Key {
    &KEYS[key_index(name).expect("the name is one of the table's")]
}

static DEFAULT: LazyLock<RunSpec> = LazyLock::new(|| {
    let mut spec = RunSpec {
        seed: 0,
        data: DataSpec {
            source: DataSource::Digits,
            seed: 0,
            features: count(1),
            classes: count(2),
            examples: count(1),
            std: 0.0,
            noise_std: 0.0,
            length: count(1),
            symbols: count(2),
            delay: count(1),
            files: FileSpec::default(),
            found: None,
        },
        model: ModelSpec {
            kind: ModelKind::Mlp,
            depth: count(1),
            width: count(1),
            widths: [].into(),
            activation: Activation::Relu,
            negative_slope: 0.0,
            init: Init::HeNormal,
            init_gain: 0.0,
            bias: false,
            bias_std: 0.0,
            forget_bias: 0.0,
            update_bias: 0.0,
            batch_norm: false,
            layer_norm: false,
            norm: NormKind::None,
            residual: false,
            residual_scaling: ResidualScaling::None,
            layer_scale_init: 0.0,
        },
        train: TrainSpec {
            optimizer: OptimizerSpec {
                kind: OptimizerKind::Sgd,
                learning_rate: 0.0,
                momentum: 0.0,
                alpha: 0.0,
                beta1: 0.0,
                beta2: 0.0,
                epsilon: 0.0,
                weight_decay: 0.0,
            },
            batch_size: BatchSize::Full,
            steps: count(1),
            clip_norm: 0.0,
            precision: Precision::F32,
            stop_when_diverged: false,
        },
        every: Every::Log,
        weights: KeptWeights::None,
        order: false,
    };
    // The table owns the defaults; the values above only give the fields a birth.
    for key in KEYS {
        (key.reset)(&mut spec);
    }
    spec
});

impl Default for RunSpec {
    /// The run of an empty config: every key at the default that [`KEYS`] states.
    fn default() -> Self {
        DEFAULT.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_more_keys_than_a_word_has_bits() {
        let mut set = KeySet::<3>::default();
        assert!(set.is_empty());
        [0, 63, 64, 130].into_iter().for_each(|i| set.insert(i));
        let mut other = KeySet::<3>::default();
        [63, 191].into_iter().for_each(|i| other.insert(i));
        assert_eq!(set.union(other).iter().collect::<Vec<_>>(), [0, 63, 64, 130, 191]);
        assert!(set.contains(130) && !set.contains(66) && !set.contains(2));
    }

    #[test]
    fn key_names_are_unique() {
        for (i, key) in KEYS.iter().enumerate() {
            assert_eq!(key_index(key.name), Some(i), "{}", key.name);
        }
    }

    #[test]
    fn groups_are_the_first_parts_of_the_keys() {
        let mut parts: Vec<&str> = KEYS.iter().filter_map(|key| Some(key.name.split_once('.')?.0)).collect();
        parts.dedup();
        assert_eq!(parts, GROUPS.each_ref().map(|group| group.name));
    }

    #[test]
    fn every_key_sets_copies_resets_and_compares_its_own_field_alone() {
        let samples = [
            "3",
            "0.5",
            "true",
            "false",
            "[3, 5]",
            "\"full\"",
            "\"log\"",
            "\"noise\"",
            "\"mlp\"",
            "\"prelu\"",
            "\"orthogonal\"",
            "\"rms\"",
            "\"inv_sqrt_depth\"",
            "\"adam\"",
            "\"f64\"",
            "\"both\"",
            "\"regression\"",
            "\"tab\"",
        ];
        let default = RunSpec::default();
        for (i, key) in KEYS.iter().enumerate() {
            let mut changed = 0;
            for text in samples {
                let value = toml::from_str::<toml::Table>(&format!("x = {text}")).expect(text)["x"].clone();
                let mut spec = default.clone();
                if !(key.set)(&mut spec, &value) {
                    assert_eq!(spec, default, "{} changed on a refused value", key.name);
                    continue;
                }
                let differs = !(key.same)(&spec, &default);
                changed += usize::from(differs);
                // model.norm is another name of two flags.
                let others = KEYS.iter().enumerate().filter(|(j, k)| *j != i && k.name != "model.norm");
                assert!(others.clone().all(|(_, k)| (k.same)(&spec, &default)), "{} touches another", key.name);
                let mut copy = default.clone();
                (key.copy)(&mut copy, &spec);
                assert_eq!(copy, spec, "{}", key.name);
            }
            assert!(changed > 0 || key.name == "model.kind", "{} was never changed by a sample", key.name);
        }
    }
}
