//! What can be wrong with a data file, in words that say where.

use thiserror::Error;

use super::format::Format;
use crate::data::spec::Separator;

/// A data file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}: {problem}")]
pub struct DataError {
    /// The file, as the config names it.
    pub file: String,
    /// The key that the problem is with: the file's, or that of how it is read.
    pub key: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// A cell of a table, by line and column, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellPlace {
    /// The line on which its row begins.
    pub line: usize,
    /// The column's number.
    pub column: usize,
    /// The column's name, where the table has a header.
    pub name: Option<String>,
}

impl std::fmt::Display for CellPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        match &self.name {
            Some(name) => write!(f, " (`{}`)", name.escape_debug()),
            None => Ok(()),
        }
    }
}

/// Why nobody can tell whether the first row of a table is a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// Its answer is a word that no other row has, and there are no other words.
    OnlyAnswer(String),
    /// All its inputs are marks such as this one, which may stand for missing values, and its answer is a word that no
    /// other row has.
    OnlyMarks(String, String),
    /// It has a word in a column of numbers, and this number.
    Number(String, String),
    /// It has a word in a column of numbers, and this answer, which another row has too.
    Answer(String, String),
    /// It counts the columns, as pandas names them, and no other row is like it.
    Counts(String),
}

impl std::fmt::Display for Unclear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OnlyAnswer(answer) => write!(f, "{answer:?} is the only word, and no other row has it"),
            Self::OnlyMarks(mark, answer) => {
                write!(f, "{mark:?} may be a name or a missing value, and no other row has the answer {answer:?}")
            }
            Self::Number(word, number) => write!(f, "{word:?} is a word, and {number:?} a number"),
            Self::Counts(cells) => {
                write!(
                    f,
                    "it counts the columns ({cells}), as names that pandas gives them, and no other row is like it"
                )
            }
            Self::Answer(word, answer) => {
                write!(f, "{word:?} is a word, but other rows have its answer {answer:?} too")
            }
        }
    }
}

/// A number that is read as a class and has no training example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RareNumber {
    /// The number as the file writes it.
    pub number: String,
    /// How many examples have it.
    pub examples: usize,
    /// How many other classes have no training example either.
    pub more: usize,
    /// The column, as a sentence names it.
    pub column: String,
    /// A column that is likelier to be the class, with the reason.
    pub likelier: Option<String>,
}

impl std::fmt::Display for RareNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { number, examples, more, column, likelier: _ } = self;
        let (plural, more) = (plural(*examples), more_classes(*more));
        write!(
            f,
            "{column} is read as the class, of which {number:?} has {examples} example{plural}, and the split leaves none \
             for training{more}"
        )
    }
}

/// What is wrong with a data file. Bytes count from 0, lines and columns from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say what each field is")]
pub enum Problem {
    #[error("there is no such file")]
    Missing,
    #[error("there is no such file")]
    Misnamed { near: String },
    #[error("it is not a file")]
    NotAFile,
    #[error("it cannot be read: {0}")]
    Io(String),
    #[error("it holds more than {} MiB", .limit >> 20)]
    TooLarge { limit: u64 },
    #[error("{first}; {}", .others.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several { first: Box<Problem>, others: Vec<DataError> },
    #[error("it has changed since the plan was made")]
    Changed,
    #[error("the results folder does not say what was in it")]
    NotKept,

