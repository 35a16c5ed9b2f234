//! The smallest, the flattest, the deepest: what a grid may hold beside ordinary nets. Each works, or is refused in words
//! that name a key and a remedy.

use std::collections::BTreeMap;
use std::fs;

use crate::data::idx_file::{idx, labels_of, tenths};
use crate::experiment::Experiment;

type Row = BTreeMap<String, String>;

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

fn noise() -> Experiment {
    Experiment::new().key("data.source", "\"noise\"")
}

/// One example of one feature, one layer of one unit, one step.
fn least() -> Experiment {
    let keys = ["data.features", "data.examples", "model.depth", "model.width", "train.steps", "train.batch_size"];
    keys.iter().fold(noise(), |experiment, key| experiment.key(key, "1"))
}

fn csv(table: &str) -> Experiment {
    let experiment = Experiment::new().key("data.source", "\"csv\"").key("data.path", "\"t.csv\"");
    fs::write(experiment.folder().join("t.csv"), table).expect("a file");
    experiment
}

fn idx_pair() -> Experiment {
    let experiment = Experiment::new()
        .key("data.source", "\"idx\"")
        .key("data.path", "\"images\"")
        .key("data.labels", "\"labels\"")
        .key("train.batch_size", "2");
    fs::write(experiment.folder().join("images"), tenths(20)).expect("a file");
    fs::write(experiment.folder().join("labels"), labels_of(20)).expect("a file");
    experiment
}

/// Nothing is trained or written, and the message holds these words.
fn is_refused(experiment: &Experiment, words: &[&str]) {
    let outcome = experiment.run(&["sweep"]);
    assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
    assert!(!experiment.results().exists());
    words.iter().for_each(|word| assert!(outcome.stderr.contains(word), "{word:?} is not in\n{}", outcome.stderr));
}

#[test]
fn a_batch_larger_than_the_data_is_refused() {
    let one = noise().key("data.examples", "1");
    is_refused(&one, &["batch_size 16 is larger than the 1 training example of noise", "change `train.batch_size`"]);
    let normed = least().key("train.batch_size", "\"full\"").key("model.batch_norm", "true");
    is_refused(&normed, &["at least 2 examples", "change `model.batch_norm` or `train.batch_size`", "`data.examples`"]);
}

#[test]
fn one_class_is_refused() {
    is_refused(&noise().key("data.classes", "1"), &["1 is not a value of `data.classes`", "a whole number from 2"]);
    let table = csv("1,oak\n2,oak\n3,oak\n");
    is_refused(&table, &["data.path", "every example is of class \"oak\"", "add examples of another class"]);
    let images = idx_pair();
    fs::write(images.folder().join("labels"), idx(&[20], &[7; 20])).expect("a file");
    is_refused(&images, &["data.labels", "every example is of class \"7\"", "add examples of another class"]);
}

#[test]
fn a_class_without_training_examples_is_refused_in_a_file() {
    let words = csv("1,a\n2,a\n3,a\n4,a\n5,b\n");
    is_refused(
        &words,
        &[
            "data.path",
            "class \"b\" has 1 example,",
            "add examples of it, leave it out, or hold nothing out with data.test_fraction = 0\n",
        ],
    );
    let numbers = csv("1,0.5\n2,0.7\n3,0.1\n");
    is_refused(
        &numbers,
        &["data.path", "is read as the class, of which \"0.7\" has 1 example,", "data.target = \"regression\""],
    );
    let images = idx_pair();
    fs::write(images.folder().join("labels"), idx(&[20], &[[0; 19].as_slice(), &[1]].concat())).expect("a file");
    is_refused(
        &images,
        &[
            "data.labels",
            "class \"1\" has 1 example,",
            "add examples of it, leave it out, or hold nothing out with data.test_fraction = 0\n",
        ],
    );
    let tested = idx_pair().key("data.test_path", "\"images\"").key("data.test_labels", "\"more\"");
    fs::write(tested.folder().join("more"), idx(&[20], &[[0; 19].as_slice(), &[2]].concat())).expect("a file");
    is_refused(&tested, &["data.test_labels", "byte 27: no training example has the label 2", "or leave it out"]);
}

#[test]
fn a_class_without_training_examples_is_another_output_where_data_are_drawn() {
    let spirals =
        Experiment::new().key("data.source", "\"spirals\"").key("data.examples", "4").key("data.classes", "7");
    let spirals = spirals.key("train.batch_size", "4");
    spirals.sweep(&[]);
    let row = &spirals.rows("runs")[0];
    // 2 -> 8 -> 8 -> 7.
    assert_eq!((row["status"].as_str(), row["parameters"].as_str()), ("ok", "159"));
    assert!(number(row, "test_loss").is_finite());
}

#[test]
fn the_least_net_learns_from_the_least_data() {
    let tiny = least()
        .axis("model.activation", "[\"tanh\", \"sigmoid\", \"gelu\"]")
        .axis("train.precision", "[\"f32\", \"f64\"]")
        .axis("train.optimizer", "[\"sgd\", \"momentum\", \"rmsprop\", \"adam\", \"adamw\"]")
        .axis("trace.every", "[10, \"log\", [0]]");
    tiny.sweep(&[]);
    let runs = tiny.rows("runs");
    // The three ways to trace the only step are three runs of the same numbers.
    assert_eq!((runs.len(), tiny.rows("steps").len(), tiny.rows("trace").len()), (90, 90, 180));
    for row in &runs {
        assert_eq!([&row["status"], &row["verdict"], &row["learned"]], ["ok", "healthy", "false"], "{row:?}");
        // Two parameters in the layer, two for each of ten classes.
        assert_eq!((row["parameters"].as_str(), row["loss_first"].as_str()), ("22", row["loss_last"].as_str()));
        let decades = ["init_decades_per_layer", "init_gradient_decades", "last_gradient_decades"];
        assert_eq!(decades.map(|column| row[column].as_str()), ["NaN", "0.0", "0.0"], "one layer has no slope");
        assert!(number(row, "test_loss").is_nan(), "noise has no test part");
    }
    assert!(tiny.rows("trace").iter().all(|row| row["status"] == "ok" && number(row, "update_norm") > 0.0));
}

