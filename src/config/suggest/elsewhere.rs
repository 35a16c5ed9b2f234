//! Words of the field that vgrun does not have, or calls by another name: one table, with what comes nearest.
//!
//! Asked only about words that vgrun has refused, so that no row can hide what exists.

use super::shown;
use crate::spec::{Draft, Key, key_index};

/// Some words for one thing, and the keys of a run that come nearest to it.
struct Row {
    /// In lower case, with `_` for blanks and dashes.
    words: &'static [&'static str],
    /// What comes nearest, or why nothing does.
    instead: Instead,
}

/// Keys to set, with values as TOML.
type Settings = &'static [(&'static str, &'static str)];

enum Instead {
    /// The same thing under vgrun's name: the first of these keys that takes the value.
    Key(&'static [&'static str]),
    /// The same thing under vgrun's name: a value of a key, as TOML.
    Value(&'static str, &'static str),
    /// Something else that comes nearest: what it is, and the keys to set.
    Near(&'static str, Settings),
    /// The first of several such that can stand beside the rest of the config.
    FirstOf(&'static [(&'static str, Settings)]),
    /// Any one of several keys, between which the user has to choose.
    AnyOf(&'static str, Settings),
}

use Instead::{AnyOf, FirstOf, Key as Called, Near, Value as Means};

