//! Every kind of bad config, with the message that its author gets to read.

use std::fs;

use vgrun::config::{Source, render};
use vgrun::plan;

use crate::config::advice::follow;

/// What is said about a config that cannot be run.
fn message(text: &str, sets: &[&str]) -> String {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    match plan::plan(&Source::new("bad.toml", text), &sets) {
        Ok(plan) => panic!("it has a plan of {} runs", plan.len()),
        Err(diagnostics) => {
            if sets.is_empty() {
                follow(text, &diagnostics);
            }
            render(&diagnostics, false)
        }
    }
}

/// A test for each bad config: its name, its text, the arguments of `--set`.
macro_rules! bad {
    ($($name:ident: $text:expr $(, --set $($set:literal),+)?;)+) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), message(&$text, &[$($($set),+)?]));
        }
    )+};
}

/// A config with a name, with `rest` from line 2 on.
fn named(rest: &str) -> String {
    format!("name = \"bad\"\n{rest}\n")
}

bad! {
    sequences_for_a_net_without_time: named("run.data.source = \"adding\"");
    a_recurrent_net_without_sequences: named("[grid]\nmodel.kind = [\"mlp\", \"lstm\"]");
    batch_norm_through_time: named("run.data.source = \"noise\"\n[grid]\nmodel.kind = [\"mlp\", \"gru\"]\nmodel.batch_norm = [false, true]");
    all_of_what_has_no_end: named("run.model.kind = \"rnn\"\nrun.data.source = \"copy\"\nrun.train.batch_size = \"full\"\nrun.trace.order = true");
    halves_of_one_time_step: named("run.model.kind = \"rnn\"\nrun.data.source = \"adding\"\nrun.data.length = 1");
    a_forget_gate_where_none_is: named("run.model.kind = \"gru\"\nrun.data.source = \"adding\"\nrun.model.forget_bias = 1");
    typo_in_a_key: named("[run]\nmodel.dpeth = 5");
    typo_in_a_key_of_a_table: named("[run.train]\nlearning_rat = 0.1\nbatch_size = 32");
    key_in_the_wrong_group: named("[run]\nmodel.learning_rate = 0.1");
    key_without_its_group: named("[grid]\ndepth = [5, 10]");
    key_that_means_nothing: named("[run]\nmodel.colour = \"red\"");
    typo_in_a_value: named("[grid]\nmodel.activation = [\"relu\", \"sigmod\", \"tanh\"]");
    typo_in_a_section: named("[gird]\nmodel.depth = [5, 10]");
    typo_in_a_group: named("[run.modle]\ndepth = 5\nwidth = 6");
    section_without_run: named("[model]\ndepth = 5");
    key_of_the_run_at_the_top: "name = \"bad\"\ndepth = 5\n";
    name_below_a_section: "[run]\nseed = 1\nname = \"bad\"\n";
    section_of_another_tool: named("[[steps]]\nuses = 1");
    wrong_type: named("[run]\nmodel.depth = \"ten\"\nmodel.batch_norm = 1\ntrain.steps = \"200\"\ntrain.batch_size = 32.0");
    list_where_one_value_belongs: named("[run]\nmodel.depth = [5, 10]");
    range_where_one_value_belongs: named("[run]\nseed = { from = 0, count = 3 }");
    table_where_a_value_belongs: named("[run.model.depth]\nvalue = 5");
    value_where_a_table_belongs: named("[run]\nmodel = \"mlp\"");
    section_that_is_a_value: "name = \"bad\"\ngrid = 5\n";
    axis_that_is_no_list: named("[grid]\nmodel.depth = 5");
    axis_of_lists_that_is_a_list: named("[grid]\nmodel.widths = [512, 256]");
    empty_axis: named("[grid]\nmodel.depth = []");
    number_that_would_be_0: named("[run]\ntrain.clip_norm = 1e-400\nmodel.init_gain = 1_0.0e-500\n[check]\ntolerance_decades = 1e-999");
    name_longer_than_a_folders: format!("name = \"{}\"\n", "a".repeat(101));
    range_of_distances_that_are_no_whole_numbers: named("[grid]\nseed = { from = 0, to = 9223372036854775807, count = 3 }");
    zero_depth: named("[run]\nmodel.depth = 0");
    negative_rate: named("[run.train]\nlearning_rate = -0.1");
    number_beyond_64_bits: named("[run]\nseed = 99999999999999999999");
    out_of_range_in_the_middle_of_a_list: named("[grid]\nmodel.depth = [5, 10, 0, 20]");
    duplicate_axis_in_one_table: named("[grid]\nmodel.depth = [5]\nmodel.width = [8]\nmodel.depth = [10]");
    duplicate_section: named("[run]\nseed = 1\n[grid]\nmodel.depth = [5]\n[run]\nseed = 2");
    dotted_and_table: named("[run]\nmodel.depth = 5\n[run.model]\nwidth = 8");
    duplicate_axis_in_grid_and_zip: named("[grid]\nmodel.depth = [5, 10]\n[[zip]]\nmodel.depth = [5, 10]\nmodel.width = [8, 16]");
    duplicate_axis_in_two_zips: named("[[zip]]\nseed = [1, 2]\nmodel.width = [8, 16]\n[[zip]]\nseed = [3, 4]");
    duplicate_value: named("[grid]\nmodel.depth = [5, 10, 5]");
    duplicate_value_by_alias: named("[grid]\nmodel.init = [\"he\", \"xavier\", \"he_normal\"]");
    duplicate_value_by_spelling: named("[grid]\ntrain.learning_rate = [0.1, 1e-1]");
    zip_of_unequal_lengths: named("[[zip]]\ntrain.batch_size = [16, 256]\ntrain.learning_rate = [0.01, 0.1, 1.0]");
    zip_of_a_repeated_pair: named("[[zip]]\nmodel.depth = [5, 10, 5]\nmodel.width = [8, 8, 8]");
    zip_without_double_brackets: named("[zip]\nmodel.depth = [5, 10]");
    malformed_toml: named("[run]\nmodel.depth = = 5");
    two_syntax_errors: named("[run]\nmodel.activation = relu\n[grid]\nmodel.residual = [True, false]\nmodel.width 64");
    unclosed_list: named("[grid]\nmodel.depth = [5, 10\nmodel.width = [8]\n\n[run]\nseed = 1");
    unclosed_string: named("[run]\nmodel.activation = \"relu\nmodel.depth = 0");
    syntax_and_meaning: named("[run]\nmodel.depth = 0\nmodel.activation = relu\nmodel.width = -1");
    grid_of_a_trillion_points: named(
        "[grid]\nseed = { from = 0, count = 10000 }\nmodel.depth = { from = 1, count = 10000 }\nmodel.width = { from = 1, count = 10000 }");
    huge_range: named("[grid]\nseed = { from = 0, count = 1000000000000 }");
    range_of_tiny_steps: named("[grid]\ntrain.learning_rate = { from = 1e-9, to = 1, step = 1e-12 }");
    range_with_a_step_of_zero: named("[grid]\nmodel.depth = { from = 1, to = 5, step = 0 }");
    range_that_goes_down: named("[grid]\nmodel.depth = { from = 10, to = 5, step = 1 }");
    range_of_no_values: named("[grid]\nseed = { from = 0, count = 0 }");
    range_logarithmic_from_zero: named("[grid]\ntrain.learning_rate = { from = 0, to = 1, count = 5, scale = \"log\" }");
    range_without_an_end: named("[grid]\nmodel.depth = { from = 10 }");
    range_with_a_typo: named("[grid]\nmodel.depth = { from = 10, cuont = 5, scale = \"lg\" }");
    range_of_fractions_for_a_whole_number: named("[grid]\nmodel.depth = { from = 5, to = 10, count = 5 }");
    range_of_names: named("[grid]\nmodel.activation = { from = 0, count = 3 }");
    contradicting_axes: named("[grid]\nmodel.batch_norm = [false, true]\nmodel.layer_norm = [false, true]\nmodel.depth = [5, 10]");
    contradicting_run: named("[run.model]\nbatch_norm = true\nlayer_norm = true");
    widths_against_depth: named("[run.model]\nwidths = [512, 256, 128]\ndepth = 10");
    widths_against_a_depth_axis: named("[run.model]\nwidths = [64, 32]\n[grid]\nmodel.depth = [2, 5, 10]");
    batch_norm_with_one_example: named(
        "[grid]\nmodel.batch_norm = [false, true]\ntrain.batch_size = [1, 16, 64]\nseed = { from = 0, count = 5 }");
    batch_larger_than_the_data: named("[grid]\ntrain.batch_size = [64, 2000]\ndata.source = [\"digits\", \"blobs\"]");
    batch_larger_than_noise: named("[run]\ndata.source = \"noise\"\n[grid]\ndata.examples = [32, 64, 128]\ntrain.batch_size = [16, 64, 100]");
    residual_with_unequal_widths: named("[grid]\nmodel.residual = [false, true]\nmodel.widths = [[64, 64], [64, 32], [8, 4]]");
    trace_beyond_the_last_step: named("[run]\ntrain.steps = 100\ntrace.every = [0, 50, 100]");
    include_that_clashes: named("[run]\nmodel.batch_norm = true\n[grid]\nmodel.depth = [5, 10]\n[[include]]\ntrain.batch_size = [1, 2]");
    include_with_a_bad_value: named("[grid]\nmodel.depth = [5]\n[[include]]\nmodel.depth = [100, -1]");
    include_that_is_empty: named("[[include]]\n");
    exclude_of_everything: named("[grid]\nmodel.depth = [5, 10]\n[[exclude]]\nmodel.depth = [5, 10]");
    exclude_with_a_bad_value: named("[grid]\nmodel.depth = [5, 10]\n[[exclude]]\nmodel.activation = \"rleu\"");
    key_that_no_point_uses: named("[run]\nmodel.negative_slope = 0.2\n[grid]\nmodel.activation = [\"relu\", \"tanh\"]");
    axis_that_no_point_uses: named("[grid]\ntrain.momentum = [0.5, 0.9]");
    include_whose_key_is_not_used: named(
        "[grid]\nmodel.activation = [\"relu\", \"prelu\"]\nmodel.negative_slope = [0.1, 0.2]\n[[include]]\nmodel.negative_slope = 0.3");
    tables_without_rows: named("[output]\ntables = [\"time\", \"runs\", \"gates\"]");
    tables_without_rows_beside_a_wrong_kind: named("[output]\ntables = [\"time\"]\n[grid]\nmodel.kind = [\"mlp\", \"rn\"]");
    effects_of_the_seed_alone: named("[output]\ntables = [\"runs\", \"effects\"]\n[grid]\nseed = [0, 1]");
    unknown_table: named("[output]\ntables = [\"runs\", \"layer\"]\ntable = 3");
    bad_name: "name = \"Depth & Width\"\n[run]\nmodel.depth = 5\n";
    missing_name: "why = \"to see\"\n[run]\nmodel.depth = 5\n";
    empty_file: "";
    max_runs_of_zero: "name = \"bad\"\nmax_runs = 0\n";
    two_different_errors: named(
        "[run]\nmodel.activation = \"rel\"\n[run.train]\nsteps = 0\n[grid]\nmodel.batch_norm = [true, false]\nmodel.layer_norm = [true, false]");
    set_of_a_swept_key: named("[grid]\nmodel.depth = [5, 10]"), --set "run.model.depth=20";
    set_of_a_zipped_key: named("[[zip]]\nmodel.depth = [5, 10]\nmodel.width = [8, 16]"),
        --set "run.model.depth=20", "grid.model.width=[4]";
    set_without_run: named(""), --set "train.steps=50", "model.depth=[5, 10]", "steps=50";
    set_of_an_unknown_key: named(""), --set "run.train.stpes=50", "runs.train.steps=3", "banana=1";
    set_without_a_value: named(""), --set "run.train.steps", "run.train.steps=";
    set_with_a_bad_value: named(""), --set "run.train.steps=5O", "grid.model.activation=[relu,sigmod]", "max_runs=many";
    set_with_broken_toml: named(""), --set "grid.model.depth=[5, 10";
    set_twice: named(""), --set "run.train.steps=5", "run.train.steps=6";
    set_that_clashes: named("[run]\nmodel.batch_norm = true"), --set "run.train.batch_size=1";
}

