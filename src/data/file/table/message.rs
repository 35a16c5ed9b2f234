//! The one message that names all that cannot be used of a table, and what to do about it.

use std::collections::BTreeMap;

use super::cell::CellForm;
use super::faults::{ColumnFaults, Faults};
use super::shown::column_in;
use crate::data::file::error::Problem;
use crate::data::spec::Separator;

/// What a message about faults must know of the table.
pub(super) struct TableShape<'a> {
    /// The names of the columns; empty where there is no header.
    pub(super) names: &'a [String],
    pub(super) columns: usize,
    /// How many rows hold examples.
    pub(super) examples: usize,
    /// How many cells most rows have, and whether the first row has as many.
    pub(super) is_first_row_alike: bool,
    pub(super) separator: Separator,
    /// Whether the last column is the answer because the config names none, and holds numbers.
    pub(super) is_label_a_guess: bool,
}

impl TableShape<'_> {
    fn column(&self, column: usize) -> String {
        column_in(self.names, column)
    }
}

impl Faults {
    /// The one message, if anything cannot be used. `mixed` are the columns that hold true or false, and other numbers
    /// than 1 and 0.
    pub(super) fn problem(&self, table: &TableShape, mixed: &[usize]) -> Option<Problem> {
        let mut message = Message::default();
        self.rows(table, &mut message);
        self.words(table, &mut message);
        self.single_words(table, &mut message);
        self.missing_values(table, &mut message);
        for (&column, odd) in self.columns.iter().filter(|(_, odd)| odd.infinite.count > 0) {
            let finding = format!(
                "{}, column {}: {:?} is not a finite number",
                odd.infinite.places(),
                table.column(column),
                odd.infinite.text
            );
            message.add(finding, "leave a row without a finite number out, or put a number in its place");
        }
        for &column in mixed {
            let flags = &self.columns[&column].flags;
            message.add(
                format!(
                    "column {}: {:?} on {} stands among other numbers",
                    table.column(column),
                    flags.text,
                    flags.places()
                ),
                "true and false are read as 1 and 0 where a column holds nothing else: write a number",
            );
        }
        if !self.has_clear_comma {
            self.unclear_commas(table, &mut message);
        }
        if let (Some(comma), Some(point)) = (&self.comma, &self.point) {
            let place = |(column, line, cell): &(usize, usize, String)| {
                format!("{cell:?} (line {line}, column {})", table.column(*column))
            };
            message.add(
                format!("it has decimal commas, such as {}, and points, such as {}", place(comma), place(point)),
                "write all numbers in one way, and thousands without a mark",
            );
        }
        let Message { findings, remedies } = message;
        (!findings.is_empty()).then_some(Problem::Cells { findings, remedies })
    }

    /// Commas in front of three digits each, in the whole table.
    fn unclear_commas(&self, table: &TableShape, message: &mut Message) {
        let unclear = self.columns.iter().filter(|(_, odd)| odd.unclear_commas.count > 0);
        let each: Vec<String> = unclear
            .clone()
            .take(COLUMNS)
            .map(|(&column, odd)| format!("column {}: {:?}", table.column(column), odd.unclear_commas.text))
            .collect();
        if let Some((_, odd)) = unclear.clone().next() {
            let (text, line) = (&odd.unclear_commas.text, odd.unclear_commas.lines[0]);
            let [decimal, thousands] = [".", ""].map(|mark| text.replace(',', mark));
            message.add(
                format!(
                    "every comma stands before three digits ({}), so {text:?} on line {line} may be {decimal} or {thousands}",
                    each.join(", ")
                ),
                &format!("write {decimal} where commas are decimal points, and {thousands} where they set thousands apart"),
            );
        }
    }

    fn rows(&self, table: &TableShape, message: &mut Message) {
        let Some(line) = self.ragged.lines.first() else { return };
        let (cells, expected) = (self.ragged_cells, table.columns);
        let plural = if cells == 1 { "" } else { "s" };
        let others = if table.is_first_row_alike { "the first row has" } else { "most rows have" };
        let more = match self.ragged.count {
            1 => String::new(),
            count => format!(" ({count} rows are not of {expected} cells, on {})", self.ragged.places()),
        };
        message.add(
            format!("line {line}: the row has {cells} cell{plural}, and {others} {expected}{more}"),
            &format!("give every row {expected} cells; {}", in_quotes(table.separator)),
        );
    }

