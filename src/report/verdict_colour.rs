//! The colour of each verdict, behind its letter: the worse, the darker, so that a page in grey has the same order.

use super::draw::Rgb;
use crate::analysis::Verdict;

/// Returns the colour on light and dark pages; the letter upon it is white or black, whichever can be read.
pub(super) fn colour(verdict: Verdict) -> Rgb {
    match verdict {
        Verdict::Diverged => [16, 16, 20],
        Verdict::Dead => [82, 21, 87],
        Verdict::Saturated => [0, 95, 150],
        Verdict::Exploding => [191, 77, 0],
        Verdict::Vanishing => [86, 180, 233],
        Verdict::Recovered => [230, 194, 41],
        Verdict::Healthy => [197, 242, 208],
    }
}

/// What a verdict means, for legends.
pub(super) fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Diverged => "a loss was not finite",
        Verdict::Dead => "a layer passes no gradient",
        Verdict::Saturated => "a layer's activations are flat",
        Verdict::Exploding => "the error grows too much on its way back",
        Verdict::Vanishing => "the error shrinks too much on its way back",
        Verdict::Recovered => "one of these before training, none after it",
        Verdict::Healthy => "none of these; it need not have learned",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::draw::lightness;

    #[test]
    fn no_two_verdicts_share_a_grey_and_the_worse_is_the_darker() {
        let grey = Verdict::ALL.map(|verdict| lightness(colour(verdict)));
        assert!(grey.windows(2).all(|pair| pair[1] - pair[0] > 20.0), "{grey:?}");
    }

    /// Checks the colours as those see them who lack green cones, or red ones, by the matrices of Viénot, Brettel and
    /// Mollon (1999) on linear light.
    #[test]
    fn no_two_verdicts_share_a_colour_for_the_colour_blind() {
        let deuteranope = [[0.292_75, 0.707_25, 0.0], [0.292_75, 0.707_25, 0.0], [-0.022_34, 0.022_34, 1.0]];
        let protanope = [[0.112_38, 0.887_62, 0.0], [0.112_38, 0.887_62, 0.0], [0.004_01, -0.004_01, 1.0]];
        for matrix in [deuteranope, protanope] {
            let seen = |rgb: Rgb| {
                let linear = rgb.map(|x| (f64::from(x) / 255.0).powf(2.2));
                matrix.map(|row| {
                    let sum: f64 = row.iter().zip(linear).map(|(a, x)| a * x).sum();
                    255.0 * sum.clamp(0.0, 1.0).powf(1.0 / 2.2)
                })
            };
            let colours = Verdict::ALL.map(|verdict| seen(colour(verdict)));
            for (i, a) in colours.iter().enumerate() {
                for b in &colours[..i] {
                    let distance: f64 = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
                    assert!(distance > 45.0, "{a:?} and {b:?} are {distance} apart");
                }
            }
        }
    }
}
