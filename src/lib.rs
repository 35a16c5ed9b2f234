//! vgrun measures vanishing and exploding gradients: it expands a TOML grid of neural networks, trains every one in
//! parallel, and writes the gradient norms that each layer saw to CSV.
//!
//! # The map
//!
//! Data flows one way: config -> plan -> what the store lacks -> sweep (train) -> events -> {store, progress} -> analysis
//! -> tables. A module may import only the modules its row names; `tests/tidy.rs` reads this table and fails otherwise.
//!
//! | module | what lives there | may import |
//! |---|---|---|
//! | `names` | the macro for enums whose variants have names | - |
//! | `kernels` | slices in, slices out: products, elementwise functions, reductions; the only place for unsafe code | - |
//! | `stats` | statistics of a few numbers: mean, spread, intervals of means and shares, Student's t, Welch's difference, Holm's procedure | kernels |
//! | `seed` | (seed, stream) -> random numbers | kernels |
//! | `nn` | a net as data, the ops that it is made of, forward and back, and what it takes; activation, init, loss, optimizer: maths on ndarray | names, kernels, seed |
//! | `data` | data sets: embedded, synthetic, and in the user's files | names, seed, kernels |
//! | `metric` | what one number per layer and time step means; the names of the verdicts | names, nn, kernels |
//! | `theory` | the mean field: what gradients do at initialisation, from an architecture and moments as numbers; opens no file, trains nothing | kernels, nn |
//! | `spec` | `RunSpec`, its keys, its canonical form and id, claims about runs: plain typed data | names, kernels, nn, data, metric |
//! | `config` | TOML text -> `Experiment`, with all errors of a file at once; the schema of that text | names, kernels, metric, spec |
//! | `plan` | `Experiment` -> `Plan`: an index of points, folding, cost, memory, shards | nn, data, spec, config, metric |
//! | `trace` | what one run measured and kept | nn, data, metric |
//! | `train` | (&`RunSpec`, &`Dataset`, step callback) -> `Trained`; no files, threads, clock or printing | kernels, seed, nn, data, metric, spec, trace |
//! | `sweep` | `Plan` -> events: a cost-sorted queue pulled by long-lived workers | kernels, spec, data, plan, trace, train |
//! | `analysis` | verdicts, cells over seeds: trace + spec -> values; what theory says of a spec | names, kernels, stats, nn, data, metric, theory, spec, trace |
//! | `store` | the record log in results/: records, kept files, manifests, locks; knows no verdict | nn, data, spec, config, plan, trace |
//! | `tables` | records and what analysis says of them -> columns, rows, summary, effects, their description and copies | names, stats, nn, data, metric, spec, config, plan, trace, analysis, store |
//! | `check` | claims as tests: runs, expectations and a baseline -> outcomes; two sweeps -> what changed; trains nothing, writes nothing | names, kernels, stats, data, metric, spec, config, plan, trace, analysis |
//! | `report` | stored runs -> what figures are drawn from -> SVG text and a page; trains nothing, opens no file | names, kernels, stats, nn, data, metric, spec, plan, trace, analysis |
//! | `cluster` | array jobs: which task a process is, and the scripts that hand shards in; text in, text out | names |
//! | `guide` | the documentation: a page of Markdown for each topic | - |
//! | `cli` | clap, indicatif, printing, exit codes; a file for each command | kernels, nn, data, metric, theory, spec, config, plan, trace, sweep, analysis, store, tables, check, report, cluster, guide |
//!
//! # As a library
//!
//! What `vgrun sweep` does, without a terminal: a config becomes a plan, its runs are trained and stored, and tables are
//! written of what is stored. A second time, nothing would be left to train.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use vgrun::config::Source;
//! use vgrun::sweep::{self, Conclusion, Control, Options};
//! use vgrun::{plan, store, tables};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = r#"
//!     name = "tiny"
//!     [run]
//!     model.width = 16
//!     train.steps = 20
//!     [grid]
//!     model.depth = [5, 10]
//!     model.activation = ["sigmoid", "tanh"]
//!     seed = [0, 1]
//! "#;
//! let plan = plan::plan(&Source::new("tiny.toml", config), &[]).expect("errors would name line, key and remedy");
//! assert_eq!(plan.len(), 2 * 2 * 2);
//!
//! let results = tempfile::tempdir()?;
//! let (mut writer, _notices) = store::Writer::create(results.path(), "main", &plan)?;
//! let missing: Vec<usize> = plan.order().into_iter().filter(|&run| !writer.store().is_complete(&plan, run)).collect();
//! let options = Options { jobs: std::thread::available_parallelism()?, fail_fast: false, memory: f64::INFINITY };
//! let mut stored = Ok(());
//! let conclusion = sweep::run(&plan, &missing, options, &Control::default(), &mut |ended| {
//!     stored = writer.append(ended.job.id, &ended.record);
//!     if stored.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
//! })?;
//! stored?;
//! assert_eq!(conclusion, Conclusion::Complete);
//!
//! let overview = tables::rebuild(&writer.finish()?, &plan)?;
//! assert_eq!((overview.done(), overview.missing), (8, 0));
//! for (axes, cell) in overview.cells.expect("four cells are few") {
//!     println!("{axes:?}: {:+.1} decades, {} of {} learned", cell.decades(), cell.learned, cell.runs);
//! }
//! assert!(results.path().join("layers.csv").is_file());
//! # Ok(())
//! # }
//! ```

pub mod analysis;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod data;
pub mod guide;
pub mod kernels;
pub mod metric;
mod names;
pub mod nn;
pub mod plan;
pub mod report;
pub mod seed;
pub mod spec;
pub mod stats;
pub mod store;
pub mod sweep;
pub mod tables;
pub mod theory;
pub mod trace;
pub mod train;
