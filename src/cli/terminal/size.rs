//! An amount of memory as a person types it.

/// Units from the largest, each with its power of 1000 or 1024.
const PREFIXES: [(char, i32); 5] = [('p', 5), ('t', 4), ('g', 3), ('m', 2), ('k', 1)];

/// Bytes of `500MB`, `2GB`, `1.5G` (powers of 1000) or `2GiB` (powers of 1024), in either case.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    const EXPECTED: &str = "expected a number with a unit, such as 500MB, 2GB or 2GiB";
    let text = text.trim().to_ascii_lowercase();
    let unit_at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.parse().map_err(|_| EXPECTED)?;
    let bytes = number * factor(unit.trim()).ok_or(EXPECTED)?;
    if bytes < 1.0 {
        return Err("expected at least a byte".into());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "more than 2^64 bytes are no limit")]
    Ok(bytes as u64)
}

/// Bytes of a unit. None has no name: a number alone may be meant in bytes or in megabytes.
fn factor(unit: &str) -> Option<f64> {
    if unit == "b" {
        return Some(1.0);
    }
    let (prefix, power) = PREFIXES.into_iter().find(|(prefix, _)| unit.starts_with(*prefix))?;
    let base: f64 = match unit.strip_prefix(prefix)? {
        "" | "b" => 1000.0,
        "i" | "ib" => 1024.0,
        _ => return None,
    };
    Some((0..power).fold(1.0, |factor, _| factor * base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("500MB", 500_000_000),
            ("2GB", 2_000_000_000),
            ("2GiB", 2 << 30),
            ("1.5G", 1_500_000_000),
            ("0.5gi", 1 << 29),
            (" 3 TB ", 3_000_000_000_000),
            ("64k", 64_000),
            ("7B", 7),
            ("1PiB", 1 << 50),
            ("99999999999PB", u64::MAX),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "2000", "GB", "2 gigabytes", "2XB", "-1GB", "1.2.3MB", "2GBs", "nan", "infB", "2GiBi", "."] {
            assert!(parse_size(text).is_err_and(|error| error.contains("500MB")), "{text}");
        }
        for text in ["0MB", "0.1B"] {
            assert!(parse_size(text).is_err_and(|error| error.contains("at least a byte")), "{text}");
        }
    }
}
