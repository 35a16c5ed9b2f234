//! The files of the tables being written: rows stream into temporary files that take their places together at the end.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::axes::SweptAxes;
use super::cell::CellValue;
use super::effect_row::EffectRow;
use super::fields::table_fields;
use super::headline::Headline;
use super::rows::TableRun;
use super::summary;
use super::table_rows::{TableRows, TableTexts};
use crate::config::Table;
use crate::spec::{Precision, Shown};
use crate::store::{AtomicFile, StoreError};

/// The tables of a results folder while they are written. Nothing is replaced before [`TableFiles::finish`].
#[derive(Debug)]
pub(super) struct TableFiles {
    folder: PathBuf,
    axes: SweptAxes,
    rows: TableRows<AtomicFile>,
}

impl TableFiles {
    /// Begins the tables `which` of a results folder.
    pub(super) fn create(folder: &Path, which: &[Table], axes: SweptAxes) -> Result<Self, StoreError> {
        let mut rows = TableRows::new();
        for table in Table::ALL.into_iter().filter(|table| which.contains(table)) {
            let file = AtomicFile::create(folder, table.file())?;
            let header: Vec<String> = table_fields(table, &axes).into_iter().map(|field| field.name).collect();
            rows.open(table, file).record(&header)?;
        }
        Ok(Self { folder: folder.to_path_buf(), axes, rows })
    }

    /// Writes everything about one run; runs come in the plan's order.
    ///
    /// # Panics
    /// If the run has more or fewer axes than the tables.
    pub(super) fn run(&mut self, run: &TableRun<'_>) -> Result<(), StoreError> {
        assert_eq!(run.axes.len(), self.axes.names().len(), "a run has a value on each axis");
        self.rows.run(run)
    }

    /// Writes the rows of runs whose text was made elsewhere; the first of them is the next in the plan's order.
    pub(super) fn append(&mut self, texts: &TableTexts) -> Result<(), StoreError> {
        self.rows.append(texts)
    }

    /// Writes a cell of the grid; cells come in the order of their first runs. `axes` and `precision`
    /// are those of any of its runs.
    ///
    /// # Panics
    /// If there are more or fewer axes than the tables have.
    pub(super) fn cell(&mut self, axes: &[Shown], precision: Precision, runs: &[Headline]) -> Result<(), StoreError> {
        assert_eq!(axes.len(), self.axes.names().len(), "a run has a value on each axis");
        let axes: Vec<&Shown> = self.axes.of_cell(axes).collect();
        let Some(table) = self.rows.table(Table::Summary) else { return Ok(()) };
        let cells = axes.into_iter().map(CellValue::from).chain(summary::cells(runs));
        // Means and intervals have no run's precision; the least and the greatest value are those of a run.
        table.row(precision, cells)
    }

    /// Writes what a change of an axis does; rows come in the order of the axes and of their values.
    pub(super) fn effect(&mut self, row: &EffectRow<'_>) -> Result<(), StoreError> {
        let Some(effects) = self.rows.table(Table::Effects) else { return Ok(()) };
        // All its numbers are taken over several runs, and so they have no run's precision.
        effects.row(Precision::F64, row.cells().into_iter())
    }

