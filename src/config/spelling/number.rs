//! Numbers as other languages, spreadsheets and calculators write them -> as TOML does.

use toml::de::DeValue;

use super::alike::plain_text;

/// What somebody who wrote `text` may write to have a number in TOML: one number, or two where it may be either; none
/// where it is a number of TOML, or none at all.
pub(in crate::config) fn plain_numbers(text: &str) -> Vec<String> {
    const LONGEST: usize = 60;
    if text.len() > LONGEST {
        return Vec::new();
    }
    let written = powers_of_ten(text).unwrap_or_else(|| text.to_owned());
    let written = plain_text(&written).unwrap_or(written);
    let written = written.trim();
    let mut found: Vec<String> = Vec::new();
    // 1,000 is a thousand to some and one to others.
    if let Some((whole, thousands)) = written.split_once(',')
        && (1..=3).contains(&whole.trim_start_matches(['+', '-']).len())
        && is_grouped(thousands, ',')
        && !whole.trim_start_matches(['+', '-']).starts_with('0')
    {
        found.extend(number(&written.replace(',', "")));
    }
    if written.matches(',').count() == 1 && !written.contains('.') {
        found.extend(number(&written.replace(',', ".")));
    } else if let Some((whole, groups)) = written.split_once([' ', '\''])
        && is_grouped(&groups.replace('\'', " "), ' ')
    {
        found.extend(number(&format!("{whole}{}", groups.replace([' ', '\''], ""))));
    }
    found.extend(number(written));
    found.extend(fraction(written));
    found.retain(|number| number != text);
    found.dedup();
    found
}

/// The numbers of [`plain_numbers`], and each one without a fraction as a whole number, too: for keys that take no others.
pub(in crate::config) fn any_numbers(text: &str) -> Vec<String> {
    let mut found = plain_numbers(text);
    let whole: Vec<String> = found.iter().filter_map(|number| whole(number)).collect();
    found.extend(whole);
    found
}

/// A float of TOML as a whole number, where it is one: `2.0` is 2, `1e2` is 100.
pub(in crate::config) fn whole(number: &str) -> Option<String> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let value: f64 = number.parse().ok()?;
    let is_whole = number.contains(['.', 'e']) && value.fract() == 0.0 && value.abs() < LARGEST;
    is_whole.then(|| format!("{value:.0}"))
}

/// `000`, `000,000`, ..
fn is_grouped(text: &str, separator: char) -> bool {
    text.split(separator).all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()))
}

/// `10^-5`, `2*10^-5`, `10**-5` and their superscripts with an exponent in their place; none where there is no such power.
fn powers_of_ten(text: &str) -> Option<String> {
    const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let mut raised = String::new();
    let mut is_raised = false;
    for c in text.replace(['×', '·', '⋅'], "*").replace(' ', "").replace("**", "^").chars() {
        let digit = SUPERSCRIPTS.iter().position(|&s| s == c).and_then(|digit| u32::try_from(digit).ok());
        let lowered = if c == '⁻' { Some('-') } else { digit.and_then(|digit| char::from_digit(digit, 10)) };
        if lowered.is_some() && !std::mem::replace(&mut is_raised, true) {
            raised.push('^');
        }
        raised.push(lowered.unwrap_or(c));
    }
    let (mantissa, exponent) = raised.split_once("10^")?;
    let mantissa = if mantissa.is_empty() { "1" } else { mantissa.strip_suffix('*')? };
    Some(format!("{mantissa}e{exponent}"))
}

/// A number of TOML out of one that lacks a digit beside its point, or has Fortran's or C's letters.
fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text[..1].trim_start_matches('+'), digits),
        None => ("", text),
    };
    let digits = digits.to_lowercase();
    let digits = digits.strip_suffix(['f', 'l']).unwrap_or(&digits).replace('d', "e");
    let (mantissa, exponent) = match digits.split_once('e') {
        Some((mantissa, exponent)) => {
            let whole = exponent.split_once('.').filter(|(_, part)| part.bytes().all(|b| b == b'0'));
            (mantissa, Some(whole.map_or(exponent, |(whole, _)| whole)))
        }
        None => (digits.as_str(), None),
    };
    let (whole, part) = match mantissa.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let has_digits = !whole.is_empty() || part.is_some_and(|part| !part.is_empty());
    if !is_digits(whole) || !part.is_none_or(is_digits) || !has_digits && (exponent.is_none() || part.is_some()) {
        return None;
    }
    let whole = if whole.is_empty() && part.is_none() { "1" } else { whole.trim_start_matches('0') };
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = part.map(|part| format!(".{}", if part.is_empty() { "0" } else { part })).unwrap_or_default();
    let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
    let written = format!("{sign}{whole}{part}{exponent}");
    let is_number = matches!(DeValue::parse(&written).ok()?.into_inner(), DeValue::Integer(_) | DeValue::Float(_));
    is_number.then_some(written)
}

/// `1/3` as a decimal.
fn fraction(text: &str) -> Option<String> {
    let (above, below) = text.split_once('/')?;
    let (above, below): (u32, u32) = (above.trim().parse().ok()?, below.trim().parse().ok()?);
    (below > 0).then(|| format!("{:?}", f64::from(above) / f64::from(below)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_other_languages_are_written_as_toml_does() {
        for (given, written) in [
            (".01", "0.01"),
            ("-.5", "-0.5"),
            ("+.5", "0.5"),
            ("1.", "1.0"),
            ("1.e-5", "1.0e-5"),
            ("1e-5.", "1e-5"),
            ("1e-10.", "1e-10"),
            ("1d-5", "1e-5"),
            ("1D-5", "1e-5"),
            ("1e−5", "1e-5"),
            ("0,00001", "0.00001"),
            ("10⁻⁵", "1e-5"),
            ("10^-5", "1e-5"),
            ("2*10^-5", "2e-5"),
            ("2 × 10⁻⁵", "2e-5"),
            ("10**-5", "1e-5"),
            ("e-5", "1e-5"),
            ("０．５", "0.5"),
            ("0.5f", "0.5"),
            ("007", "7"),
            ("1 000", "1000"),
            ("1'000'000", "1000000"),
            ("1/4", "0.25"),
        ] {
            assert_eq!(plain_numbers(given), [written], "{given}");
        }
        assert_eq!(plain_numbers("1,000"), ["1000", "1.000"]);
        assert_eq!(plain_numbers("1,000,000"), ["1000000"]);
        for text in ["0.1", "1e-5", "relu", "", ".", "e", "-", "1.2.3", "0x", "12abc", "1/0", "a/b", "d", "f"] {
            assert_eq!(plain_numbers(text), Vec::<String>::new(), "{text}");
        }
    }
}