const ROWS: &[Row] = &[
    row(&["lr", "eta", "step_size", "rate"], Called(&["train.learning_rate"])),
    row(
        &["epochs", "epoch", "num_epochs", "n_epochs", "max_epochs"],
        Near(
            "the number of updates, and an epoch is (training examples / train.batch_size) of them",
            &[("train.steps", "200")],
        ),
    ),
    row(&["iterations", "iters", "num_steps", "max_steps", "n_steps", "updates", "max_iter"], Called(&["train.steps"])),
    row(
        &["layers", "num_layers", "n_layers", "hidden_layers", "num_hidden_layers", "n_hidden"],
        Called(&["model.depth"]),
    ),
    row(
        &["hidden", "hidden_size", "hidden_dim", "hidden_units", "units", "neurons", "num_units", "n_units", "d_model"],
        Called(&["model.width", "model.widths"]),
    ),
    row(
        &["hidden_layer_sizes", "layer_sizes", "hidden_sizes", "hidden_dims"],
        Called(&["model.widths", "model.width"]),
    ),
    row(
        &["nonlinearity", "non_linearity", "activation_function", "act", "act_fn", "phi"],
        Called(&["model.activation"]),
    ),
    row(&["dataset", "data_set"], Called(&["data.source"])),
    row(&["random_seed", "random_state", "manual_seed", "rng"], Called(&["seed"])),
    row(&["arch", "architecture", "network", "model_type", "cell", "cell_type"], Called(&["model.kind"])),
    row(
        &["initializer", "initialization", "initialisation", "weight_init", "kernel_initializer"],
        Called(&["model.init"]),
    ),
    row(&["gain", "weight_scale", "init_scale", "sigma_w"], Called(&["model.init_gain"])),
    row(&["sigma_b", "bias_scale"], Called(&["model.bias_std"])),
    row(&["use_bias", "biases"], Called(&["model.bias"])),
    row(&["batchnorm", "bn", "batch_normalization", "batch_normalisation"], Called(&["model.batch_norm"])),
    row(&["layernorm", "ln", "layer_normalization", "layer_normalisation"], Called(&["model.layer_norm"])),
    row(
        &["skip", "skip_connection", "skip_connections", "residuals", "shortcut", "resnet_block"],
        Called(&["model.residual"]),
    ),
    row(
        &[
            "grad_clip",
            "gradient_clip",
            "gradient_clipping",
            "grad_clipping",
            "clip",
            "clipping",
            "clip_grad_norm",
            "max_grad_norm",
            "clip_grad",
            "clip_value",
        ],
        Called(&["train.clip_norm"]),
    ),
    row(&["l2", "l2_regularization", "wd", "decay"], Called(&["train.weight_decay"])),
    row(
        &["l1", "l1_regularization", "lasso"],
        Near(
            "weight decay, which is L2, with adamw",
            &[("train.optimizer", "\"adamw\""), ("train.weight_decay", "0.01")],
        ),
    ),
    row(
        &["batch", "batchsize", "bs", "mini_batch", "minibatch_size", "mini_batch_size"],
        Called(&["train.batch_size"]),
    ),
    row(&["dtype", "floatx", "float_type", "float"], Called(&["train.precision"])),
    row(&["opt", "optim", "update_rule", "solver"], Called(&["train.optimizer"])),
    row(&["eps"], Called(&["train.epsilon"])),
    row(&["seq_len", "sequence_length", "seq_length", "timesteps", "time_steps"], Called(&["data.length"])),
    row(&["n_samples", "num_samples", "num_examples", "n_examples"], Called(&["data.examples"])),
    row(
        &["dropout", "drop_rate", "dropout_rate", "dropconnect", "droppath", "drop_path", "stochastic_depth", "p_drop"],
        Near("weight decay, with adamw", &[("train.optimizer", "\"adamw\""), ("train.weight_decay", "0.01")]),
    ),
    row(
        &["nesterov", "nag", "nesterov_momentum"],
        Near("momentum without the look ahead", &[("train.optimizer", "\"momentum\"")]),
    ),
    row(&["sgdm", "sgd_momentum", "momentum_sgd"], Means("train.optimizer", "\"momentum\"")),
    row(&["adagrad", "adadelta"], Near("rmsprop", &[("train.optimizer", "\"rmsprop\"")])),
    row(
        &["adamax", "nadam", "radam", "amsgrad", "adabelief", "adafactor", "lamb"],
        Near("adam", &[("train.optimizer", "\"adam\"")]),
    ),
    row(&["lion", "sophia"], Near("adamw", &[("train.optimizer", "\"adamw\"")])),
    row(
        &["lars", "muon", "shampoo", "lookahead", "rprop", "asgd"],
        Near("momentum", &[("train.optimizer", "\"momentum\"")]),
    ),
    row(
        &["lbfgs", "bfgs", "newton", "conjugate_gradient", "kfac"],
        Near("sgd on all examples at once", &[("train.optimizer", "\"sgd\""), ("train.batch_size", "\"full\"")]),
    ),
    row(
        &[
            "scheduler",
            "lr_scheduler",
            "lr_schedule",
            "learning_rate_schedule",
            "learning_rate_scheduler",
            "schedule",
            "lr_decay",
            "learning_rate_decay",
            "cosine",
            "cosine_annealing",
            "step_lr",
            "steplr",
            "one_cycle",
            "onecycle",
            "exponential_lr",
            "exponential_decay",
            "polynomial_decay",
            "reduce_lr_on_plateau",
            "annealing",
            "gamma",
        ],
        Near("one constant learning rate a run", &[("train.learning_rate", "0.02")]),
    ),
    row(
        &["warmup", "warm_up", "warmup_steps", "lr_warmup", "linear_warmup"],
        Near("a smaller learning rate from the start", &[("train.learning_rate", "0.002")]),
    ),
    row(&["early_stopping", "patience", "early_stop"], Near("fewer steps", &[("train.steps", "100")])),
    row(
        &[
            "loss",
            "loss_function",
            "criterion",
            "objective",
            "cross_entropy",
            "mse",
            "mean_squared_error",
            "hinge",
            "huber",
            "bce",
            "nll",
        ],
        Near("the loss that belongs to the data: cross-entropy for classes, squared error for numbers", &[]),
    ),
    row(
        &["group_norm", "groupnorm", "instance_norm", "instancenorm", "rms_norm", "rmsnorm"],
        FirstOf(&[("layer norm", &[("model.layer_norm", "true")]), ("batch norm", &[("model.batch_norm", "true")])]),
    ),
    row(
        &["normalization", "normalisation", "norm"],
        AnyOf("batch norm or layer norm", &[("model.batch_norm", "true"), ("model.layer_norm", "true")]),
    ),
    row(
        &["weight_norm", "spectral_norm", "weight_standardization"],
        FirstOf(&[("batch norm", &[("model.batch_norm", "true")]), ("layer norm", &[("model.layer_norm", "true")])]),
    ),
    row(
        &["resnet", "resnet18", "resnet34", "resnet50", "densenet", "highway", "residual_network", "wideresnet"],
        FirstOf(&[
            ("an mlp with residual connections", &[("model.kind", "\"mlp\""), ("model.residual", "true")]),
            ("an mlp", &[("model.kind", "\"mlp\"")]),
            ("an lstm", &[("model.kind", "\"lstm\"")]),
        ]),
    ),
    row(
        &[
            "cnn",
            "conv",
            "convnet",
            "conv2d",
            "conv1d",
            "convolution",
            "convolutional",
            "kernel_size",
            "filters",
            "channels",
            "stride",
            "pooling",
            "lenet",
            "alexnet",
            "vgg",
            "vgg16",
            "unet",
            "mobilenet",
            "convnext",
        ],
        FirstOf(&[
            ("an mlp, which sees an image as one row of pixels", &[("model.kind", "\"mlp\"")]),
            ("an lstm", &[("model.kind", "\"lstm\"")]),
        ]),
    ),
    row(
        &[
            "transformer",
            "attention",
            "self_attention",
            "multihead_attention",
            "num_heads",
            "n_heads",
            "heads",
            "bert",
            "gpt",
            "gpt2",
            "vit",
            "llama",
            "encoder",
            "decoder",
            "mamba",
            "s4",
            "ssm",
        ],
        FirstOf(&[
            (
                "an mlp with residual connections and layer norm",
                &[("model.kind", "\"mlp\""), ("model.residual", "true"), ("model.layer_norm", "true")],
            ),
            ("an mlp with residual connections", &[("model.kind", "\"mlp\""), ("model.residual", "true")]),
            ("an mlp", &[("model.kind", "\"mlp\"")]),
            ("for sequences an lstm", &[("model.kind", "\"lstm\"")]),
        ]),
    ),
    row(
        &[
            "autoencoder",
            "vae",
            "gan",
            "diffusion",
            "gnn",
            "gcn",
            "graph",
            "kan",
            "mlp_mixer",
            "moe",
            "rbf",
            "perceptron",
            "siren",
        ],
        FirstOf(&[("an mlp", &[("model.kind", "\"mlp\"")]), ("an lstm", &[("model.kind", "\"lstm\"")])]),
    ),
    row(
        &["bilstm", "bidirectional", "peephole", "seq2seq", "xlstm"],
        Near("an lstm, which reads forward alone", &[("model.kind", "\"lstm\""), ("data.source", "\"adding\"")]),
    ),
    row(
        &[
            "feedforward",
            "feed_forward",
            "fnn",
            "ffn",
            "dense",
            "fully_connected",
            "fc",
            "multilayer_perceptron",
            "ann",
            "dnn",
        ],
        Means("model.kind", "\"mlp\""),
    ),
    row(&["elman", "vanilla_rnn", "simple_rnn", "simplernn"], Means("model.kind", "\"rnn\"")),
    row(&["identity", "id"], Means("model.activation", "\"linear\"")),
    row(&["logistic", "expit"], Means("model.activation", "\"sigmoid\"")),
    row(&["leaky", "lrelu", "leaky_rectify"], Means("model.activation", "\"leaky_relu\"")),
    row(&["rectifier", "rectified_linear", "rectify"], Means("model.activation", "\"relu\"")),
    row(
        &["mish", "hardswish", "hard_swish", "swiglu", "glu", "logish"],
        Near("silu", &[("model.activation", "\"silu\"")]),
    ),
    row(&["geglu", "quick_gelu", "gelu_new", "gelu_tanh"], Near("gelu", &[("model.activation", "\"gelu\"")])),
    row(
        &["relu6", "reglu", "crelu", "maxout", "hard_shrink", "threshold", "squared_relu"],
        Near("relu", &[("model.activation", "\"relu\"")]),
    ),
    row(&["rrelu", "abs", "absolute"], Near("leaky_relu", &[("model.activation", "\"leaky_relu\"")])),
    row(&["celu"], Near("elu", &[("model.activation", "\"elu\"")])),
    row(
        &["hard_sigmoid", "hardsigmoid", "softmax", "step", "heaviside", "log_sigmoid"],
        Near("sigmoid", &[("model.activation", "\"sigmoid\"")]),
    ),
    row(
        &["hard_tanh", "hardtanh", "softsign", "tanhshrink", "arctan", "atan", "sin", "sine", "erf"],
        Near("tanh", &[("model.activation", "\"tanh\"")]),
    ),
    row(
        &["zeros", "zero", "ones", "constant", "normal", "gaussian", "randn", "truncated_normal", "trunc_normal"],
        Near(
            "lecun_normal, whose scale model.init_gain sets",
            &[("model.init", "\"lecun_normal\""), ("model.init_gain", "1.0")],
        ),
    ),
    row(
        &["uniform", "rand", "random_uniform"],
        Near(
            "lecun_uniform, whose scale model.init_gain sets",
            &[("model.init", "\"lecun_uniform\""), ("model.init_gain", "1.0")],
        ),
    ),
    row(
        &["variance_scaling", "lsuv", "fixup", "mup", "mu_p", "metainit", "t_fixup", "skipinit", "rezero"],
        Near("he_normal with a gain of its own", &[("model.init", "\"he_normal\""), ("model.init_gain", "1.0")]),
    ),
    row(&["kaiming_uniform"], Means("model.init", "\"he_uniform\"")),
    row(&["kaiming_normal"], Means("model.init", "\"he_normal\"")),
    row(&["glorot_uniform"], Means("model.init", "\"xavier_uniform\"")),
    row(&["glorot_normal"], Means("model.init", "\"xavier_normal\"")),
    row(
        &["mnist", "fashion_mnist", "fashionmnist", "kmnist", "emnist", "qmnist", "usps"],
        FirstOf(&[
            (
                "digits, which is built in; MNIST's own files are read with data.source = \"idx\", data.path and data.labels",
                &[("data.source", "\"digits\"")],
            ),
            ("digits_rows, the built-in images row by row", &[("data.source", "\"digits_rows\"")]),
        ]),
    ),
    row(
        &["smnist", "sequential_mnist", "psmnist", "pixel_mnist", "row_mnist"],
        Near("digits_pixels", &[("data.source", "\"digits_pixels\""), ("model.kind", "\"lstm\"")]),
    ),
    row(
        &[
            "cifar",
            "cifar10",
            "cifar_10",
            "cifar100",
            "cifar_100",
            "svhn",
            "imagenet",
            "imagenette",
            "celeba",
            "stl10",
            "tiny_imagenet",
            "coco",
        ],
        FirstOf(&[
            (
                "digits, which is built in; other images are read as a table with data.source = \"csv\" and data.path",
                &[("data.source", "\"digits\"")],
            ),
            ("digits_rows, the built-in images row by row", &[("data.source", "\"digits_rows\"")]),
        ]),
    ),
    row(
        &[
            "iris",
            "wine",
            "breast_cancer",
            "titanic",
            "adult",
            "boston",
            "california_housing",
            "diabetes",
            "penguins",
            "higgs",
        ],
        Near(
            "blobs, which is built in; a table of your own is read with data.source = \"csv\" and data.path",
            &[("data.source", "\"blobs\"")],
        ),
    ),
    row(
        &["circles", "make_circles", "make_moons", "two_moons", "moon", "xor", "parity", "checkerboard", "swiss_roll"],
        Near("moons", &[("data.source", "\"moons\"")]),
    ),
    row(&["gaussian_blobs", "make_blobs", "clusters"], Means("data.source", "\"blobs\"")),
    row(&["two_spirals", "spiral"], Means("data.source", "\"spirals\"")),
    row(&["copy_memory", "copying"], Near("copy", &[("data.source", "\"copy\""), ("model.kind", "\"lstm\"")])),
    row(
        &["imdb", "ptb", "penn_treebank", "wikitext", "shakespeare", "enwik8", "text", "tokens", "vocab_size"],
        Near("copy, a task of symbols, with an lstm", &[("data.source", "\"copy\""), ("model.kind", "\"lstm\"")]),
    ),
    row(&["float32", "fp32", "single"], Means("train.precision", "\"f32\"")),
    row(&["float64", "fp64", "double"], Means("train.precision", "\"f64\"")),
    row(
        &["float16", "fp16", "half", "f16", "bf16", "bfloat16", "fp8", "amp", "mixed_precision", "mixed"],
        Near("f32", &[("train.precision", "\"f32\"")]),
    ),
    row(
        &["augmentation", "data_augmentation", "label_smoothing", "mixup", "cutout"],
        Near("data with noise of its own", &[("data.source", "\"moons\""), ("data.noise_std", "0.2")]),
    ),
    row(&["\\t", "\\\\t", "tabs", "tabulator", "tsv"], Means("data.separator", "\"tab\"")),
    row(&["space", "spaces", "blanks", "whitespace", "\\s+"], Means("data.separator", "\"blank\"")),
    row(
        &["device", "gpu", "cuda", "num_workers", "tpu"],
        Near("the option --jobs, since all training is on the processor", &[]),
    ),
];