    /// Puts all tables in their places, and removes those that were not asked for: they would show an older sweep.
    pub(super) fn finish(self) -> Result<(), StoreError> {
        let files = self.rows.into_sinks()?;
        let kept: Vec<PathBuf> = files.iter().map(|file| file.path().to_path_buf()).collect();
        for file in files {
            file.publish()?;
        }
        for path in Table::ALL.map(|table| self.folder.join(table.file())) {
            if !kept.contains(&path)
                && let Err(e) = fs::remove_file(&path)
                && e.kind() != ErrorKind::NotFound
            {
                return Err(StoreError::io("remove", &path)(e));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::analysis::{Cause, LayerSummary, Prediction, Summary, Verdict, Why};
    use crate::data::TargetKind;
    use crate::metric::RowStatus;
    use crate::nn::SiteName;
    use crate::spec::{KEYS, RunId, RunSpec};
    use crate::store::fixtures::{recurrent_trace, trace};
    use crate::tables::rows::MeasuredRun;
    use crate::trace::{Outcome, Trace};
    use std::sync::LazyLock;
    use tempfile::TempDir;

    /// The prediction of a net with one hidden layer.
    static PREDICTION: Prediction = Prediction {
        log10_delta: Vec::new(),
        decades_per_layer: -0.125,
        gradient_decades: 0.0,
        bias: -0.25,
        spread: 0.5,
        widest_spread: 0.75,
        log10_dh: Vec::new(),
        decades_per_step: f64::NAN,
        time_decades: f64::NAN,
    };

    fn summary(learned: bool) -> Summary {
        let layer = LayerSummary {
            log10_delta_rms_init: -1.0,
            log10_delta_rms_mean: -2.0,
            log10_delta_rms_last: f64::NEG_INFINITY,
            log10_grad_norm_init: -4.0,
            log10_grad_norm_mean: -5.0,
            log10_grad_norm_last: -6.0,
            log10_relative_update_mean: -7.0,
            moved: 0.5,
        };
        Summary {
            verdict: Verdict::Vanishing,
            why: Why { cause: Cause::Activation, ..Why::NONE },
            learned,
            init_decades_per_layer: -0.1,
            last_decades_per_layer: f64::NEG_INFINITY,
            init_gradient_decades: -2.0,
            last_gradient_decades: -3.0,
            init_decades_per_step: f64::NAN,
            last_decades_per_step: f64::NAN,
            init_time_decades: f64::NAN,
            last_time_decades: f64::NAN,
            first_moved: 0.5,
            first_over_last_moved: 0.25,
            layers: vec![layer; 2],
        }
    }

    fn axes() -> SweptAxes {
        axes_of(&["model.activation", "train.learning_rate", "seed"])
    }

    fn axes_of(keys: &[&str]) -> SweptAxes {
        let column = |name: &&str| {
            let key = crate::spec::key_index(name).unwrap();
            crate::plan::AxisColumn { key, name: KEYS[key].short_name().into() }
        };
        SweptAxes::new(&keys.iter().map(column).collect::<Vec<_>>())
    }

    fn values(seed: u64) -> [Shown; 3] {
        [Shown::Text("relu".into()), Shown::Float(0.1), Shown::Int(seed)]
    }

    fn read(folder: &TempDir, name: &str) -> Vec<String> {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.ends_with('\n') && !text.contains('\r'));
        text.lines().map(str::to_owned).collect()
    }

    /// The sites of a net of one hidden layer.
    fn sites() -> &'static [SiteName] {
        static SITES: LazyLock<Vec<SiteName>> = LazyLock::new(|| {
            let mut model = RunSpec::default().model;
            model.depth = std::num::NonZeroUsize::MIN;
            model.sites()
        });
        &SITES
    }

    /// A run in f32 that learned classes and was tested.
    fn table_run<'a>(run: usize, axes: &'a [Shown], measured: MeasuredRun<'a>) -> TableRun<'a> {
        let (id, target) = (RunId(run as u64), TargetKind::Class);
        TableRun { run, id, axes, precision: Precision::F32, target, test_examples: 9, sites: sites(), measured }
    }

    /// A diverged run in f32, a failed one and one in f64, each with its cell of the first two.
    fn written(which: &[Table]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        write_into(&folder, which);
        folder
    }

    fn write_into(folder: &TempDir, which: &[Table]) {
        let (mut ended, said) = (trace(1e-40), summary(true));
        ended.layers[1].grad_norm = f64::from(0.1_f32);
        ended.layers[3].status = RowStatus::Nan;
        let mut other = ended.clone();
        other.outcome.diverged_at = None;
        other.outcome.loss_last = 0.5;
        let said_of_other = summary(false);
        let mut tables = TableFiles::create(folder.path(), which, axes()).unwrap();
        let mut headlines = Vec::new();
        for (run, precision, measured) in [
            (0, Precision::F32, MeasuredRun::Done(&ended, &said, &PREDICTION)),
            (1, Precision::F32, MeasuredRun::Failed),
            (2, Precision::F64, MeasuredRun::Done(&other, &said_of_other, &PREDICTION)),
        ] {
            let values = values(run as u64);
            let run = TableRun { precision, ..table_run(run, &values, measured) };
            tables.run(&run).unwrap();
            headlines.push(Headline::of(&run));
        }
        tables.cell(&values(0), Precision::F64, &headlines).unwrap();
        tables.finish().unwrap();
    }

    #[test]
    fn runs_csv_has_a_row_for_every_run_failed_ones_included() {
        let folder = written(&Table::ALL);
        assert_eq!(
            read(&folder, "runs.csv"),
            [
                "run,activation,learning_rate,seed,run_id,status,verdict,learned,loss_first,loss_last,accuracy_last,\
                 test_loss,test_accuracy,init_decades_per_layer,last_decades_per_layer,init_gradient_decades,\
                 last_gradient_decades,init_decades_per_step,last_decades_per_step,init_time_decades,\
                 last_time_decades,first_moved,first_over_last_moved,diverged_at,parameters,\
                 predicted_decades_per_layer,predicted_decades_per_step,predicted_gradient_decades,\
                 predicted_time_decades,theory_z,cause",
                "0,relu,0.1,0,r0000000000000000,diverged,vanishing,true,2.5,NaN,0.25,inf,0.125,-0.1,-inf,-2.0,-3.0,NaN,NaN,NaN,NaN,0.5,0.25,7,300,-0.125,NaN,0.0,NaN,-3.5,activation",
                "1,relu,0.1,1,r0000000000000001,failed,none,false,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,NaN,-1,-1,NaN,NaN,NaN,NaN,NaN,none",
                "2,relu,0.1,2,r0000000000000002,ok,vanishing,false,2.5,0.5,0.25,inf,0.125,-0.1,-inf,-2.0,-3.0,NaN,NaN,NaN,NaN,0.5,0.25,-1,300,-0.125,NaN,0.0,NaN,-3.5,activation",
            ]
        );
    }

    #[test]
    fn layers_csv_has_a_row_for_every_layer_and_the_head_last() {
        let rows = read(&written(&Table::ALL), "layers.csv");
        assert_eq!(
            rows[..3],
            [
                "run,activation,learning_rate,seed,layer,site,block,role,log10_delta_rms_init,log10_delta_rms_mean,\
                 log10_delta_rms_last,log10_grad_norm_init,log10_grad_norm_mean,log10_grad_norm_last,\
                 log10_relative_update_mean,moved,predicted_log10_delta,deviation_decades",
                "0,relu,0.1,0,1,layers.1,0,hidden,-1.0,-2.0,-inf,-4.0,-5.0,-6.0,-7.0,0.5,NaN,NaN",
                "0,relu,0.1,0,2,head,0,head,-1.0,-2.0,-inf,-4.0,-5.0,-6.0,-7.0,0.5,NaN,NaN",
            ]
        );
        assert_eq!(rows.len(), 1 + 2 * 2, "a failed run has no layers");
    }

    #[test]
    fn steps_csv_and_trace_csv_have_the_traced_steps() {
        let folder = written(&Table::ALL);
        let steps = read(&folder, "steps.csv");
        assert_eq!(
            steps[..3],
            [
                "run,activation,learning_rate,seed,step,loss,accuracy,total_grad_norm,clip_factor",
                "0,relu,0.1,0,0,2.0,0.5,-inf,1.0",
                "0,relu,0.1,0,9,2.0,0.5,-inf,1.0",
            ]
        );
        let rows = read(&folder, "trace.csv");
        assert_eq!(
            rows[..5],
            [
                "run,activation,learning_rate,seed,step,layer,site,block,role,grad_norm,delta_rms,log10_grad_norm,log10_delta_rms,weight_norm,update_norm,\
                 relative_update,moved,act_mean,act_std,zero_fraction,saturated_fraction,weight_gain,\
                 activation_gain,norm_gain,branch_share,status",
                "0,relu,0.1,0,0,1,layers.1,0,hidden,1e-40,1e-40,1e-40,-1e-40,1.0,0.5,0.5,0.25,0.0,1.0,0.0,0.0,1e-40,-1e-40,0.0,1.0,underflow",
                "0,relu,0.1,0,0,2,head,0,head,0.1,1e-40,1e-40,-1e-40,1.0,0.5,0.5,0.25,0.0,1.0,0.0,0.0,1e-40,-1e-40,0.0,1.0,underflow",
                "0,relu,0.1,0,9,1,layers.1,0,hidden,1e-40,1e-40,1e-40,-1e-40,1.0,0.5,0.5,0.25,0.0,1.0,0.0,0.0,1e-40,-1e-40,0.0,1.0,underflow",
                "0,relu,0.1,0,9,2,head,0,head,1e-40,1e-40,1e-40,-1e-40,1.0,0.5,0.5,0.25,0.0,1.0,0.0,0.0,1e-40,-1e-40,0.0,1.0,not_a_number",
            ]
        );
        assert!(rows[6].starts_with("2,relu,0.1,2,0,2,head,0,head,0.10000000149011612,"), "{}", rows[6]);
        assert_eq!((steps.len(), rows.len()), (1 + 4, 1 + 8));
    }

    /// A feed-forward run, and a recurrent one beside it; and what the cell of both says.
    fn written_with_a_recurrent_run() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (mut flat, mut recurrent) = (trace(1.0), recurrent_trace(1e-40));
        let mut said = summary(true);
        said.last_decades_per_layer = -0.2;
        for trace in [&mut flat, &mut recurrent] {
            trace.outcome = Outcome { diverged_at: None, loss_last: 0.5, test_loss: 0.75, ..trace.outcome };
        }
        let mut said_of_recurrent = said.clone();
        said_of_recurrent.init_decades_per_layer = f64::NAN;
        said_of_recurrent.last_decades_per_layer = f64::NAN;
        said_of_recurrent.init_decades_per_step = -0.25;
        (said_of_recurrent.init_time_decades, said_of_recurrent.last_time_decades) = (-1.5, -2.5);
        said_of_recurrent.last_decades_per_step = -0.5;
        let mut tables = TableFiles::create(folder.path(), &Table::ALL, axes()).unwrap();
        let mut headlines = Vec::new();
        for (run, measured) in [
            (0, MeasuredRun::Done(&flat, &said, &PREDICTION)),
            (1, MeasuredRun::Done(&recurrent, &said_of_recurrent, &PREDICTION)),
        ] {
            let values = values(run as u64);
            let run = table_run(run, &values, measured);
            tables.run(&run).unwrap();
            headlines.push(Headline::of(&run));
        }
        tables.cell(&values(0), Precision::F32, &headlines).unwrap();
        tables.finish().unwrap();
        folder
    }

