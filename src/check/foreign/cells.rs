//! What a cell says: a number, a whole number, no number at all, or something that another program prints in its place.

use crate::config::quoted;

/// Words for "there is no number here": what Python, R, SQL, spreadsheets and data frames write where nothing is known.
const MISSING: [&str; 12] =
    ["", "na", "n/a", "#n/a", "#n/a n/a", "<na>", "none", "null", "nil", "nothing", "missing", "nat"];

/// How a file's numbers are written.
#[derive(Debug)]
pub(super) struct Numbers {
    /// Whether a comma may be the decimal mark: where it separates no cells.
    commas: bool,
    /// The first decimal mark where commas may be one, and its line.
    mark: Option<(char, u64)>,
}

impl Numbers {
    /// Describes the numbers of a file with this separator.
    pub(super) fn of(separator: u8) -> Self {
        Self { commas: separator != b',', mark: None }
    }

    /// Reads the number in a cell; none where it is not one.
    pub(super) fn parsed(&self, cell: &str) -> Option<f64> {
        if !self.commas || !cell.contains(',') {
            cell.parse().ok()
        } else if cell.contains('.') {
            None
        } else {
            cell.replacen(',', ".", 1).parse().ok()
        }
    }

    /// Reads the number in a cell of measured numbers; none where it is not one. Two decimal marks in one file are an
    /// error: the program that left one of them alone may have taken others for thousands.
    pub(super) fn measured(&mut self, cell: &str, line: u64) -> Result<Option<f64>, String> {
        let number = self.parsed(cell);
        if self.commas
            && number.is_some()
            && let Some(mark) = cell.chars().find(|c| matches!(c, ',' | '.'))
        {
            let (first, at) = *self.mark.get_or_insert((mark, line));
            if first != mark {
                return Err(format!(
                    "{} has another decimal mark than line {at}: a spreadsheet may have changed some of the numbers; save \
                     the trace anew, with a point in all of them",
                    quoted(cell)
                ));
            }
        }
        Ok(number)
    }

    /// Reads the whole number in a cell.
    pub(super) fn whole(&self, cell: &str) -> Option<u64> {
        if self.commas && cell.contains(',') && !cell.contains('.') {
            whole(&cell.replacen(',', ".", 1))
        } else {
            whole(cell)
        }
    }
}

/// Whether a cell says that there is no number.
pub(super) fn is_missing(cell: &str) -> bool {
    // Nearly all cells begin with a digit.
    !cell.starts_with(|c: char| c.is_ascii_digit()) && MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// Reads a whole number in any of the forms that programs give one: `100000`, `100000.0`, `1e+05`. It is exact, also
/// beyond 2^53, where floats are not.
pub(super) fn whole(text: &str) -> Option<u64> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{after}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let telling = digits.trim_end_matches('0');
    if telling.is_empty() {
        return Some(0);
    }
    let zeros = i64::try_from(digits.len() - telling.len()).ok()?;
    let power = i64::from(exponent) + zeros - i64::try_from(after.len()).ok()?;
    let factor = 10_u64.checked_pow(u32::try_from(power).ok()?)?;
    telling.parse::<u64>().ok()?.checked_mul(factor)
}

/// Says what a cell is that ought to be a number, and what to write in its place; none where nobody knows.
pub(super) fn what_it_is(cell: &str) -> Option<&'static str> {
    const ITEM: &str = "it is a PyTorch tensor as `print` shows it, of a few digits: write `x.item()` in place of `x`";
    const FLOAT: &str = "it is an array as Python shows it: write `float(x)` in place of `x`";
    const SCALAR: &str = "it is a NumPy number as Python shows it: write `float(x)` in place of `x`";
    let begins = |words: &[&str]| words.iter().any(|word| cell.starts_with(word));
    if begins(&["tensor(", "Tensor(", "Parameter containing", "DTensor("]) {
        Some(ITEM)
    } else if begins(&["tf.Tensor(", "<tf.", "array(", "Array(", "ArrayImpl(", "DeviceArray(", "jnp.", "cupy."]) {
        Some(FLOAT)
    } else if begins(&["np.", "numpy."]) {
        Some(SCALAR)
    } else if begins(&["Traced<", "JitTracer"]) {
        Some("it is what JAX traces and no number yet: return it from the function, and write `float(x)` of that")
    } else if begins(&["<bound method", "<built-in method", "<function"]) {
        Some("it is a function that was not called: write `x.item()` in place of `x.item`")
    } else if begins(&["[", "(", "{"]) {
        Some("it is a list: write a row for each of its numbers, or the one number in it")
    } else if cell.starts_with(['#', '*']) {
        Some("it is what a spreadsheet or Fortran shows in place of a number: save the trace anew")
    } else if cell.contains("1.#") {
        Some("it is what Windows shows of a number that is none: write NaN or inf")
    } else if cell.contains('\u{2212}') {
        Some("its minus sign is the character U+2212: write `-`")
    } else if cell.contains(',') {
        Some("write a decimal point, and nothing between thousands")
    } else if cell.contains(['d', 'D']) && cell.to_ascii_lowercase().replacen('d', "e", 1).parse::<f64>().is_ok() {
        Some("write its exponent behind an `e`")
    } else {
        None
    }
}

