//! vgrun measures vanishing and exploding gradients: it expands a TOML grid of neural networks, trains every one in
//! parallel, and writes the gradient norms that each layer saw to CSV.
//!
//! # The map
//!
//! Data flows one way: config -> plan -> `store.missing` -> sweep (train) -> events -> {store, progress} -> analysis
//! -> tables. A module may import only the modules its row names; `tests/tidy.rs` reads this table and fails otherwise.
//!
//! | module | what lives there | may import |
//! |---|---|---|
//! | `kernels` | slices in, slices out: products, elementwise functions, reductions; the only place for unsafe code | - |
//! | `seed` | (seed, stream) -> random numbers | kernels |
//! | `nn` | activation, init, layers, loss, optimizer, network: shapes and maths on ndarray | kernels, seed |
//! | `data` | data sets: embedded, synthetic, and in the user's files | seed, kernels |
//! | `metric` | what one number per layer and time step means; the names of the verdicts | nn, kernels |
//! | `theory` | the mean field: what gradients do at initialisation, from an architecture and moments as numbers; opens no file, trains nothing | kernels, nn |
//! | `spec` | `RunSpec`, its keys, its canonical form and id, claims about runs: plain typed data | nn, data, metric |
//! | `config` | TOML text -> `Experiment`, with all errors of a file at once; the schema of that text | kernels, metric, spec |
//! | `plan` | `Experiment` -> `Plan`: an index of points, folding, cost, memory, shards | nn, data, spec, config, metric |
//! | `trace` | what one run measured and kept | nn, data, metric |
//! | `train` | (&`RunSpec`, &`Dataset`, step callback) -> `Trained`; no files, threads, clock or printing | kernels, seed, nn, data, metric, spec, trace |
//! | `sweep` | `Plan` -> events: a cost-sorted queue pulled by long-lived workers | kernels, spec, data, plan, trace, train |
//! | `analysis` | verdicts, cells over seeds: trace + spec -> values; what theory says of a spec | kernels, nn, data, metric, theory, spec, trace |
//! | `store` | the only reader and writer of results/ | nn, data, metric, spec, config, plan, trace, analysis |
//! | `check` | claims as tests: runs, expectations and a baseline -> outcomes; trains nothing, writes nothing | kernels, data, metric, spec, config, plan, trace, analysis |
//! | `report` | stored runs -> what figures are drawn from -> SVG text and a page; trains nothing, opens no file | kernels, nn, data, metric, spec, plan, trace, analysis |
//! | `cluster` | array jobs: which task a process is, and the scripts that hand shards in; text in, text out | - |
//! | `cli` | clap, indicatif, printing, exit codes; one file per subcommand | kernels, nn, data, metric, theory, spec, config, plan, trace, sweep, analysis, store, check, report, cluster |

pub mod analysis;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod data;
pub mod kernels;
pub mod metric;
pub mod nn;
pub mod plan;
pub mod report;
pub mod seed;
pub mod spec;
pub mod store;
pub mod sweep;
pub mod theory;
pub mod trace;
pub mod train;
