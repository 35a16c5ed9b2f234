//! Tables that other programs export, told by their columns: what each is, and the line of Python that makes a trace of it.

use std::fmt::Write as _;

use crate::config::quoted;
use crate::plan::Plan;
use crate::spec::Shown;

/// The most columns that a line of Python names.
const MOST_NAMED: usize = 24;

/// What a table with these columns is and how a trace is made of it; none where no program is known to write it.
/// `name` is the file's, and `has_layers` says whether some column may name layers.
pub(super) fn what_it_is(plan: &Plan, header: &[String], name: &str, has_layers: bool) -> Option<String> {
    let has = |name: &str| header.iter().any(|column| column == name);
    let any = |is: &dyn Fn(&str) -> bool| header.iter().any(|column| is(column));
    if has("Wall time") && has("Step") && has("Value") {
        let (axes, values) = axes(plan);
        let python = format!(
            "pandas.read_csv({name:?}).rename(columns={{\"Step\": \"step\", \"Value\": \"grad_norm\"}}).assign({axes}layer=LAYER)"
        );
        return Some(format!(
            "it is TensorBoard's export of one tag, which does not say which: export the gradient norm of each layer of \
             each run, and add them up to one file. In Python, for each, with LAYER its layer's number{values}: {}",
            saved(&python)
        ));
    }
    let is_layer = |column: &str| column.to_ascii_lowercase().contains("grad");
    if any(&|column| column.ends_with("__MIN")) && any(&|column| column.ends_with("__MAX")) {
        let of_run = |column: &str| column.split_once(" - ").map_or(String::new(), |(run, _)| run.to_owned());
        let run = header.iter().find(|column| column.contains(" - ")).map(|column| of_run(column)).unwrap_or_default();
        let metrics = columns(header, |column| column.contains(" - ") && of_run(column) == run);
        return Some(format!(
            "it is what a chart of Weights & Biases exports, with a column for each run and layer; these are those of {}. {}",
            quoted(&run),
            melted(plan, header, &metrics, name, "layer=lambda d: d.layer.str.split(\" - \").str[-1]")
        ));
    }
    let layers = columns(header, is_layer);
    let wide = |what: &str| Some(format!("{what} {}", melted(plan, header, &layers, name, "")));
    if any(&|column| column.starts_with("grad_") && column.contains("_norm/")) {
        wide("it is the metrics.csv of Lightning's CSVLogger, with a column for each parameter, sorted by name.")
    } else if any(&|column| column.starts_with("l2_norm/grad/")) {
        wide("it is what Composer logs, with a column for each parameter.")
    } else if has("_step") && has("_timestamp") {
        wide("it is the history of a run of Weights & Biases, with a column for each metric.")
    } else if has("metric") && has("value") && has("step") || has("key") && has("value") && has("step") {
        let layer = if has("metric") { "metric" } else { "key" };
        let (axes, values) = axes(plan);
        let python = format!(
            "pandas.read_csv({name:?}).rename(columns={{\"{layer}\": \"layer\", \"value\": \"grad_norm\"}}).assign({axes})"
        );
        Some(format!(
            "it is what MLflow exports, a row for each metric: keep the rows of gradient norms. In Python, for each \
             run{values}: {}",
            saved(&python)
        ))
    } else if !has_layers && layers.len() > 1 {
        wide("it has a column for each layer.")
    } else if !has_layers && (has("grad_norm") || any(&|column| column.contains("loss"))) && header.len() > 1 {
        Some(
            "it has no norms of layers: that of the whole net does not tell which layer's gradient vanishes. Write a row \
             for each step and layer behind `loss.backward()`"
                .to_owned(),
        )
    } else {
        None
    }
}

/// The columns that hold a layer's norms: not those of biases, totals and extremes. In the order of the numbers in their
/// names, which is nearly always that of the net.
fn columns(header: &[String], is_layer: impl Fn(&str) -> bool) -> Vec<&str> {
    let is_other = |column: &str| {
        let lower = column.to_ascii_lowercase();
        lower.contains("bias") || lower.contains("total") || column.ends_with("__MIN") || column.ends_with("__MAX")
    };
    let mut found: Vec<&str> =
        header.iter().map(String::as_str).filter(|column| is_layer(column) && !is_other(column)).collect();
    found.sort_by_key(|column| natural(column));
    found
}

/// A name as people sort it: `layer10` behind `layer9`. Numbers come before letters.
pub(super) fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (word, after) = after.split_at(letters);
        // More digits than a u64 has are no number that counts layers.
        parts.push((number.parse().unwrap_or(if number.is_empty() { 0 } else { u64::MAX }), word.to_owned()));
        rest = after;
    }
    parts
}

/// The line of Python that makes rows of a column for each layer.
fn melted(plan: &Plan, header: &[String], layers: &[&str], name: &str, more: &str) -> String {
    let step = ["step", "_step", "Step", "global_step", "trainer/global_step", "iteration", "epoch"];
    let step = step.into_iter().find(|name| header.iter().any(|column| column == name)).unwrap_or("step");
    let (list, which) = if layers.is_empty() || layers.len() > MOST_NAMED {
        ("LAYERS".to_owned(), "with LAYERS the list of its columns from the input to the head")
    } else {
        (
            format!("[{}]", layers.iter().map(|layer| format!("{layer:?}")).collect::<Vec<_>>().join(", ")),
            "with its layers from the input to the head",
        )
    };
    let rename = if step == "step" { String::new() } else { format!(".rename(columns={{\"{step}\": \"step\"}})") };
    let (axes, values) = axes(plan);
    let python = format!(
        "pandas.read_csv({name:?}){rename}.melt([\"step\"], {list}, \"layer\", \"grad_norm\").dropna().assign({axes}{more})"
    );
    format!(
        "A trace has a row for each run, step and layer. In Python, for each run, {which}{values}: {}",
        saved(&python)
    )
}

/// Appends a data frame to the trace.
fn saved(python: &str) -> String {
    format!("{python}.to_csv(\"trace.csv\", mode=\"a\", index=False)")
}

/// The axes as arguments of `assign`, and what to write for those that differ from run to run: nobody knows which run the
/// table is of.
fn axes(plan: &Plan) -> (String, String) {
    const RUNS: usize = 1000;
    const SHOWN: usize = 4;
    let python = |cell: &Shown| match cell {
        Shown::Bool(true) => "True".to_owned(),
        Shown::Bool(false) => "False".to_owned(),
        Shown::Int(_) | Shown::Float(_) => cell.to_string(),
        Shown::Text(text) => format!("{text:?}"),
    };
    let runs: Vec<Vec<Shown>> = plan.runs().take(RUNS).map(|run| plan.axis_cells(run)).collect();
    let (mut arguments, mut words) = (String::new(), String::new());
    for (i, column) in plan.columns().iter().enumerate() {
        let mut values: Vec<String> = Vec::new();
        for cell in runs.iter().map(|cells| python(&cells[i])) {
            if values.len() <= SHOWN && !values.contains(&cell) {
                values.push(cell);
            }
        }
        let name = &column.name;
        if let [value] = values.as_slice() {
            write!(arguments, "{name}={value}, ").expect("a String takes all text");
        } else {
            let upper = name.to_uppercase();
            let more = if values.len() > SHOWN { ", .." } else { "" };
            values.truncate(SHOWN);
            write!(arguments, "{name}={upper}, ").expect("a String takes all text");
            write!(words, ", {upper} its own value ({}{more})", values.join(", ")).expect("a String takes all text");
        }
    }
    (arguments, words)
}
