//! Scales and their ticks. A logarithmic axis holds log10 of what it shows, so that 1e-300 is a number like others.

/// What the numbers of an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum AxisKind {
    /// The numbers that are shown, as they are.
    Linear,
    /// Whole numbers: layers, steps, lags.
    Counts,
    /// log10 of what is shown.
    Log,
}

/// An axis: what it shows from where to where.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Axis {
    /// What stands beside it.
    pub(in crate::report) label: String,
    /// What its numbers are.
    pub(in crate::report) kind: AxisKind,
    /// Its lower end.
    pub(in crate::report) low: f64,
    /// Its upper end, above the lower one.
    pub(in crate::report) high: f64,
    /// Its ticks, where they are not round numbers.
    at: Vec<(f64, String)>,
}

/// Where an axis has ticks, and what stands there.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) enum Ticks {
    /// Numbers in words.
    Words(Vec<(f64, String)>),
    /// Powers of ten.
    Powers(Vec<i32>),
}

impl Axis {
    /// Makes an axis that spans these values, from round number to round number; without values, from 0 to 1. A
    /// logarithmic axis spans whole decades, one at least.
    pub(in crate::report) fn over(label: &str, kind: AxisKind, values: impl Iterator<Item = f64>) -> Self {
        let range = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
        let (low, high) = values.filter(|x| x.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), range);
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let (low, high) = match kind {
            AxisKind::Counts => (low, high),
            AxisKind::Log => (low.floor(), high.ceil()),
            AxisKind::Linear => {
                let step = step(high - low, 6.0);
                ((low / step).floor() * step, (high / step).ceil() * step)
            }
        };
        // A zero has no sign on paper.
        let (low, high) = (low + 0.0, if high > low { high } else { low + 1.0 } + 0.0);
        Self { label: label.into(), kind, low, high, at: Vec::new() }
    }

    /// Makes an axis between two ends, with these ticks.
    pub(in crate::report) fn between(
        label: &str,
        kind: AxisKind,
        (low, high): (f64, f64),
        at: Vec<(f64, String)>,
    ) -> Self {
        Self { label: label.into(), kind, low, high, at }
    }

    /// The share of the way from the lower end to the upper one.
    pub(in crate::report) fn share(&self, x: f64) -> f64 {
        (x - self.low) / (self.high - self.low)
    }

    /// Returns the ticks, at most about `most`.
    #[expect(clippy::cast_possible_truncation, reason = "the exponents of floats are small")]
    pub(in crate::report) fn ticks(&self, most: f64) -> Ticks {
        if !self.at.is_empty() {
            return Ticks::Words(self.at.clone());
        }
        let range = self.high - self.low;
        match self.kind {
            AxisKind::Linear => {
                let step = step(range, most);
                let number = |x: f64| (x, decimal(x, step));
                Ticks::Words(multiples(self.low, self.high, step).map(number).collect())
            }
            AxisKind::Counts => {
                let step = step(range, most).max(1.0).ceil();
                // An axis that begins at layer 1 has a tick there, and then at 5, 10, ..
                let mut at: Vec<f64> = multiples(self.low, self.high, step).collect();
                if at.first() != Some(&self.low) {
                    at.retain(|x| x - self.low >= step / 2.0);
                    at.insert(0, self.low);
                }
                Ticks::Words(at.into_iter().map(|x| (x, format!("{x:.0}"))).collect())
            }
            AxisKind::Log => {
                let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].into_iter().find(|step| range / step <= most);
                let at = multiples(self.low, self.high, step.unwrap_or(200.0));
                Ticks::Powers(at.map(|x| x as i32).collect())
            }
        }
    }
}

/// The least of 1, 2 and 5 times a power of ten that divides a range into at most `most` parts.
fn step(range: f64, most: f64) -> f64 {
    let least = if range > 0.0 { range / most } else { 1.0 };
    let mut power = 1.0;
    while power > least && power > f64::MIN_POSITIVE * 100.0 {
        power /= 10.0;
    }
    while power * 10.0 <= least {
        power *= 10.0;
    }
    // A hair of rounding makes no step larger than it has to be.
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(power)
}

fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let (first, slack) = ((low / step - 1e-9).ceil(), 1e-9);
    (0..1000).map(move |i| (first + f64::from(i)) * step).take_while(move |x| *x <= high + slack * step)
}

/// A number with as many decimals as its steps need.
fn decimal(x: f64, step: f64) -> String {
    if !(1e-4..1e6).contains(&step) {
        return format!("{x:e}");
    }
    let (mut decimals, mut scaled) = (0, step);
    while scaled < 0.999_999 {
        scaled *= 10.0;
        decimals += 1;
    }
    let text = format!("{x:.decimals$}");
    let text = if text.chars().all(|c| matches!(c, '-' | '0' | '.')) { text.replace('-', "") } else { text };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(kind: AxisKind, values: &[f64], most: f64) -> Ticks {
        Axis::over("x", kind, values.iter().copied()).ticks(most)
    }

    fn words(kind: AxisKind, values: &[f64], most: f64) -> Vec<String> {
        match ticks(kind, values, most) {
            Ticks::Words(words) => words.into_iter().map(|(_, word)| word).collect(),
            Ticks::Powers(powers) => powers.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_logarithmic_axis_reaches_1e_minus_300_with_a_handful_of_ticks() {
        assert_eq!(
            ticks(AxisKind::Log, &[-299.5, 0.3], 8.0),
            Ticks::Powers(vec![-300, -250, -200, -150, -100, -50, 0])
        );
        assert_eq!(
            ticks(AxisKind::Log, &[-323.3, 308.2], 8.0),
            Ticks::Powers(vec![-300, -200, -100, 0, 100, 200, 300])
        );
        assert_eq!(ticks(AxisKind::Log, &[-0.4, -0.2], 8.0), Ticks::Powers(vec![-1, 0]));
        assert_eq!(ticks(AxisKind::Log, &[-12.2, 0.0], 8.0), Ticks::Powers(vec![-12, -10, -8, -6, -4, -2, 0]));
        assert_eq!(ticks(AxisKind::Log, &[2.0, 2.0], 8.0), Ticks::Powers(vec![2, 3]));
    }

    #[test]
    fn layers_and_steps_are_counted_in_whole_numbers_from_the_first_on() {
        assert_eq!(words(AxisKind::Counts, &[1.0, 50.0], 6.0), ["1", "10", "20", "30", "40", "50"]);
        assert_eq!(words(AxisKind::Counts, &[1.0, 3.0], 6.0), ["1", "2", "3"]);
        assert_eq!(words(AxisKind::Counts, &[0.0, 199.0], 6.0), ["0", "50", "100", "150"]);
        assert_eq!(words(AxisKind::Counts, &[0.0, 0.0], 6.0), ["0", "1"]);
    }

    #[test]
    fn numbers_have_the_decimals_of_their_steps() {
        assert_eq!(words(AxisKind::Linear, &[0.0, 1.0], 6.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(words(AxisKind::Linear, &[-2.9, 12.0], 6.0), ["\u{2212}5", "0", "5", "10", "15"]);
        assert_eq!(words(AxisKind::Linear, &[], 6.0).len(), 6);
    }
}
