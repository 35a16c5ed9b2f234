//! Every kind of data file that cannot be used, with the message that its owner gets to read; and no bytes at all that
//! bring the reader down.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use vgrun::config::{Source, render};
use vgrun::data::Dataset;
use vgrun::plan::{self, Plan};

use crate::data::idx_file::{idx, labels_of, tenths};

/// The plan of a config in a folder, or what is said about it.
fn plan_in(folder: &Path, run: &str) -> Result<Plan, String> {
    let text = format!("name = \"bad\"\n[run]\n{run}\n");
    plan::plan(&Source::in_folder(folder, "bad.toml", text), &[]).map_err(|errors| render(&errors, false))
}

/// What is said about a config beside these files.
fn message(files: &[(&str, &[u8])], run: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    fs::create_dir(folder.path().join("folder")).expect("a folder");
    match plan_in(folder.path(), run) {
        Ok(plan) => panic!("it has a plan of {} runs", plan.len()),
        Err(message) => message,
    }
}

/// A test for each bad table: its name, its bytes, keys of `[run]` beside `source` and `path`.
macro_rules! bad_csv {
    ($($name:ident: $bytes:expr $(, $keys:literal)?;)+) => {$(
        #[test]
        fn $name() {
            let keys = concat!("data.source = \"csv\"\ndata.path = \"t.csv\"\ntrain.batch_size = 1\n" $(, $keys)?);
            insta::assert_snapshot!(stringify!($name), message(&[("t.csv", $bytes.as_ref())], keys));
        }
    )+};
}

/// A test for each bad pair: its name, the bytes of the images and those of the labels.
macro_rules! bad_idx {
    ($($name:ident: $images:expr, $labels:expr;)+) => {$(
        #[test]
        fn $name() {
            let keys = "data.source = \"idx\"\ndata.path = \"images\"\ndata.labels = \"labels\"\ntrain.batch_size = 1\n";
            let (images, labels) = ($images, $labels);
            let files: [(&str, &[u8]); 2] = [("images", images.as_ref()), ("labels", labels.as_ref())];
            insta::assert_snapshot!(stringify!($name), message(&files, keys));
        }
    )+};
}

bad_csv! {
    csv_empty: "";
    csv_header_only: "x,y,kind\n";
    csv_one_column: "x\n1\n2\n";
    csv_ragged: "x,y,kind\n1,2,a\n3,4\n";
    csv_empty_cell: "x,y,kind\n1,2,a\n3,,b\n";
    csv_word_for_a_number: "x,y,kind\n1,2,a\n\n3,four,b\n";
    csv_not_a_number: "1,2,a\n3,NaN,b\n5,6,a\n";
    csv_infinite: "1,2,a\n1e999,2,b\n5,6,a\n";
    csv_unclosed_quote: "x,y,kind\n1,2,\"a\n3,4,b\n";
    csv_not_text: b"x,y,kind\n1,2,\xe9\n";
    csv_gzipped: b"\x1f\x8b\x08\x00";
    csv_one_class: "1,2,a\n3,4,a\n5,6,a\n";
    csv_class_without_training: "x,kind\n1,a\n2,a\n3,a\n4,a\n5,b\n";
    csv_one_example: "1,2,a\n";
    csv_label_that_is_not_there: "sepal,petal,species\n1,2,a\n", "data.label = \"specie\"";
    csv_label_that_is_nothing_like_one: "sepal,petal,species\n1,2,a\n", "data.label = \"colour\"";
    csv_label_twice: "x,x,kind\n1,2,a\n", "data.label = \"x\"";
    csv_label_beyond_the_last: "1,2,a\n3,4,b\n5,6,a\n", "data.label = 4";
    csv_label_by_name_without_header: "1,2,a\n3,4,b\n", "data.label = \"kind\"\ndata.header = false";
    csv_regression_of_words: "x,y\n1,2\n3,many\n", "data.target = \"regression\"";
    csv_regression_of_a_constant: "1,2\n3,2\n5,2\n", "data.target = \"regression\"";
    csv_regression_of_one_row: "1,2\n", "data.target = \"regression\"";
    csv_beyond_all_scales: "x,kind\n1e-320,a\n3e-320,b\n1e-320,a\n3e-320,b\n";
    csv_first_row_that_may_be_either: "0,1,kind\n1,2,a\n3,4,b\n1,2,a\n3,4,b\n";
    csv_keys_of_another_source: "1,a\n2,b\n3,a\n4,b\n5,a\n", "data.std = 2.0\ndata.labels = \"labels\"\ndata.seed = 3";
}

