//! Figures of made-up rows: their text, what is never missing in them, and that they are well-formed whatever the words.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::*;
use crate::analysis::Verdict;
use crate::report::band::Mark;
use crate::report::detail::Thinned;
use crate::report::draw::hex;
use crate::report::fixtures::{axis, band, cell, gathered, grid, marked, recurrent};
use crate::report::verdict_colour::colour;
use crate::spec::Shown;

fn figure(gathered: &Gathered, name: &str) -> Figure {
    figures(gathered).into_iter().find(|figure| figure.name == name).unwrap_or_else(|| panic!("there is a {name}"))
}

/// A name, attributes, and the text directly within.
type Element = (String, BTreeMap<String, String>, String);

/// The elements of a figure, which must be well-formed.
fn elements(svg: &str) -> Vec<Element> {
    let name = |start: &BytesStart<'_>| String::from_utf8(start.name().as_ref().to_vec()).unwrap();
    let attributes = |start: &BytesStart<'_>| {
        let pair = |a: quick_xml::events::attributes::Attribute<'_>| {
            let key = String::from_utf8(a.key.as_ref().to_vec()).unwrap();
            (key, quick_xml::escape::unescape(std::str::from_utf8(&a.value).unwrap()).unwrap().into_owned())
        };
        start.attributes().map(|a| pair(a.unwrap())).collect::<BTreeMap<_, _>>()
    };
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let (mut found, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                open.push(found.len());
                found.push((name(&start), attributes(&start), String::new()));
            }
            Event::Empty(start) => found.push((name(&start), attributes(&start), String::new())),
            Event::End(_) => {
                open.pop().unwrap();
            }
            Event::Text(text) => {
                if let Some(at) = open.last() {
                    found[*at].2 += std::str::from_utf8(&text).unwrap();
                }
            }
            Event::GeneralRef(entity) => {
                if let Some(at) = open.last() {
                    let name = std::str::from_utf8(&entity).unwrap();
                    found[*at].2 += &quick_xml::escape::unescape(&format!("&{name};")).unwrap();
                }
            }
            Event::Eof => break,
            other => panic!("a figure has no {other:?}"),
        }
    }
    assert!(open.is_empty(), "every element is closed");
    found
}

#[test]
fn the_text_of_each_figure_is_as_it_was() {
    let (grid, recurrent) = (grid(), recurrent());
    let names: Vec<&str> = figures(&grid).iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["profile", "speed", "heatmap", "learning", "matrix", "phase", "effects"]);
    for figure in figures(&grid) {
        insta::assert_snapshot!(figure.name, figure.svg);
    }
    insta::assert_snapshot!("lags", figure(&recurrent, "lags").svg);
}

#[test]
fn the_same_rows_make_the_same_bytes() {
    let text = || format!("{:?}", figures(&grid()));
    assert_eq!(text(), text(), "as text, for NaN is not equal to itself");
}

#[test]
fn every_figure_says_in_words_what_it_shows() {
    for figure in figures(&grid()).into_iter().chain(figures(&recurrent())) {
        let all = elements(&figure.svg);
        let (root, attributes, _) = &all[0];
        assert_eq!((root.as_str(), attributes["role"].as_str()), ("svg", "img"));
        assert_eq!((all[1].0.as_str(), all[1].2.trim()), ("title", figure.title.as_str()));
        assert_eq!((all[2].0.as_str(), all[2].2.trim()), ("desc", figure.description.as_str()));
        let ids = format!("{} {}", all[1].1["id"], all[2].1["id"]);
        assert_eq!(attributes["aria-labelledby"], ids);
        assert!(figure.description.chars().any(|c| c.is_ascii_digit()), "{}", figure.description);
        assert!(KINDS.iter().any(|kind| kind.name == figure.name));
    }
}