    #[test]
    fn time_csv_has_the_time_steps_of_recurrent_layers_alone() {
        let rows = read(&written_with_a_recurrent_run(), "time.csv");
        assert_eq!(
            rows[..4],
            [
                "run,activation,learning_rate,seed,step,layer,t,lag,dh_rms,dc_rms,state_rms,log10_state_rms,h_rms,status",
                "1,relu,0.1,1,0,1,1,2,0.0,1e-40,1e-40,-40.0,0.5,underflow",
                "1,relu,0.1,1,0,1,2,1,1e-40,NaN,1e-40,-40.0,0.5,underflow",
                "1,relu,0.1,1,0,1,3,0,0.1,2.0,2.0024984,0.30157217,0.5,ok",
            ]
        );
        assert!(rows[4].starts_with("1,relu,0.1,1,9,1,1,2,"), "{}", rows[4]);
        assert_eq!(rows.len(), 1 + 2 * 3, "a feed-forward run has no time steps, the head neither");
    }

    #[test]
    fn gates_csv_has_the_gates_in_the_order_of_their_weights() {
        let rows = read(&written_with_a_recurrent_run(), "gates.csv");
        assert_eq!(
            rows[..5],
            [
                "run,activation,learning_rate,seed,step,layer,gate,mean,saturated_fraction",
                "1,relu,0.1,1,0,1,input,0.25,0.125",
                "1,relu,0.1,1,0,1,forget,0.25,0.125",
                "1,relu,0.1,1,0,1,cell,0.25,0.125",
                "1,relu,0.1,1,0,1,output,0.25,0.125",
            ]
        );
        assert_eq!(rows.len(), 1 + 2 * 4);
    }

