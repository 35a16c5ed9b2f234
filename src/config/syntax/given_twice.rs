//! Keys and sections that are given twice, in one way or in two: what to write so that none of them is lost.

use crate::config::diagnose::Diagnostic;
use crate::config::spelling::shown;
use crate::config::text::Place;

/// The error for a key or a header that came before.
pub(super) fn given_twice(place: &Place) -> Diagnostic {
    let line = line_of(place);
    if line.starts_with('[') { header(place) } else { key(place) }
}

fn line_of(place: &Place) -> &str {
    place.source.text()[place.line_start()..].lines().next().unwrap_or_default().trim()
}

/// The name in a header such as `[run.model]`; none in a list of blocks, which may come again.
fn name_of(header: &str) -> Option<String> {
    let name = header.trim().strip_prefix('[')?.split_once(']')?.0;
    (!name.starts_with('[')).then(|| without_spaces(name))
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The section in which a place is.
fn section(place: &Place) -> String {
    let above = &place.source.text()[..place.line_start()];
    let header = above.lines().rev().find(|line| line.trim_start().starts_with('['));
    header.and_then(name_of).unwrap_or_default()
}

fn joined(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

fn key(place: &Place) -> Diagnostic {
    let line = line_of(place);
    let (path, value) = line.split_once('=').unwrap_or((place.text(), ""));
    let (path, value) = (without_spaces(path), value.trim());
    let error = Diagnostic::error(format!("`{}` is given twice", shown(&path)));
    if let Some(first) = first_given(place) {
        return error.at(place, "again here").at(&first, "first here").help("keep one of the two");
    }
    let section = section(place);
    // A dotted key whose group has a header of its own.
    for (dot, _) in path.match_indices('.').rev() {
        let (group, last) = (joined(&section, &path[..dot]), &path[dot + 1..]);
        let Some(header) = header_place(place, &group) else { continue };
        let error = Diagnostic::error(format!("`{}` has a section of its own, [{group}]", shown(&path[..dot])));
        let error = error.at(place, "so this key belongs there").at(&header, "it begins here");
        let help = format!("leave this line out, and write {} below [{group}]", shown(&format!("{last} = {value}")));
        return error.help(help);
    }
    // A whole table for a group of which keys are given already.
    if value.starts_with('{') && value.ends_with('}') {
        let keys = toml::de::DeValue::parse(value).ok().and_then(|value| match value.into_inner() {
            toml::de::DeValue::Table(table) => Some(table),
            _ => None,
        });
        let keys = keys.into_iter().flatten();
        let written: Vec<String> =
            keys.map(|(key, found)| format!("{path}.{} = {}", key.get_ref(), &value[found.span()])).collect();
        return error.at(place, "").help(format!("write in its place {}", written.join(", and below it ")));
    }
    error.at(place, "").help("leave this line out, or the one above that says the same")
}

/// The error for a key below a value: `seed.from = 0` after `seed = [0, 1]`; none where that is no such key.
pub(super) fn below_a_value(place: &Place) -> Option<Diagnostic> {
    let path = without_spaces(line_of(place).split_once('=')?.0);
    let (text, start) = (place.source.text(), place.line_start());
    let mut begin = start;
    let mut first = None;
    while begin > 0 && first.is_none() {
        let end = begin - 1;
        begin = text[..end].rfind('\n').map_or(0, |i| i + 1);
        let line = &text[begin..end];
        if line.trim_start().starts_with('[') {
            return None;
        }
        let given = line.split_once('=').map(|(key, value)| (without_spaces(key), value.trim()));
        first = given.filter(|(key, _)| path.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('.')));
    }
    let (key, value) = first?;
    // All lines of the section that say something of it.
    let below = text[start..].lines().take_while(|line| !line.trim_start().starts_with('['));
    let dotted = below.filter_map(|line| {
        let (path, value) = line.split_once('=')?;
        let path = without_spaces(path);
        let last = path.strip_prefix(&key)?.strip_prefix('.')?.to_owned();
        Some(format!("{last} = {}", value.split(" #").next().unwrap_or_default().trim()))
    });
    let dotted = dotted.collect::<Vec<_>>().join(", ");
    let indent = text[begin..].len() - text[begin..].trim_start().len();
    let earlier = Place::new(&place.source, begin + indent..begin + indent + key.len());
    let error = Diagnostic::error(format!("`{key}` has a value already, so nothing can be written below it"));
    let error = error.at(place, "").at(&earlier, "its value");
    let value = value.split(" #").next().unwrap_or_default().trim();
    Some(match value.strip_suffix('}') {
        Some(inner) => {
            error.help(format!("write {key} = {}, {dotted} }}, and no lines of {key}. below it", inner.trim_end()))
        }
        // One part is no whole range.
        None if dotted.matches(" = ").count() < 2 => {
            error.help(format!("keep {key} = {value}, and leave this line out"))
        }
        None => error.help(format!("keep one of the two: {key} = {value}, or {key} = {{ {dotted} }}")),
    })
}

/// The key that a line which cannot be read for [`below_a_value`] speaks of; such lines have one message.
pub(super) fn group_of(place: &Place) -> String {
    let path = line_of(place).split('=').next().unwrap_or_default();
    joined(&section(place), without_spaces(path).split('.').next().unwrap_or_default())
}

fn header_place(place: &Place, name: &str) -> Option<Place> {
    let text = place.source.text();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') && name_of(line).as_deref() == Some(name) {
            let indent = line.len() - line.trim_start().len();
            return Some(Place::new(&place.source, at + indent..at + line.find(']')? + 1));
        }
        at += line.len();
    }
    None
}

