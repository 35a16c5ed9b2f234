//! Words of the field that vgrun does not have, or calls by another name: one table, with what comes nearest.
//!
//! Asked only about words that vgrun has refused, so that no row can hide what exists.

use Instead::{FirstOf, Key as Called, Near, Value as Means};

/// Words for one thing, and the keys of a run that come nearest to it.
pub(super) struct Words {
    /// The words, in lower case, with `_` for blanks and dashes.
    pub(super) words: &'static [&'static str],
    /// What comes nearest, or why nothing does.
    pub(super) instead: Instead,
}

/// Keys to set, with values as TOML.
pub(super) type Assignments = &'static [(&'static str, &'static str)];

/// What to write in place of a word.
pub(super) enum Instead {
    /// vgrun's own name for it: the first of these keys that takes the value.
    Key(&'static [&'static str]),
    /// vgrun's own name for it: a value of a key, as TOML.
    Value(&'static str, &'static str),
    /// Something else that comes nearest: what it is, and the keys to set.
    Near(&'static str, Assignments),
    /// The first of several such that can stand beside the rest of the config.
    FirstOf(&'static [(&'static str, Assignments)]),
}

pub(super) const ROWS: &[Words] = &[
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
        &["group_norm", "groupnorm", "instance_norm", "instancenorm"],
        FirstOf(&[("layer norm", &[("model.layer_norm", "true")]), ("batch norm", &[("model.batch_norm", "true")])]),
    ),
    row(&["normalization", "normalisation", "normalizer"], Called(&["model.norm"])),
    row(&["rms_norm", "rmsnorm"], Means("model.norm", "\"rms\"")),
    row(&["layerscale"], Means("model.residual_scaling", "\"layer_scale\"")),
    row(&["layer_scale", "init_values"], Called(&["model.layer_scale_init"])),
    row(
        &["rezero", "skipinit"],
        Near(
            "layer_scale from 0 on",
            &[
                ("model.residual_scaling", "\"layer_scale\""),
                ("model.residual", "true"),
                ("model.layer_scale_init", "0.0"),
            ],
        ),
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
        &["variance_scaling", "lsuv", "fixup", "mup", "mu_p", "metainit", "t_fixup"],
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

const fn row(words: &'static [&'static str], instead: Instead) -> Words {
    Words { words, instead }
}

pub(super) fn found(word: &str) -> Option<&'static Words> {
    let written = word.trim().to_lowercase().replace(['-', ' '], "_");
    ROWS.iter().find(|row| row.words.contains(&word) || row.words.contains(&written.as_str()))
}