const fn row(words: &'static [&'static str], instead: Instead) -> Row {
    Row { words, instead }
}

fn found(word: &str) -> Option<&'static Row> {
    let written = word.trim().to_lowercase().replace(['-', ' '], "_");
    ROWS.iter().find(|row| row.words.contains(&word) || row.words.contains(&written.as_str()))
}

impl Instead {
    /// What comes nearest and can stand beside what the config says of the run; none where nothing can.
    fn nearest(&self, said: &Draft) -> Option<(&'static str, Settings)> {
        match self {
            Called(_) | Means(..) | AnyOf(..) => None,
            Near(what, keys) => Some((*what, *keys)).filter(|(_, keys)| stand_beside(keys, said)),
            FirstOf(all) => all.iter().copied().find(|(_, keys)| stand_beside(keys, said)),
        }
    }

    /// What comes nearest, in words alone.
    fn in_words(&self) -> Option<&'static str> {
        match self {
            Called(_) | Means(..) | FirstOf([]) => None,
            Near(what, _) | FirstOf([(what, _), ..]) | AnyOf(what, _) => Some(what),
        }
    }
}

/// Whether these keys contradict nothing that the config says of the run.
fn stand_beside(keys: Settings, said: &Draft) -> bool {
    let mut draft = said.clone();
    let set: Vec<usize> = keys.iter().filter_map(|(key, value)| set(&mut draft, key, value)).collect();
    let conflicts = Draft::conflicts(draft.named(), &draft.point());
    set.len() == keys.len() && !conflicts.iter().any(|conflict| conflict.keys.iter().any(|key| set.contains(key)))
}

