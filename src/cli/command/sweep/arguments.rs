//! The arguments of `vgrun sweep`.

use crate::cli::arguments::{Experiment, Resources, whole};
use std::num::NonZeroU32;

use clap::Args;

use crate::cli::command::sweep::shard_argument::ShardArgument;

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the command's flags")]
pub(crate) struct SweepArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    #[command(flatten)]
    pub(crate) resources: Resources,
    #[arg(
        long,
        value_name = "I/N|auto",
        help = "Train only the runs of shard I of N, from 0/N on, and write no tables; auto asks the scheduler's \
                variables for I, and --shards or VGRUN_SHARDS for N"
    )]
    pub(crate) shard: Option<ShardArgument>,
    /// How many shards there are, with --shard auto
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>, requires = "shard")]
    pub(crate) shards: Option<NonZeroU32>,
    /// Run again what is already stored
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Stop at the first run that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Print the table of results at every depth
    #[arg(long)]
    pub(crate) all: bool,
    /// Draw the figures of the report at the end
    #[arg(long)]
    pub(crate) report: bool,
}
