//! `vgrun theory`: what the mean field says of every point of a grid.

use crate::cli::arguments::Config;
use clap::Args;
use std::collections::{HashMap, HashSet};
use std::io::{self, IsTerminal as _};

use crate::analysis::{Outlook, Predictor};
use crate::data::{DataError, DataSpec, Dataset, Moments};
use crate::plan::Plan;
use crate::spec::{KEYS, RunSpec};
use crate::tables::text_cell;
use crate::theory::Fate;

use crate::cli::limits;
use crate::cli::session::error::CliError;
use crate::cli::session::load::load_config;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::{decades, signed};
use crate::cli::terminal::print::out;
use crate::cli::terminal::table::table;

/// Arguments of `theory`.
#[derive(Debug, Args)]
pub(crate) struct TheoryArguments {
    #[command(flatten)]
    pub(crate) config: Config,
    /// Print one CSV row per run, as is done where standard output is no terminal
    #[arg(long)]
    pub(crate) csv: bool,
}

pub(crate) fn run(arguments: &TheoryArguments) -> Result<Exit, CliError> {
    let plan = load_config(&arguments.config, false)?;
    limits::theory::check_limits(&arguments.config.path, &plan)?;
    if arguments.csv || !io::stdout().is_terminal() {
        csv(&plan)?;
    } else {
        out(text(&plan)?.trim_end())?;
    }
    Ok(Exit::Fine)
}

/// Looks at one run after the other.
#[derive(Default)]
struct Oracle {
    predictor: Predictor,
    /// The moments of the data sets so far, by seed: a grid has many seeds and few descriptions beside them.
    moments: HashMap<u64, Vec<(DataSpec, Moments)>>,
}

impl Oracle {
    fn outlook(&mut self, spec: &RunSpec) -> Result<Outlook, DataError> {
        let inputs = self.inputs(&spec.data)?;
        Ok(self.predictor.outlook(spec, inputs))
    }

    /// The moments of a data set, which is loaded if none of its description was before. Of the data nothing is kept.
    fn inputs(&mut self, data: &DataSpec) -> Result<Moments, DataError> {
        let known = self.moments.entry(data.seed).or_default();
        if let Some((_, moments)) = known.iter().find(|(known, _)| known == data) {
            return Ok(*moments);
        }
        let moments = Dataset::load(data)?.moments();
        known.push((data.clone(), moments));
        Ok(moments)
    }
}

/// One row per run.
fn csv(plan: &Plan) -> Result<(), CliError> {
    const COLUMNS: [&str; 13] = [
        "run_id",
        "fate",
        "q_star",
        "chi",
        "factor_per_layer",
        "depth_scale_layers",
        "trainable_depth",
        "predicted_decades_per_layer",
        "predicted_gradient_decades",
        "predicted_bias",
        "predicted_spread",
        "predicted_decades_per_step",
        "predicted_time_decades",
    ];
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(io::stdout().lock());
    let axes = plan.columns().iter().map(|column| column.name.as_str());
    writer.write_record(["run"].into_iter().chain(axes).chain(COLUMNS))?;
    let mut oracle = Oracle::default();
    for run in plan.runs() {
        let outlook = oracle.outlook(&plan.spec(run))?;
        let fate = outlook.limit.map(|limit| limit.fate);
        let axes: Vec<String> =
            plan.axis_cells(run).iter().map(|cell| text_cell(&cell.to_string()).into_owned()).collect();
        let numbers = [
            fate.map_or(f64::NAN, Fate::q),
            outlook.limit.map_or(f64::NAN, |limit| limit.chi),
            outlook.factor_per_layer(),
            outlook.depth_scale(),
            outlook.trainable_depth,
            outlook.prediction.decades_per_layer,
            outlook.prediction.gradient_decades,
            outlook.prediction.bias,
            outlook.prediction.spread,
            outlook.prediction.decades_per_step,
            outlook.prediction.time_decades,
        ];
        let fate = fate.map_or("none", Fate::name);
        writer.serialize((run, axes, plan.id(run).to_string(), fate, numbers))?;
    }
    writer.flush()?;
    Ok(())
}

/// A column of the terminal's table, and how it shows an outlook.
type OutlookColumn = (&'static str, fn(&Outlook) -> String);

const LAYERS: [OutlookColumn; 7] = [
    ("q*", |outlook| outlook.limit.map_or(NONE.into(), |limit| fate(limit.fate))),
    ("chi", |outlook| outlook.limit.map_or(NONE.into(), |limit| plain(limit.chi, 4))),
    ("factor", |outlook| plain(outlook.factor_per_layer(), 4)),
    ("scale", |outlook| plain(outlook.depth_scale(), 1)),
    ("deepest", |outlook| plain(outlook.trainable_depth, 0)),
    ("decades/layer", |outlook| or_none(outlook.prediction.decades_per_layer, |x| signed(x, 3))),
    ("in all", |outlook| or_none(outlook.prediction.gradient_decades, decades)),
];

const TIME: [OutlookColumn; 3] = [
    ("factor/time step", |outlook| plain(outlook.factor_per_step(), 4)),
    ("decades/time step", |outlook| or_none(outlook.prediction.decades_per_step, |x| signed(x, 3))),
    ("through time", |outlook| or_none(outlook.prediction.time_decades, decades)),
];

/// How far single nets are from that: across the layers, of a recurrent net through time.
const ONE_NET: [OutlookColumn; 2] = [
    ("width bias", |outlook| or_none(outlook.prediction.bias, |x| signed(x, 2))),
    ("spread", |outlook| or_none(outlook.prediction.spread, |x| format!("{x:.2}"))),
];

/// What stands where the theory has no number.
const NONE: &str = "-";

/// What the columns of nets across their layers are.
const ABOUT_LAYERS: &str = "\
q*: what the mean square of z tends to in many layers; chi: the factor on an error's mean square per layer there, factor
its root, scale = 1 / |ln chi| in layers; deepest = 6 scales, as far as plain nets, and these alone, were seen to train
(Schoenholz et al. 2017). Of these very nets and data: decades by which errors grow (+) or shrink (-) per layer, and in
all, from layer L to layer 1.
";

/// What those of nets through time are.
const ABOUT_TIME: &str = "\
Through time: the factor on an error and its decades per time step back; in all, at the whole state (h, of an lstm h
and c): its error at the first time step over that at the last but one.
";

