//! Theory's border in a plane: to which depth nets can be trained, value by value of the axis across.

use toml::Value;

use crate::analysis::Predictor;
use crate::data::Moments;
use crate::report::draw::Scale;
use crate::report::plane::Border;
use crate::spec::{KEYS, RunSpec, Shown, key_index};

/// Values at which the border is computed.
const POINTS: usize = 241;

/// Halvings by which a critical value is found: to the last digit that counts.
const HALVINGS: usize = 40;

/// Computes the border for nets like that of `spec`, in which `key` goes along `scale`; `sample` is one of its values. None
/// where theory says nothing of such nets, or where an error keeps its size whatever the value.
pub(super) fn border(
    (spec, inputs): (&RunSpec, Moments),
    (key, sample): (&str, &Shown),
    scale: &Scale,
    predictor: &mut Predictor,
) -> Option<Border> {
    let key = &KEYS[key_index(key)?];
    let mut limit = |x: f64| {
        let mut spec = spec.clone();
        #[expect(clippy::cast_possible_truncation, reason = "a count of the grid, or one between two of them")]
        let value = if let Shown::Int(_) = sample { Value::Integer(x.round() as i64) } else { Value::Float(x) };
        (key.set)(&mut spec, &value).then(|| predictor.limit_of_plain(&spec, inputs))?
    };
    let sampled: Vec<(f64, Option<(f64, f64)>)> =
        scale.spread(POINTS).map(|x| (x, limit(x).map(|limit| (limit.trainable_depth(), limit.chi)))).collect();
    let mut critical = Vec::new();
    for pair in sampled.windows(2) {
        let [(low, Some((_, before))), (high, Some((_, after)))] = pair else { continue };
        // At a sample itself, or between two of them.
        if *before == 1.0 && critical.last() != Some(low) {
            critical.push(*low);
        } else if (before - 1.0) * (after - 1.0) < 0.0 {
            let (mut low, mut high) = (*low, *high);
            for _ in 0..HALVINGS {
                let middle = f64::midpoint(low, high);
                let chi = limit(middle).map_or(1.0, |limit| limit.chi);
                *(if (chi - 1.0) * (before - 1.0) > 0.0 { &mut low } else { &mut high }) = middle;
            }
            critical.push(high);
        }
    }
    let mut depths: Vec<(f64, f64)> = sampled.iter().filter_map(|(x, limit)| Some((*x, (*limit)?.0))).collect();
    depths.extend(critical.iter().map(|&x| (x, f64::INFINITY)));
    depths.sort_by(|a, b| a.0.total_cmp(&b.0));
    // A neighbourhood in which nothing shrinks or grows is no border.
    let is_border = depths.iter().filter(|(_, depth)| depth.is_finite()).count() > 1;
    is_border.then_some(Border { depths, critical })
}
