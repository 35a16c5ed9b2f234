use std::path::PathBuf;

use super::*;
use crate::data::Sizes;

fn file(path: PathBuf) -> NamedFile {
    NamedFile { key: "data.path", name: "t.csv".into(), path }
}

/// What a look at this text finds, and then the data set.
fn read(text: &str, spec: &FileSpec) -> Result<(Found, Dataset), DataError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).expect("a file");
    let found = look(spec, file(path))?;
    let data = load(&found, spec.target)?;
    assert_eq!(data.sizes(), found.sizes);
    Ok((found, data))
}

fn class(text: &str) -> Dataset {
    read(text, &FileSpec::default()).unwrap_or_else(|error| panic!("{error}")).1
}

fn labels(data: &Dataset) -> (Vec<usize>, usize) {
    let Answers::Classes { labels, count } = &data.train.answers else { panic!("they are classes") };
    (labels.clone(), *count)
}

fn regression() -> FileSpec {
    FileSpec { target: TargetKind::Regression, ..FileSpec::default() }
}

const ROWS: &str = "1,2,a\n2,4,b\n3,6,a\n4,8,b\n5,10,a\n6,12,b\n";

#[test]
fn a_header_changes_nothing_but_the_names() {
    let plain = class(ROWS);
    assert_eq!(plain.sizes(), Sizes::without_time((4, 2), (2, 2)));
    assert_eq!(labels(&plain), (vec![0, 0, 1, 1], 2));
    for header in ["x,y,z\n", "\u{feff}x,y,z\r\n", "x , \"y\",z\n\n"] {
        assert_eq!(class(&format!("{header}{ROWS}")), plain, "{header:?}");
    }
    assert_eq!(class(&ROWS.replace('\n', "\r\n")), plain);
    assert_eq!(class(&ROWS.replace('\n', "\r")), plain);
    assert_eq!(class(&ROWS.replace(',', " , ")), plain);
    assert_eq!(class(ROWS.trim_end()), plain);
}

#[test]
fn inputs_are_standardised_by_the_training_part_and_constant_ones_are_zero() {
    let data = class("0.1,1,a\n0.1,2,a\n0.1,3,b\n0.1,4,b\n0.1,9,b\n");
    assert!(data.train.x.column(0).iter().chain(data.test.x.column(0)).all(|&x| x == 0.0));
    assert_eq!(data.test.x.nrows(), 1);
    let (mean, std) = crate::kernels::mean_and_std(&data.train.x.column(1).to_vec());
    assert!(mean.abs() < 1e-15 && (std - 1.0).abs() < 1e-15);
}

#[test]
fn the_column_of_answers_is_found_by_name_and_number_and_is_one_run_either_way() {
    let text = format!("a,b,z\n{ROWS}");
    let by = |label: Label| read(&text, &FileSpec { label, ..FileSpec::default() }).unwrap_or_else(|e| panic!("{e}"));
    let number = |n: usize| Label::Number(n.try_into().expect("positive"));
    let last = by(Label::Last);
    assert_eq!((last.0.label.clone(), last.0.header), (Label::Last, Header::Auto));
    assert_eq!(by(Label::Name("z".into())), last);
    assert_eq!(by(number(3)), last);
    let text = "z,x\n1,5\n2,6\n1,7\n2,8\n1,9\n";
    let by = |label: Label| read(text, &FileSpec { label, ..FileSpec::default() }).unwrap_or_else(|e| panic!("{e}"));
    let first = by(Label::Name("z".into()));
    assert_eq!((first.0.label.clone(), first.1.sizes().inputs), (number(1), 1));
    assert_eq!(by(number(1)), first);
}

#[test]
fn a_first_row_whose_answer_alone_is_a_word_is_an_example_if_another_row_has_it() {
    assert_eq!(class(ROWS).sizes().train, 4);
    let unclear = format!("1,2,kind\n{ROWS}");
    let with = |header| read(&unclear, &FileSpec { header, ..FileSpec::default() });
    let problem = with(Header::Auto).map(|_| ()).expect_err("it may be either").problem;
    assert_eq!(problem, Problem::UnclearHeader(Unclear::OnlyAnswer("kind".into())));
    let named = with(Header::Present).expect("a table");
    assert_eq!((named.1.sizes().train, named.0.header), (4, Header::Present));
    assert_eq!(read("1,2\n3,y\n", &regression()).map(|_| ()).expect_err("a word").key, "data.path");
    // Numbers are no header, unless the config says so.
    let forced = FileSpec { header: Header::Present, ..FileSpec::default() };
    let forced = read("7,7\n1,0\n2,1\n3,0\n4,1\n5,1\n", &forced).expect("a table");
    assert_eq!((forced.1.sizes().train, forced.0.header), (4, Header::Present));
    let absent = FileSpec { header: Header::Absent, ..FileSpec::default() };
    assert!(
        matches!(read("x,y\n1,0\n", &absent).map_err(|e| e.problem), Err(Problem::NotANumber(place, _)) if place.line == 1)
    );
}