    #[test]
    fn slopes_through_time_are_columns_of_every_run_and_their_lack_is_no_failure() {
        let folder = written_with_a_recurrent_run();
        let rows = read(&folder, "runs.csv");
        assert!(
            rows[1]
                .ends_with(",-0.1,-0.2,-2.0,-3.0,NaN,NaN,NaN,NaN,0.5,0.25,-1,300,-0.125,NaN,0.0,NaN,-3.5,activation"),
            "{}",
            rows[1]
        );
        assert!(
            rows[2].ends_with(
                ",NaN,NaN,-2.0,-3.0,-0.25,-0.5,-1.5,-2.5,0.5,0.25,-1,300,-0.125,NaN,0.0,NaN,-3.5,activation"
            ),
            "{}",
            rows[2]
        );
        let summary = read(&folder, "summary.csv");
        let value = |name: &str| {
            let at = summary[0].split(',').position(|h| h == name).unwrap();
            summary[1].split(',').nth(at).unwrap()
        };
        assert_eq!((value("n"), value("n_not_finite")), ("2", "0"));
        assert_eq!((value("init_decades_per_step_n"), value("init_decades_per_step_mean")), ("1", "-0.25"));
        assert_eq!((value("init_decades_per_layer_n"), value("init_decades_per_layer_min")), ("1", "-0.1"));
    }

