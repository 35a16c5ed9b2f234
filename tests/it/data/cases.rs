//! Tables as people bring them, and what is said of each: the forms of files that went wrong, and others of their kinds.
//! What a message advises is done, and works.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::data::idx_file::{gzipped, idx, labels_of, tenths};
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

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
            found.insert(path, Vec::new());
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.insert(path, bytes);
        }
    }
    found
}

/// Plans and sweeps, which both must be refused in these words, and leave the folder as it was.
fn refuses(experiment: &Experiment, words: &[&str]) {
    for command in ["plan", "sweep"] {
        let mut ready = experiment.command(&[command]);
        let before = files(experiment.folder());
        let outcome = Outcome::of(&ready.output().expect("vgrun starts"));
        let said = said(&outcome);
        assert_eq!(outcome.code, 2, "{command}: {said}");
        words.iter().for_each(|word| assert!(said.contains(word), "{word:?} is not in: {said}"));
        assert!(files(experiment.folder()) == before, "{command} leaves a file");
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

/// Files of which a part would be taken for something else.
#[test]
fn a_header_that_is_short_a_title_and_years_are_no_names_of_rows_and_no_example() {
    // Decimal commas between commas, a header of the inputs alone, and a title: R's names of rows never come twice.
    for text in [
        measured(",", ',', "length,width,depth,kind\n"),
        measured(",", '.', "length,width\n"),
        "Messung, Montag\n".to_owned() + &measured(",", '.', ""),
    ] {
        refuses(&table(&text), &["line 1: the row has "]);
    }
    let names = counted(|i| format!("\"{}\",{}.5,{}", i + 1, i % 7, ["oak", "ash"][i % 2]));
    plans(&table("\"x\",\"k\"\n".to_owned() + &names), &["1 input -> 2 classes"]);
    // One cell above two columns leaves no input.
    for text in ["kind\n0.5,oak\n1.5,ash\n", "Messung\n0,oak\n1,ash\n", "\"x\"\n\"1\" 0.5\n\"2\" 0.7\n"] {
        let experiment = table(text.to_owned() + &text[text.find('\n').expect("a line") + 1..].repeat(9));
        assert_eq!(experiment.run(&["plan"]).code, 2, "{text}");
    }
    let years = counted(|i| format!("0.{},0.{},1.{},0.{}", i % 9, i % 7, i % 5, i % 3));
    let years = "2018,2019,2020,2021\n".to_owned() + &years;
    let regression = |text: &str| table(text).key("data.target", "\"regression\"");
    refuses(&regression(&years), &["it counts the columns", "data.header = true or false"]);
    plans(&regression(&years).key("data.header", "true"), &["3 inputs -> a number"]);
    // Whole numbers above whole numbers are an example.
    let whole = counted(|i| format!("{},{},{},{}", 5 + i, 6 + i * i % 7, i % 5, i % 2));
    plans(&table("3,4,5,6\n3,4,5,6\n".to_owned() + &whole).key("data.target", "\"regression\""), &["3 inputs"]);
    // Blanks within the labels of a table of tabs, and German thousands beside decimal commas.
    let tabs = counted(|i| format!("{}\t{}\t{}, {}", i % 7, i % 5, ["oak", "ash"][i % 2], 5 + i % 3));
    refuses(&table(&tabs), &["by commas or by tabs", "write data.separator = \"tab\""]);
    refuses(&table(&tabs).key("data.separator", "\"tab\""), &["may be written without commas"]);
    let thousands = counted(|i| format!("0,{};1.20{},5;0;{}", i % 9, i % 7, ["oak", "ash"][i % 2]));
    refuses(&table(&thousands), &["write data.separator = \"semicolon\""]);
    refuses(&table(&thousands).key("data.separator", "\"semicolon\""), &["thousands have a mark"]);
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
            include_str!("../../cases/11/german_1.csv").to_owned(),
            "2",
            &["1 input -> 3 classes", "semicolons between the columns and no header", "4,7 is 4.7"] as &[&str],
        ),
        (
            include_str!("../../cases/11/excel_sep.csv").to_owned(),
            "\"kind\"",
            &["2 inputs -> 3 classes", "semicolons between", "a header", "the first line is no row"],
        ),
        (
            include_str!("../../cases/14/seeds_dataset.txt").to_owned(),
            "8",
            &["7 inputs -> 3 classes", "blanks between the columns and no header"],
        ),
        (
            include_str!("../../cases/15/write_table.csv").to_owned(),
            "\"Species\"",
            &["4 inputs -> 3 classes", "names the rows and is no input"],
        ),
        (
            include_str!("../../cases/15/write_csv.csv").to_owned(),
            "\"Species\"",
            &["column 1 (without a name) counts the rows", "it alone tells the class"],
        ),
        (
            include_str!("../../cases/16/mixed_labels.csv").to_owned(),
            "\"label\"",
            &["2 inputs -> 3 classes", "equal numbers are one class"],
        ),
        (include_str!("../../cases/16/savetxt.csv").to_owned(), "\"label\"", &["2 inputs -> 3 classes", "a header"]),
        (include_str!("../../cases/17/glass.data").to_owned(), "11", &["column 1 counts the rows", commas]),
        (
            include_str!("../../cases/17/wine.data").to_owned(),
            "1",
            &["13 inputs -> 3 classes", "the class is column 1"],
        ),
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
    let adult = include_str!("../../cases/12/adult.data");
    let says = [
        "8 of 15 columns hold words",
        "2: \"State-gov\"",
        "14: \"United-States\"",
        "times \"?\" in column 2 (lines",
        "times \"?\" in column 7 (lines",
        "leave columns of words out",
    ];
    refuses(&table(adult), &says);
    refuses(&table(include_str!("../../cases/12/adult.test")), &says);
    let numbers =
        rows(adult, ',', |column, cell| (![1, 3, 5, 6, 7, 8, 9, 13].contains(&column)).then(|| cell.to_owned()));
    plans(&table(&numbers), &["6 inputs -> 2 classes", "no header"]);
    plans(&table("age,a,b,c,d,e,kind\n".to_owned() + &numbers), &["a header", "6 inputs -> 2 classes"]);

    let cancer = include_str!("../../cases/17/breast-cancer-wisconsin.data");
    refuses(&table(cancer), &["missing values: 2 times \"?\" in column 7 (lines 7, 24)", "leave their rows"]);
    let complete: Vec<String> =
        cancer.lines().filter(|line| !line.contains('?')).map(|line| format!("{line}\n")).collect();
    plans(&table(complete.concat()), &["10 inputs -> 2 classes"]);

    let na = include_str!("../../cases/15/na.csv");
    refuses(&table(na), &["\"NA\" in column 2 (`Sepal.Length`) (line 5)"]);
    plans(&table(na.replace("NA", "5.0")), &["3 classes"]);

    let mpg = include_str!("../../cases/14/auto-mpg.data");
    refuses(&table(mpg).key("data.label", "8"), &["column 9 holds words", "\"?\" in column 4 (lines"]);
    let without_names: String =
        mpg.lines().map(|line| line.split('\t').next().expect("a part").to_owned() + "\n").collect();
    plans(&table(without_names.replace('?', "100")), &["blanks between the columns", "7 inputs"]);

    let wine = table(include_str!("../../cases/17/wine.data"));
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
        ("\u{2212}5", "numbers with a dash for a minus, such as \"\u{2212}5\"", "hyphen of a keyboard: -5", "-5"),
        ("1.0D+02", "numbers with a D before the exponent", "write 1.0e+02 for 1.0D+02", "1.0e+02"),
        ("$3", "numbers with the sign of a currency, such as \"$3\"", "write numbers without a currency", "3"),
        ("12:30", "holds times, such as \"12:30\"", "as one number, such as minutes", "750"),
        ("1|2", "holds several numbers in one cell, such as \"1|2\"", "write commas between all columns", "1,2"),
        ("1;2", "separated by commas or by semicolons: \"1;2\"", "write the cells without semicolons", "1,2"),
    ] {
        refuses(&table(with(cell)), &[words, remedy]);
        let sizes = if instead.contains(',') { "3 inputs -> 2 classes" } else { "2 inputs -> 2 classes" };
        plans(&table(with(instead).replace("x,y", if instead.contains(',') { "x,z,y" } else { "x,y" })), &[sizes]);
    }
    let once = with("3").replacen("3,", "\u{2212}3,", 1);
    refuses(&table(&once), &["line 2, column 1 (`x`): \"\u{2212}3\" is not a number", "hyphen of a keyboard"]);
    // The first row is an example, however its numbers are written.
    let once = measured(",", '.', "").replacen("4.0", "$4", 1);
    refuses(&table(&once), &["line 1, column 1: \"$4\" is not a number", "without a currency"]);
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
    plans(&table(ragged.replace("1,2\n", "1,2,oak\n").replace("\n1\n", "\n1,2,ash\n")), &["2 inputs -> 2 classes"]);
    refuses(&table("1\n2\n3\n"), &["it has one column", "a comma, a semicolon or a tab"]);
    let one = measured(":", '.', "");
    refuses(&table(&one), &["it has one column", "a comma, a semicolon or a tab"]);
    for separator in [",", ";", "\t"] {
        plans(&table(one.replace(':', separator)), &["2 inputs -> 2 classes"]);
    }
}

