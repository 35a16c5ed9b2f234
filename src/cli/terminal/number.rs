//! Numbers for people: thousands, bytes, times, decades.

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(n: u64) -> String {
    crate::spec::grouped(n.into())
}

/// `1 run`, `1,234 runs`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(n as u64), if n == 1 { "" } else { "s" })
}

/// A quantity with the largest prefix that leaves it at least 1.
fn scaled(x: f64) -> (f64, &'static str) {
    const PREFIXES: [(f64, &str); 8] =
        [(1e24, "Y"), (1e21, "Z"), (1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (size, prefix) = PREFIXES.into_iter().find(|(size, _)| x >= *size).unwrap_or((1.0, ""));
    (x / size, prefix)
}

/// A quantity with its prefix: `3.2 T`, `480 G`.
pub(crate) fn with_prefix(x: f64) -> String {
    let (scaled, prefix) = scaled(x);
    if scaled < 10.0 { format!("{scaled:.1} {prefix}") } else { format!("{scaled:.0} {prefix}") }
}

/// An amount of memory in three digits: `3.18 GB`, `480 MB`.
pub(crate) fn bytes(x: f64) -> String {
    let (scaled, prefix) = scaled(x);
    let decimals = match scaled {
        _ if prefix.is_empty() => 0,
        s if s < 9.995 => 2,
        s if s < 99.95 => 1,
        _ => 0,
    };
    format!("{scaled:.decimals$} {prefix}B")
}

/// A time in the unit that suits it: `0.8 s`, `75 s`, `12 min`, `3.5 h`, `2.1 days`, `63 years`.
pub(crate) fn duration(seconds: f64) -> String {
    const YEAR: f64 = 365.25 * 86_400.0;
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s if s < 2.0 * YEAR => format!("{:.1} days", s / 86_400.0),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a saturating cast is long enough")]
        s => format!("{} years", thousands((s / YEAR) as u64)),
    }
}

/// Decades with their sign: `-12.0`, `+0.1`, `-inf`.
pub(crate) fn decades(x: f64) -> String {
    signed(x, 1)
}

/// A number with its sign and so many decimals; infinities and NaN in words.
pub(crate) fn signed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    let text = format!("{x:+.decimals$}");
    // A minus before a zero would say that it vanishes.
    if text.contains(|c: char| ('1'..='9').contains(&c)) { text } else { text.replace('-', "+") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_would_write_them() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_048_576), "1,048,576");
        assert_eq!(with_prefix(3.18e12), "3.2 T");
        assert_eq!(with_prefix(480e9), "480 G");
        assert_eq!(["3.18 GB", "48.0 MB", "480 kB", "7 B"], [3.184e9, 48e6, 479.7e3, 7.0].map(bytes));
        assert_eq!(["100 MB", "10.0 GB"], [99.97e6, 9.997e9].map(bytes));
        assert_eq!(duration(75.4), "75 s");
        assert_eq!(duration(3600.0), "60 min");
        assert_eq!(duration(2e9), "63 years");
        assert_eq!(duration(1e60), "18,446,744,073,709,551,615 years");
        assert_eq!(decades(-12.04), "-12.0");
        assert_eq!(decades(0.1), "+0.1");
        assert_eq!(decades(-0.04), "+0.0");
        assert_eq!([signed(-0.004, 2), signed(-0.006, 2), signed(2.0, 2)], ["+0.00", "-0.01", "+2.00"]);
        assert_eq!(decades(f64::NEG_INFINITY), "-inf");
    }
}