    #[test]
    fn a_slope_that_applies_and_is_not_finite_counts() {
        let (flat, recurrent, values) = (trace(1.0), recurrent_trace(1.0), values(0));
        let deep = Trace { layers: vec![flat.layers[0]; 6], ..flat.clone() };
        let is_finite = |trace: &Trace, summary: &Summary| {
            let mut trace = trace.clone();
            trace.outcome = Outcome { loss_last: 0.5, test_loss: 0.75, ..trace.outcome };
            let measured = MeasuredRun::Done(&trace, summary, &PREDICTION);
            Headline::of(&table_run(0, &values, measured)).is_finite
        };
        let said = Summary { last_decades_per_layer: -0.2, ..summary(true) };
        let flawed = Summary { init_decades_per_layer: f64::NAN, ..said.clone() };
        assert!(is_finite(&deep, &said) && !is_finite(&deep, &flawed));
        assert!(is_finite(&flat, &flawed), "one hidden layer has no slope");
        assert!(!is_finite(&recurrent, &said), "its slopes through time are NaN");
        let of_time = Summary {
            init_decades_per_step: -0.1,
            last_decades_per_step: -0.1,
            init_time_decades: -0.1,
            last_time_decades: -0.1,
            ..said
        };
        assert!(is_finite(&recurrent, &of_time));
        let infinite = Summary { last_decades_per_step: f64::NEG_INFINITY, ..of_time };
        assert!(!is_finite(&recurrent, &infinite));
    }

    #[test]
    fn an_accuracy_of_numbers_and_a_test_without_examples_are_no_failure_but_a_divergence_is() {
        let (said, values, nan) = (Summary { last_decades_per_layer: -0.2, ..summary(true) }, values(0), f64::NAN);
        let is_finite = |target, test_examples, [accuracy_last, test_loss, test_accuracy]: [f64; 3]| {
            let mut trace = trace(1.0);
            trace.outcome = Outcome { loss_last: 0.5, accuracy_last, test_loss, test_accuracy, ..trace.outcome };
            let run = table_run(0, &values, MeasuredRun::Done(&trace, &said, &PREDICTION));
            Headline::of(&TableRun { target, test_examples, ..run }).is_finite
        };
        assert!(is_finite(TargetKind::Regression, 9, [nan, 0.5, nan]));
        assert!(is_finite(TargetKind::Regression, 0, [nan; 3]));
        assert!(is_finite(TargetKind::Class, 0, [0.5, nan, nan]));
        assert!(!is_finite(TargetKind::Regression, 9, [nan; 3]), "not tested, as it diverged");
        assert!(!is_finite(TargetKind::Class, 0, [nan; 3]));
        assert!(!is_finite(TargetKind::Class, 9, [0.5, nan, 0.5]));
        assert!(!is_finite(TargetKind::Class, 9, [0.5, 0.5, nan]));
    }