#[test]
fn a_profile_has_the_numbers_of_its_cells_and_its_line_goes_through_them() {
    let svg = figure(&grid(), "profile").svg;
    let all = elements(&svg);
    let series: Vec<_> = all.iter().filter(|(_, a, _)| a.get("class").is_some_and(|c| c == "series")).collect();
    assert_eq!(series.len(), 4, "two cells, at initialisation and at the last step");
    assert_eq!(series[0].1["data-mean"], "-9 -5 -1");
    assert_eq!(series[0].1["data-low"], "-9.25 -5.25 -1.25");
    assert_eq!(series[0].1["data-theory"], "-9 -5 -1");
    assert_eq!((series[2].1["data-mean"].as_str(), series[2].1.get("data-theory")), ("-9.5 -5.5 -1.5", None));
    // The labels of the axis say where the powers of ten are.
    let label = |pair: &[Element]| {
        let exponent: f64 = pair[1].2.trim().replace('\u{2212}', "-").parse().ok()?;
        (pair[1].0 == "tspan").then(|| (exponent, pair[0].1["y"].parse::<f64>().unwrap() - 4.0))
    };
    let ticks: Vec<(f64, f64)> = all.windows(2).filter_map(label).collect();
    let ((a, y_a), (b, y_b)) = (ticks[0], ticks[1]);
    let path = &all.iter().find(|(_, a, _)| a.get("class").is_some_and(|c| c == "stroke0 mean")).unwrap().1["d"];
    let y: Vec<f64> = path.split(['M', 'L']).skip(1).map(|p| p.split(' ').nth(1).unwrap().parse().unwrap()).collect();
    for (y, value) in y.iter().zip([-9.0, -5.0, -1.0]) {
        let back = a + (y - y_a) / (y_b - y_a) * (b - a);
        assert!((back - value).abs() < 0.01, "{y}: {back} is not {value}");
    }
    assert_eq!(y.len(), 3);
}

#[test]
fn the_speed_of_each_layer_is_one_line_per_cell_without_a_prediction() {
    let mut gathered = grid();
    gathered.cells[1].detail.as_mut().unwrap().speeds.bands[0] = marked(Mark::Zero);
    let speed = figure(&gathered, "speed");
    let all = elements(&speed.svg);
    let series: Vec<_> = all.iter().filter(|(_, a, _)| a.get("class").is_some_and(|c| c == "series")).collect();
    assert_eq!(series.len(), 2, "one panel, of two cells");
    assert_eq!((series[0].1["data-x"].as_str(), series[0].1["data-mean"].as_str()), ("1 2 3", "NaN -6 -2"));
    assert_eq!(
        (series[1].1["data-mean"].as_str(), series[1].1["data-low"].as_str()),
        ("-1.5 -1.75 -2", "-1.75 -2 -2.25")
    );
    assert!(series.iter().all(|(_, a, _)| !a.contains_key("data-theory")));
    assert!(speed.description.contains("init_gain 0.5: 0.010 at layer L, zero at layer 1"), "{}", speed.description);
    assert!(speed.description.contains("init_gain 1.0: 0.010 at layer L, 0.032 (+0.5 decades) at layer 1"));
    assert!(speed.caption.contains("The head is left out."), "{}", speed.caption);
}

#[test]
fn nets_of_one_layer_have_no_figure_across_layers() {
    let names: Vec<&str> = figures(&recurrent()).iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["heatmap", "learning", "matrix", "lags", "effects"]);
}

#[test]
fn the_matrix_shows_every_verdict_as_a_letter_in_its_colour_and_explains_those_that_there_are() {
    let mut gathered = grid();
    let verdicts = [Verdict::Recovered, Verdict::Vanishing, Verdict::Healthy, Verdict::Healthy];
    for (cell, verdict) in gathered.cells.iter_mut().zip(verdicts) {
        cell.cell.verdict = Some(verdict);
    }
    let all = elements(&figure(&gathered, "matrix").svg);
    let boxes: Vec<(&str, &str)> = all
        .windows(2)
        .filter(|pair| pair[0].1.contains_key("rx"))
        .map(|pair| (pair[1].2.trim(), pair[0].1["fill"].as_str()))
        .collect();
    let of = |verdict: Verdict| {
        boxes.iter().filter(|(letter, _)| *letter == verdict.letter().to_string()).collect::<Vec<_>>()
    };
    // Of each its cells, and a line of the legend.
    assert_eq!(Verdict::ALL.map(|verdict| of(verdict).len()), [0, 0, 0, 0, 2, 2, 3]);
    for verdict in Verdict::ALL {
        assert!(of(verdict).iter().all(|(_, fill)| *fill == hex(colour(verdict))), "{boxes:?}");
    }
    for word in ["recovered", "vanishing", "healthy"] {
        assert!(all.iter().any(|(tag, _, text)| tag == "text" && text.trim() == word), "{word}");
    }
}