fn header(place: &Place) -> Diagnostic {
    let name = place.text();
    let text = place.source.text();
    if let Some(first) = first_given(place) {
        return Diagnostic::error(format!("the section [{name}] is given twice"))
            .at(place, "again here")
            .at(&first, "first here")
            .help("put all its keys below one header");
    }
    if text.contains(&format!("[[{name}]]")) {
        return Diagnostic::error(format!("[{name}] comes beside [[{name}]]"))
            .at(place, format!("expected [[{name}]]"));
    }
    let error = Diagnostic::error(format!("the section [{name}] has already begun above, without this header"));
    let error = error.at(place, "");
    let whole = without_spaces(line_of(place).trim_start_matches('[').split(']').next().unwrap_or_default());
    let Some((section, group)) = whole.rsplit_once('.') else {
        return error.help("write its keys in one way: all below the header, or all dotted");
    };
    let below = text[place.line_start()..].lines().skip(1).take_while(|line| !line.trim_start().starts_with('['));
    let keys = below.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#') && line.contains('='));
    let keys: Vec<String> = keys.map(|line| format!("{group}.{line}")).collect();
    let dotted = text.lines().any(|line| without_spaces(line).starts_with(&format!("{group}.")));
    if !dotted || keys.is_empty() || keys.len() > 5 {
        let begin = format!("leave the header [{whole}] out, and put `{group}.` before each key below it");
        return error.help(format!("{begin}, so that it stands in [{section}]"));
    }
    error.help(format!("leave the header out, and write in [{section}] {}", keys.join(", and below it ")))
}

/// The first place of a key or header that comes again at `again`: the nearest line above with the same one.
fn first_given(again: &Place) -> Option<Place> {
    let text = again.source.text();
    let head = |line: &str| match line.trim_start() {
        header if header.starts_with('[') => header.split(']').next().map(|h| format!("{h}]")),
        keyed => keyed.split_once('=').map(|(key, _)| key.chars().filter(|c| !c.is_whitespace()).collect()),
    };
    let start = again.line_start();
    let wanted = head(text[start..].lines().next()?)?;
    let is_header = wanted.starts_with('[');
    let mut end = start;
    while end > 0 {
        let begin = text[..end - 1].rfind('\n').map_or(0, |i| i + 1);
        let line = &text[begin..end];
        let found = head(line);
        if found.as_ref() == Some(&wanted) {
            let indent = line.len() - line.trim_start().len();
            let length = if is_header { wanted.len() } else { line.find('=').unwrap_or(line.len()) - indent };
            let length = text[begin + indent..begin + indent + length].trim_end().len();
            return Some(Place::new(&again.source, begin + indent..begin + indent + length));
        }
        if !is_header && line.trim_start().starts_with('[') {
            return None;
        }
        end = begin;
    }
    None
}