#[test]
fn a_separator_that_nobody_can_tell_is_asked_for_and_the_key_is_obeyed() {
    let unclear = "1,2,3;a\n4,5,6;b\n1,3,3;a\n4,6,6;b\n".repeat(8);
    let words = ["separated by commas or by semicolons", "write commas between all columns", "without semicolons"];
    let asks =
        ["separated by commas or by semicolons", "data.separator = \"semicolon\"", "the cells without semicolons"];
    refuses(&table(&unclear), &asks);
    for separator in ["\"comma\"", "\",\""] {
        refuses(&table(&unclear).key("data.separator", separator), &words);
    }
    refuses(
        &table(&unclear).key("data.separator", "\"semicolon\""),
        &["several numbers in one cell, such as \"1,2,3\""],
    );
    plans(&table(unclear.replace(';', ",")), &["3 inputs -> 2 classes"]);
    plans(&table(unclear.replace(';', "-")), &["2 inputs -> 2 classes"]);
    let words = "1,2,a;b\n3,4,a;c\n1,3,a;b\n3,5,a;c\n".repeat(8);
    for separator in ["\"comma\"", "\",\"", "\"auto\""] {
        plans(&table(&words).key("data.separator", separator), &["2 inputs -> 2 classes"]);
    }
    let forced = table(measured(";", '.', "")).key("data.separator", "\",\"");
    refuses(
        &forced,
        &["with data.separator = \"comma\", it has one column:", "leave data.separator out: the file tells semicolons"],
    );
    plans(&forced.without("data.separator"), &["semicolons between the columns"]);
    let forced = table(measured(";", ',', "")).key("data.separator", "\"comma\"");
    refuses(
        &forced,
        &[
            "with data.separator = \"comma\", column 2 holds several numbers",
            "leave data.separator out: the file tells semicolons",
        ],
    );
    plans(&forced.without("data.separator"), &["semicolons between the columns"]);
    let tabs = table(measured("\t", '.', "")).key("data.separator", "\"semicolon\"");
    refuses(&tabs, &["with data.separator = \"semicolon\"", "leave data.separator out: the file tells tabs"]);
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
    assert!(list(&plain()).contains("rcb49f8c5b230b040"), "{}", list(&plain()));
    let said = plain().key("data.separator", "\"comma\"").key("data.test_fraction", "0.2");
    assert_eq!(list(&plain()), list(&said));
    assert_ne!(list(&plain()), list(&plain().key("data.test_fraction", "0.25")));
    // A header that the cells of the first row alone do not tell.
    let told = table("id,2019,k\n".to_owned() + &"1,2,a\n2,4,b\n3,6,a\n".repeat(10));
    assert!(list(&told).contains("re3d94408d0210079"), "{}", list(&told));
    assert_eq!(
        list(&told),
        list(&table(fs::read(told.folder().join("t.csv")).expect("a file")).key("data.header", "true"))
    );
}

