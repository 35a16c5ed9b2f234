//! `--shard` and `--shards`: which part of a plan this process trains.

use std::num::NonZeroU32;
use std::str::FromStr;

use crate::cluster::{Task, task};
use crate::plan::{Shard, ShardError};

use crate::cli::session::error::CliError;

/// What `--shard` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardArgument {
    /// The task of the array that this process is.
    Auto,
    /// This one.
    Given(Shard),
}

impl FromStr for ShardArgument {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        if text == "auto" { Ok(Self::Auto) } else { text.parse().map(Self::Given) }
    }
}

/// The shard to train; none where all runs are to be trained.
pub(crate) fn shard(argument: Option<ShardArgument>, shards: Option<NonZeroU32>) -> Result<Option<Shard>, CliError> {
    let shard = match argument {
        None => return Ok(None),
        Some(ShardArgument::Given(shard)) => match shards {
            Some(count) if count != shard.count() => return Err(CliError::Counts { shard, count }),
            Some(_) | None => shard,
        },
        Some(ShardArgument::Auto) => {
            let (Task { index, .. }, count) = task(shards, &|name| std::env::var(name).ok())?;
            Shard::new(index, count).expect("a task's number is below their count")
        }
    };
    Ok(Some(shard))
}