/// Sets a key to a value written as TOML; its index.
fn set(draft: &mut Draft, key: &str, value: &str) -> Option<usize> {
    let index = key_index(key)?;
    let value = format!("x = {value}").parse::<toml::Table>().ok()?.remove("x")?;
    draft.set(index, &value).then_some(index)
}

fn assignments(keys: &[(&str, &str)], between: &str) -> String {
    keys.iter().map(|(key, value)| format!("run.{key} = {value}")).collect::<Vec<_>>().join(between)
}

/// The keys of the run that `word`, which vgrun has refused as a key, is another name for: their indices in `KEYS`.
pub(in crate::config) fn other_names(word: &str) -> impl Iterator<Item = usize> {
    let names = match found(word).map(|row| &row.instead) {
        Some(Called(names)) => *names,
        Some(Means(..) | Near(..) | FirstOf(_) | AnyOf(..)) | None => &[],
    };
    names.iter().filter_map(|name| key_index(name))
}

/// What to set in place of `word`, which vgrun has refused as a key or a section of a config that says `said` of its run;
/// none where it is no word of the field.
pub(in crate::config) fn in_place_of_key(word: &str, said: &Draft) -> Option<String> {
    let instead = &found(word)?.instead;
    let word = shown(word);
    if let Means(key, value) = instead {
        return Some(format!("{word} is a value: leave it out, and set run.{key} = {value}"));
    }
    let set = match (instead, instead.nearest(said)) {
        (AnyOf(_, keys), _) => {
            let fitting: Vec<_> = keys.iter().copied().filter(|key| stand_alone(*key, said)).collect();
            assignments(&fitting, " or ")
        }
        (Called(_) | Means(..) | Near(..) | FirstOf(_), nearest) => {
            nearest.map(|(_, keys)| assignments(keys, " and ")).unwrap_or_default()
        }
    };
    let what = instead.nearest(said).map(|(what, _)| what).or_else(|| instead.in_words())?;
    let set = if set.is_empty() { String::new() } else { format!(", and set {set}") };
    Some(format!("vgrun has no {word}; what comes nearest is {what}: leave {word} out{set}"))
}

