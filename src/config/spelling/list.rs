//! Lists and ranges as other languages write them -> as TOML does. Knows nothing of keys: the caller leaves out what
//! is no value of its key.

use toml::de::DeValue;

use super::number::{any_numbers, plain_numbers};

/// What somebody who wrote `text`, which is no list of TOML, may have meant as one: the likeliest readings first. Those
/// of one inner list are choices between which only the user can tell.
pub(in crate::config) fn lists(text: &str) -> Vec<Vec<String>> {
    const LONGEST: usize = 400;
    let text = text.trim();
    let bare = ["\"", "'"].iter().find_map(|mark| text.strip_prefix(mark)?.strip_suffix(mark)).unwrap_or(text);
    if text.len() > LONGEST {
        return Vec::new();
    }
    if let Some(ranges) = ranges(bare) {
        return vec![ranges];
    }
    let brackets = [('(', ')'), ('[', ']'), ('{', '}')];
    let inside = brackets.iter().find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close));
    let parts_by = |separator: &str| inside.unwrap_or(bare).split(separator).map(str::trim).collect::<Vec<_>>();
    let mut found: Vec<Vec<String>> = Vec::new();
    for separator in [";", ", ", ",", " "] {
        let mut parts = parts_by(separator);
        if parts.last().is_some_and(|last| last.is_empty()) {
            parts.pop();
        }
        // A list that only lacks quotes has an error of its own.
        let lacks_quotes = text.starts_with('[') && separator.starts_with(',');
        let is_list = parts.len() > 1 && !lacks_quotes && (separator != " " || inside.is_some());
        for number in [plain_numbers, any_numbers] {
            let items = parts.iter().map(|part| item(part, number)).collect::<Option<Vec<_>>>();
            let list = items.filter(|_| is_list).map(|items| format!("[{}]", items.join(", ")));
            found.extend(list.map(|list| vec![list]));
        }
    }
    if inside.is_none() {
        found.extend(any_numbers(bare).into_iter().map(|number| vec![format!("[{number}]")]));
    }
    found.dedup();
    found
}

/// A number, a string or a word without quotes as an item of a list; none where it is none of these.
fn item(text: &str, numbers: impl Fn(&str) -> Vec<String>) -> Option<String> {
    let is_word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let scalar = |text: &str| match DeValue::parse(text).ok()?.into_inner() {
        DeValue::Array(_) | DeValue::Table(_) | DeValue::Datetime(_) => None,
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => Some(text.to_owned()),
    };
    numbers(text)
        .into_iter()
        .next_back()
        .or_else(|| scalar(text))
        .or_else(|| is_word(text).then(|| format!("\"{text}\"")))
}

/// `range(5)`, `range(2, 5)`, `2-5`, `2 to 5`, `0..5`, ..: a range of whole numbers, or both where the end may be in it.
fn ranges(text: &str) -> Option<Vec<String>> {
    let whole = |text: &str| text.trim().parse::<u32>().ok();
    let counted = |from: u32, count: u32| (count > 0).then(|| format!("{{ from = {from}, count = {count} }}"));
    let call =
        ["range", "np.arange", "arange"].iter().find_map(|name| text.strip_prefix(name)?.trim().strip_prefix('('));
    if let Some(call) = call {
        let arguments = call.strip_suffix(')')?.split(',').map(whole).collect::<Option<Vec<u32>>>()?;
        return match *arguments.as_slice() {
            [count] => Some(vec![counted(0, count)?]),
            [from, end] => Some(vec![counted(from, end.checked_sub(from)?)?]),
            [from, end, step] => {
                let last = from + end.checked_sub(from)?.checked_sub(1)? / step.max(1) * step;
                (step > 0).then(|| vec![format!("{{ from = {from}, to = {last}, step = {step} }}")])
            }
            _ => None,
        };
    }
    let ends = |between: &str| {
        let (from, to) = text.split_once(between)?;
        Some((whole(from)?, whole(to)?)).filter(|(from, to)| from < to)
    };
    for between in ["..=", "...", "-", "–", "—", " to ", ":"] {
        if let Some((from, to)) = ends(between) {
            return Some(vec![counted(from, (to - from).checked_add(1)?)?]);
        }
    }
    let (from, to) = ends("..")?;
    Some(vec![counted(from, to - from)?, counted(from, (to - from).checked_add(1)?)?])
}