#[test]
fn what_is_no_number_is_marked_and_named_in_the_legend() {
    for mark in Mark::ALL {
        let mut gathered = grid();
        let detail = gathered.cells[3].detail.as_mut().unwrap();
        detail.profile.init[0] = marked(mark);
        detail.speeds.bands[0] = marked(mark);
        detail.heat.values[4] = f32::NAN;
        detail.heat.marks[4] = Some(mark);
        for name in ["profile", "speed", "heatmap"] {
            let all = elements(&figure(&gathered, name).svg);
            let drawn = all.iter().find(|(_, a, _)| a.get("data-mark").is_some_and(|m| m == mark.name()));
            let strokes = drawn.unwrap_or_else(|| panic!("{name} has no {mark:?}")).1["d"].matches('M').count();
            assert!((1..=2).contains(&strokes), "one place alone is marked: {name} {mark:?}");
            assert!(all.iter().any(|(tag, _, text)| tag == "text" && text.trim() == mark.name()), "{name} {mark:?}");
        }
        let none = elements(&figure(&grid(), "profile").svg);
        assert!(!none.iter().any(|(_, a, _)| a.contains_key("data-mark")));
    }
    let mut gathered = grid();
    gathered.cells[3].detail.as_mut().unwrap().curves.loss[1] = band(&[2.0, f64::NAN, f64::INFINITY]);
    let all = elements(&figure(&gathered, "learning").svg);
    for mark in [Mark::Nan, Mark::Inf] {
        assert!(all.iter().any(|(_, a, _)| a.get("data-mark").is_some_and(|m| m == mark.name())), "{mark:?}");
    }
}

#[test]
fn an_axis_reaches_1e_minus_300_without_a_floor() {
    let mut gathered = grid();
    let profile = &mut gathered.cells[3].detail.as_mut().unwrap().profile;
    profile.init[0] = band(&[-299.5]);
    let svg = figure(&gathered, "profile").svg;
    let all = elements(&svg);
    assert!(all.iter().any(|(tag, _, text)| tag == "tspan" && text.trim() == "\u{2212}300"));
    let means = all.iter().filter_map(|(_, a, _)| a.get("data-mean")).collect::<Vec<_>>();
    assert!(means.iter().any(|means| means.starts_with("-299.5 ")), "{means:?}");
    assert!(figure(&gathered, "profile").description.contains("3.2e-300"));
}

#[test]
fn the_head_of_a_heat_map_is_no_layer_and_layers_that_are_left_out_are_told() {
    let mut gathered = grid();
    for cell in &mut gathered.cells {
        cell.detail.as_mut().unwrap().thinned = Some(Thinned { layers: [3, 150], steps: [3, 3], lags: [0, 0] });
    }
    let heatmap = figure(&gathered, "heatmap");
    assert!(heatmap.description.contains("over 3 layers, the head and 3 steps"), "{}", heatmap.description);
    assert!(heatmap.caption.contains("3 of 150 layers are drawn; the tables have all."), "{}", heatmap.caption);
}

#[test]
fn a_loss_that_is_none_is_no_number_in_words() {
    let mut gathered = grid();
    gathered.cells[3].detail.as_mut().unwrap().curves.loss[0] = marked(Mark::Nan);
    let words = figure(&gathered, "learning").description;
    assert!(
        words.contains("no finite loss at first, loss 1.500 at the last step") && !words.contains("NaN"),
        "{words}"
    );
}

