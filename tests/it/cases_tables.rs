//! Tables as people bring them, and what is said of each: the forms of files that went wrong, and others of their kinds.
//! What a message advises is done, and works.

use std::fs;

use crate::experiment::{Experiment, Outcome};

/// An experiment over a table of this content.
fn table(bytes: impl AsRef<[u8]>) -> Experiment {
    let experiment = Experiment::new()
        .key("data.source", "\"csv\"")
        .key("data.path", "\"t.csv\"")
        .key("train.batch_size", "\"full\"")
        .axis("seed", "[0]");
    fs::write(experiment.folder().join("t.csv"), bytes).expect("a file");
    experiment
}

/// What was said, as one line: the terminal breaks lines where it likes.
fn said(outcome: &Outcome) -> String {
    [outcome.stdout.as_str(), outcome.stderr.as_str()].join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plans, which must succeed, and looks for these words.
fn plans(experiment: &Experiment, words: &[&str]) -> String {
    let outcome = experiment.run(&["plan"]);
    let said = said(&outcome);
    assert_eq!(outcome.code, 0, "{said}");
    words.iter().for_each(|word| assert!(said.contains(word), "{word:?} is not in: {said}"));
    said
}

/// Plans and sweeps, which both must be refused in these words, and leave no file.
fn refuses(experiment: &Experiment, words: &[&str]) {
    for command in ["plan", "sweep"] {
        let outcome = experiment.run(&[command]);
        let said = said(&outcome);
        assert_eq!(outcome.code, 2, "{command}: {said}");
        words.iter().for_each(|word| assert!(said.contains(word), "{word:?} is not in: {said}"));
        assert!(!experiment.folder().join("results").exists(), "{command} leaves a file");
    }
}

/// The rows of a file of numbers and words, each cell changed.
fn rows(text: &str, separator: char, change: impl Fn(usize, &str) -> Option<String>) -> String {
    let row = |line: &str| {
        let cells = line.split(separator).map(str::trim).enumerate();
        cells.filter_map(|(column, cell)| change(column, cell)).collect::<Vec<_>>().join(",") + "\n"
    };
    text.lines().map(row).collect()
}

/// Thirty rows of two classes, with these separators and marks for decimals.
fn measured(separator: &str, point: char, header: &str) -> String {
    let row = |i: usize| {
        let kind = ["oak", "ash"][i % 2];
        let x = format!("{}.{}", 4 + i % 3, i * 7 % 10).replace('.', &point.to_string());
        let y = format!("{}.{}", 10 + i % 5, i * 3 % 10).replace('.', &point.to_string());
        format!("{x}{separator}{y}{separator}{kind}\n")
    };
    header.to_owned() + &(0..60).map(row).collect::<String>()
}

#[test]
fn tables_that_can_be_read_are_read_and_plan_says_how() {
    let commas = "read with commas between the columns";
    for (bytes, label, words) in [
        (
            include_str!("../cases/11/german_1.csv").to_owned(),
            "2",
            &["1 input -> 3 classes", "semicolons between the columns and no header", "4,7 is 4.7"] as &[&str],
        ),
        (
            include_str!("../cases/11/excel_sep.csv").to_owned(),
            "\"kind\"",
            &["2 inputs -> 3 classes", "semicolons between", "a header", "the first line is no row"],
        ),
        (
            include_str!("../cases/14/seeds_dataset.txt").to_owned(),
            "8",
            &["7 inputs -> 3 classes", "blanks between the columns and no header"],
        ),
        (
            include_str!("../cases/15/write_table.csv").to_owned(),
            "\"Species\"",
            &["4 inputs -> 3 classes", "names the rows and is no input"],
        ),
        (
            include_str!("../cases/15/write_csv.csv").to_owned(),
            "\"Species\"",
            &["column 1 (without a name) counts the rows", "it alone tells the class"],
        ),
        (
            include_str!("../cases/16/mixed_labels.csv").to_owned(),
            "\"label\"",
            &["2 inputs -> 3 classes", "equal numbers are one class"],
        ),
        (include_str!("../cases/16/savetxt.csv").to_owned(), "\"label\"", &["2 inputs -> 3 classes", "a header"]),
        (include_str!("../cases/17/glass.data").to_owned(), "11", &["column 1 counts the rows", commas]),
        (include_str!("../cases/17/wine.data").to_owned(), "1", &["13 inputs -> 3 classes", "the class is column 1"]),
        // Others of the same kinds.
        (
            measured(";", ',', "\u{feff}l;w;k\n").replace('\n', "\r\n"),
            "\"k\"",
            &["semicolons", "2 inputs -> 2 classes"],
        ),
        (measured("\t", ',', ""), "3", &["tabs between the columns and no header", "2 inputs -> 2 classes"]),
        (measured("|", '.', "l|w|k\n"), "3", &["vertical bars between the columns and a header"]),
        (measured(",", '.', "sep=,\nl,w,k\n"), "3", &[commas, "a header", "2 inputs -> 2 classes"]),
        (measured(";", '.', "\"sep=;\"\r\n\r\nl;w;k\r\n") + "\r\n \r\n", "3", &["48 + 12 examples, 2 inputs"]),
        (measured(",", '.', "% by hand\n% twice\n"), "3", &["the first 2 lines are no rows", "no header"]),
        (measured(",", '.', &format!("{},w,k\n", "l".repeat(5000))), "3", &[commas, "a header"]),
        (measured(",", '.', "#l,w,k\n"), "\"k\"", &["a header"]),
        (measured(",", '.', "").replace("ash", "Oak"), "3", &["\"Oak\" and \"oak\" differ in blanks or capital"]),
        (
            measured(",", '.', "").replace("oak", "true,oak").replace("ash", "FALSE,ash"),
            "4",
            &["true and false are 1 and 0"],
        ),
        (measured(",", '.', "").replace("oak", "1").replace("ash", "01.0"), "1", &["the class is column 1"]),
        ("1,2,0\n3,4,0\n1,5,1\n2,2,1\n".repeat(8).replacen("1,2", "2019,2020", 1), "3", &["no header"]),
        ("id,2019,2020,k\n".to_owned() + &"1,2,0,7\n3,4,0,7\n1,5,1,8\n2,2,1,8\n".repeat(8), "4", &["a header"]),
    ] {
        plans(&table(bytes).key("data.label", label), words);
    }
}

#[test]
fn one_message_names_all_that_is_wrong_and_its_advice_works() {
    let adult = include_str!("../cases/12/adult.data");
    let says = [
        "8 of 15 columns hold words",
        "2: \"State-gov\"",
        "14: \"United-States\"",
        "times \"?\" in column 2 (lines",
        "times \"?\" in column 7 (lines",
        "leave columns of words out",
    ];
    refuses(&table(adult), &says);
    refuses(&table(include_str!("../cases/12/adult.test")), &says);
    let numbers =
        rows(adult, ',', |column, cell| (![1, 3, 5, 6, 7, 8, 9, 13].contains(&column)).then(|| cell.to_owned()));
    plans(&table(&numbers), &["6 inputs -> 2 classes", "no header"]);
    plans(&table("age,a,b,c,d,e,kind\n".to_owned() + &numbers), &["a header", "6 inputs -> 2 classes"]);

    let cancer = include_str!("../cases/17/breast-cancer-wisconsin.data");
    refuses(&table(cancer), &["missing values: 2 times \"?\" in column 7 (lines 7, 24)", "leave their rows"]);
    let complete: Vec<String> =
        cancer.lines().filter(|line| !line.contains('?')).map(|line| format!("{line}\n")).collect();
    plans(&table(complete.concat()), &["10 inputs -> 2 classes"]);

    let na = include_str!("../cases/15/na.csv");
    refuses(&table(na), &["\"NA\" in column 2 (`Sepal.Length`) (line 5)"]);
    plans(&table(na.replace("NA", "5.0")), &["3 classes"]);

    let mpg = include_str!("../cases/14/auto-mpg.data");
    refuses(&table(mpg).key("data.label", "8"), &["column 9 holds words", "\"?\" in column 4 (lines"]);
    let without_names: String =
        mpg.lines().map(|line| line.split('\t').next().expect("a part").to_owned() + "\n").collect();
    plans(&table(without_names.replace('?', "100")), &["blanks between the columns", "7 inputs"]);

    let wine = table(include_str!("../cases/17/wine.data"));
    refuses(&wine, &["the last column, 14, is read as the class", "if column 1, of 3 different numbers, is the class"]);
    plans(&wine.key("data.label", "1"), &["3 classes"]);

    let first = rows(&measured(",", '.', ""), ',', |_, cell| Some(cell.to_owned()));
    let first: Vec<String> =
        first.lines().map(|l| l.rsplit_once(',').map(|(x, k)| format!("{k},{x}\n")).expect("a label")).collect();
    let first = first.concat();
    let unnamed = table(&first);
    refuses(
        &unnamed,
        &["column 1 holds words, such as \"oak\" on line 1", "if column 1 is the class, write data.label = 1"],
    );
    plans(&unnamed.key("data.label", "1"), &["2 inputs -> 2 classes"]);
}

#[test]
fn other_ways_to_write_numbers_are_named_and_their_advice_works() {
    let with = |x: &str| format!("x,y,k\n{}", format!("{x},2,a\n{x},1,b\n").repeat(30));
    for (cell, words, remedy, instead) in [
        (
            "\"1,234\"",
            "column 1 (`x`) holds numbers whose thousands have a mark, such as \"1,234\"",
            "write 1234 for 1,234",
            "1234",
        ),
        ("1'234", "thousands have a mark", "write 1234 for 1,234", "1234"),
        ("45%", "holds numbers with %, such as \"45%\" on line 2", "write numbers without %", "45"),
        ("\"4,7\"", "numbers with decimal commas, such as \"4,7\"", "write decimal points", "4.7"),
        ("2020-01-31", "dates, such as \"2020-01-31\"", "write a date as a number", "2020"),
        ("1e999", "\"1e999\" is not a finite number", "put a number in its place", "1"),
        ("", "60 empty cells in column 1 (`x`)", "fill missing values in", "1"),
    ] {
        refuses(&table(with(cell)), &[words, remedy]);
        plans(&table(with(instead)), &["2 inputs -> 2 classes"]);
    }
    let quoted = with("\"4,7\"").replace(",2,", ";2;").replace(",1,", ";1;").replace("x,y,k", "x;y;k");
    plans(&table(quoted), &["commas are decimal points: 4,7 is 4.7"]);
    let mixed = measured(";", ',', "").replacen("4,0", "1.234", 1);
    refuses(
        &table(&mixed),
        &["decimal commas, such as", "and points, such as \"1.234\" (line 1, column 1)", "in one way"],
    );
    plans(&table(mixed.replacen("1.234", "1234", 1)), &["2 inputs"]);
    let ragged = measured(",", '.', "l,w,k\n") + "1,2\n\n1\n";
    refuses(
        &table(&ragged),
        &["line 62: the row has 2 cells, and the first row has 3", "on lines 62, 64", "give every row 3 cells"],
    );
    let title = "Messung vom Montag\n".to_owned() + &measured(";", ',', "");
    refuses(&table(&title), &["line 1: the row has 1 cell, and most rows have 3"]);
    plans(&table(title.split_once('\n').expect("a title").1), &["2 inputs"]);
    refuses(&table("1,2,a\n"), &["every example is of class \"a\""]);
    refuses(&table("1\n2\n3\n"), &["it has one column", "a comma, a semicolon or a tab"]);
    refuses(&table("@relation x\n@data\n1,2,a\n"), &["ARFF", "leave out all lines up to and including @data"]);
    refuses(&table(b"PK\x03\x04rest"), &["zip archive", "save the sheet as CSV"]);
}

#[test]
fn a_separator_that_nobody_can_tell_is_asked_for_and_the_key_is_obeyed() {
    let unclear = "1,2,3;a\n4,5,6;b\n1,3,3;a\n4,6,6;b\n".repeat(8);
    let words = ["separated by commas or by semicolons", "data.separator = \"comma\" or \"semicolon\""];
    refuses(&table(&unclear), &words);
    for (separator, sizes) in [("\"comma\"", "2 inputs -> 2 classes"), ("\",\"", "2 inputs -> 2 classes")] {
        plans(&table(&unclear).key("data.separator", separator), &[sizes]);
    }
    refuses(&table(&unclear).key("data.separator", "\"semicolon\""), &["column 1 holds words, such as \"1,2,3\""]);
    let tabs = table(measured("\t", '.', "")).key("data.separator", "\"semicolon\"");
    refuses(&tabs, &["with data.separator = \"semicolon\"", "leave data.separator out: the file tells it"]);
    plans(&tabs.without("data.separator"), &["tabs between the columns"]);
    let ids = |separator: &str| {
        let outcome = table(measured("\t", '.', "")).key("data.separator", separator).run(&["plan", "--list"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stdout
    };
    assert_eq!(ids("\"auto\""), ids("\"\\t\""));
}

#[test]
fn old_tables_keep_their_ids_whatever_the_new_keys_say_at_their_defaults() {
    let list = |experiment: &Experiment| {
        let outcome = experiment.run(&["plan", "--list"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        outcome.stdout
    };
    // The ids are those of the version before these keys.
    let plain = || table("x,y,kind\n".to_owned() + &"1,2,a\n2,4,b\n3,6,a\n".repeat(10));
    assert!(list(&plain()).contains("rdfcdc5ceea2d2387"), "{}", list(&plain()));
    let said = plain().key("data.separator", "\"comma\"").key("data.test_fraction", "0.2");
    assert_eq!(list(&plain()), list(&said));
    assert_ne!(list(&plain()), list(&plain().key("data.test_fraction", "0.25")));
    // A header that the cells of the first row alone do not tell.
    let told = table("id,2019,k\n".to_owned() + &"1,2,a\n2,4,b\n3,6,a\n".repeat(10));
    assert!(list(&told).contains("rd0544f87167a2fc9"), "{}", list(&told));
    assert_eq!(
        list(&told),
        list(&table(fs::read(told.folder().join("t.csv")).expect("a file")).key("data.header", "true"))
    );
}

#[test]
fn small_splits_are_warned_of_and_nothing_need_be_held_out() {
    let xnor = table(include_str!("../cases/10/xnor.csv"));
    let words = "class \"0\" has 2 examples, and 1 more has fewer than 5; 1 example is for testing, fewer than 10";
    plans(&xnor, &["3 + 1 examples", words, "data.test_fraction = 0"]);
    assert!(said(&xnor.run(&["sweep"])).contains(words));
    let all = xnor.again().key("data.test_fraction", "0");
    fs::write(all.folder().join("t.csv"), include_str!("../cases/10/xnor.csv")).expect("a file");
    assert!(!plans(&all, &["4 + 0 examples"]).contains("warning"));
    assert_eq!(all.sweep(&[]).code, 0);
    let row = &all.rows("runs")[0];
    assert_eq!((row["status"].as_str(), row["test_accuracy"].as_str()), ("ok", "NaN"));

    let rare = table("1,a\n2,a\n3,b\n".repeat(20) + "4,c\n");
    refuses(&rare, &["class \"c\" has 1 example, and the split leaves none for training", "data.test_fraction = 0"]);
    plans(&rare.key("data.test_fraction", "0"), &["61 + 0 examples"]);
    let half = table("1,a\n2,a\n3,b\n".repeat(20)).key("data.test_fraction", "0.5");
    plans(&half, &["30 + 30 examples"]);
    for bad in ["1", "-0.1", "\"x\""] {
        refuses(&table("1,a\n2,b\n".repeat(20)).key("data.test_fraction", bad), &["a number from 0 to below 1"]);
    }
}

#[test]
fn rows_that_no_batch_takes_are_said() {
    let lost = table(include_str!("../cases/06/forty_two.csv")).key("train.batch_size", "32");
    plans(&lost, &["batches of 32 leave 1 of 33 training examples out of each epoch"]);
    let whole = plans(&lost.key("train.batch_size", "11"), &["33 + 9 examples"]);
    assert!(!whole.contains("out of each epoch"), "{whole}");
}

#[test]
fn images_without_test_files_are_divided_as_told() {
    let pair = Experiment::new()
        .key("data.source", "\"idx\"")
        .key("data.path", "\"images\"")
        .key("data.labels", "\"labels\"")
        .key("data.test_fraction", "0");
    fs::write(pair.folder().join("images"), crate::idx_file::tenths(100)).expect("a file");
    fs::write(pair.folder().join("labels"), crate::idx_file::labels_of(100)).expect("a file");
    plans(&pair, &["100 + 0 examples"]);
    let tested = pair.key("data.test_path", "\"images\"").key("data.test_labels", "\"labels\"");
    refuses(&tested, &["`data.test_fraction` is used by no point", "\"idx\" without test files"]);
    plans(&tested.without("data.test_fraction"), &["100 + 100 examples"]);
}