    #[test]
    fn summary_csv_has_a_row_for_every_cell_without_run_and_seed() {
        let rows = read(&written(&Table::ALL), "summary.csv");
        assert_eq!(rows.len(), 2);
        let header: Vec<&str> = rows[0].split(',').collect();
        let cells: Vec<&str> = rows[1].split(',').collect();
        let beginning = "activation,learning_rate,n,n_not_finite,n_failed,loss_last_mean,loss_last_sd,\
                         loss_last_ci95_low,loss_last_ci95_high,loss_last_min,loss_last_max,loss_last_n,\
                         loss_last_n_minus_inf,loss_last_n_nan,loss_last_n_plus_inf,accuracy_last_mean,";
        assert!(rows[0].starts_with(beginning), "{}", rows[0]);
        assert!(rows[0].ends_with(
            ",first_over_last_moved_n,first_over_last_moved_n_minus_inf,first_over_last_moved_n_nan,\
             first_over_last_moved_n_plus_inf,predicted_decades_per_layer,init_decades_per_layer_z,predicted_decades_per_step,\
             init_decades_per_step_z,predicted_gradient_decades,predicted_time_decades,theory_z,learned_share,learned_share_ci95_low,learned_share_ci95_high,\
             n_diverged,n_dead,n_saturated,n_exploding,n_vanishing,n_recovered,n_healthy"
        ));
        assert_eq!(header.len(), 2 + 3 + 14 * 10 + 4 + 3 + 3 + 7);
        assert_eq!(cells.len(), header.len());
        let value = |name: &str| cells[header.iter().position(|h| *h == name).unwrap()];
        for (name, expected) in [
            ("activation", "relu"),
            ("learning_rate", "0.1"),
            ("n", "3"),
            ("n_not_finite", "3"),
            ("n_failed", "1"),
            ("loss_last_mean", "0.5"),
            ("loss_last_sd", "NaN"),
            ("loss_last_n", "1"),
            ("test_loss_mean", "NaN"),
            ("test_loss_n", "0"),
            ("accuracy_last_mean", "0.25"),
            ("accuracy_last_sd", "0.0"),
            ("accuracy_last_ci95_high", "0.25"),
            ("last_gradient_decades_min", "-3.0"),
            ("last_gradient_decades_n", "2"),
            ("predicted_decades_per_layer", "-0.125"),
            ("predicted_decades_per_step", "NaN"),
            ("init_decades_per_step_z", "NaN"),
            ("predicted_gradient_decades", "0.0"),
            ("theory_z", "-3.5"),
            ("learned_share", "0.5"),
            ("learned_share_ci95_low", "0.09453120573423071"),
            ("learned_share_ci95_high", "0.9054687942657693"),
            ("n_vanishing", "2"),
            ("n_healthy", "0"),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
    }

    #[test]
    fn the_headline_is_rounded_as_runs_csv_shows_it() {
        let (ended, said, values) = (trace(1.0), summary(true), values(0));
        let measured = MeasuredRun::Done(&ended, &said, &PREDICTION);
        assert_eq!(Headline::of(&table_run(0, &values, measured)).values[4], f64::from(-0.1_f32));
    }

    #[test]
    fn only_the_tables_asked_for_are_there_and_no_temporary_file() {
        let folder = written(&Table::ALL);
        let names = || {
            let mut names: Vec<_> =
                fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        assert_eq!(
            names(),
            ["effects.csv", "gates.csv", "layers.csv", "runs.csv", "steps.csv", "summary.csv", "time.csv", "trace.csv"]
        );
        write_into(&folder, &[Table::Runs]);
        assert_eq!(names(), ["runs.csv"]);
        let before = read(&folder, "runs.csv");
        drop(TableFiles::create(folder.path(), &Table::ALL, axes()).unwrap());
        assert_eq!(names(), ["runs.csv"]);
        assert_eq!(read(&folder, "runs.csv"), before);
    }

    #[test]
    fn a_sweep_without_runs_has_headers() {
        let folder = tempfile::tempdir().unwrap();
        TableFiles::create(folder.path(), &Table::ALL, axes_of(&[])).unwrap().finish().unwrap();
        for table in Table::ALL {
            let rows = read(&folder, &table.file());
            assert_eq!(rows.len(), 1);
            assert_eq!(rows[0].starts_with("run,"), ![Table::Summary, Table::Effects].contains(&table));
        }
    }
}
