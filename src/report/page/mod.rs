//! The report as one HTML page that needs nothing but itself: no network, no other file but where it links to the tables.
//!
//! Text of a config or a file reaches the page through [`maud`], which escapes it, or through the data of its script,
//! which puts it in as text. The same results make the same page, to the byte.

mod data;
mod difference;
mod facts;
mod groups;
mod table;
mod words;

pub use difference::{DIFFERENCE_PAGE_BEGINS, difference_page};
pub use facts::{CheckedCase, PageFacts, PageTable};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::draw::{hex, ink_on};
use super::figure::Figure;
use super::gathered::Gathered;
use super::verdict_colour::{colour, meaning};
use crate::analysis::Verdict;
use data::Data;
use groups::{Grouping, group};
use table::{Row, columns};

/// Rows of the table that are there before its script runs, and that the script adds at a time.
const ROWS_AT_ONCE: usize = 200;

/// The figures that a newcomer wants to see first.
const FIRST: [&str; 2] = ["matrix", "effects"];

/// The page's text.
pub fn page(gathered: &Gathered, figures: &[Figure], facts: &PageFacts) -> String {
    let grouping = group(gathered, groups::MOST);
    let rows: Vec<Row<'_>> = grouping.groups.iter().map(|group| Row::of(gathered, group)).collect();
    let data = Data::of(gathered, &grouping, &rows, ROWS_AT_ONCE);
    let title = format!("{}: gradients", gathered.name);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="generator" content=(format!("vgrun {}", facts.vgrun));
                title { (title) }
                style { (PreEscaped(include_str!("report.css"))) (PreEscaped(verdict_rules())) }
            }
            body {
                a.skip href="#cells-title" { "Skip to the cells" }
                header {
                    h1 { (gathered.name) }
                    @if !gathered.why.is_empty() { p.why { (gathered.why.trim()) } }
                    p.sentence { (words::sentence(gathered)) }
                    p.note { (words::explained()) }
                }
                main {
                    (notes(gathered, &grouping, &data))
                    (drawn("overview-title", "At a glance", figures, |figure| FIRST.contains(&figure.name)))
                    (of_cells(gathered, &grouping, &rows))
                    (drawn("figures-title", "Figures", figures, |figure| !FIRST.contains(&figure.name)))
                    @if !facts.checked.is_empty() { (checked(&facts.checked)) }
                    (reproduce(&gathered.name, facts))
                }
                footer { p { "Made by vgrun " (facts.vgrun) "." } }
                script type="application/json" id="data" { (PreEscaped(data.script())) }
                script { (PreEscaped(include_str!("report.js"))) }
            }
        }
    }
    .into_string()
}

/// What is missing, grouped or thinned: nothing is left out without a word.
fn notes(gathered: &Gathered, grouping: &Grouping, data: &Data) -> Markup {
    let notes: Vec<String> =
        [words::missing(gathered), grouping.note(gathered), data.note()].into_iter().flatten().collect();
    html! {
        @for note in notes { p.note { (note) } }
        @for (run, message) in &gathered.failures { p.note { "Run " (run) " failed: " (message) } }
    }
}

/// What puts each verdict's letter, in a box of its colour, before its name.
fn verdict_rules() -> String {
    let rule = |verdict: Verdict| {
        let (name, letter, colour) = (verdict.name(), verdict.letter(), colour(verdict));
        // What is read aloud is the name alone.
        format!(
            ".verdict.{name}::before {{ content: \"{letter}\"; content: \"{letter}\" / \"\"; background: {}; color: {}; }}\n",
            hex(colour),
            ink_on(colour)
        )
    };
    Verdict::ALL.map(rule).concat()
}

/// Every verdict with its letter, worst first, and what it means.
fn verdicts() -> Markup {
    html! {
        ul.verdicts aria-label="verdicts" {
            @for verdict in Verdict::ALL {
                li { span class={ "verdict " (verdict.name()) } { (verdict.name()) } ": " (meaning(verdict)) }
            }
        }
    }
}