fn stand_alone((key, value): (&'static str, &'static str), said: &Draft) -> bool {
    let mut draft = said.clone();
    let Some(index) = set(&mut draft, key, value) else { return false };
    !Draft::conflicts(draft.named(), &draft.point()).iter().any(|conflict| conflict.keys.contains(&index))
}

/// What to write in place of `word`, which is no value of `key` in a config that says `said` of its run; none where it is
/// no word of the field.
pub(in crate::config) fn in_place_of_value(key: &Key, word: &str, said: &Draft) -> Option<String> {
    let instead = &found(word)?.instead;
    if let Means(of, value) = instead {
        return (*of == key.name).then(|| format!("vgrun calls it {value}: write {value}"));
    }
    let word = shown(word);
    let Some((what, keys)) = instead.nearest(said) else {
        // Nothing that stands beside the rest of the config.
        return instead.in_words().map(|what| format!("vgrun has no {word}; what comes nearest is {what}"));
    };
    let (of_key, others): (Vec<_>, Vec<_>) = keys.iter().copied().partition(|(of, _)| *of == key.name);
    let write = of_key.first().map(|(_, value)| format!("write {value}"));
    let set = (!others.is_empty()).then(|| format!("set {}", assignments(&others, " and ")));
    let all: Vec<String> = write.into_iter().chain(set).collect();
    (!all.is_empty()).then(|| format!("vgrun has no {word}; what comes nearest is {what}: {}", all.join(", and ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Source, parse};
    use crate::spec::KEYS;

    /// Every set of keys that a row tells to set.
    fn settings(instead: &Instead) -> Vec<Vec<(&'static str, &'static str)>> {
        match instead {
            Called(_) => Vec::new(),
            Means(key, value) => vec![vec![(*key, *value)]],
            Near(_, keys) => vec![keys.to_vec()],
            FirstOf(all) => all.iter().map(|(_, keys)| keys.to_vec()).collect(),
            AnyOf(_, keys) => keys.iter().map(|key| vec![*key]).collect(),
        }
    }

    #[test]
    fn no_word_that_is_refused_exists_and_none_has_two_rows() {
        let mut seen = BTreeSet::new();
        for word in ROWS.iter().flat_map(|row| row.words) {
            assert!(seen.insert(word), "{word} has two rows");
            for key in KEYS {
                assert!(key.name != *word && key.short_name() != *word, "{word} is a key");
            }
        }
        // A word may be a value of one key and none of another: only where the table says so of the key that has it.
        for row in ROWS {
            for (name, _) in settings(&row.instead).concat() {
                let names = KEYS.iter().find(|key| key.name == name).expect(name).shape;
                assert!(row.words.iter().all(|word| !names().names().contains(word)), "{:?}", row.words);
            }
        }
    }

    /// The advice of every row, followed to the letter in a config of its own.
    #[test]
    fn what_every_row_tells_to_set_works() {
        for row in ROWS {
            if let Called(names) = &row.instead {
                assert!(names.iter().all(|name| key_index(name).is_some()), "{names:?}");
            }
            for keys in settings(&row.instead) {
                let lines: String = keys.iter().flat_map(|(key, value)| ["run.", *key, " = ", *value, "\n"]).collect();
                let (_, diagnostics) = parse(&Source::new("a.toml", format!("name = \"a\"\n{lines}")), &[]);
                assert!(diagnostics.is_empty(), "{lines}: {diagnostics:?}");
            }
        }
    }

    #[test]
    fn advice_contradicts_nothing_that_the_config_says() {
        let mut sequences = Draft::default();
        set(&mut sequences, "data.source", "\"adding\"").expect("a source");
        let kind = &KEYS[key_index("model.kind").expect("a key")];
        let advice = |said: &Draft| in_place_of_value(kind, "transformer", said).expect("advice");
        assert!(advice(&sequences).ends_with("write \"lstm\""), "{}", advice(&sequences));
        let mut normed = Draft::default();
        set(&mut normed, "model.batch_norm", "true").expect("a flag");
        assert!(advice(&normed).ends_with("write \"mlp\", and set run.model.residual = true"), "{}", advice(&normed));
        let norm = in_place_of_key("norm", &normed).expect("advice");
        assert!(norm.ends_with("set run.model.batch_norm = true"), "{norm}");
    }
}
