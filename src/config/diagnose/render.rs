//! Diagnostics as text for a terminal: message, file, line, column, snippet, remedy.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};

use super::diagnostic::{Diagnostic, LabelledPlace, Severity};
use crate::config::spelling::alike::visible;

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
    let mut left: Vec<(AnnotationKind, &LabelledPlace)> = diagnostic
        .labels
        .iter()
        .enumerate()
        .map(|(i, label)| (if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context }, label))
        .collect();
    while let Some((_, first)) = left.first() {
        let source = &first.place.source;
        let (here, elsewhere): (Vec<_>, Vec<_>) = left.iter().partition(|(_, label)| label.place.source == *source);
        let annotations = here.into_iter().map(|(kind, label)| {
            // What is escaped takes more room than what it stands for.
            let shown_at = |at: usize| visible(&source.text()[..at]).len();
            let annotation = kind.span(shown_at(label.place.span.start)..shown_at(label.place.span.end));
            if label.text.is_empty() { annotation } else { annotation.label(harmless(&label.text)) }
        });
        let text = visible(source.text());
        group = group.element(Snippet::source(text).path(harmless(source.name())).annotations(annotations));
        left = elsewhere;
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(harmless(help)));
    }
    let text = renderer.render(&[group]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// `text` without characters that a terminal obeys, or that nobody sees.
fn harmless(text: &str) -> String {
    normalize_untrusted_str(&visible(text))
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
    fn what_nobody_sees_is_shown_by_its_number_and_places_stay_true() {
        let source = Source::new("a.toml", "a\u{a0}b\u{200b} = relu");
        let text = render(&[Diagnostic::error("bad \u{200b}").at(&Place::new(&source, 10..14), "here")], false);
        assert!(text.starts_with("error: bad \\u{200b}\n"), "{text}");
        assert!(text.contains("1 | a\\u{a0}b\\u{200b} = relu\n"), "{text}");
        let (line, under) = (text.lines().nth(3).expect("a line"), text.lines().nth(4).expect("a line"));
        assert_eq!(line.find("relu"), under.find("^^^^"), "{text}");
    }

    #[test]
    fn a_thousand_errors_are_counted_and_not_all_shown() {
        let many = vec![Diagnostic::error("wrong"); 1000];
        let text = render(&many, false);
        assert_eq!(text.matches("error: wrong").count(), 50);
        assert!(text.ends_with("and 950 more\n"), "{text}");
    }
}