#[test]
fn small_splits_are_warned_of_and_nothing_need_be_held_out() {
    let xnor = table(include_str!("../../cases/10/xnor.csv"));
    let words = "class \"0\" has 2 examples, and 1 more has fewer than 5; 1 example is for testing, fewer than 10";
    plans(&xnor, &["3 + 1 examples", words, "data.test_fraction = 0"]);
    assert!(said(&xnor.run(&["sweep"])).contains(words));
    let all = xnor.again().key("data.test_fraction", "0");
    fs::write(all.folder().join("t.csv"), include_str!("../../cases/10/xnor.csv")).expect("a file");
    assert!(!plans(&all, &["4 + 0 examples", "class \"0\" has 2 examples, and none are held out"]).contains("warning"));
    assert_eq!(all.sweep(&[]).code, 0);
    let row = &all.rows("runs")[0];
    assert_eq!((row["status"].as_str(), row["test_accuracy"].as_str()), ("ok", "NaN"));

    let rare = table("1,a\n2,a\n3,b\n".repeat(20) + "4,c\n");
    refuses(&rare, &["class \"c\" has 1 example, and the split leaves none for training", "data.test_fraction = 0"]);
    plans(
        &rare.key("data.test_fraction", "0"),
        &["61 + 0 examples", "class \"c\" has 1 example, and none are held out for testing"],
    );
    let half = table("1,a\n2,a\n3,b\n".repeat(20)).key("data.test_fraction", "0.5");
    plans(&half, &["30 + 30 examples"]);
    for bad in ["1", "-0.1", "20", "\"20%\""] {
        refuses(
            &table("1,a\n2,b\n".repeat(20)).key("data.test_fraction", bad),
            &["a number from 0 to below 1, such as 0.2"],
        );
    }
}