    /// Columns of which more than half of the cells are words.
    fn words(&self, table: &TableShape, message: &mut Message) {
        let all: Vec<(usize, &ColumnFaults)> = self.columns.iter().map(|(&column, odd)| (column, odd)).collect();
        let mut forms: BTreeMap<CellForm, Vec<(usize, &ColumnFaults)>> = BTreeMap::new();
        for &(column, odd) in all.iter().filter(|(_, odd)| is_of_words(odd, table)) {
            forms.entry(odd.form.unwrap_or(CellForm::Word)).or_default().push((column, odd));
        }
        for (form, columns) in &forms {
            let what = match form {
                CellForm::Word => "words",
                CellForm::Date => "dates",
                CellForm::Percent => "numbers with %",
                CellForm::DecimalComma => "numbers with decimal commas",
                CellForm::Thousands => "numbers whose thousands have a mark",
                CellForm::Minus => "numbers with a dash for a minus",
                CellForm::Exponent => "numbers with a D before the exponent",
                CellForm::Money => "numbers with the sign of a currency",
                CellForm::Time => "times",
                CellForm::Several => "several numbers in one cell",
            };
            let each: Vec<String> = columns
                .iter()
                .take(COLUMNS)
                .map(|(column, odd)| format!("{}: {:?}", table.column(*column), odd.words.text))
                .collect();
            let more = columns.len().saturating_sub(COLUMNS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let finding = match columns.as_slice() {
                [(column, odd)] => format!(
                    "column {} holds {what}, such as {:?} on line {}",
                    table.column(*column),
                    odd.words.text,
                    odd.words.lines[0]
                ),
                _ => format!("{} of {} columns hold {what} ({}{more})", columns.len(), table.columns, each.join(", ")),
            };
            message.add(finding, &Self::remedy_for(*form, columns, table));
        }
    }

    fn remedy_for(form: CellForm, columns: &[(usize, &ColumnFaults)], table: &TableShape) -> String {
        match form {
            CellForm::Word => {
                let rest = "leave columns of words out, or write each of their words as a column of 0 and 1 (get_dummies \
                            in pandas)";
                match columns {
                    [(0, odd)] if !odd.is_repeated && table.names.first().is_some_and(String::is_empty) => format!(
                        "leave out what only names the rows (row.names = FALSE in R, index = False in pandas); {rest}"
                    ),
                    [(column, odd)] if odd.is_repeated && table.is_label_a_guess => {
                        format!("if column {} is the class, write data.label = {}; {rest}", column + 1, column + 1)
                    }
                    _ => rest.into(),
                }
            }
            CellForm::Date => "write a date as a number, such as a day or a year, or leave its column out".into(),
            CellForm::Percent => "write numbers without %".into(),
            CellForm::DecimalComma => "write decimal points, or semicolons between the columns".into(),
            CellForm::Thousands => "write 1234 for 1,234, and a point before decimals".into(),
            CellForm::Minus => "write a minus as the hyphen of a keyboard: -5".into(),
            CellForm::Exponent => "write 1.0e+02 for 1.0D+02".into(),
            CellForm::Money => "write numbers without a currency".into(),
            CellForm::Time => "write a time as one number, such as minutes, or leave its column out".into(),
            CellForm::Several => format!("write {} between all columns", table.separator.plural()),
        }
    }

    /// Words in columns of numbers.
    fn single_words(&self, table: &TableShape, message: &mut Message) {
        let odd = self.columns.iter().filter(|(_, odd)| odd.words.count > 0 && !is_of_words(odd, table));
        let odd: Vec<(&usize, &ColumnFaults)> = odd.collect();
        for (column, odd) in odd.iter().take(COLUMNS) {
            let finding = format!(
                "{}, column {}: {:?} is not a number",
                odd.words.places(),
                table.column(**column),
                odd.words.text
            );
            match odd.form {
                None | Some(CellForm::Word) => {
                    message.add(finding, "every column but that of data.label holds numbers");
                }
                Some(form) => message.add(finding, &Self::remedy_for(form, &[(**column, odd)], table)),
            }
        }
        if odd.len() > COLUMNS {
            message.findings.push(format!("and words in {} more columns of numbers", odd.len() - COLUMNS));
        }
    }

    fn missing_values(&self, table: &TableShape, message: &mut Message) {
        let mut each = Vec::new();
        for (&column, odd) in &self.columns {
            for (mark, found) in &odd.missing {
                if mark.is_empty() && found.count > 1 && found.count == table.examples {
                    let finding = format!("column {} is empty in every row", table.column(column));
                    message.add(finding, "leave empty columns out");
                    continue;
                }
                let what = match (mark.as_str(), found.count) {
                    ("", 1) => "an empty cell".to_owned(),
                    ("", count) => format!("{count} empty cells"),
                    (mark, 1) => format!("{mark:?}"),
                    (mark, count) => format!("{count} times {mark:?}"),
                };
                each.push(format!("{what} in column {} ({})", table.column(column), found.places()));
            }
        }
        if !each.is_empty() {
            let more = each.len().saturating_sub(COLUMNS);
            each.truncate(COLUMNS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let finding = format!("it has missing values: {}{more}", each.join(", "));
            message.add(finding, "fill missing values in, or leave their rows or columns out");
        }
    }
}

fn is_of_words(odd: &ColumnFaults, table: &TableShape) -> bool {
    2 * odd.words.count > table.examples
}

/// How a cell can hold the separator.
fn in_quotes(separator: Separator) -> &'static str {
    match separator {
        Separator::Auto | Separator::Comma => "a cell with a comma in it needs quotes",
        Separator::Semicolon => "a cell with a semicolon in it needs quotes",
        Separator::Tab => "a cell with a tab in it needs quotes",
        Separator::Pipe => "a cell with a vertical bar in it needs quotes",
        Separator::Blank => "a cell with a blank in it needs quotes",
    }
}

/// What is wrong, and what to do about it, each once.
#[derive(Debug, Default)]
struct Message {
    findings: Vec<String>,
    remedies: Vec<String>,
}

impl Message {
    fn add(&mut self, finding: String, remedy: &str) {
        self.findings.push(finding);
        if !self.remedies.iter().any(|known| known == remedy) {
            self.remedies.push(remedy.to_owned());
        }
    }
}

/// Columns that a message lists, and lines that it lists of each.
const COLUMNS: usize = 12;