/// What those of single nets are.
const ABOUT_ONE_NET: &str = "\
Width bias: by how much the mean over seeds differs from the decades in all (through time) at this width and batch size;
spread: the standard deviation of one seed.
";

/// Why some places are empty.
const ABOUT_NONE: &str = "\
-: no number that such nets would follow; vgrun guide theory says where.
";

/// One row per cell of the grid, with the data of its first run.
fn text(plan: &Plan) -> Result<String, DataError> {
    let axes: Vec<usize> = (0..plan.columns().len()).filter(|&i| KEYS[plan.columns()[i].key].name != "seed").collect();
    let has_layers = !plan.is_recurrent();
    let has_time = plan.runs().any(|run| plan.spec(run).model.kind.is_recurrent());
    let layers = LAYERS.iter().filter(|_| has_layers);
    let columns: Vec<&OutlookColumn> = layers.chain(TIME.iter().filter(|_| has_time)).chain(&ONE_NET).collect();
    let mut header: Vec<String> = axes.iter().map(|&i| plan.columns()[i].name.clone()).collect();
    header.extend(columns.iter().map(|(name, _)| (*name).to_owned()));
    let (mut oracle, mut seen, mut rows) = (Oracle::default(), HashSet::new(), Vec::new());
    for run in plan.runs().filter(|&run| seen.insert(plan.cell(run))) {
        let outlook = oracle.outlook(&plan.spec(run))?;
        let values = plan.axis_values(run);
        let mut row: Vec<String> = axes.iter().map(|&i| values[i].to_string()).collect();
        row.extend(columns.iter().map(|(_, show)| show(&outlook)));
        rows.push(row);
    }
    let has_none = rows.iter().any(|row| row[axes.len()..].iter().any(|cell| cell == NONE));
    let about = [(ABOUT_LAYERS, has_layers), (ABOUT_TIME, has_time), (ABOUT_ONE_NET, true), (ABOUT_NONE, has_none)];
    let about: String = about.iter().filter(|(_, shown)| *shown).map(|(about, _)| *about).collect();
    let name = &plan.experiment().name;
    Ok(format!("{name}: what the mean field says at initialisation\n\n{}\n{about}", table((header, rows))))
}

/// What becomes of q in a word.
fn fate(fate: Fate) -> String {
    match fate {
        Fate::FixedPoint(q) => plain(q, 4),
        Fate::Neutral => "neutral".into(),
        Fate::Vanishes => "-> 0".into(),
        Fate::VanishesSlowly => "-> 0, slowly".into(),
        Fate::Diverges => "-> inf".into(),
        Fate::DivergesSlowly => "-> inf, slowly".into(),
    }
}

/// A number with so many decimals, or with an exponent where these would say nothing.
fn plain(x: f64, decimals: usize) -> String {
    or_none(x, |x| {
        let readable = x == 0.0 || (1e-3..1e6).contains(&x) || x.is_infinite();
        if readable { format!("{x:.decimals$}") } else { format!("{x:.1e}") }
    })
}

fn or_none(x: f64, show: impl Fn(f64) -> String) -> String {
    if x.is_nan() { NONE.into() } else { show(x) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn shown(config: &str) -> String {
        let text = format!("name = \"a\"\n{config}\n");
        super::text(&crate::plan::plan(&crate::config::Source::new("test.toml", text.as_str()), &[]).unwrap()).unwrap()
    }

    #[test]
    fn a_terminal_shows_one_row_for_all_seeds_and_says_what_its_columns_are() {
        let grid = "[run]\ndata.source = \"blobs\"\nmodel.depth = 10\n[grid]\nmodel.activation = [\"sigmoid\", \"relu\", \
                    \"tanh\"]\nmodel.init = [\"xavier\", \"he\"]\nmodel.layer_norm = [false, true]\nseed = [0, 1]";
        insta::assert_snapshot!("theory_layers", shown(grid));
    }

    #[test]
    fn a_terminal_shows_the_factor_per_time_step_of_recurrent_nets_and_no_layers() {
        let grid = "[run]\ndata.source = \"noise\"\ndata.std = 0.0\ndata.length = 20\nmodel.depth = 1\nmodel.width = 64\n\
                    model.init = \"orthogonal\"\nmodel.activation = \"tanh\"\n[grid]\nmodel.kind = [\"rnn\", \"gru\"]";
        insta::assert_snapshot!("theory_time", shown(grid));
    }

    #[test]
    fn no_column_has_the_name_of_a_key() {
        let names = |columns: &[OutlookColumn]| columns.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let all = [names(&LAYERS), names(&TIME), names(&ONE_NET)].concat();
        assert!(KEYS.iter().all(|key| !all.contains(&key.short_name())));
    }

    #[test]
    fn numbers_are_shown_in_the_digits_that_say_something() {
        assert_eq!([plain(0.264_687, 4), plain(3e-5, 4), plain(f64::INFINITY, 1)], ["0.2647", "3.0e-5", "inf"]);
        assert_eq!([plain(0.0, 4), plain(f64::NAN, 4), plain(2.08, 0)], ["0.0000", "-", "2"]);
    }
}
