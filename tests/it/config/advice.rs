//! Follows what messages about a config tell to write, and looks whether it is taken.

use std::ops::Range;

use vgrun::config::{Diagnostic, Place, Source, parse, render};

/// What to put in place of a stretch of the text, and how that is called in the message.
struct Edit {
    span: Range<usize>,
    write: String,
}

/// Follows every advice of these diagnostics that says what to write in place of what, each by itself, and panics where
/// that is refused again. Returns how many there were.
pub(crate) fn follow(text: &str, diagnostics: &[Diagnostic]) -> usize {
    let edits = diagnostics.iter().flat_map(|diagnostic| edits(text, diagnostic));
    edits.map(|edits| try_out(text, &edits, diagnostics)).count()
}

/// Each way to mend what a diagnostic is about.
fn edits(text: &str, diagnostic: &Diagnostic) -> Vec<Vec<Edit>> {
    let Some(main) = diagnostic.place().filter(|place| place.source.text() == text) else { return Vec::new() };
    let labels: Vec<Edit> = diagnostic.labels.iter().filter_map(|label| of_label(&label.place, &label.text)).collect();
    let of_helps = diagnostic.help.iter().flat_map(|help| of_help(text, main, help));
    let helps = of_helps.map(|edit| vec![edit]).collect::<Vec<_>>();
    let all = if labels.is_empty() { helps } else { vec![labels] };
    // What is still wrong after the labels has been said.
    if diagnostic.help.iter().any(|help| help.starts_with("after that ")) { Vec::new() } else { all }
}

/// `write 2.0`, `\u{200b}: leave it out`, ..
fn of_label(place: &Place, text: &str) -> Option<Edit> {
    let text = text.split_once("}: ").map_or(text, |(_, advice)| advice);
    let write = match text {
        "leave it out" => "",
        "write a space" => " ",
        "write a line break" => "\n",
        _ => text.strip_prefix("write ")?.split(" or ").next()?,
    };
    Some(Edit { span: place.span.clone(), write: write.to_owned() })
}

fn of_help(text: &str, main: &Place, help: &str) -> Vec<Edit> {
    let value = |write: &str| Edit { span: main.span.clone(), write: write.to_owned() };
    let quoted = help.split_once("did you mean ").map(|(_, name)| name);
    // A key alone, without a word on where to write it.
    let key = quoted.and_then(|name| name.strip_prefix('`')?.strip_suffix("`?"));
    let name = quoted.and_then(|name| name.strip_prefix('"')?.strip_suffix("\"?"));
    if let Some(name) = key {
        return vec![value(name)];
    }
    if let Some(name) = name {
        return vec![value(&format!("\"{name}\""))];
    }
    let (_, line) = whole_line(text, main);
    let advice = help.rsplit_once(": ").map_or(help, |(_, advice)| advice);
    let written = ["write ", "a list of one is ", "one value is "]
        .iter()
        .find_map(|begin| [advice, help].into_iter().find_map(|text| text.strip_prefix(begin)));
    let Some(written) = written.and_then(|written| written.split("; ").next()) else { return Vec::new() };
    // Words to the reader, and settings in other places.
    if written.contains(", and ")
        || written.contains(", in ")
        || written.contains(", with ")
        || written.contains("--set")
    {
        return Vec::new();
    }
    let choices = written.split(", or for ").next().unwrap_or_default().split(" or ");
    let choices = choices.map(|choice| choice.split(": character").next().unwrap_or_default().trim());
    let is_value = |choice: &str| format!("x = {choice}").parse::<toml::Table>().is_ok();
    let is_key_of_line = |choice: &str| {
        choice
            .split_once('=')
            .is_some_and(|(key, _)| line.split_once('=').is_some_and(|(of, _)| of.trim() == key.trim()))
    };
    choices
        .filter_map(|choice| {
            if is_key_of_line(choice) {
                let (span, _) = whole_line(text, main);
                return Some(Edit { span, write: choice.to_owned() });
            }
            (is_value(choice) && !choice.contains(" = ") || choice.starts_with('{')).then(|| value(choice))
        })
        .collect()
}

/// The line on which a place begins.
fn whole_line<'a>(text: &'a str, place: &Place) -> (Range<usize>, &'a str) {
    let start = text[..place.span.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    (start..end, &text[start..end])
}

/// Reads the text after the edits, and panics where something is said of what was written.
fn try_out(text: &str, edits: &[Edit], before: &[Diagnostic]) {
    let mut followed = String::new();
    let (mut at, mut written) = (0, Vec::new());
    let mut in_order: Vec<&Edit> = edits.iter().collect();
    in_order.sort_by_key(|edit| edit.span.start);
    for edit in in_order {
        followed.push_str(&text[at..edit.span.start]);
        let begin = followed.len();
        followed.push_str(&edit.write);
        written.push(begin..followed.len());
        at = edit.span.end;
    }
    followed.push_str(&text[at..]);
    let (_, after) = parse(&Source::new("followed.toml", followed.as_str()), &[]);
    let is_written = |place: &Place| {
        written.iter().any(|span| place.span.start < span.end && span.start < place.span.end && !place.span.is_empty())
    };
    // A name that the text has already is a question, "did you mean ..?", and answered by that.
    let is_refused = |d: &Diagnostic| d.place().is_some_and(is_written) && !d.message.ends_with("is given twice");
    let refused: Vec<Diagnostic> = after.into_iter().filter(is_refused).collect();
    assert!(
        refused.is_empty(),
        "{}\nfollowed:\n{followed}\nis refused:\n{}",
        render(before, false),
        render(&refused, false)
    );
}
