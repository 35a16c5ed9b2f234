//! The whole of a config: the file's sections, then each `--set` on top.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::diagnose::{Diagnostic, Notes, SeedAxis};
use super::expect::{check, expectations};
use super::meaning::{Axis, Experiment};
use super::read::head::Head;
use super::read::{sections, set_argument};
use super::syntax::{self, File};
use super::text::{Entry, Node, NodeKind, Source};
use crate::spec::Draft;

/// What a config says, with each `KEY=VALUE` of `sets` on top, and every error of all these texts. Where there is an
/// error, the experiment holds what is right of the rest, for a look at what would not work together either.
pub fn parse(source: &Arc<Source>, sets: &[String]) -> (Experiment, Vec<Diagnostic>) {
    of_file(source, syntax::read(source, &errors_of_meaning), sets)
}

/// The errors of meaning in a text, which is read as it stands.
pub(super) fn errors_of_meaning(source: &Arc<Source>, entries: Vec<Entry>) -> Vec<Diagnostic> {
    let file = File { entries, errors: Vec::new(), unquoted: Vec::new(), believed: Box::new(|_| true) };
    of_file(source, file, &[]).1
}

fn of_file(source: &Arc<Source>, file: File, sets: &[String]) -> (Experiment, Vec<Diagnostic>) {
    let mut notes = Notes::default();
    let section = |name: &str| file.entries.iter().find(|entry| entry.key == name).map(|entry| &entry.node);
    let swept = set_argument::Swept::of(section("grid"), section("zip"));
    let mut base = Draft::default();
    let mut said = BTreeMap::new();
    if let Some(run) = section("run") {
        sections::run(run, &mut base, &mut said, &mut notes);
    }
    let sets_read: Vec<Entry> =
        sets.iter().filter_map(|set| set_argument::read(set, swept, &errors_of_meaning, &mut notes)).collect();

    let mut head = Head::default();
    head.read(&file.entries, &mut notes);
    head.read_sets(&sets_read, &mut notes);
    head.finish(source, &file.entries, &mut notes);
    let most = head.max_runs;

    notes.seed = seed_axis(&file.entries, &sets_read);
    let mut axes = axes(section("grid"), section("zip"), most, &mut notes);
    let excludes = section("exclude").map(|node| sections::excludes(node, most, &mut notes)).unwrap_or_default();
    let includes = section("include").map(|node| sections::includes(node, most, &mut notes)).unwrap_or_default();

    let expectations = section("expect").map(|node| expectations(node, most, &mut notes)).unwrap_or_default();
    let check = section("check").map(|node| check(node, &mut notes)).unwrap_or_default();

    // Axes first: a key of the run is refused where an axis, of the file or of another --set, moves it.
    let of = |name: &'static str| sets_read.iter().filter(move |entry| entry.key == name);
    set_argument::repeated(&sets_read, &mut notes);
    for set in of("grid") {
        set_argument::apply_axis(set, most, &mut axes, &mut notes);
    }
    for set in of("run") {
        if !set_argument::is_swept(set, &axes, &mut notes) {
            sections::run(&set.node, &mut base, &mut said, &mut notes);
        }
    }

    let (diagnostics, doubtful) = file.with(notes, sets);
    let experiment = Experiment {
        name: head.name.unwrap_or_default(),
        why: head.why,
        max_runs: head.max_runs,
        tables: head.tables,
        base,
        said,
        axes,
        excludes,
        includes,
        expectations,
        check,
        doubtful,
        source: Arc::clone(source),
        sets: sets.to_vec(),
    };
    (experiment, diagnostics)
}

/// Where the file or an argument says the seed.
fn seed_axis(entries: &[Entry], sets: &[Entry]) -> SeedAxis {
    let has_seed = |node: &Node| match &node.kind {
        NodeKind::Table(entries) => entries.iter().any(|entry| entry.key == "seed"),
        NodeKind::List(_) | NodeKind::Scalar(_) => false,
    };
    let is_in = |entry: &Entry| match &entry.node.kind {
        NodeKind::List(blocks) => blocks.iter().any(has_seed),
        NodeKind::Table(_) | NodeKind::Scalar(_) => has_seed(&entry.node),
    };
    let all = entries.iter().chain(sets);
    let says = |name: &str| all.clone().any(|entry| entry.key == name && is_in(entry));
    if says("zip") {
        SeedAxis::Zip
    } else if says("grid") {
        SeedAxis::Grid
    } else if sets.iter().any(|set| set.key == "run" && is_in(set)) {
        SeedAxis::Fixed
    } else {
        SeedAxis::None
    }
}

/// All axes in the order of the text.
fn axes(grid: Option<&Node>, zip: Option<&Node>, most: u64, notes: &mut Notes) -> Vec<Axis> {
    let mut axes = grid.map(|node| sections::grid(node, most, notes)).unwrap_or_default();
    axes.extend(zip.map(|node| sections::zips(node, most, notes)).unwrap_or_default());
    axes.sort_by_key(|axis| axis.place.span.start);
    sections::duplicate_axes(&mut axes, notes);
    axes
}