#[test]
fn rows_that_no_batch_takes_are_said() {
    let lost = table(include_str!("../../cases/06/forty_two.csv")).key("train.batch_size", "32");
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
    fs::write(pair.folder().join("images"), tenths(100)).expect("a file");
    fs::write(pair.folder().join("labels"), labels_of(100)).expect("a file");
    plans(&pair, &["100 + 0 examples"]);
    let tested = pair.key("data.test_path", "\"images\"").key("data.test_labels", "\"labels\"");
    refuses(&tested, &["`data.test_fraction` is used by no point", "\"idx\" without test files"]);
    plans(&tested.without("data.test_fraction"), &["100 + 100 examples"]);
}

/// Rows of two numbers and a class, with a number that differs from row to row.
fn counted(row: impl Fn(usize) -> String) -> String {
    (0..40).map(|i| row(i) + "\n").collect()
}

#[test]
fn numbers_that_count_the_columns_are_no_example() {
    let floats = |i: usize| format!("{}.{},{}.5", 4 + i % 3, i * 7 % 10, i % 5);
    let class = counted(|i| format!("{},{}", floats(i), i % 2));
    let words = counted(|i| format!("{},{}", floats(i), ["oak", "ash"][i % 2]));
    let indexed = counted(|i| format!("{i},{},{}", floats(i), i % 2));
    let two = counted(|i| format!("{}.5,{}", i % 7, i % 2));
    for (header, rows, inputs) in [
        ("0,1,2", &class, "2 inputs"),
        ("1,2,3", &class, "2 inputs"),
        ("0,1,2", &words, "2 inputs"),
        (",0,1,2", &indexed, "3 inputs"),
        ("0,1", &two, "1 input"),
        ("1,2", &two, "1 input"),
    ] {
        let text = format!("{header}\n{rows}");
        let says = ["it counts the columns (", "as names that pandas gives them", "data.header = true or false"];
        refuses(&table(&text), &says);
        refuses(&table(&text).key("data.test_fraction", "0"), &says);
        refuses(&table(&text).key("data.label", "2"), &says);
        plans(&table(&text).key("data.header", "true"), &[inputs, "-> 2 classes", "a header"]);
        if !header.starts_with(',') {
            plans(&table(&text).key("data.header", "false").key("data.test_fraction", "0"), &[inputs, "no header"]);
        }
    }
    // Rows that count on are examples, and so are whole numbers below two whole numbers.
    plans(&table("1,2,3\n2,3,4\n3,4,3\n4,5,4\n".repeat(8)), &["no header", "2 inputs -> 2 classes"]);
    plans(&table("0,1\n1,0\n2,1\n3,0\n".repeat(8)), &["no header", "1 input -> 2 classes"]);
    // What else is wrong is said with it.
    let missing = format!("0,1,2\n{class}").replacen("4.0", "?", 1);
    refuses(
        &table(missing),
        &["missing values: \"?\" in column 1", "it counts the columns", "data.header = true or false"],
    );
}

