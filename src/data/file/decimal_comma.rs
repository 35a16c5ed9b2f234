//! Numbers that are written with a comma for the decimal point.

/// The number that a text is with its only comma for a point.
pub(super) fn decimal_comma(text: &str) -> Option<f64> {
    let is_one = text.matches(',').count() == 1 && !text.contains('.');
    let number = is_one.then(|| text.replace(',', ".").parse::<f64>().ok()).flatten();
    number.filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comma_is_a_point_and_two_are_none() {
        assert_eq!(
            (decimal_comma("4,7"), decimal_comma("-1,5e-3"), decimal_comma(",5")),
            (Some(4.7), Some(-1.5e-3), Some(0.5))
        );
        assert!(
            ["4.7", "4", "1,234,567", "1.234,5", "a,b", ",", "1,e999"].iter().all(|text| decimal_comma(text).is_none())
        );
    }
}
