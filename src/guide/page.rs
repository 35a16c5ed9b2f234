//! One page of the guide: its Markdown, and what stands in it under which heading.

/// A page of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The topic, which is also the file's name without its ending.
    pub name: &'static str,
    /// The page as Markdown: a line `# Title`, a paragraph with the question that it answers, and the answer.
    pub text: &'static str,
}

/// A piece of a page that is read as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading, with its `#` signs.
    Heading(String),
    /// Text that may be wrapped anywhere: a paragraph, or an item of a list. Its lines are joined.
    Text {
        /// What stands before the first line, such as `* `; further lines are indented by as much.
        mark: String,
        /// The text behind it.
        text: String,
    },
    /// The cells of a table's rows, its heading first.
    Table(Vec<Vec<String>>),
    /// Lines that stay as they are, such as a config or what a program prints.
    Code(Vec<String>),
}

impl Page {
    /// What stands above the page.
    pub fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches(['#', ' '])
    }

    /// The question that the page answers, in one sentence.
    pub fn question(&self) -> &'static str {
        self.text.split("\n\n").nth(1).unwrap_or_default()
    }

    /// The page, piece by piece, with links as a terminal can show them: `[text][topic]` becomes `text (vgrun guide topic)`.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines().filter(|line| !is_definition(line));
        // Whether the line before belongs to the text that this one goes on with.
        let mut goes_on = false;
        while let Some(line) = lines.next() {
            let begun = line.trim_start();
            let continued = std::mem::replace(&mut goes_on, false);
            if begun.is_empty() {
                continue;
            }
            if begun.starts_with("```") {
                let inside = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
                blocks.push(Block::Code(inside.map(str::to_owned).collect()));
            } else if begun.starts_with('#') {
                blocks.push(Block::Heading(begun.to_owned()));
            } else if let Some(row) = begun.strip_prefix('|') {
                match blocks.last_mut() {
                    Some(Block::Table(rows)) => rows.extend(cells(row)),
                    _ => blocks.push(Block::Table(cells(row).into_iter().collect())),
                }
            } else if let (true, Some(Block::Text { text, .. }), "") = (continued, blocks.last_mut(), mark(begun)) {
                text.push(' ');
                text.push_str(begun);
                goes_on = true;
            } else {
                let (indent, mark) = (line.len() - begun.len(), mark(begun));
                let text = begun[mark.len()..].to_owned();
                blocks.push(Block::Text { mark: " ".repeat(indent) + mark, text });
                goes_on = true;
            }
        }
        blocks.iter_mut().for_each(Block::show_links);
        blocks
    }
}

impl Block {
    fn show_links(&mut self) {
        match self {
            Self::Heading(text) | Self::Text { text, .. } => *text = linked(text),
            Self::Table(rows) => rows.iter_mut().flatten().for_each(|cell| *cell = linked(cell)),
            Self::Code(_) => {}
        }
    }
}

/// Whether a line says where a link leads: `[topic]: topic.md`.
fn is_definition(line: &str) -> bool {
    line.starts_with('[') && line.contains("]: ")
}

/// The sign with which an item of a list begins, and the blank behind it; empty where a line is none.
fn mark(line: &str) -> &str {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if line.starts_with("* ") {
        &line[..2]
    } else if digits > 0 && line[digits..].starts_with(". ") {
        &line[..digits + 2]
    } else {
        ""
    }
}

/// The cells of a table's row; none for the line of dashes below the heading.
fn cells(row: &str) -> Option<Vec<String>> {
    // A bar within a cell has a backslash before it.
    const BAR: &str = "\u{0}";
    let row = row.trim_end().strip_suffix('|').unwrap_or(row).replace("\\|", BAR);
    let is_rule = row.chars().all(|c| matches!(c, '-' | '|' | ' '));
    (!is_rule).then(|| row.split('|').map(|cell| cell.trim().replace(BAR, "|")).collect())
}

/// Text with its links as a terminal can show them.
fn linked(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, label, target, after)) = next_link(rest) {
        match before.strip_suffix('!') {
            Some(before) => shown.extend([before, "(", target.trim_start_matches("../"), " shows: ", label, ")"]),
            None if target.contains("://") => shown.extend([before, label, " (", target, ")"]),
            None => shown.extend([before, label, " (vgrun guide ", target, ")"]),
        }
        rest = after;
    }
    shown + rest
}

/// What stands before the first `[label][target]` or `[label](target)` of a text, its parts, and what stands behind it.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (middle, close) = ["][", "]("]
        .iter()
        .filter_map(|joint| Some((text.find(joint)?, if *joint == "][" { ']' } else { ')' })))
        .min()?;
    let open = text[..middle].rfind('[')?;
    let (target, after) = text[middle + 2..].split_once(close)?;
    Some((&text[..open], &text[open + 1..middle], target, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page {
        name: "test",
        text: "# A test\n\nWhat is\nit?\n\nSee [the files][files], [a site](https://a.b), and\n![a net](../net.svg).\n\n## More\n\n* one\n  line\n* two\n\n  \
               ```sh\n  vgrun init\n  ```\n\n1. three\n\n| a | b |\n|---|---|\n| 1 \\| 2 | |\n\n[files]: files.md\n",
    };

    #[test]
    fn a_page_has_a_title_and_a_question() {
        assert_eq!((PAGE.title(), PAGE.question()), ("A test", "What is\nit?"));
    }

    #[test]
    fn a_page_is_read_block_by_block() {
        let text = |mark: &str, text: &str| Block::Text { mark: mark.into(), text: text.into() };
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            PAGE.blocks(),
            [
                Block::Heading("# A test".into()),
                text("", "What is it?"),
                text("", "See the files (vgrun guide files), a site (https://a.b), and (net.svg shows: a net)."),
                Block::Heading("## More".into()),
                text("* ", "one line"),
                text("* ", "two"),
                Block::Code(vec!["  vgrun init".into()]),
                text("1. ", "three"),
                Block::Table(vec![row(["a", "b"]), row(["1 | 2", ""])]),
            ]
        );
    }
}