#[test]
fn hostile_words_stay_words() {
    let hostile = "</svg><script>alert(\"1\")</script>'&\u{0}\u{1b}]]>".to_owned() + &"very long ".repeat(200);
    let mut gathered = grid();
    gathered.name.clone_from(&hostile);
    gathered.axes[0] = axis("model.init_gain", vec![Shown::Text(hostile.clone()), Shown::Text("<!--".into())]);
    gathered.axes[0].name.clone_from(&hostile);
    gathered.effects[0].from = vec![Shown::Text(hostile.clone())];
    let mut kinds = recurrent();
    kinds.axes[0].values[1] = vec![Shown::Text(hostile)];
    let all = figures(&gathered).into_iter().chain(figures(&kinds));
    for Figure { name, svg, .. } in all {
        let tags: Vec<String> = elements(&svg).into_iter().map(|(tag, _, _)| tag).collect();
        let known = ["svg", "title", "desc", "style", "rect", "g", "text", "tspan", "path"];
        assert!(tags.iter().all(|tag| known.contains(&tag.as_str())), "{name}: {tags:?}");
        assert_eq!(svg.matches("</svg>").count(), 1, "{name}");
        assert!(!svg.contains(['\u{0}', '\u{1b}']), "{name}");
    }
}

#[test]
fn the_rules_of_a_figure_reach_nothing_but_figures() {
    for Figure { svg, .. } in figures(&grid()) {
        let style = &elements(&svg).into_iter().find(|(tag, _, _)| tag == "style").unwrap().2;
        let rules = style.split_once('{').unwrap().1;
        let selectors: Vec<&str> = rules.split('}').filter_map(|rule| rule.split_once('{')).map(|(s, _)| s).collect();
        assert!(
            selectors.len() > 5 && selectors.iter().all(|s| s.trim().starts_with(".vgrun-figure ")),
            "{selectors:?}"
        );
        assert!(
            !svg.contains("http") || svg.matches("http").count() == svg.matches("http://www.w3.org/2000/svg").count()
        );
    }
}

#[test]
fn a_grid_too_large_for_a_page_says_what_it_leaves_out() {
    let depths: Vec<Shown> = (1..=40).map(Shown::Int).collect();
    let widths: Vec<Shown> = (1..=30).map(Shown::Int).collect();
    let cells = (0..40).flat_map(|d| (0..30).map(move |w| cell(&[d, w], d + 2, -0.5, 1))).collect();
    let gathered = gathered(vec![axis("model.depth", depths), axis("model.width", widths)], cells);
    let matrix = figure(&gathered, "matrix");
    assert!(matrix.caption.contains("288 of 1,200 cells are shown"), "{}", matrix.caption);
    let profile = figure(&gathered, "profile");
    assert!(profile.caption.starts_with("Shown: 7 of 1,200 cells, with depth = 40;"), "{}", profile.caption);
}

#[test]
fn a_grid_made_of_includes_is_a_list() {
    let depths: Vec<Shown> = (1..=6).map(Shown::Int).collect();
    let widths: Vec<Shown> = (1..=6).map(Shown::Int).collect();
    let cells = (0..6).map(|i| cell(&[i, i], 3, -0.5, 1)).collect();
    let matrix = figure(&gathered(vec![axis("model.depth", depths), axis("model.width", widths)], cells), "matrix");
    let all = elements(&matrix.svg);
    assert!(all.iter().any(|(tag, _, text)| tag == "text" && text.trim() == "depth 3, width 3"));
    assert_eq!(all.iter().filter(|(_, a, _)| a.get("class").is_some_and(|c| c == "cell")).count(), 6);
}

#[test]
fn a_single_run_has_figures_of_its_own_and_no_run_has_none() {
    let mut one = gathered(Vec::new(), vec![cell(&[0], 3, -8.0, 0)]);
    one.cells[0].levels.clear();
    let names: Vec<&str> = figures(&one).iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["profile", "speed", "heatmap", "learning"]);
    assert!(figure(&one, "profile").caption.starts_with("Shown: the only cell"));
    one.cells[0].detail = None;
    assert_eq!(figures(&one), []);
}

