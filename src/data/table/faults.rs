//! All cells and rows of a table that cannot be used, counted by column, and the one message that names them.

use std::collections::BTreeMap;

use super::super::{Problem, Separator};
use super::cell::{Form, has_thousands};

/// Columns that a message lists, and lines that it lists of each.
const COLUMNS: usize = 12;
const LINES: usize = 3;

/// A cell in a message: it may be a whole page, and its beginning is enough.
pub(super) fn shown(cell: &str) -> String {
    const SHOWN: usize = 40;
    cell.chars().take(SHOWN).collect()
}

/// A column for messages: `2`, or ``2 (`age`)``. There are no names where there is no header.
pub(super) fn column_in(names: &[String], column: usize) -> String {
    match names.get(column) {
        Some(name) if !name.is_empty() => format!("{} (`{}`)", column + 1, shown(name).escape_debug()),
        Some(_) => format!("{} (without a name)", column + 1),
        None => (column + 1).to_string(),
    }
}

/// How often something occurs, and its first lines.
#[derive(Debug, Default)]
struct Occurrences {
    count: usize,
    lines: Vec<usize>,
    /// The text on the first line.
    text: String,
}

impl Occurrences {
    fn add(&mut self, line: usize, text: &str) {
        if self.lines.first().is_none_or(|&first| line < first) {
            self.text = shown(text);
        }
        self.count += 1;
        self.lines.push(line);
        self.lines.sort_unstable();
        self.lines.truncate(LINES);
    }

    /// `line 3`, or `lines 3, 4, 7, ..`.
    fn places(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        let more = if self.count > lines.len() { ", .." } else { "" };
        format!("line{} {}{more}", if self.count == 1 { "" } else { "s" }, lines.join(", "))
    }
}

/// What is odd in one column.
#[derive(Debug, Default)]
struct Column {
    /// By the mark that stands for it.
    missing: BTreeMap<String, Occurrences>,
    words: Occurrences,
    form: Option<Form>,
    /// Whether the first word comes again.
    is_repeated: bool,
    infinite: Occurrences,
    flags: Occurrences,
    /// Numbers such as `1,234`, whose comma may be a decimal point or stand before thousands.
    unclear_commas: Occurrences,
}

/// What cannot be used of a table, and the few cells that say how the others are to be read.
#[derive(Debug, Default)]
pub(super) struct Faults {
    columns: BTreeMap<usize, Column>,
    ragged: Occurrences,
    ragged_cells: usize,
    line_break: Option<(usize, usize)>,
    /// The first number with a decimal comma, and the first with a point: column, line and text.
    comma: Option<(usize, usize, String)>,
    point: Option<(usize, usize, String)>,
    /// Whether some comma can be nothing but a decimal point.
    has_clear_comma: bool,
}

/// What a message about faults must know of the table.
pub(super) struct Table<'a> {
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

impl Table<'_> {
    fn column(&self, column: usize) -> String {
        column_in(self.names, column)
    }
}

impl Faults {
    pub(super) fn ragged(&mut self, line: usize, cells: usize) {
        if self.ragged.lines.first().is_none_or(|&first| line < first) {
            self.ragged_cells = cells;
        }
        self.ragged.add(line, "");
    }

    pub(super) fn line_break(&mut self, column: usize, line: usize) {
        self.line_break = Some(self.line_break.map_or((line, column), |known| known.min((line, column))));
    }

    /// The line and the column of the first cell that holds a line break.
    pub(super) fn first_line_break(&self) -> Option<(usize, usize)> {
        self.line_break
    }

    pub(super) fn missing(&mut self, column: usize, line: usize, mark: &str) {
        self.columns.entry(column).or_default().missing.entry(mark.to_owned()).or_default().add(line, mark);
    }

    pub(super) fn word(&mut self, column: usize, line: usize, word: &str, form: Form) {
        let column = self.columns.entry(column).or_default();
        column.is_repeated |= column.words.count > 0 && column.words.text == shown(word);
        column.words.add(line, word);
        column.form = column.form.or(Some(form));
    }

    pub(super) fn infinite(&mut self, column: usize, line: usize, cell: &str) {
        self.columns.entry(column).or_default().infinite.add(line, cell);
    }

    pub(super) fn flag(&mut self, column: usize, line: usize, cell: &str) {
        self.columns.entry(column).or_default().flags.add(line, cell);
    }

    /// A number with a decimal comma, which may be one before thousands.
    pub(super) fn comma(&mut self, column: usize, line: usize, cell: &str) {
        keep_first(&mut self.comma, (column, line, shown(cell)));
        if is_thousands_perhaps(cell) {
            self.columns.entry(column).or_default().unclear_commas.add(line, cell);
        } else {
            self.has_clear_comma = true;
        }
    }

    /// Whether all that is to be known of decimal commas is known.
    pub(super) fn knows_commas(&self) -> bool {
        self.has_clear_comma && self.comma.is_some()
    }

