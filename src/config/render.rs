//! Diagnostics as text for a terminal: message, file, line, column, snippet, remedy.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};

use super::{Diagnostic, Label, Severity};

/// Errors that are shown in full; nobody reads more, and a broken list of a thousand values has a thousand.
const SHOWN: usize = 50;

/// All diagnostics as one text, with a line break at the end; at most 50 in full, the others counted. Control
/// characters of the config come out as visible signs.
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&render_one(diagnostic, &renderer));
        text.push('\n');
    }
    if let Some(more) = diagnostics.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        writeln!(text, "\nand {more} more").expect("a String takes all text");
    }
    text
}

fn render_one(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(harmless(&diagnostic.message)));
    // Labels in the same text share a snippet; the main place's text comes first.
    let mut left: Vec<(AnnotationKind, &Label)> = diagnostic
        .labels
        .iter()
        .enumerate()
        .map(|(i, label)| (if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context }, label))
        .collect();
    while let Some((_, first)) = left.first() {
        let source = &first.place.source;
        let (here, elsewhere): (Vec<_>, Vec<_>) = left.iter().partition(|(_, label)| label.place.source == *source);
        let annotations = here.into_iter().map(|(kind, label)| {
            let annotation = kind.span(label.place.span.clone());
            if label.text.is_empty() { annotation } else { annotation.label(harmless(&label.text)) }
        });
        let text = keep_lengths(source.text());
        group = group.element(Snippet::source(text).path(harmless(source.name())).annotations(annotations));
        left = elsewhere;
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(harmless(help)));
    }
    let text = renderer.render(&[group]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// `text` without characters that a terminal obeys.
fn harmless(text: &str) -> String {
    let visible = text.chars().map(|c| if is_second_control(c) { STAND_IN } else { c }).collect::<String>();
    normalize_untrusted_str(&visible)
}

/// The same for a snippet's text, where every character keeps its number of bytes, so that places stay true. The
/// renderer itself replaces all other characters that a terminal obeys.
fn keep_lengths(text: &str) -> String {
    text.chars().map(|c| if is_second_control(c) { STAND_IN } else { c }).collect()
}

/// Two bytes long, like what it stands for.
const STAND_IN: char = '\u{b7}';

/// U+0080 to U+009F: a terminal may take U+009B for the start of an escape sequence, and TOML allows them.
fn is_second_control(c: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Place, Source};

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        let source = Source::new("a\u{1b}[31m.toml", "x = \"\u{1b}[2J\u{9b}2J\" # é");
        let place = Place::new(&source, 4..15);
        let text = render(&[Diagnostic::error("bad \u{1b}[0m \u{9b}0m").at(&place, "here \u{7}")], false);
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        assert!(text.contains('é'), "{text}");
    }

    #[test]
    fn a_thousand_errors_are_counted_and_not_all_shown() {
        let many = vec![Diagnostic::error("wrong"); 1000];
        let text = render(&many, false);
        assert_eq!(text.matches("error: wrong").count(), 50);
        assert!(text.ends_with("and 950 more\n"), "{text}");
    }
}