/// Decimals with commas out of the text of a list of whole numbers, `[0,1, 0,2]` or `[1,5, 2,5]`: the list with points.
/// None where the spaces do not part it into pairs, and not all pairs begin with 0.
pub(in crate::config) fn decimal_pairs(list: &str) -> Option<String> {
    let inside = list.trim().strip_prefix('[')?.strip_suffix(']')?;
    let items: Vec<&str> = inside.split(',').collect();
    let is_whole = |text: &str| text.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
    // Behind a decimal comma an exponent may follow.
    let is_part = |text: &str| {
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        is_whole(digits) && is_whole(exponent.trim_start_matches('+'))
    };
    let may_be = |(i, item): (usize, &&str)| if i % 2 == 0 { is_whole(item.trim()) } else { is_part(item.trim()) };
    if items.len() < 2 || !items.len().is_multiple_of(2) || !items.iter().enumerate().all(may_be) {
        return None;
    }
    let pairs: Vec<(&str, &str)> = items.chunks(2).map(|pair| (pair[0], pair[1])).collect();
    let is_spaced = pairs.iter().all(|(_, part)| part.trim_start() == *part)
        && pairs.iter().skip(1).all(|(whole, _)| whole.trim_start() != *whole)
        && pairs.len() > 1;
    let is_of_zeros = pairs.iter().all(|(whole, _)| ["0", "-0"].contains(&whole.trim()));
    if !is_spaced && !is_of_zeros
        || pairs.iter().any(|(_, part)| part.trim().is_empty() || part.trim().starts_with('-'))
    {
        return None;
    }
    let decimals: Vec<String> = pairs.iter().map(|(whole, part)| format!("{}.{}", whole.trim(), part.trim())).collect();
    Some(format!("[{}]", decimals.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_other_languages_are_written_as_toml_does() {
        for (given, list) in [
            ("(0.1, 0.2)", "[0.1, 0.2]"),
            ("0.1, 0.2", "[0.1, 0.2]"),
            ("[0.1; 0.2]", "[0.1, 0.2]"),
            ("[0,1; 0,2]", "[0.1, 0.2]"),
            ("[0.1 0.2]", "[0.1, 0.2]"),
            ("0,1, 0,2", "[0.1, 0.2]"),
            ("\"relu, tanh\"", "[\"relu\", \"tanh\"]"),
            ("'2-5'", "{ from = 2, count = 4 }"),
            ("2–5", "{ from = 2, count = 4 }"),
            ("range(5)", "{ from = 0, count = 5 }"),
            ("range(2, 5)", "{ from = 2, count = 3 }"),
            ("range(0, 10, 4)", "{ from = 0, to = 8, step = 4 }"),
            ("0,02", "[0, 02]"),
        ] {
            let found = lists(given);
            if given == "0,02" {
                assert!(found.contains(&vec!["[0.02]".to_owned()]), "{found:?}");
            } else {
                assert_eq!(found.first(), Some(&vec![list.to_owned()]), "{given}");
            }
        }
        assert_eq!(lists("0..5"), [["{ from = 0, count = 5 }", "{ from = 0, count = 6 }"]]);
        for text in ["relu", "", "[True, false]", "5-2", "range(x)", "(a b"] {
            assert_eq!(lists(text), Vec::<Vec<String>>::new(), "{text}");
        }
    }

    #[test]
    fn pairs_that_are_decimals_are_told_from_lists() {
        for (given, list) in [
            ("[1,5, 2,5]", "[1.5, 2.5]"),
            ("[0,1, 0,2]", "[0.1, 0.2]"),
            ("[0,1,0,2]", "[0.1, 0.2]"),
            ("[1,5e-3, 2,5e-3]", "[1.5e-3, 2.5e-3]"),
        ] {
            assert_eq!(decimal_pairs(given).as_deref(), Some(list), "{given}");
        }
        for list in ["[1, 2, 3, 2]", "[1,2,3,2]", "[5, 10, 5]", "[]", "[0.1,0.1]", "[[1,5], [2,5]]"] {
            assert_eq!(decimal_pairs(list), None, "{list}");
        }
    }
}
