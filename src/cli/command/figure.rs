//! `vgrun figure`: one figure of what is stored, as a paper needs it, and the table behind it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::report::{Figure, FigureData, FigureKind, FigureStyle, KINDS};
use crate::spec::Shown;
use crate::store::Store;
use crate::tables::text_cell;

use crate::cli::arguments::{Experiment, OR_FOLDER};
use crate::cli::session::chosen::chosen;
use crate::cli::session::drawing::gathered_of;
use crate::cli::session::error::CliError;
use crate::cli::session::output_file::OutputFile;
use crate::cli::session::stored::of_experiment;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::{note, out};

/// Arguments of `figure`.
#[derive(Debug, Args)]
#[command(mut_arg("path", |path| path.help(OR_FOLDER).index(1)))]
pub(crate) struct FigureArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    /// The figure; --list names them
    #[arg(index = 2, required_unless_present = "list")]
    pub(crate) figure: Option<String>,
    /// List the figures, and say which of them these results have
    #[arg(long, conflicts_with = "figure")]
    pub(crate) list: bool,
    #[arg(
        long = "where",
        value_name = "KEY=VALUE",
        help = "Draw only the cells with this value, such as depth=20 or 'activation=[\"relu\", \"tanh\"]'; repeatable"
    )]
    pub(crate) conditions: Vec<String>,
    #[arg(
        long,
        value_name = "WxH",
        value_parser = parse_size,
        help = "Width and height in pixels of a 96th of an inch, such as 480x320 [default: 760, and what the panels need]"
    )]
    pub(crate) size: Option<(f64, f64)>,
    #[arg(long, help = "The format [default: that of FILE's ending, else svg]")]
    pub(crate) format: Option<Format>,
    /// Pixels of a PNG for each of the figure's, across and down
    #[arg(long, value_name = "N", default_value_t = 2.0, value_parser = parse_scale)]
    pub(crate) scale: f32,
    /// Leave title and caption out of the picture, for a text that has its own; they are printed
    #[arg(long)]
    pub(crate) no_title: bool,
    /// Write the numbers that the figure is drawn from, as CSV
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) data: Option<PathBuf>,
    #[arg(
        short = 'o',
        long = "to",
        value_name = "FILE",
        help = "Where the figure goes [default: its name in this folder]"
    )]
    pub(crate) to: Option<PathBuf>,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines and words, for pages
    Svg,
    /// Lines and words, for papers
    Pdf,
    /// Pixels, for slides
    Png,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Pdf => "pdf",
            Self::Png => "png",
        }
    }

    fn beginning(self) -> &'static [u8] {
        match self {
            Self::Svg => b"<svg",
            Self::Pdf => b"%PDF-",
            Self::Png => b"\x89PNG",
        }
    }

    /// The format that the ending of a file's name says, if it says one.
    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::value_variants().iter().copied().find(|format| format.ending() == ending)
    }
}

fn parse_size(text: &str) -> Result<(f64, f64), String> {
    let numbers = text.split_once(['x', 'X', '\u{d7}']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    let is_size = |x: f64| (200.0..=10_000.0).contains(&x);
    numbers
        .filter(|&(w, h)| is_size(w) && is_size(h))
        .ok_or_else(|| "expected a width and a height from 200 to 10000 pixels, such as 480x320".to_owned())
}

fn parse_scale(text: &str) -> Result<f32, String> {
    let scale = text.parse().ok().filter(|scale| (0.1..=20.0).contains(scale));
    scale.ok_or_else(|| "expected a number from 0.1 to 20".to_owned())
}

pub(crate) fn run(arguments: &FigureArguments) -> Result<Exit, CliError> {
    let kind = arguments.figure.as_deref().map(kind_of).transpose()?;
    let (plan, folder) = of_experiment(&arguments.experiment)?;
    let cells = chosen(&plan, &arguments.conditions)?;
    let store = Store::open(&folder, &plan)?;
    store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
    let gathered = gathered_of(&plan, &store, |run| cells.contains(&run))?;
    if gathered.counts.done() == 0 {
        return Err(CliError::NoneStored(folder));
    }
    let style = FigureStyle { size: arguments.size, has_words: !arguments.no_title };
    let Some(kind) = kind else {
        let drawn = |kind: &FigureKind| kind.draw(&gathered, FigureStyle { size: None, ..style });
        return list(|kind| drawn(kind).is_ok_and(|figure| figure.is_some()));
    };
    let format = format_of(arguments)?;
    let path = arguments.to.clone().unwrap_or_else(|| PathBuf::from(format!("{}.{}", kind.name, format.ending())));
    let empty = || CliError::EmptyFigure { name: kind.name, folder: folder.clone(), of: kind.of };
    let figure = kind.draw(&gathered, style)?.ok_or_else(empty)?;
    let picture = OutputFile { option: "-o", path: &path, beginning: format.beginning() };
    let header = figure.data.columns.join(",");
    let data = arguments.data.as_deref();
    let data = data.map(|path| OutputFile { option: "--data", path, beginning: header.as_bytes() });
    for file in [Some(picture), data].into_iter().flatten() {
        file.check_place(&[], &folder)?;
    }
    if data.is_some_and(|data| data.is_at(picture)) {
        return Err(CliError::OneFile { options: "-o and --data", path });
    }
    match format {
        Format::Svg => picture.write(&figure.svg)?,
        Format::Pdf => picture.write(figure.to_pdf()?)?,
        Format::Png => picture.write(figure.to_png(arguments.scale)?)?,
    }
    out(&format!("wrote {}", path.display()))?;
    if let Some(data) = data {
        data.write(csv(&figure.data)?)?;
        out(&format!("wrote {}", data.path.display()))?;
    }
    if arguments.no_title {
        let Figure { title, caption, .. } = &figure;
        out(&format!("{title}. {caption}"))?;
    }
    Ok(Exit::Fine)
}

/// The format that was asked for, which the ending of the file does not contradict.
fn format_of(FigureArguments { format, to, .. }: &FigureArguments) -> Result<Format, CliError> {
    let Some(path) = to.as_deref().filter(|path| path.extension().is_some()) else {
        return Ok(format.unwrap_or(Format::Svg));
    };
    let told = Format::of(path);
    let agreed = told.filter(|told| format.is_none_or(|format| format == *told));
    agreed.ok_or_else(|| CliError::OtherFormat { path: path.into() })
}

fn kind_of(name: &str) -> Result<&'static FigureKind, CliError> {
    static ALL: [FigureKind; KINDS.len()] = KINDS;
    ALL.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let known = KINDS.map(|kind| kind.name).join(", ");
        CliError::NoFigure { name: name.to_owned(), known }
    })
}

fn list(is_there: impl Fn(&FigureKind) -> bool) -> Result<Exit, CliError> {
    for kind in &KINDS {
        let FigureKind { name, shows, of, .. } = kind;
        let there = if is_there(kind) { String::new() } else { format!(" (not here: it is of {of})") };
        out(&format!("{name:<9} {shows}{there}"))?;
    }
    Ok(Exit::Fine)
}

fn csv(data: &FigureData) -> Result<Vec<u8>, CliError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&data.columns)?;
    for row in &data.rows {
        writer.write_record(row.iter().map(|cell| match cell {
            Shown::Text(text) => text_cell(text).into_owned(),
            Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) => cell.to_string(),
        }))?;
    }
    writer.into_inner().map_err(|e| CliError::Output(e.into_error()))
}