/// Gains by depths, so many of each, of nets that learn where the two are alike.
fn square(n: usize) -> Gathered {
    let gains = (0..n).map(|i| Shown::Float(0.5 + 0.05 * i as f64)).collect();
    let depths = (0..n).map(|i| Shown::Int(2 + i as u64)).collect();
    let axes = vec![axis("model.init_gain", gains), axis("model.depth", depths)];
    let place = |i: usize| (i / n, i % n);
    let cells = (0..n * n).map(|i| {
        let (gain, depth) = place(i);
        let mut row = cell(&[gain, depth], 3, gain as f64 - depth as f64, usize::from(gain >= depth) * 2);
        row.theory.depth_scale = 1.0 / (gain as f64 - 16.2).abs();
        row
    });
    gathered(axes, cells.collect())
}

/// An rnn and an lstm over so many time steps.
fn through_time(n: usize) -> Gathered {
    let mut rows = recurrent();
    for (row, slope) in rows.cells.iter_mut().zip([-1.0, -0.25]) {
        let values = || (0..n).map(move |lag| slope * lag as f64);
        let lags = row.detail.as_mut().unwrap().lags.as_mut().unwrap();
        lags.lags = (0..n).collect();
        lags.init = values().map(|x| band(&[x])).collect();
        (lags.last, lags.predicted) = (lags.init.clone(), values().collect());
    }
    rows
}

#[test]
fn every_figure_of_3_and_of_40_values_per_axis_says_what_is_left_out() {
    for n in [3, 40] {
        let all: Vec<String> =
            figures(&square(n)).iter().map(|f| format!("{}: {}\n{}\n", f.name, f.caption, f.title)).collect();
        insta::assert_snapshot!(format!("captions_of_{n}"), all.join("\n"));
    }
    for (n, words) in [(3, "three"), (40, "forty")] {
        for figure in figures(&square(n)).into_iter().chain([figure(&through_time(n), "lags")]) {
            insta::assert_snapshot!(format!("{words}_{}", figure.name), figure.svg);
        }
    }
}

#[test]
fn no_axis_has_a_tick_label_twice_and_no_two_of_its_labels_touch() {
    for n in [3, 7, 40] {
        for figure in figures(&square(n)) {
            let labels: Vec<Element> = elements(&figure.svg)
                .into_iter()
                .filter(|(name, a, _)| name == "text" && a.get("class").is_some_and(|class| class == "muted"))
                .collect();
            for (i, (_, a, text)) in labels.iter().enumerate() {
                for (_, b, other) in labels[i + 1..].iter().filter(|(_, b, _)| a["y"] == b["y"]) {
                    let x = |attributes: &BTreeMap<String, String>| attributes["x"].parse::<f64>().unwrap();
                    let apart = (x(a) - x(b)).abs();
                    assert!(
                        apart >= 4.0 * text.chars().count().min(other.chars().count()) as f64,
                        "{}: {text} on {other}",
                        figure.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_phase_diagram_tiles_the_plane_at_any_number_of_values() {
    for n in [3, 40] {
        let svg = figure(&square(n), "phase").svg;
        let all = elements(&svg);
        let number = |attributes: &BTreeMap<String, String>, name: &str| attributes[name].parse::<f64>().unwrap();
        let is_tile = |pair: &&[Element]| pair[0].1.get("class").is_some_and(|class| class == "tile");
        let tiles: Vec<&[Element]> = all.windows(3).filter(is_tile).collect();
        assert_eq!(tiles.len(), n * n);
        let area: f64 = tiles.iter().map(|tile| number(&tile[2].1, "width") * number(&tile[2].1, "height")).sum();
        let ends = |low: &str, size: &str| {
            let ends =
                tiles.iter().map(|tile| (number(&tile[2].1, low), number(&tile[2].1, low) + number(&tile[2].1, size)));
            ends.fold((f64::INFINITY, 0.0_f64), |(low, high), (a, b)| (low.min(a), high.max(b)))
        };
        let ((left, right), (top, bottom)) = (ends("x", "width"), ends("y", "height"));
        let plane = (right - left) * (bottom - top);
        assert!((area / plane - 1.0).abs() < 0.02, "{n}: {area} of {plane}");
    }
}