#[test]
fn labels_that_may_be_two_cells_are_refused_and_the_advice_works() {
    let row = |i: usize| (i % 7, i * 3 % 5, ["oak", "ash"][i % 2]);
    let bars = counted(|i| format!("0.{},0.{}|{}", row(i).0, row(i).1, row(i).2));
    let blanks = counted(|i| format!("0.{},{} {}", row(i).0, row(i).1, row(i).2));
    let numbers = counted(|i| format!("{};{},{}", row(i).0, row(i).1, 1 + i % 2));
    let quoted = counted(|i| format!("0.{},\"0.{};{}\"", row(i).0, row(i).1, row(i).2));
    let tabs = counted(|i| format!("0.{},0.{}\t{}", row(i).0, row(i).1, row(i).2));
    for (text, mark, one, own, other) in [
        (bars.clone(), '|', "commas", ',', "vertical bars"),
        (format!("x,y|l\n{bars}"), '|', "commas", ',', "vertical bars"),
        (blanks, ' ', "commas", ',', "blanks"),
        (numbers.clone(), ',', "semicolons", ';', "commas"),
        (format!("x;y,class\n{numbers}"), ',', "semicolons", ';', "commas"),
        (quoted, ';', "commas", ',', "semicolons"),
        (tabs, '\t', "commas", ',', "tabs"),
    ] {
        let (says, advice) = (format!("separated by {one} or by {other}"), format!("write {one} between all columns"));
        let is_in_label = !["semicolons", "tabs"].contains(&other);
        let advice = if is_in_label { advice } else { format!("if {other} stand between the columns") };
        refuses(&table(&text), &[&says, &advice, &format!("without {other}")]);
        refuses(&table(&text).key("data.test_fraction", "0"), &[&says]);
        let name = match own {
            ';' => "\"semicolon\"",
            _ => "\"comma\"",
        };
        refuses(&table(&text).key("data.separator", name), &[&says]);
        let text = text.replace('"', "");
        plans(&table(text.replace(mark, &own.to_string())), &["2 inputs -> 2 classes"]);
        plans(&table(text.replace(mark, "-")).key("data.test_fraction", "0"), &["1 input -> 10 classes"]);
    }
    let target = format!("x;y,class\n{numbers}");
    let learned = |text: &str| table(text).key("data.target", "\"regression\"");
    refuses(&learned(&target), &["separated by semicolons or by commas: \"y,class\" is one cell or several"]);
    plans(&learned(&target.replace(',', ";")), &["2 inputs -> a number"]);
    plans(&learned(&target.replace("y,class", "y")), &["1 input -> a number", "commas are decimal points"]);
    // Labels of several words are labels.
    for labels in [["5 stars", "1 star"], ["class 1", "class 2"], ["a|b", "b|c"], ["2 years", "3 years"]] {
        plans(&table(counted(|i| format!("{},{}", i % 7, labels[i % 2]))), &["1 input -> 2 classes"]);
    }
    plans(&table(counted(|i| format!("{};{},0", i % 7, i % 2))), &["1 input -> 2 classes"]);
}

#[test]
fn commas_that_may_stand_before_thousands_are_refused() {
    let of = |a: &str, b: &str| format!("{a};2;a\n{b};1;b\n").repeat(20);
    for (a, b) in [("1,234", "2,345"), ("1,234", "567"), ("-12,345", "7")] {
        let says = [
            "every comma stands before three digits (column 1: ",
            "where commas are decimal points",
            "where they set thousands apart",
        ];
        refuses(&table(of(a, b)), &says);
        plans(&table(of(a, b).replace(',', ".")), &["semicolons", "2 inputs -> 2 classes"]);
        plans(&table(of(a, b).replace(',', "")), &["semicolons", "2 inputs -> 2 classes"]);
    }
    for (a, b) in [("0,123", "1,234"), ("1,234", "1,5"), ("0,123", "-0,456")] {
        plans(&table(of(a, b)), &["commas are decimal points", "2 inputs -> 2 classes"]);
    }
}