    #[error("it is gzipped")]
    Gzipped,
    #[error("line {line}: byte {byte} is not UTF-8 text")]
    NotText { line: usize, byte: usize },
    #[error("it is empty")]
    Empty,
    #[error("it has a header and no rows")]
    HeaderOnly,
    #[error("it is a zip archive, as the files of spreadsheets are")]
    Zipped,
    #[error("it is a file of Weka's (ARFF), whose rows come behind the line @data")]
    Arff,
    #[error("it is a file of libsvm's, in which the number of its column stands before each value")]
    Libsvm,
    #[error("it is UTF-16 text")]
    Utf16,
    #[error("it is {}, and no table", .0.name)]
    NoTable(Format),
    #[error("every row ends with one of its {}, so the last column is empty", separator.plural())]
    TrailingSeparator { separator: Separator },
    #[error("with data.separator = \"{}\", {problem}", asked.name())]
    OtherSeparator { asked: Separator, told: Separator, problem: Box<Problem> },
    #[error("{}", .findings.join("; "))]
    Cells { findings: Vec<String>, remedies: Vec<String> },
    #[error("{0}: the cell holds a line break, so its closing quote is probably missing")]
    LineBreak(CellPlace),
    #[error("line {line}: a row of more than 4 MiB, so a closing quote is probably missing")]
    LongRow { line: usize },
    #[error("it has {columns} columns, more than {limit}")]
    TooManyColumns { columns: usize, limit: usize },
    #[error("it has one column{}: there is nothing to learn the answers from", asked(*separator))]
    OneColumn { separator: Option<Separator> },
    #[error(
        "its columns may be separated by {} or by {}: {cell:?} is one cell or several", one.plural(), other.plural()
    )]
    UnclearSeparator { one: Separator, other: Separator, cell: String, is_in_label: bool },
    #[error("column 1 holds the names of the rows, which the header leaves out, and no answers")]
    RowNames,
    #[error("no column is called {name:?}")]
    NoColumnNamed { name: String, columns: Vec<String> },
    #[error("{count} columns are called {name:?}")]
    SeveralColumnsNamed { name: String, count: usize },
    #[error("a column called {name:?} needs a header, and data.header is false")]
    NameWithoutHeader { name: String },
    #[error("the first row may be a header or an example: {0}")]
    UnclearHeader(Unclear),
    #[error("there is no column {number}: it has {columns}")]
    NoColumnNumbered { number: usize, columns: usize },
    #[error("column {column}: its numbers differ too much, or too little, to be standardised")]
    Spread { column: String },

    #[error("every example is of class {class:?}: there is nothing to tell apart")]
    OneClass { class: String },
    #[error("it has more than {limit} classes")]
    TooManyClasses { limit: usize },
    #[error(
        "class {class:?} has {examples} example{}, and the split leaves none for training{}",
        plural(*examples), more_classes(*more)
    )]
    NotInTraining { class: String, examples: usize, more: usize },
    #[error("{0}")]
    NumberNotInTraining(Box<RareNumber>),
    #[error("the target is {value} in every training example, so there is nothing to learn")]
    ConstantTarget { value: String },
    #[error("the file has {examples} example{}, and vgrun needs at least 2: one to learn from, one to test", plural(*examples))]
    TooFewExamples { examples: usize },

    #[error("byte {byte}, unpacked: the gzip stream is damaged ({error})")]
    DamagedGzip { byte: usize, error: String },
    #[error("byte 0: an IDX file begins with two zero bytes, and this one begins with {first:#04x} {second:#04x}")]
    Magic { first: u8, second: u8 },
    #[error("the file is {}, not one of MNIST's format (IDX)", .0.name)]
    OtherFormat(Format),
    #[error("byte 2: the type of the elements is {code:#04x}, which IDX does not know")]
    ElementType { code: u8 },
    #[error(
        "byte {byte}: element {value:?} ({name}), where {what} are whole numbers from 0 to 255{}",
        if *.fits_in_other_order { ", as all are with the bytes of each in the other order" } else { "" }
    )]
    Element { byte: usize, value: String, name: &'static str, what: &'static str, fits_in_other_order: bool },
    #[error("the header promises {promised} bytes, and the file has {held}{}", if *.packed { ", packed" } else { "" })]
    Promises { promised: u64, held: u64, packed: bool },
    #[error("the array holds {promised} bytes, more than {} MiB", .limit >> 20)]
    TooLargeArray { promised: u64, limit: u64 },
    #[error("every label is {columns} numbers, and vgrun cannot tell which of them is the class")]
    LabelColumns { columns: u64 },
    #[error("byte 3: the array has {found} dimension{}, and {what} have {expected}", plural(*found as usize))]
    Dimensions { found: u8, what: &'static str, expected: &'static str },
    #[error("byte {byte}: this dimension has size 0")]
    EmptyDimension { byte: usize },
    #[error("byte {end}: the file ends there, and its header promises {promised} bytes")]
    Truncated { end: usize, promised: u64 },
    #[error(
        "byte {promised}: the file goes on{}, and its header promises {promised} bytes",
        .held.map(|held| format!(" to byte {held}")).unwrap_or_default()
    )]
    TooLong { promised: u64, held: Option<u64> },
    #[error("byte 4: the file has {labels} label{} for {images} image{}", plural(*labels), plural(*images))]
    Counts { labels: usize, images: usize },
    #[error("byte 8: the test images have {test} pixels, and the training images have {train}")]
    ImageSize { test: usize, train: usize },
    #[error("byte {byte}: no training example has the label {label}")]
    UnknownLabel { byte: usize, label: u8 },
}

