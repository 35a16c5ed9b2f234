//! `vgrun init`: a starter config in the current folder, and the schema that makes editors help with it. Nothing that is
//! there is ever overwritten.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::config::{read_text, schema};
use crate::store;

use crate::cli::command::schema::text;
use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::{note, out};

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// A starter [default: depth]
    pub(crate) name: Option<Starter>,
}

/// A starter config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Starter {
    /// Does the gradient shrink with depth, and what keeps it alive?
    Depth,
    /// Why do residual nets explode, and what tames them?
    Residual,
    /// How far back in time does a recurrent net's gradient reach?
    Memory,
    /// Claims and a baseline that vgrun check holds a change against
    Ci,
}

/// The schema's file, which every starter names in its first line.
const SCHEMA: &str = "vgrun.schema.json";

/// No schema of any vgrun is larger.
const MOST_BYTES: u64 = 16 << 20;

pub(crate) fn run(arguments: &InitArguments) -> Result<Exit, CliError> {
    let starter = arguments.name.unwrap_or(Starter::Depth);
    let config = PathBuf::from(starter.file());
    if !store::write_new(&config, starter.text())? {
        return Err(CliError::Exists { config, free: free(starter) });
    }
    out(&format!("wrote {}: {}", config.display(), starter.about()))?;
    write_schema(&text(&schema()))?;
    out(&format!("\nnext:\n{}", starter.next()))?;
    if arguments.name.is_none() {
        let others = others(starter);
        let others: Vec<String> =
            others.map(|other| format!("  vgrun init {:9} {}", other.name(), other.about())).collect();
        out(&format!("\nother starters:\n{}", others.join("\n")))?;
    }
    Ok(Exit::Fine)
}

/// Writes the schema, unless there is one.
fn write_schema(text: &str) -> Result<(), CliError> {
    let path = Path::new(SCHEMA);
    if store::write_new(path, &format!("{text}\n"))? {
        out(&format!("wrote {SCHEMA}: editors complete and check the config by it"))?;
        return Ok(());
    }
    match read_text(path, MOST_BYTES) {
        Ok(there) if there.trim_end() == text => {}
        Ok(_) => note(&format!("note: {SCHEMA} is there, and not this vgrun's; vgrun schema > {SCHEMA} renews it")),
        Err(error) => note(&format!(
            "note: {SCHEMA} cannot be read, by editors either ({error}): move it away, and vgrun schema > {SCHEMA} writes it"
        )),
    }
    Ok(())
}

/// Every starter but one.
fn others(starter: Starter) -> impl Iterator<Item = Starter> {
    Starter::value_variants().iter().copied().filter(move |other| *other != starter)
}

/// Starters whose files are not there yet, for a message.
fn free(taken: Starter) -> Vec<String> {
    others(taken).filter(|other| !Path::new(&other.file()).exists()).map(Starter::name).collect()
}

impl Starter {
    fn name(self) -> String {
        self.as_argument().get_name().to_owned()
    }

    /// The question it answers.
    fn about(self) -> String {
        self.as_argument().get_help().map(ToString::to_string).unwrap_or_default()
    }

    fn as_argument(self) -> PossibleValue {
        self.to_possible_value().expect("every starter can be asked for")
    }

    /// The config's file.
    fn file(self) -> String {
        format!("{}.toml", self.name())
    }

    fn text(self) -> &'static str {
        match self {
            Self::Depth => include_str!("starters/depth.toml"),
            Self::Residual => include_str!("starters/residual.toml"),
            Self::Memory => include_str!("starters/memory.toml"),
            Self::Ci => include_str!("starters/ci.toml"),
        }
    }

    /// What to run next.
    fn next(self) -> String {
        let file = self.file();
        let plan = format!("  vgrun plan {file}      # what would run, and what it costs");
        match self {
            Self::Depth | Self::Residual | Self::Memory => format!(
                "{plan}\n  vgrun sweep {file}     # train every net: seconds; the tables go to results/{}/\n  \
                 vgrun report {file}    # a page to look at",
                self.name()
            ),
            Self::Ci => format!(
                "{plan}\n  vgrun check {file}     # train every net afresh and decide the claims: seconds\n  \
                 vgrun accept {file}    # make what was measured the baseline, ci.baseline.csv; commit both"
            ),
        }
    }
}