#[test]
fn a_separator_at_the_end_of_each_line_is_named() {
    for header in ["", "x,y,kind,\n", "x,y,kind\n"] {
        let text = header.to_owned() + &measured(",", '.', "").replace('\n', ",\n");
        for label in ["3", "1"] {
            let trailing = table(&text).key("data.label", label);
            refuses(
                &trailing,
                &["every row ends with one of its commas, so the last column is empty", "remove the separator"],
            );
        }
        plans(&table(text.replace(",\n", "\n")), &["2 inputs -> 2 classes"]);
    }
    let empty = "x,y,kind,z\n".to_owned() + &measured(",", '.', "").replace('\n', ",\n");
    refuses(
        &table(&empty).key("data.label", "3"),
        &["column 4 (`z`) is empty in every row", "leave empty columns out"],
    );
    plans(&table(empty.replace(",z", "").replace(",\n", "\n")).key("data.label", "3"), &["2 inputs"]);
}

#[test]
fn files_that_are_no_table_are_called_by_their_names() {
    let utf16: Vec<u8> = "\u{feff}1,2,a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tar = [&[b'x'; 257][..], b"ustar\0", &[0; 249]].concat();
    for (bytes, words) in [
        (
            &b"<!DOCTYPE html>\n<html>a,b</html>\n"[..],
            &["it is a web page (HTML), and no table", "fetch the file itself"][..],
        ),
        (b"\xef\xbb\xbf<html>\n1,2\n", &["a web page (HTML)"]),
        (b"{\"x\": 1, \"y\": 2}\n{\"x\": 2, \"y\": 3}\n", &["it is JSON, and no table", "to_csv"]),
        (b"[\n  {\"x\": 1}]", &["it is JSON, and no table"]),
        (&utf16, &["it is UTF-16 text", "save it as UTF-8"]),
        (b"\x89PNG\r\n", &["it is a PNG image, and no table", "commas between the columns"]),
        (&tar, &["it is a tar archive, and no table", "unpack it"]),
        (b"PK\x03\x04rest", &["zip archive", "save the sheet as CSV"]),
        (b"1 1:0.5 3:2\n0 2:1 3:1\n", &["it is a file of libsvm's", "load_svmlight_file", "numpy.savetxt"]),
        (b"@relation x\n@data\n1,2,a\n", &["ARFF", "leave out all lines up to and including @data"]),
    ] {
        refuses(&table(bytes), words);
    }
    // What the advice makes of them.
    plans(&table(measured(",", '.', "")), &["2 inputs -> 2 classes"]);
    let arff = "% of Weka\n@RELATION x\n@ATTRIBUTE l NUMERIC\n\n@DATA\n".to_owned() + &measured(",", '.', "");
    refuses(&table(&arff), &["ARFF", "leave out all lines up to and including @data"]);
    plans(&table(arff.split_once("@DATA\n").expect("data").1), &["2 inputs -> 2 classes", "no header"]);
    // Headers that begin as other formats do.
    for name in ["PAR1", "MATLAB", "BZh", "{a}"] {
        plans(&table(measured(",", '.', &format!("{name},w,k\n"))), &["a header"]);
    }
    let words = "x,colour,k\n1,red,a\n2,blue,b\n".to_owned() + &"3,red,a\n4,blue,b\n".repeat(20);
    refuses(&table(&words), &["column 2 (`colour`) holds words", "write each of their words as a column of 0 and 1"]);
    let dummies = words.replace("colour", "blue_is,red_is").replace(",red,", ",0,1,").replace(",blue,", ",1,0,");
    plans(
        &table(dummies),
        &["3 inputs -> 2 classes", "columns 2 (`blue_is`), 3 (`red_is`) each alone tell the answer"],
    );
}