bad_idx! {
    idx_of_another_kind: b"\x89PNG\r\n", labels_of(10);
    idx_gzip_damaged: b"\x1f\x8b\x08\x00", labels_of(10);
    idx_of_floats: [&[0, 0, 13, 2, 0, 0, 0, 10, 0, 0, 0, 1], 0.3_f32.to_be_bytes().repeat(10).as_slice()].concat(), labels_of(10);
    idx_swapped: labels_of(10), tenths(10);
    idx_truncated: &tenths(10)[..40], labels_of(10);
    idx_too_long: [tenths(10), vec![0]].concat(), labels_of(10);
    idx_of_nothing: idx(&[0, 2, 2], &[]), labels_of(10);
    idx_beyond_memory: idx(&[1 << 20, 1 << 10, 1 << 10], &[]), labels_of(10);
    idx_counts_that_differ: tenths(10), labels_of(9);
    idx_one_class: tenths(10), idx(&[10], &[3; 10]);
}

#[test]
fn files_that_are_not_there_are_reported_with_all_other_errors() {
    let run = "model.batch_norm = true\nmodel.layer_norm = true\ndata.path = \"no.csv\"\ndata.source = \"csv\"\ntrain.stpes = 3";
    insta::assert_snapshot!("file_missing", message(&[], run));
    insta::assert_snapshot!("file_is_a_folder", message(&[], "data.source = \"csv\"\ndata.path = \"folder\""));
    insta::assert_snapshot!("file_not_named", message(&[], "data.source = \"csv\""));
    let half = "data.source = \"idx\"\ndata.path = \"images\"\ndata.test_path = \"more\"";
    insta::assert_snapshot!("file_not_named_for_idx", message(&[], half));
}

#[test]
fn a_batch_larger_than_the_table_is_refused_with_its_size() {
    let table: (&str, &[u8]) = ("t.csv", b"1,a\n2,b\n3,a\n4,b\n5,a\n");
    let run = "data.source = \"csv\"\ndata.path = \"t.csv\"\n[grid]\ntrain.batch_size = [4, 5, \"full\"]";
    insta::assert_snapshot!("csv_batch_larger_than_the_data", message(&[table], run));
}

#[test]
fn paths_and_names_that_a_spreadsheet_takes_for_formulas_are_refused() {
    let run = "data.source = \"csv\"\ndata.path = \"=cmd()\"\ndata.label = \"@x\"\ndata.header = \"yes\"";
    insta::assert_snapshot!("formulas", message(&[], run));
}

#[test]
fn each_bad_file_of_an_axis_is_reported_at_its_own_value() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("good.csv"), "1,a\n2,b\n3,a\n4,b\n5,a\n").expect("a file");
    fs::write(folder.path().join("bad.csv"), "x,y\n1,a\nb,2\n").expect("a file");
    let run = "data.source = \"csv\"\ntrain.batch_size = 1\n[grid]\ndata.path = [\"good.csv\", \"bad.csv\", \"none.csv\"]\nseed = [0, 1, 2]";
    insta::assert_snapshot!("axis_of_files", plan_in(folder.path(), run).map(|_| ()).expect_err("two are bad"));
    let excluded = format!("{run}\n[[exclude]]\ndata.path = [\"bad.csv\", \"none.csv\"]");
    assert_eq!(plan_in(folder.path(), &excluded).expect("the good one").len(), 3);
}

/// Loads what a plan was made of: a plan's runs have data.
fn load(folder: &Path, run: &str) {
    if let Ok(plan) = plan_in(folder, run) {
        let data = Dataset::load(&plan.spec(0).data).expect("the file is as it was");
        assert!(data.train.x.iter().chain(&data.test.x).all(|x| x.is_finite()));
        assert_eq!(data.sizes(), plan.spec(0).data.sizes().expect("someone looked"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_bring_the_csv_reader_down(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..80),
            "([0-9.,a\"\n\r -]|1,2,a\n|inf|e3|\u{feff}|é){0,40}".prop_map(String::into_bytes),
            "([0-9]{1,2},[0-9]{1,2}(e30?0)?,[ab]\n){0,12}".prop_map(String::into_bytes),
        ],
        keys in prop::sample::select(vec!["", "data.target = \"regression\"", "data.label = 1", "data.header = true", "data.label = \"a\""]),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("t.csv"), bytes).expect("a file");
        load(folder.path(), &format!("data.source = \"csv\"\ndata.path = \"t.csv\"\ntrain.batch_size = 1\n{keys}"));
    }

    #[test]
    fn no_bytes_bring_the_idx_reader_down(
        // Sizes that promise up to the whole address space, before few bytes: nothing is set aside for a promise.
        sizes in prop::collection::vec(prop_oneof![0_u32..4, any::<u32>()], 0..5),
        rest in prop::collection::vec(any::<u8>(), 0..64),
        labels in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..24),
            prop::collection::vec(0_u8..3, 0..8).prop_map(|l| idx(&[u32::try_from(l.len()).expect("few")], &l)),
        ],
        start in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let images = if start.len() == 2 { [start, rest].concat() } else { idx(&sizes, &rest) };
        fs::write(folder.path().join("images"), images).expect("a file");
        fs::write(folder.path().join("labels"), labels).expect("a file");
        load(folder.path(), "data.source = \"idx\"\ndata.path = \"images\"\ndata.labels = \"labels\"\ntrain.batch_size = 1");
    }
}
