//! Which knob matters: of each axis the change that does the most, with its interval.

use super::data::{FigureData, count, text};
use super::picture::Figure;
use crate::analysis::Estimate;
use crate::report::draw::{
    Anchor, Axis, AxisKind, Block, Canvas, Ink, Px, Rect, Rule, Sheet, Svg, Ticks, dot, shortened,
};
use crate::report::gathered::{AxisEffect, Gathered, label};
use crate::report::number::counted;
use crate::spec::Shown;

const TITLE: &str = "Which knob matters: the change of each axis that does the most";

/// Axes that a page has room for.
const MOST_ROWS: usize = 14;

const ROW: f64 = 30.0;

/// What is estimated, and how.
type EffectColumn = (&'static str, fn(&AxisEffect) -> Estimate);

const COLUMNS: [EffectColumn; 2] = [
    ("decades of the gradient, at initialisation", |effect| effect.effect.init_decades),
    ("share of nets that learned", |effect| effect.effect.learned),
];

pub(super) fn effects(gathered: &Gathered, canvas: Canvas) -> Option<Figure> {
    if gathered.effects.is_empty() {
        return None;
    }
    let mut effects: Vec<&AxisEffect> = gathered.effects.iter().collect();
    effects.sort_by(|a, b| b.effect.size().total_cmp(&a.effect.size()));
    effects.truncate(MOST_ROWS);
    let description = describe(gathered, &effects);
    let mut sheet = Sheet::new(canvas, TITLE, &description);
    let height = ROW * effects.len() as f64;
    // The labels of both panels stand beside the first.
    let label_width = 0.28 * sheet.width() + 10.0;
    let block = Block { columns: 1, height, left: label_width, right: 26.0, top: 26.0, bottom: 26.0 };
    let [both]: [Rect; 1] = sheet.place(1, block).try_into().expect("a panel was asked for");
    let first = Rect { w: 0.53 * both.w, ..both };
    let second = Rect { x: first.right() + 34.0, w: both.right() - first.right() - 34.0, ..both };
    let pitch = both.h / effects.len() as f64;
    for (rect, (title, estimate)) in [first, second].into_iter().zip(COLUMNS) {
        draw_panel(&mut sheet.svg, rect, title, &effects.iter().map(|effect| estimate(effect)).collect::<Vec<_>>());
    }
    for (i, effect) in effects.iter().enumerate() {
        let middle = first.y + pitch * (i as f64 + 0.5);
        let name = shortened(&gathered.axes[effect.axis].name, 12.0, label_width - 12.0);
        sheet.svg.text((first.x - 10.0, middle - 2.0), Anchor::End, Ink::Full, &name);
        let change = shortened(&change(effect), 11.0, label_width - 12.0);
        sheet.svg.element("g", format_args!("font-size=\"11\""), |svg| {
            svg.text((first.x - 10.0, middle + 11.0), Anchor::End, Ink::Muted, &change);
        });
    }
    let left_out = match gathered.effects.len() - effects.len() {
        0 => String::new(),
        n => format!(" {} that do less are in effects.csv alone.", counted(n, "axis").replace("axiss", "axes")),
    };
    let caption = format!(
        "A point is the mean difference over pairs of runs that differ in nothing else, the seed included; a line its 95 % \
         interval over the seeds, where there are several. Positive: errors grow more, or shrink less, on their way back. \
         Effects are averages over all other axes: effects.csv has their spread, and every other change.{left_out}"
    );
    let data = table(gathered, &effects);
    Some(Figure::of("effects", sheet, caption, data))
}

fn table(gathered: &Gathered, effects: &[&AxisEffect]) -> FigureData {
    let columns = ["axis", "from", "to", "measure", "effect", "ci95_low", "ci95_high", "pairs"];
    let mut data = FigureData::new(&columns);
    for effect in effects {
        for (measure, estimate) in [("init_decades", COLUMNS[0].1), ("learned_share", COLUMNS[1].1)] {
            let Estimate { effect: by, ci95_low, ci95_high, .. } = estimate(effect);
            let axis = &gathered.axes[effect.axis].name;
            let words = [axis, &label(&effect.from), &label(&effect.to), measure].map(text);
            data.push(
                words
                    .into_iter()
                    .chain([by, ci95_low, ci95_high].map(Shown::Float))
                    .chain([count(effect.effect.pairs)]),
            );
        }
    }
    data
}

/// `5 → 50`.
fn change(effect: &AxisEffect) -> String {
    format!("{} \u{2192} {}", label(&effect.from), label(&effect.to))
}

fn draw_panel(svg: &mut Svg, rect: Rect, title: &str, estimates: &[Estimate]) {
    let ends = estimates.iter().flat_map(|e| [e.effect, e.ci95_low, e.ci95_high]);
    let x = Axis::over(title, AxisKind::Linear, ends.chain([0.0]));
    let at = |value: f64| rect.x + x.share(value) * rect.w;
    svg.text((rect.x, rect.y - 9.0), Anchor::Start, Ink::Full, &shortened(title, 12.0, rect.w + 34.0));
    svg.element("g", format_args!("font-size=\"11\""), |svg| {
        if let Ticks::Words(ticks) = x.ticks(rect.w / 50.0) {
            for (value, word) in ticks {
                let rule = if value == 0.0 { Rule::Axis } else { Rule::Grid };
                svg.line((at(value), rect.y), (at(value), rect.bottom()), rule);
                svg.text((at(value), rect.bottom() + 15.0), Anchor::Middle, Ink::Muted, &word);
            }
        }
        for (i, Estimate { effect, ci95_low, ci95_high, .. }) in estimates.iter().enumerate() {
            let y = rect.y + rect.h / estimates.len() as f64 * (i as f64 + 0.5);
            if !effect.is_finite() {
                svg.text((at(0.0) + 6.0, y + 4.0), Anchor::Start, Ink::Muted, "no pair is finite");
                continue;
            }
            if ci95_low.is_finite() {
                let (low, high, y) = (Px(at(*ci95_low)), Px(at(*ci95_high)), Px(y));
                svg.leaf(
                    "path",
                    format_args!("class=\"stroke0 interval\" d=\"M{low} {y}H{high}\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"2.4\""),
                );
            }
            let (low, high, d) = (ci95_low, ci95_high, dot(0, (at(*effect), y), 4.2));
            svg.element("g", format_args!("data-effect=\"{effect}\" data-low=\"{low}\" data-high=\"{high}\""), |svg| {
                svg.leaf("path", format_args!("class=\"fill0\" d=\"{d}\" fill=\"#0072b2\""));
            });
        }
    });
}

fn describe(gathered: &Gathered, effects: &[&AxisEffect]) -> String {
    let words = |effect: &&AxisEffect| {
        let Estimate { effect: by, ci95_low, ci95_high, .. } = effect.effect.init_decades;
        let interval = if ci95_low.is_nan() { String::new() } else { format!(" ({ci95_low:+.2} to {ci95_high:+.2})") };
        let by = if by.is_nan() { "not finite".into() } else { format!("{by:+.2} decades{interval}") };
        let learned = effect.effect.learned.effect;
        format!("{} {}: {by}, share learned {learned:+.2}", gathered.axes[effect.axis].name, change(effect))
    };
    format!("{}.", effects.iter().map(words).collect::<Vec<_>>().join("; "))
}
