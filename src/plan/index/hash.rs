//! A hash over what a plan's tables show.

use std::fmt::Write as _;
use std::ops::Range;

use super::parts::{RUNS_OF_A_THREAD, RUNS_TOGETHER, in_parts};
use super::plan::Plan;

impl Plan {
    /// 16 hex digits over the runs' ids in order, the columns, and what they show: plans with the same hash give the same
    /// tables.
    pub fn hash(&self) -> String {
        self.hash.get_or_init(|| self.hash_anew()).clone()
    }

    fn hash_anew(&self) -> String {
        let mut hash = blake3::Hasher::new();
        let mut line = String::new();
        for column in &self.columns {
            writeln!(line, "{}", column.name).expect("a String takes all text");
        }
        hash.update(line.as_bytes());
        let lines = |runs: Range<usize>| {
            let mut lines = String::new();
            for run in runs {
                write!(lines, "{}", self.id(run)).expect("a String takes all text");
                for value in self.axis_values(run) {
                    write!(lines, ",{value}").expect("a String takes all text");
                }
                lines.push('\n');
            }
            lines
        };
        for first in self.runs().step_by(RUNS_TOGETHER) {
            for lines in in_parts(first..self.len().min(first + RUNS_TOGETHER), RUNS_OF_A_THREAD, lines) {
                hash.update(lines.as_bytes());
            }
        }
        hash.finalize().to_hex().as_str()[..16].to_string()
    }
}