/// A column's name in quotes: it may be a whole page, and its beginning is enough.
fn shown(name: &str) -> String {
    const SHOWN: usize = 40;
    format!("{:?}", name.chars().take(SHOWN).collect::<String>())
}

/// Says that a table is read with the separator that the config asks for.
fn asked(separator: Option<Separator>) -> String {
    separator.map(|separator| format!(" with data.separator = \"{}\"", separator.name())).unwrap_or_default()
}

fn more_classes(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => " (and 1 more class)".into(),
        more => format!(" (and {more} more classes)"),
    }
}

/// What to do where nobody can tell which of two separators stands between the columns.
fn between(one: Separator, other: Separator, is_in_label: bool) -> String {
    let [ones, others] = [one.plural(), other.plural()];
    if is_in_label || other == Separator::Blank {
        return format!(
            "write {ones} between all columns; a label that is one cell may be written without {others}, such as a-b"
        );
    }
    // Which it is decides what the cells are: to write the other one everywhere might cut numbers.
    format!(
        "if {others} stand between the columns, write data.separator = \"{}\": what is then no number is named; if {ones} do, \
         write the cells without {others}",
        other.name()
    )
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

impl Problem {
    /// What to do about it, where there is one thing to do.
    pub fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::Missing => "paths are relative to the config's folder",
            Self::Misnamed { near } => return Some(format!("did you mean {near:?}?")),
            Self::OtherFormat(format) | Self::NoTable(format) => format.remedy,
            Self::Several { first, others } => {
                let mut remedies: Vec<String> = Vec::new();
                for remedy in [first.remedy()].into_iter().chain(others.iter().map(|e| e.problem.remedy())).flatten() {
                    if !remedies.contains(&remedy) {
                        remedies.push(remedy);
                    }
                }
                return (!remedies.is_empty()).then(|| remedies.join("; "));
            }
            Self::Element { fits_in_other_order: true, .. } => {
                "write each number with its highest byte first: in NumPy, x.astype(x.dtype.newbyteorder(\">\")).tobytes()"
            }
            Self::Element { what: "labels", .. } => "number the classes from 0 to 255, and save them as unsigned bytes",
            Self::Element { .. } => {
                "save the pixels as unsigned bytes: of numbers from 0 to 1, in NumPy, (x * 255).round().astype(\"uint8\")"
            }
            Self::DamagedGzip { .. } => "fetch or pack it again, and test it with gzip -t",
            Self::Truncated { .. } | Self::TooLong { .. } => "fetch or export it again",
            Self::Promises { .. } => "fetch or export it again: its beginning is not that of a whole IDX file",
            Self::LabelColumns { .. } => "save the column of the class alone, as n unsigned bytes",
            Self::TooLargeArray { .. } | Self::TooLarge { .. } | Self::TooManyColumns { .. } => "take a part of it",
            Self::Changed => "run the same command again: changed content is another run",
            Self::NotKept => "run the sweep again: finished runs are not repeated",
            Self::Gzipped => "unpack it first",
            Self::NotText { .. } | Self::Utf16 => "save it as UTF-8",
            Self::Zipped => "save the sheet as CSV",
            Self::Arff => "leave out all lines up to and including @data",
            Self::Cells { remedies, .. } => return Some(remedies.join("; ")),
            Self::OneColumn { .. } => {
                "put the same separator between the columns in every line: a comma, a semicolon or a tab"
            }
            Self::UnclearSeparator { one, other, is_in_label, .. } => {
                return Some(between(*one, *other, *is_in_label));
            }
            Self::OtherSeparator { told, .. } => {
                return Some(format!("leave data.separator out: the file tells {}", told.plural()));
            }
            Self::TrailingSeparator { .. } => "remove the separator at the end of every line, the header's as well",
            Self::Libsvm => {
                "write all values of a row without these numbers, zeros as well: in Python, x, y = \
                 sklearn.datasets.load_svmlight_file(path) and numpy.savetxt(\"data.csv\", numpy.column_stack([x.toarray(), \
                 y]), delimiter=\",\")"
            }
            Self::RowNames => "name another column with data.label",
            Self::NoColumnNamed { columns, .. } if columns.iter().all(|name| name.parse::<f64>().is_ok()) => {
                "the first row holds numbers and no names: give the column's number, from 1"
            }
            Self::NoColumnNamed { name, columns } => {
                const SHOWN: usize = 20;
                let listed = columns.iter().take(SHOWN).map(|c| shown(c)).collect::<Vec<_>>().join(", ");
                let more = if columns.len() > SHOWN { ", .." } else { "" };
                let quotes = if name.parse::<usize>().is_ok() { "a column's number has no quotes; " } else { "" };
                return Some(format!("{quotes}its columns are {listed}{more}"));
            }
            Self::SeveralColumnsNamed { .. } => "give its number instead, from 1",
            Self::NameWithoutHeader { .. } => "give the column's number, from 1, or leave data.header out",
            Self::UnclearHeader(_) => "say which it is, with data.header = true or false",
            Self::Spread { .. } => "bring it to another unit, or leave it out",
            Self::TooManyClasses { .. } => "a column of numbers is learned with data.target = \"regression\"",
            Self::OneClass { .. } => "add examples of another class",
            Self::NotInTraining { .. } => {
                "add examples of it, leave it out, or hold nothing out with data.test_fraction = 0"
            }
            Self::NumberNotInTraining(rare) => {
                let name = match &rare.likelier {
                    Some(column) => format!("if {column} is the class, name it with data.label; "),
                    None => "if another column is the class, name it with data.label; ".into(),
                };
                return Some(format!(
                    "{name}numbers are learned with data.target = \"regression\"; data.test_fraction = 0 holds nothing out"
                ));
            }
            Self::ConstantTarget { .. } => "add examples of other targets, or name another column with data.label",
            Self::TooFewExamples { .. } => "add examples",
            Self::UnknownLabel { .. } => "add training examples of it, or leave it out",
            Self::Dimensions { .. } => "data.path names the images, data.labels their labels",
            Self::Io(_)
            | Self::NotAFile
            | Self::Empty
            | Self::HeaderOnly
            | Self::LineBreak(_)
            | Self::LongRow { .. }
            | Self::NoColumnNumbered { .. }
            | Self::Magic { .. }
            | Self::ElementType { .. }
            | Self::EmptyDimension { .. }
            | Self::Counts { .. }
            | Self::ImageSize { .. } => return None,
        };
        Some(text.into())
    }
}