#[test]
fn an_example_with_a_cell_left_open_does_not_pass_for_a_header() {
    let problem = |text: &str, spec: &FileSpec| read(text, spec).map(|_| ()).expect_err(text);
    let unclear = |text: &str, spec: &FileSpec, why: Unclear| {
        let error = problem(text, spec);
        assert_eq!((error.key, error.problem), ("data.header", Problem::UnclearHeader(why)), "{text}");
    };
    let class = FileSpec::default();
    unclear(&format!("?,2,a\n{ROWS}"), &class, Unclear::Number("?".into(), "2".into()));
    unclear(&format!("NA,,a\n{ROWS}"), &class, Unclear::Answer("NA".into(), "a".into()));
    unclear("?,1\n2,3\n4,5\n", &regression(), Unclear::Number("?".into(), "1".into()));
    unclear("id,2019,2020\n1,2,3\n", &regression(), Unclear::Number("id".into(), "2019".into()));
    for (text, spec) in [(format!("?,2,a\n{ROWS}"), class), ("?,1\n2,3\n4,5\n6,7\n".into(), regression())] {
        let error = problem(&text, &FileSpec { header: Header::Absent, ..spec.clone() });
        assert!(matches!(error.problem, Problem::NotANumber(CellPlace { line: 1, column: 1, .. }, _)), "{error}");
        let named = read(&text, &FileSpec { header: Header::Present, ..spec }).expect("a table").0;
        assert_eq!(named.header, Header::Present);
    }
    // A spreadsheet leaves the column of row numbers without a name.
    assert_eq!(class_of_header(",x,kind\n").header, Header::Auto);
}

fn class_of_header(header: &str) -> Found {
    read(&format!("{header}{ROWS}"), &FileSpec::default()).unwrap_or_else(|error| panic!("{error}")).0
}

#[test]
fn lines_of_spaces_are_blank() {
    assert_eq!(class(&format!("  \n{}\t\n   ", ROWS.replace('\n', "\n \n"))), class(ROWS));
    let problem = read(" \n1,1\n \n x,2\n", &FileSpec::default()).map(|_| ()).expect_err("a word").problem;
    assert!(matches!(problem, Problem::NotANumber(CellPlace { line: 4, column: 1, .. }, _)), "{problem}");
}

#[test]
fn a_number_to_learn_is_standardised_so_that_chance_costs_one() {
    let (_, data) = read("1,100\n2,300\n3,200\n4,500\n5,400\n6,0\n", &regression()).expect("a table");
    assert_eq!(data.sizes(), Sizes::without_time((4, 2), (1, 1)));
    assert!((data.loss_of_chance() - 1.0).abs() < 1e-12);
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let problem = |text: &str, spec: &FileSpec| read(text, spec).map(|_| ()).expect_err(text).problem;
    let class = FileSpec::default();
    assert_eq!(problem("1,a\n", &class), Problem::OneClass { class: "a".into() });
    assert_eq!(problem("1,1\n2,1\n3,1\n", &class), Problem::OneClass { class: "1".into() });
    let rare = "1,8\n1,8\n1,8\n1,8\n1,9\n";
    assert_eq!(problem(rare, &class), Problem::NumberNotInTraining { number: "9".into(), examples: 1 });
    let rare = "1,a\n1,a\n1,a\n1,a\n1,b\n";
    assert_eq!(problem(rare, &class), Problem::NotInTraining { class: "b".into(), examples: 1 });
    assert_eq!(problem("1,1\n", &regression()), Problem::TooFewExamples { examples: 1 });
    assert_eq!(problem("1,0.5\n2,0.5\n3,0.5\n", &regression()), Problem::ConstantTarget { value: "0.5".into() });
    assert_eq!(problem("a,b\n", &class), Problem::HeaderOnly);
    assert_eq!(problem("", &class), Problem::Empty);
    assert_eq!(problem("\n\r\n", &class), Problem::Empty);
    assert_eq!(problem("1e-320,a\n3e-320,b\n1e-320,a\n3e-320,b\n", &class), Problem::Spread { column: "1".into() });
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["x,y", "", "\"1\",a", "", "2,b", "oops,a"].join(end);
        let problem = read(&text, &FileSpec::default()).map(|_| ()).expect_err("a word").problem;
        let place = CellPlace { line: 6, column: 1, name: Some("x".into()) };
        assert_eq!(problem, Problem::NotANumber(place, "oops".into()), "{end:?}");
    }
}

#[test]
fn a_file_that_changed_or_vanished_is_an_error_and_equal_contents_are_equal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a"), ROWS).expect("a file");
    std::fs::write(path("b"), ROWS).expect("a file");
    let found = look(&FileSpec::default(), file(path("a"))).expect("a table");
    assert_eq!(found, look(&FileSpec::default(), file(path("b"))).expect("a table"));
    std::fs::write(path("a"), ROWS.replace('6', "7")).expect("a file");
    assert_eq!(load(&found, TargetKind::Class).map_err(|e| e.problem), Err(Problem::Changed));
    std::fs::remove_file(path("a")).expect("a file");
    assert_eq!(load(&found, TargetKind::Class).map_err(|e| e.problem), Err(Problem::Missing));
}
