//! The reports that a check writes as files, and where they may go.

use std::path::Path;

use crate::data::Found;
use crate::plan::Plan;

use crate::cli::session::error::CliError;
use crate::cli::session::output_file::{Input, OutputFile};
use crate::cli::view::check::{json, junit};

/// The files that were asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reports<'a> {
    pub(crate) junit: Option<OutputFile<'a>>,
    pub(crate) json: Option<OutputFile<'a>>,
}

impl<'a> Reports<'a> {
    /// Takes the files of `--junit` and `--json`.
    pub(crate) fn of(junit: Option<&'a Path>, json: Option<&'a Path>) -> Self {
        Self {
            junit: junit.map(|path| OutputFile { option: "--junit", path, beginning: junit::BEGINNING.as_bytes() }),
            json: json.map(|path| OutputFile { option: "--json", path, beginning: json::BEGINNING.as_bytes() }),
        }
    }

    fn all(self) -> impl Iterator<Item = OutputFile<'a>> {
        [self.junit, self.json].into_iter().flatten()
    }

    /// Refuses those that would replace anything but what an earlier check wrote: the config, its baseline, the trace,
    /// data, results or any other file.
    pub(crate) fn check_places(
        self,
        (config, baseline, traces): (&Path, &Path, Option<&Path>),
        plan: &Plan,
        results: &Path,
    ) -> Result<(), CliError> {
        let mut inputs: Vec<Input<'_>> = vec![(config, "the config"), (baseline, "the config's baseline")];
        inputs.extend(traces.map(|path| (path, "the trace")));
        inputs.extend(plan.files().flat_map(Found::places).map(|path| (path, "a file of the config's data")));
        self.all().try_for_each(|report| report.check_place(&inputs, results))?;
        match (self.junit, self.json) {
            (Some(junit), Some(json)) if junit.is_at(json) => {
                Err(CliError::OneFile { options: "--junit and --json", path: junit.path.into() })
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Removes what an earlier check wrote.
    pub(crate) fn clear(self) -> Result<(), CliError> {
        self.all().try_for_each(OutputFile::clear)
    }
}