#[test]
fn what_looks_odd_in_a_table_is_noted() {
    for (text, words) in [
        (counted(|i| format!("{},{}", i % 7, ["true", "1", "x"][i % 3])), "the classes \"1\" and \"true\" are two"),
        (
            counted(|i| format!("{},{}", i % 7, ["inf", "1"][i % 2])),
            "\"inf\" is a class like the others (20 examples), not a number",
        ),
        (
            counted(|i| format!("{},{},{}", i % 7, 5 - i % 2, ["a", "b"][i % 2])),
            "column 2 alone tells the answer: it has one value for each",
        ),
    ] {
        plans(&table(text), &[words]);
    }
    let same = table(counted(|i| format!("{},{},{}", i % 7, i * 3 % 5, i % 7))).key("data.target", "\"regression\"");
    plans(&same, &["column 1 alone tells the answer"]);
    let six = table("1,a\n2,b\n3,a\n1,b\n2,a\n3,b\n").key("data.test_fraction", "0");
    plans(&six, &["class \"a\" has 3 examples, and none are held out for testing"]);
}

/// An experiment over images and labels of these contents; none where the file is not there.
fn pair(images: Option<Vec<u8>>, labels: Option<Vec<u8>>) -> Experiment {
    let experiment =
        Experiment::new().key("data.source", "\"idx\"").key("data.path", "\"images\"").key("data.labels", "\"labels\"");
    for (name, bytes) in [("images", images), ("labels", labels)] {
        bytes.into_iter().for_each(|bytes| fs::write(experiment.folder().join(name), bytes).expect("a file"));
    }
    experiment
}

#[test]
fn images_and_labels_that_are_not_as_the_format_says_are_noted_or_refused() {
    let ints = |columns: u32, row: fn(u32) -> Vec<u32>| {
        let mut bytes = idx(&[100, columns], &(0..100).flat_map(row).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
        bytes[2] = 12;
        Some(bytes)
    };
    let of = |labels| pair(Some(tenths(100)), labels);
    plans(
        &of(ints(8, |i| vec![i % 2, i, 7, 8, 9, 10, 11, 12])),
        &["80 + 20", "the first is read as the class, as in QMNIST"],
    );
    refuses(
        &of(ints(8, |i| (0..8).map(|c| u32::from(c == i % 2)).collect())),
        &[
            "every label is 8 numbers, and vgrun cannot tell which of them is the class",
            "save the column of the class alone, as n unsigned bytes",
        ],
    );
    plans(&of(ints(1, |i| vec![i % 2])), &["data.labels holds the labels in a column of their own", "read as bytes"]);
    let twice = of(Some(gzipped(&gzipped(&labels_of(100)))));
    assert!(plans(&twice, &["data.labels is gzipped twice, and unpacked twice"]).contains("80 + 20"));
    plans(&of(Some(labels_of(100))), &["80 + 20 examples"]);

    let pixels = |bytes: fn(f32) -> [u8; 4]| {
        let mut all =
            idx(&[100, 2, 2], &(0_u8..200).chain(0..200).flat_map(|p| bytes(f32::from(p))).collect::<Vec<_>>());
        all[2] = 13;
        pair(Some(all), Some(labels_of(100)))
    };
    refuses(&pixels(f32::to_le_bytes), &["as all are with the bytes of each in the other order", "highest byte first"]);
    plans(&pixels(f32::to_be_bytes), &["data.path holds other numbers than unsigned bytes"]);

    refuses(&pair(None, None), &["images: there is no such file; labels: there is no such file"]);
    let two = pair(Some(b"\xef\xbb\xbf<html>".to_vec()), Some(gzipped(&labels_of(100))[..30].to_vec()));
    refuses(&two, &["images: the file is a web page (HTML)", "fetch the file itself", "labels: byte", "gzip -t"]);
    refuses(
        &pair(Some([tenths(100), vec![0; 4]].concat()), Some(labels_of(100))),
        &["goes on to byte 420", "promises 416 bytes"],
    );
    refuses(
        &pair(Some([&[b'x'; 257][..], b"ustar\0", &[0; 249]].concat()), Some(labels_of(100))),
        &["the file is a tar archive"],
    );
}

#[test]
fn a_missing_table_is_answered_with_the_name_that_windows_hides_a_part_of() {
    let experiment = table("1,2\n").key("data.path", "\"data.csv\"");
    fs::write(experiment.folder().join("Data.csv.txt"), measured(",", '.', "")).expect("a file");
    refuses(&experiment, &["there is no such file", "did you mean \"Data.csv.txt\"?"]);
    plans(&experiment.key("data.path", "\"Data.csv.txt\""), &["2 inputs -> 2 classes"]);
}
