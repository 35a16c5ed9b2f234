//! `vgrun guide`: the documentation in the terminal. Pages are Markdown and are shown nearly as they are written: text is
//! wrapped, tables are aligned, and links are named by the command that follows them.

use std::iter::once;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use comfy_table::{ContentArrangement, Table as Grid, presets};

use crate::guide::{Block, PAGES, Page};

use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::pager::show;
use crate::cli::terminal::print::{out, width_out};

/// Arguments of `guide`.
#[derive(Debug, Args)]
pub(crate) struct GuideArguments {
    /// The page to show [default: the list of all]
    #[arg(value_parser = page())]
    topic: Option<Page>,
    /// Show the lines that contain a word, and the page and the heading under which they stand
    #[arg(long, value_name = "WORD", value_parser = NonEmptyStringValueParser::new())]
    find: Option<String>,
}

/// Reads the name of a page; shells complete it, and a slip is answered with the nearest.
fn page() -> impl TypedValueParser<Value = Page> {
    let names = PossibleValuesParser::new(PAGES.iter().map(|page| page.name));
    names.map(|name| *PAGES.iter().find(|page| page.name == name).expect("one of the names"))
}

pub(crate) fn run(arguments: &GuideArguments) -> Result<Exit, CliError> {
    let width = width_out();
    match (&arguments.find, arguments.topic) {
        (Some(word), None) => out(&found(word, PAGES, width)?)?,
        (Some(word), Some(page)) => out(&found(word, &[page], width)?)?,
        (None, Some(page)) => show(&whole(&page, width))?,
        (None, None) => out(&list(width))?,
    }
    Ok(Exit::Fine)
}

/// All pages, each with its question.
fn list(width: usize) -> String {
    let rows = PAGES.iter().map(|page| vec![page.name.to_owned(), page.question().replace('\n', " ")]).collect();
    let pages = aligned(rows, width).join("\n");
    format!("{pages}\n\nvgrun guide TOPIC shows a page, vgrun guide --find WORD the lines with a word")
}

/// A page, no wider than this but for what may not be wrapped.
fn whole(page: &Page, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut is_item = false;
    for block in page.blocks() {
        let follows_an_item = is_item;
        is_item = matches!(&block, Block::Text { mark, .. } if !mark.trim().is_empty());
        if !(lines.is_empty() || is_item && follows_an_item) {
            lines.push(String::new());
        }
        match block {
            Block::Heading(heading) => lines.push(heading),
            Block::Text { mark, text } => {
                let indent = " ".repeat(mark.len());
                let starts = once(mark.as_str()).chain(std::iter::repeat(indent.as_str()));
                let text = wrapped(&text, width.saturating_sub(mark.len()));
                lines.extend(starts.zip(text).map(|(start, line)| format!("{start}{line}")));
            }
            Block::Table(rows) => lines.extend(aligned(rows, width)),
            Block::Code(code) => lines.extend(code.into_iter().map(|line| format!("    {line}").trim_end().to_owned())),
        }
    }
    lines.join("\n")
}

/// The lines of pages that contain a word, below their page and heading.
fn found(word: &str, pages: &[Page], width: usize) -> Result<String, CliError> {
    let mut shown = Vec::new();
    for page in pages {
        let mut place = String::new();
        for block in page.blocks() {
            let lines = match block {
                Block::Heading(heading) => {
                    place = format!("{}: {}", page.name, heading.trim_start_matches(['#', ' ']));
                    if excerpt(&place, word, usize::MAX).is_some() {
                        shown.push(std::mem::take(&mut place));
                    }
                    continue;
                }
                Block::Text { text, .. } => vec![text],
                Block::Table(rows) => rows.into_iter().map(|cells| cells.join("  ")).collect(),
                Block::Code(lines) => lines,
            };
            for excerpt in lines.iter().filter_map(|line| excerpt(line.trim(), word, width.saturating_sub(4))) {
                // Named once, before the first of its lines.
                if !place.is_empty() {
                    shown.push(std::mem::take(&mut place));
                }
                shown.push(format!("    {excerpt}"));
            }
        }
    }
    if shown.is_empty() { Err(CliError::NotInGuide(word.to_owned())) } else { Ok(shown.join("\n")) }
}

/// The part of a line around a word, in capitals or not, that fits into a width; none where the line does not have it.
fn excerpt(line: &str, word: &str, width: usize) -> Option<String> {
    // Of ASCII alone, so that bytes stay where they are.
    let at = line.to_ascii_lowercase().find(&word.to_ascii_lowercase())?;
    if line.chars().count() <= width {
        return Some(line.to_owned());
    }
    // What is left out is shown by two dots and a blank on each side.
    let room = width.saturating_sub(6);
    let blanks = || line.match_indices(' ').map(|(blank, _)| blank);
    let starts = once(0).chain(blanks().map(|blank| blank + 1));
    let start = starts.take_while(|&start| start <= at).find(|start| at - start <= room / 2).unwrap_or(at);
    let ends = blanks().chain([line.len()]).filter(|&end| end >= at + word.len());
    let end = ends.clone().take_while(|end| end - start <= room).last().or(ends.clone().next())?;
    let before = if start > 0 { ".. " } else { "" };
    let after = if end < line.len() { " .." } else { "" };
    Some(format!("{before}{}{after}", &line[start..end]))
}

/// Text as lines of at most this many characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    grid(vec![vec![text.to_owned()]], width, 0)
}

/// Rows as lines with aligned columns; what does not fit goes on below, in its column.
fn aligned(rows: Vec<Vec<String>>, width: usize) -> Vec<String> {
    grid(rows, width, 2)
}

fn grid(rows: Vec<Vec<String>>, width: usize, gap: u16) -> Vec<String> {
    let mut grid = Grid::new();
    grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(u16::try_from(width).unwrap_or(u16::MAX)).add_rows(rows);
    for column in grid.column_iter_mut() {
        column.set_padding((0, gap));
    }
    grid.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_no_wider_than_a_terminal_but_for_code() {
        for page in PAGES {
            let code: Vec<String> = page
                .blocks()
                .into_iter()
                .flat_map(|block| match block {
                    Block::Code(lines) => lines,
                    Block::Heading(line) => vec![line],
                    Block::Text { .. } | Block::Table(_) => Vec::new(),
                })
                .collect();
            for width in [60, 80, 200] {
                let text = whole(page, width);
                for line in text.lines().filter(|line| line.chars().count() > width) {
                    assert!(code.iter().any(|code| code.trim() == line.trim()), "{}, {width}: {line:?}", page.name);
                }
            }
        }
    }

    #[test]
    fn an_excerpt_is_a_part_of_its_line_that_has_the_word_and_fits() {
        let line = "one two three four five six seven eight nine ten eleven twelve thirteen";
        assert_eq!(excerpt(line, "fourteen", 40), None);
        assert_eq!(excerpt(line, "FOUR", 80).as_deref(), Some(line));
        assert_eq!(excerpt(line, "one", 20).as_deref(), Some("one two three ..".to_owned()).as_deref());
        assert_eq!(excerpt(line, "thirteen", 20).as_deref(), Some(".. twelve thirteen"));
        for word in ["five", "x s", "leve", "nine ten"] {
            let found = excerpt(line, word, 30);
            assert_eq!(found.is_some(), line.contains(word));
            assert!(found.is_none_or(|found| found.contains(word) && found.len() <= 30));
        }
        assert_eq!(excerpt("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}abc", "abc", 5).as_deref(), Some(".. abc"));
    }
}