fn of_cells(gathered: &Gathered, grouping: &Grouping, rows: &[Row<'_>]) -> Markup {
    let axes: Vec<&str> = grouping.axes.iter().map(|&axis| gathered.axes[axis].name.as_str()).collect();
    let columns = columns(gathered);
    html! {
        section aria-labelledby="chosen-title" .scripts {
            h2 id="chosen-title" { "One cell" }
            p { "Choose values of the axes, a row of the table below or a cell of the matrix." }
            div.choices id="pick" {}
            div id="detail" {}
        }
        section aria-labelledby="cells-title" {
            h2 id="cells-title" tabindex="-1" { "Cells" }
            (verdicts())
            div.choices.scripts id="filters" {}
            p id="count" role="status" {
                @if rows.len() > ROWS_AT_ONCE {
                    "The first " (ROWS_AT_ONCE) " of " (rows.len()) " cells; runs.csv and summary.csv have all."
                }
            }
            div.scroll tabindex="0" role="region" aria-labelledby="cells-title" {
                table id="cells" {
                    thead { tr {
                        th scope="col" { span.scripts { "open" } }
                        @for axis in &axes { th scope="col" { (axis) } }
                        @for column in &columns { th scope="col" title=(column.meaning) { (column.title) } }
                    } }
                    tbody {
                        @for (row, group) in rows.iter().zip(&grouping.groups).take(ROWS_AT_ONCE) {
                            tr {
                                td {}
                                @for (axis, level) in grouping.axes.iter().zip(&group.levels) {
                                    td.axis { (gathered.axes[*axis].label(*level)) }
                                }
                                @for (i, text) in row.texts(&columns).into_iter().enumerate() {
                                    td class=(if i == 0 { format!("verdict {}", row.class()) } else { "number".into() }) { (text) }
                                }
                            }
                        }
                    }
                }
            }
            p.scripts { button type="button" id="more" { "Show more" } }
        }
    }
}

/// Draws the figures that are wanted; each has its title and caption in itself.
fn drawn(id: &str, title: &str, figures: &[Figure], is_wanted: impl Fn(&Figure) -> bool) -> Markup {
    let figures: Vec<&Figure> = figures.iter().filter(|figure| is_wanted(figure)).collect();
    html! {
        @if !figures.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                div.figures.static {
                    @for figure in figures { figure { (PreEscaped(&figure.svg)) } }
                }
            }
        }
    }
}

fn checked(cases: &[CheckedCase]) -> Markup {
    html! {
        section aria-labelledby="claims-title" {
            h2 id="claims-title" { "Claims" }
            p { (words::of_check(cases)) }
            div.scroll tabindex="0" role="region" aria-labelledby="claims-title" {
                table {
                    thead { tr { th scope="col" { "result" } th scope="col" { "claim" } th scope="col" { "line" } th scope="col" { "what was found" } } }
                    tbody {
                        @for case in cases {
                            tr {
                                td class=(format!("status {}", if case.status == "passed" { "passed" } else { "other" })) {
                                    (case.status.replace('_', " "))
                                }
                                td { (case.kind) ": " (case.name) }
                                td.number { (case.line) }
                                td { @for message in case.messages.iter().take(5) { div { (message) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn reproduce(name: &str, facts: &PageFacts) -> Markup {
    html! {
        section aria-labelledby="again-title" {
            h2 id="again-title" { "How to reproduce" }
            p { "The same config gives the same numbers to the last bit, on any machine. With the one below as " code { (name) ".toml" } ", beside any data files that it names:" }
            pre { code id="command" { (facts.command) } }
            p {
                "This makes " code { (facts.folder) } "; " code { "--name" } " and " code { "--out" }
                " put the same bytes elsewhere. The numbers here were made by vgrun " (facts.vgrun)
                ", numerics version " (facts.numerics) ", plan " (facts.plan) "."
            }
            details {
                summary { "The config" }
                pre tabindex="0" { code id="config" { (facts.config) } }
            }
            (numbers(&facts.tables))
        }
    }
}

/// The tables, and the lines that tell whether another folder has the same.
fn numbers(tables: &[PageTable]) -> Markup {
    let there = || tables.iter().filter_map(|table| Some((table, table.sha256.as_ref()?)));
    let sums: Vec<String> = there().map(|(table, sum)| format!("{sum}  {}\n", table.file)).collect();
    html! {
        h3 { "The numbers" }
        @if !sums.is_empty() {
            ul {
                @for (table, _) in there() { li { a href=(table.file) { (table.file) } ": " (table.what) } }
            }
            p {
                "Saved as " code { "SHA256SUMS" } " beside the tables, these lines let "
                code { "sha256sum --check SHA256SUMS" } " tell whether they are the same:"
            }
            pre tabindex="0" { code id="sums" { (sums.concat()) } }
        }
        @if let Some(note) = words::tables(tables) { p.note { (note) } }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