/// Returns a hint to put behind a message, where there is one.
pub(super) fn hint(cell: &str) -> String {
    what_it_is(cell).map_or(String::new(), |what| format!("; {what}"))
}

/// Reads the words for true and for false of programs and spreadsheets, and 1 and 0.
pub(super) fn truth(cell: &str) -> Option<bool> {
    const TRUE: [&str; 7] = ["true", "t", "wahr", "vrai", "verdadero", "vero", "waar"];
    const FALSE: [&str; 6] = ["false", "f", "falsch", "faux", "falso", "onwaar"];
    let is = |words: &[&str]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    match whole(cell) {
        Some(0) => Some(false),
        Some(1) => Some(true),
        None if is(&TRUE) => Some(true),
        None if is(&FALSE) => Some(false),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact_in_every_form() {
        for (text, number) in [
            ("0", 0),
            ("007", 7),
            ("100000.0", 100_000),
            ("1e+05", 100_000),
            ("1E5", 100_000),
            ("+1.25e2", 125),
            ("120e-1", 12),
            ("0e999", 0),
            (".5e1", 5),
            ("5.", 5),
            ("9007199254740993", (1 << 53) + 1),
            ("9007199254740993.0", (1 << 53) + 1),
            ("9.007199254740993e15", (1 << 53) + 1),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in
            ["", ".", "e5", "1.5", "1e-1", "1e300", "18446744073709551616", "-1", "1,0", "0x10", "nan", "1e", "1 "]
        {
            assert_eq!(whole(text), None, "{text}");
        }
        assert_eq!(whole(&"9".repeat(1000)), None);
        assert_eq!((Numbers::of(b';').whole("100000,0"), Numbers::of(b',').whole("100,000")), (Some(100_000), None));
    }

    #[test]
    fn a_decimal_comma_is_one_where_it_separates_nothing_and_no_point_is_beside_it() {
        let number = |separator, cell| Numbers::of(separator).measured(cell, 2).expect("one mark");
        assert_eq!(
            (number(b';', "0,5"), number(b'\t', "1,5E-07"), number(b',', "0,5")),
            (Some(0.5), Some(1.5e-7), None)
        );
        assert_eq!((number(b';', "1.234,5"), number(b';', "1,2,3")), (None, None));
        let mut numbers = Numbers::of(b';');
        for (cell, line) in [("3", 2), ("0,5", 3), ("1e-7", 4), ("0,25", 5)] {
            assert!(numbers.measured(cell, line).is_ok_and(|number| number.is_some()), "{cell}");
        }
        assert!(numbers.measured("0.5", 6).is_err_and(|text| text.contains("than line 3")));
    }

    #[test]
    fn not_a_number_is_a_number_and_what_is_missing_is_none() {
        for cell in ["NaN", "nan", "-nan", "inf", "-Inf", "Infinity", "1e-320"] {
            assert!(cell.parse::<f64>().is_ok() && !is_missing(cell), "{cell}");
        }
        assert!(
            ["", "NA", "None", "null", "<NA>", "#N/A"]
                .iter()
                .all(|cell| is_missing(cell) && cell.parse::<f64>().is_err())
        );
    }

    #[test]
    fn what_programs_print_in_place_of_a_number_is_recognised() {
        for (cell, word) in [
            ("tensor(0.0086)", ".item()"),
            ("tensor(0.0086, device='cuda:0')", ".item()"),
            ("np.float32(0.0086)", "float(x)"),
            ("Array(0.0086, dtype=float32)", "float(x)"),
            ("[0.0086]", "a list"),
            ("<built-in method item of Tensor object at 0x7f>", "x.item()"),
            ("#NUM!", "spreadsheet"),
            ("1.5e\u{2212}07", "U+2212"),
            ("0,0086", "decimal point"),
            ("1d-5", "`e`"),
            ("1.#QNAN", "NaN"),
        ] {
            assert!(what_it_is(cell).is_some_and(|what| what.contains(word)), "{cell}");
        }
        assert_eq!(what_it_is("word"), None);
    }
}
