//! The command line: arguments, progress, printing, exit codes. One file per subcommand; the only place that prints.

mod accept;
mod args;
mod causes;
mod cell_names;
mod check;
mod check_output;
mod cures;
mod data_lines;
mod diff;
mod differences;
mod effects;
mod error;
mod exit;
mod junit;
mod list;
mod machine;
mod matrix;
mod memory;
mod number;
mod output_file;
mod plan;
mod print;
mod progress;
mod reach;
mod report;
mod results;
mod signals;
mod size;
mod start;
mod stored;
mod sweep;
mod theory;
mod training;

pub use start::main;
