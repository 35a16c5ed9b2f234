//! Tables of examples: what is read, and what is said of those that cannot be.

use std::path::PathBuf;

use super::*;
use crate::data::spec::NamedFile;
use crate::data::{
    Answers, DataError, Dataset, FileSpec, Found, Header, Label, Problem, Separator, Sizes, TargetKind, TestFraction,
    Unclear,
};

fn file(path: PathBuf) -> NamedFile {
    NamedFile { key: "data.path", name: "t.csv".into(), path }
}

/// What a look at this text finds, and then the data set.
fn read(text: &str, spec: &FileSpec) -> Result<(Found, Dataset), DataError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).expect("a file");
    let found = look(spec, file(path))?;
    let data = load(&found, spec)?;
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
    assert!(words("x,y\n1,0\n", &absent).contains("line 1, column 1: \"x\" is not a number"));
}

#[test]
fn an_example_with_a_cell_left_open_does_not_pass_for_a_header() {
    let problem = |text: &str, spec: &FileSpec| read(text, spec).map(|_| ()).expect_err(text);
    let unclear = |text: &str, spec: &FileSpec, why: Unclear| {
        let error = problem(text, spec);
        assert_eq!((error.key, error.problem), ("data.header", Problem::UnclearHeader(why)), "{text}");
    };
    let class = FileSpec::default();
    unclear(&format!("x,2,a\n{ROWS}"), &class, Unclear::Answer("x".into(), "a".into()));
    unclear(&format!("NA,,kind\n{ROWS}"), &class, Unclear::OnlyMarks("NA".into(), "kind".into()));
    // A mark is no name: the row is an example, whose value is missing.
    for (text, spec) in [
        (format!("?,2,a\n{ROWS}"), class.clone()),
        (format!("NA,,a\n{ROWS}"), class),
        ("?,1\n2,3\n4,5\n6,7\n".into(), regression()),
    ] {
        for header in [Header::Auto, Header::Absent] {
            let said = words(&text, &FileSpec { header, ..spec.clone() });
            assert!(said.contains("missing values") && said.contains("in column 1 (line 1)"), "{said}");
        }
        let named = read(&text, &FileSpec { header: Header::Present, ..spec }).expect("a table").0;
        assert_eq!(named.header, Header::Present);
    }
    // A name above numbers is a name, beside years as well.
    let years = read("id,2019,2020\n1,2,3\n4,5,6\n7,8,9\n", &regression()).expect("a header").0;
    assert_eq!((years.header, years.sizes.train), (Header::Present, 2));
    // A spreadsheet leaves the column of row numbers without a name.
    assert_eq!(class_of_header(",x,kind\n").header, Header::Auto);
}

/// What is said of a table that cannot be used.
fn words(text: &str, spec: &FileSpec) -> String {
    read(text, spec).map(|_| ()).expect_err(text).to_string()
}

fn class_of_header(header: &str) -> Found {
    read(&format!("{header}{ROWS}"), &FileSpec::default()).unwrap_or_else(|error| panic!("{error}")).0
}

#[test]
fn lines_of_spaces_are_blank() {
    assert_eq!(class(&format!("  \n{}\t\n   ", ROWS.replace('\n', "\n \n"))), class(ROWS));
    let said = words(" \n1,1\n \n x,2\n", &FileSpec::default());
    assert!(said.contains("line 4, column 1: \"x\" is not a number"), "{said}");
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
    assert_eq!(
        problem(rare, &class),
        Problem::NumberNotInTraining(Box::new(crate::data::RareNumber {
            number: "9".into(),
            examples: 1,
            more: 0,
            column: "the last column, 2,".into(),
            likelier: None,
        }))
    );
    let rare = "1,a\n1,a\n1,a\n1,a\n1,b\n";
    assert_eq!(problem(rare, &class), Problem::NotInTraining { class: "b".into(), examples: 1, more: 0 });
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
        let said = words(&text, &FileSpec::default());
        assert!(said.contains("line 6, column 1 (`x`): \"oops\" is not a number"), "{end:?}: {said}");
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
    assert_eq!(load(&found, &FileSpec::default()).map_err(|e| e.problem), Err(Problem::Changed));
    std::fs::remove_file(path("a")).expect("a file");
    assert_eq!(load(&found, &FileSpec::default()).map_err(|e| e.problem), Err(Problem::Missing));
}