#[test]
fn one_example_is_a_full_batch() {
    let alone = least().key("train.steps", "5").axis("train.batch_size", "[1, \"full\"]");
    let alone = alone.without("train.batch_size").key("model.activation", "\"tanh\"");
    alone.sweep(&[]);
    let numbers = |run: &str| -> Vec<Row> {
        let rows = alone.rows("trace").into_iter().filter(|row| row["run"] == run);
        rows.map(|row| row.into_iter().filter(|(column, _)| column != "run").collect()).collect()
    };
    assert_eq!(numbers("0").len(), 2 * 3);
    assert_eq!(numbers("0"), numbers("1"));
}

#[test]
fn one_row_to_learn_from_and_one_to_test_are_too_few_for_a_number_and_three_are_enough() {
    let keys = |experiment: Experiment| {
        experiment.key("data.target", "\"regression\"").key("train.batch_size", "1").key("train.steps", "1")
    };
    is_refused(
        &keys(csv("1,2\n")),
        &["data.path", "the file has 1 example, and vgrun needs at least 2", "add examples"],
    );
    is_refused(&keys(csv("1,2\n3,4\n")), &["data.path", "the target is 2 in every training example", "data.label"]);
    let enough = keys(csv("1,2\n3,4\n5,9\n"));
    enough.sweep(&[]);
    let row = &enough.rows("runs")[0];
    assert_eq!([&row["status"], &row["accuracy_last"], &row["test_accuracy"]], ["ok", "NaN", "NaN"]);
    assert!(number(row, "loss_first").is_finite() && number(row, "test_loss").is_finite());
}

#[test]
fn a_constant_feature_is_as_good_as_none_and_constant_features_alone_teach_the_biases() {
    let rows = |cell: fn(usize) -> String| -> String {
        (0..40).flat_map(|i| [cell(i), ["a\n", "b\n"][i % 2].into()]).collect()
    };
    let loss = |experiment: &Experiment| experiment.rows("runs")[0]["loss_last"].clone();
    let with = csv(&rows(|i| format!("{},0.1,", i % 5))).key("model.activation", "\"tanh\"");
    with.sweep(&[]);
    let row = &with.rows("runs")[0];
    assert_eq!((row["status"].as_str(), row["parameters"].as_str()), ("ok", "114"));

    let flat = || csv(&rows(|_| "7,0.1,".into())).key("model.activation", "\"tanh\"");
    for norm in ["model.batch_norm", "model.layer_norm", "model.residual"] {
        let flat = flat().key(norm, "true");
        flat.sweep(&[]);
        let row = &flat.rows("runs")[0];
        assert_eq!(row["status"], "ok", "{norm}");
        assert!(number(row, "loss_last").is_finite() && number(row, "test_loss").is_finite(), "{norm}");
    }
    let flat = flat().key("model.bias_std", "0.5");
    flat.sweep(&[]);
    assert_ne!(loss(&flat), loss(&with));
    // The first layer sees zeros: its weights have no gradient for a reason of the network, and the error is there.
    for row in flat.rows("trace").iter().filter(|row| row["layer"] == "1") {
        assert_eq!((row["status"].as_str(), row["grad_norm"].as_str()), ("zero", "0.0"));
        assert!(number(row, "delta_rms") > 0.0);
    }
}

#[test]
fn a_net_of_a_thousand_layers_is_measured_in_every_layer() {
    let deep = noise()
        .key("model.depth", "1000")
        .key("train.steps", "2")
        .key("data.examples", "32")
        .axis("model.activation", "[\"sigmoid\", \"tanh\"]")
        .axis("train.precision", "[\"f32\", \"f64\"]")
        .axis("model.residual", "[false, true]")
        .text("[[exclude]]\nmodel.activation = \"sigmoid\"\nmodel.residual = true");
    deep.sweep(&[]);
    let runs = deep.rows("runs");
    assert_eq!((runs.len(), deep.rows("layers").len(), deep.rows("trace").len()), (6, 6 * 1001, 2 * 6 * 1001));
    for row in &runs {
        assert_eq!(row["status"], "ok");
        let verdict = if row["residual"] == "true" { ["saturated", "exploding"].as_slice() } else { &["vanishing"] };
        assert!(verdict.contains(&row["verdict"].as_str()), "{row:?}");
        let decades = number(row, "init_gradient_decades");
        match (row["activation"].as_str(), row["residual"].as_str()) {
            ("tanh", "true") => assert!((0.0..8.0).contains(&decades), "{decades}"),
            ("tanh", _) => assert!((-40.0..-20.0).contains(&decades), "{decades}"),
            // Some 0.6 decades in each of 1,000 layers, more than f64 has.
            _ => assert!((-700.0..-400.0).contains(&decades), "{decades}"),
        }
    }
    let lost = deep.rows("trace").into_iter().filter(|row| number(row, "delta_rms") == 0.0);
    assert!(lost.into_iter().all(|row| row["status"] == "underflow"), "no zero is false");
}