    pub(super) fn point(&mut self, column: usize, line: usize, cell: &str) {
        keep_first(&mut self.point, (column, line, shown(cell)));
    }

    /// A number with a decimal comma.
    pub(super) fn decimal_comma(&self) -> Option<&str> {
        self.comma.as_ref().map(|(_, _, cell)| cell.as_str())
    }

    pub(super) fn has_point(&self) -> bool {
        self.point.is_some()
    }

    /// Whether a column of so many cells holds numbers, apart from missing ones and a few words.
    pub(super) fn is_numeric(&self, column: usize, cells: usize) -> bool {
        self.columns.get(&column).is_none_or(|column| {
            let missing: usize = column.missing.values().map(|mark| mark.count).sum();
            2 * column.words.count <= cells && missing + column.infinite.count + column.words.count < cells
        })
    }

    pub(super) fn has_flags(&self, column: usize) -> bool {
        self.columns.get(&column).is_some_and(|column| column.flags.count > 0)
    }

    /// The columns that hold true or false.
    pub(super) fn flag_columns(&self) -> Vec<usize> {
        self.columns.iter().filter(|(_, column)| column.flags.count > 0).map(|(&column, _)| column).collect()
    }

    /// The one message, if anything cannot be used. `mixed` are the columns that hold true or false, and other numbers
    /// than 1 and 0.
    pub(super) fn problem(&self, table: &Table, mixed: &[usize]) -> Option<Problem> {
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
    fn unclear_commas(&self, table: &Table, message: &mut Message) {
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

    fn rows(&self, table: &Table, message: &mut Message) {
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
    fn words(&self, table: &Table, message: &mut Message) {
        let all: Vec<(usize, &Column)> = self.columns.iter().map(|(&column, odd)| (column, odd)).collect();
        let mut forms: BTreeMap<Form, Vec<(usize, &Column)>> = BTreeMap::new();
        for &(column, odd) in all.iter().filter(|(_, odd)| is_of_words(odd, table)) {
            forms.entry(odd.form.unwrap_or(Form::Word)).or_default().push((column, odd));
        }
        for (form, columns) in &forms {
            let what = match form {
                Form::Word => "words",
                Form::Date => "dates",
                Form::Percent => "numbers with %",
                Form::DecimalComma => "numbers with decimal commas",
                Form::Thousands => "numbers whose thousands have a mark",
                Form::Minus => "numbers with a dash for a minus",
                Form::Exponent => "numbers with a D before the exponent",
                Form::Money => "numbers with the sign of a currency",
                Form::Time => "times",
                Form::Several => "several numbers in one cell",
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

    fn remedy_for(form: Form, columns: &[(usize, &Column)], table: &Table) -> String {
        match form {
            Form::Word => {
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
            Form::Date => "write a date as a number, such as a day or a year, or leave its column out".into(),
            Form::Percent => "write numbers without %".into(),
            Form::DecimalComma => "write decimal points, or semicolons between the columns".into(),
            Form::Thousands => "write 1234 for 1,234, and a point before decimals".into(),
            Form::Minus => "write a minus as the hyphen of a keyboard: -5".into(),
            Form::Exponent => "write 1.0e+02 for 1.0D+02".into(),
            Form::Money => "write numbers without a currency".into(),
            Form::Time => "write a time as one number, such as minutes, or leave its column out".into(),
            Form::Several => format!("write {} between all columns", table.separator.plural()),
        }
    }

    /// Words in columns of numbers.
    fn single_words(&self, table: &Table, message: &mut Message) {
        let odd = self.columns.iter().filter(|(_, odd)| odd.words.count > 0 && !is_of_words(odd, table));
        let odd: Vec<(&usize, &Column)> = odd.collect();
        for (column, odd) in odd.iter().take(COLUMNS) {
            let finding = format!(
                "{}, column {}: {:?} is not a number",
                odd.words.places(),
                table.column(**column),
                odd.words.text
            );
            match odd.form {
                None | Some(Form::Word) => message.add(finding, "every column but that of data.label holds numbers"),
                Some(form) => message.add(finding, &Self::remedy_for(form, &[(**column, odd)], table)),
            }
        }
        if odd.len() > COLUMNS {
            message.findings.push(format!("and words in {} more columns of numbers", odd.len() - COLUMNS));
        }
    }

    fn missing_values(&self, table: &Table, message: &mut Message) {
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

/// Whether a comma that may be a decimal point may as well stand before thousands; no such number begins with 0.
fn is_thousands_perhaps(cell: &str) -> bool {
    has_thousands(cell, ',') && !cell.trim_start_matches(['-', '+']).starts_with('0')
}

/// Keeps what stands on the first line: the first row may be read after the others.
fn keep_first(known: &mut Option<(usize, usize, String)>, new: (usize, usize, String)) {
    if known.as_ref().is_none_or(|(_, line, _)| new.1 < *line) {
        *known = Some(new);
    }
}

fn is_of_words(odd: &Column, table: &Table) -> bool {
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