#[test]
fn separators_are_told_by_the_rows_and_change_no_example() {
    let plain = class(ROWS);
    for (separator, name) in
        [(";", Separator::Semicolon), ("\t", Separator::Tab), ("|", Separator::Pipe), ("  ", Separator::Blank)]
    {
        for text in [ROWS.replace(',', separator), format!("x,y,kind\n{ROWS}").replace(',', separator)] {
            let (found, data) = read(&text, &FileSpec::default()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((found.separator, &data), (name, &plain), "{text:?}");
            let forced = FileSpec { separator: name, ..FileSpec::default() };
            assert_eq!(read(&text, &forced).unwrap_or_else(|error| panic!("{error}")).0, found);
        }
    }
    let excel = format!("sep=;\r\n{}", ROWS.replace(',', ";").replace('\n', "\r\n"));
    assert_eq!(class(&excel), plain);
    assert_eq!(class(&format!("\u{feff}sep=,\n{ROWS}")), plain);
}

#[test]
fn a_separator_within_labels_is_never_trained_unasked() {
    let found = |text: &str, separator| read(text, &FileSpec { separator, ..FileSpec::default() });
    let german = "4,7;a\n5,1;b\n4,9;a\n6,3;b\n5,0;a\n6,1;b\n";
    let (told, data) = found(german, Separator::Auto).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((told.separator, data.sizes().outputs), (Separator::Semicolon, 2));
    assert!(told.notes.iter().any(|note| note == "commas are decimal points: 4,7 is 4.7"), "{:?}", told.notes);
    // Commas before a semicolon: neither cuts all cells apart.
    let mixed = "1,2,3;a\n4,5,6;b\n1,3,3;a\n4,6,6;b\n1,2,3;a\n";
    let problem = found(mixed, Separator::Auto).map(|_| ()).expect_err("it is unclear");
    assert!(matches!(problem.problem, Problem::UnclearSeparator { .. }), "{problem}");
    assert_eq!(problem.key, "data.separator");
    assert!(found("1,2,a;b\n3,4,a;c\n1,3,a;b\n3,5,a;c\n", Separator::Comma).is_ok());
    // Words in a label are no cells.
    let words =
        found("1,2,a;b\n3,4,a;c\n1,3,a;b\n3,5,a;c\n", Separator::Auto).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((words.0.separator, words.0.sizes.inputs), (Separator::Auto, 2));
}

#[test]
fn decimal_points_and_commas_in_one_table_are_refused() {
    let said = words("1,5;2;a\n1.234;3;b\n2,5;4;a\n", &FileSpec::default());
    assert!(said.contains("decimal commas, such as \"1,5\" (line 1, column 1)"), "{said}");
    assert!(said.contains("points, such as \"1.234\" (line 2, column 1)"), "{said}");
}

#[test]
fn one_message_names_words_marks_and_ragged_rows() {
    let text = "age,work,hours,kind\n?,private,40,a\n31,state,NA,b\n,self,twenty,a\n40,state,50\n41,private,51,b\n42,self,inf,b\n";
    let said = words(text, &FileSpec::default());
    for part in [
        "line 5: the row has 3 cells, and the first row has 4",
        "column 2 (`work`) holds words, such as \"private\" on line 2",
        "line 4, column 3 (`hours`): \"twenty\" is not a number",
        "an empty cell in column 1 (`age`) (line 4)",
        "\"?\" in column 1 (`age`) (line 2)",
        "\"NA\" in column 3 (`hours`) (line 3)",
        "line 7, column 3 (`hours`): \"inf\" is not a finite number",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn true_and_false_are_1_and_0_in_a_column_of_their_own() {
    let flags = class(
        &ROWS
            .replace(",2,", ",TRUE,")
            .replace(",4,", ",false,")
            .replace(",6,", ",True,")
            .replace(",8,", ",0,")
            .replace(",10,", ",1,")
            .replace(",12,", ",False,"),
    );
    let numbers = class(
        &ROWS
            .replace(",2,", ",1,")
            .replace(",4,", ",0,")
            .replace(",6,", ",1,")
            .replace(",8,", ",0,")
            .replace(",10,", ",1,")
            .replace(",12,", ",0,"),
    );
    assert_eq!(flags, numbers);
    let said = words(&ROWS.replace(",4,", ",TRUE,"), &FileSpec::default());
    assert!(said.contains("column 2: \"TRUE\" on line 2 stands among other numbers"), "{said}");
}

#[test]
fn names_of_rows_without_a_name_of_their_own_are_no_input() {
    let text = format!(
        "x,y,kind\n{}",
        ROWS.lines().enumerate().map(|(i, row)| format!("r{i},{row}\n")).collect::<Vec<_>>().concat()
    );
    let (found, data) = read(&text, &FileSpec::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((data, found.header), (class(ROWS), Header::Auto));
    let text = text.replace(",a", ",1").replace(",b", ",2");
    let by = |label| read(&text, &FileSpec { label, ..regression() }).map(|found| found.0.label);
    assert_eq!(by(Label::Name("x".into())), Ok(Label::Number(2.try_into().expect("positive"))));
    assert_eq!(by(Label::Number(1.try_into().expect("positive"))).map_err(|e| e.problem), Err(Problem::RowNames));
}

#[test]
fn a_comment_sign_before_the_header_and_comments_before_it_are_understood() {
    let by_name = FileSpec { label: Label::Name("x".into()), target: TargetKind::Regression, ..FileSpec::default() };
    let numbers = "1,2,0\n2,4,1\n3,6,0\n4,8,1\n5,10,0\n6,12,1\n";
    let plain = read(&format!("x,y,z\n{numbers}"), &by_name).expect("a table");
    for header in ["# x,y,z\n", "#x,y,z\n", "# made by hand\n# x,y,z\n", "|1x3 Cross validator\nx,y,z\n"] {
        let (found, data) = read(&format!("{header}{numbers}"), &by_name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((found.label, data), (plain.0.label.clone(), plain.1.clone()), "{header:?}");
    }
    let raw = FileSpec { label: Label::Name("# x".into()), ..by_name };
    assert_eq!(read(&format!("# x,y,z\n{numbers}"), &raw).expect("a table").1, plain.1);
}

#[test]
fn equal_numbers_are_one_label_and_no_run_of_before() {
    let (found, data) = read("1,1\n2,2\n3,1.0\n4,2\n5,01\n6,2\n", &FileSpec::default()).expect("a table");
    assert_eq!(data.sizes().outputs, 2);
    assert_ne!(found.content, blake3::hash(b"1,1\n2,2\n3,1.0\n4,2\n5,01\n6,2\n"));
    assert_eq!(read(ROWS, &FileSpec::default()).expect("a table").0.content, blake3::hash(ROWS.as_bytes()));
}

#[test]
fn shares_for_testing_are_kept_and_0_holds_nothing_out() {
    let with = |share: f64, text: &str, target| {
        let test_fraction = TestFraction::new(share).expect("a share");
        read(text, &FileSpec { target, test_fraction, ..FileSpec::default() })
    };
    let sizes = |share| with(share, ROWS, TargetKind::Class).expect("a table").0.sizes;
    assert_eq!((sizes(0.0).test, sizes(0.2).test, sizes(0.5).test), (0, 2, 3));
    let rare = "1,a\n1,a\n1,a\n1,a\n1,b\n";
    assert!(with(0.2, rare, TargetKind::Class).is_err());
    let (found, data) = with(0.0, rare, TargetKind::Class).expect("nothing is held out");
    assert_eq!((data.sizes().train, found.few), (5, None));
    let few = read(ROWS, &FileSpec::default()).expect("a table").0.few.expect("few examples");
    assert_eq!((few.smallest_class, few.small_classes, few.tested), (Some(("a".into(), 3)), 2, 2));
    let (_, numbers) = with(0.0, "1,2\n2,3\n", TargetKind::Regression).expect("a table");
    assert_eq!(numbers.sizes().test, 0);
}

#[test]
fn notes_name_columns_that_say_nothing_or_too_much() {
    let rows = |row: fn(usize) -> String| (0..10).map(row).collect::<Vec<_>>().concat();
    let notes =
        |text: &str| read(text, &FileSpec::default()).unwrap_or_else(|error| panic!("{error}")).0.notes.join("\n");
    let sorted = notes(&rows(|i| format!("{},7,{},{}\n", i + 1, 3 * i, if i < 5 { "a" } else { "b" })));
    assert!(sorted.contains("column 2 has one value and says nothing"), "{sorted}");
    assert!(sorted.contains("column 1 counts the rows and is an input: as the rows are sorted by class"), "{sorted}");
    assert!(sorted.contains("column 3 alone tells the class by order"), "{sorted}");
    let mixed = notes(&rows(|i| format!("{},{},{}\n", i + 1, i % 3, if i % 2 == 0 { "Oak" } else { "oak" })));
    assert!(mixed.contains("column 1 counts the rows and is an input; leave it out"), "{mixed}");
    assert!(mixed.contains("the classes \"Oak\" and \"oak\" differ in blanks or capital letters alone"), "{mixed}");
    let plain = notes(ROWS.replace("1,2", "9,2").as_str());
    assert_eq!(plain, "read with commas between the columns and no header; the class is column 3");
}