/// Nothing is timed: a plan that expanded these would end for want of memory, or not at all.
#[test]
fn a_trillion_points_are_refused_without_being_expanded() {
    for text in [
        "[grid]\nseed = { from = 0, count = 1000000000000 }",
        "[grid]\ntrain.learning_rate = { from = 1e-300, to = 1, step = 1e-300 }",
        "[[include]]\nseed = { from = 0, count = 100000 }\nmodel.width = { from = 1, count = 100000 }",
    ] {
        let message = message(&named(text), &[]);
        assert!(message.contains("max_runs"), "{message}");
    }
}

#[test]
fn a_file_that_is_not_there_is_answered_with_those_that_are() {
    let experiment = crate::experiment::Experiment::new();
    let mut command = experiment.command(&["plan"]);
    fs::write(experiment.folder().join("notes.txt"), "").expect("a file");
    fs::create_dir(experiment.folder().join("configs")).expect("a folder");
    fs::write(experiment.folder().join("configs/width.toml"), "").expect("a file");
    fs::rename(experiment.folder().join("test.toml"), experiment.folder().join("tets.toml")).expect("a file");
    let output = command.output().expect("vgrun starts");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("a_file_that_is_not_there", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_file_that_is_no_config_is_named_for_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        plan::load(&path, &[]).expect_err("it is no config").to_string()
    };
    let large = error("large.toml", &vec![b'\n'; (1 << 20) + 1]);
    assert!(large.ends_with("large.toml is larger than 1 MiB: a config is a short TOML file"), "{large}");
    let latin = error("latin.toml", b"name = \"a\"\nwhy = \"\xe9\"\n");
    assert!(
        latin.contains("latin.toml is text in Latin-1")
            && latin.ends_with("save it as UTF-8 (byte 18, on line 2, cannot be read)"),
        "{latin}"
    );
    let folder_itself = plan::load(folder.path(), &[]).expect_err("it is a folder").to_string();
    assert!(folder_itself.starts_with("cannot read "), "{folder_itself}");
}
