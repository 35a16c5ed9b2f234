//! What is fuzzed, with the good inputs that it begins with and the words that it is made of.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use vgrun::check::{Allowed, Baseline, Comparison, read_foreign};
use vgrun::config::{self, Diagnostic, Source, has_errors, render};
use vgrun::data::{Catalog, Dataset};
use vgrun::plan::{self, Plan};
use vgrun::spec::KEYS;
use vgrun::store::{Manifest, ResultFile, ShardManifest, Store, Writer};
use vgrun::tables::rebuild;

use super::{Answer, fuzz};
use crate::data::idx_file::{gzipped, idx, labels_of, tenths};
use crate::experiment::Experiment;

/// No more points are expanded: a config may ask for a million, which takes its time.
const MOST_POINTS: u64 = 100;

/// A temporary folder, in memory where there is one of that kind: every execution writes.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a temporary folder")
}

/// What a text that is not UTF-8 is refused for, long before it gets here.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// The first words of every error, where there is no plan; all of it is shown, and none of it gives orders to a terminal.
fn said(diagnostics: &[Diagnostic]) -> Answer {
    for colour in [false, true] {
        let shown = render(diagnostics, colour);
        assert!(!shown.is_empty(), "an error without a word");
        let is_order = |c: char| c.is_control() && c != '\n' && !(colour && c == '\u{1b}');
        assert!(!shown.contains(is_order), "{shown:?}");
    }
    let first_words = |d: &Diagnostic| d.message.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    diagnostics.iter().take(3).map(first_words).collect::<Vec<_>>().join("; ")
}

/// The plan of a config, as [`plan::plan`] makes it, of a few points.
fn plan_of(source: &std::sync::Arc<Source>, sets: &[String]) -> Result<Plan, Vec<Diagnostic>> {
    plan_with(source, sets, Catalog::new(source.folder()))
}

/// The same with what is known of data files.
fn plan_with(source: &std::sync::Arc<Source>, sets: &[String], known: Catalog) -> Result<Plan, Vec<Diagnostic>> {
    let (mut experiment, mut diagnostics) = config::parse(source, sets);
    experiment.max_runs = experiment.max_runs.min(MOST_POINTS);
    let expanded = Plan::expand_with(experiment, known);
    if !has_errors(&diagnostics) {
        return expanded;
    }
    diagnostics.extend(expanded.err().unwrap_or_default());
    Err(diagnostics)
}

/// Asks a plan for all that commands ask it for.
fn look_at(plan: &Plan) -> Answer {
    for run in plan.runs().take(20) {
        let (spec, cells) = plan.spec_and_cells(run);
        assert_eq!(cells.len(), plan.columns().len());
        assert_eq!(plan.find(plan.id(run)), Some(run));
        let (memory, cost) = (plan.memory(run), plan.cost(run));
        assert!(memory.peak.is_finite() && memory.peak > 0.0, "{memory:?}");
        assert!(cost.seconds.is_finite() && cost.flops >= 0.0, "{cost:?}");
        assert!(spec.model.hidden_layers() > 0);
    }
    let tables = plan.table_sizes();
    assert!(tables.iter().all(|table| table.bytes > 0), "{tables:?}");
    let claims: usize = plan.expectations().iter().map(|claim| plan.matched(claim).len()).sum();
    assert_eq!(plan.order().len(), plan.len());
    let warned = if plan.warnings().is_empty() { String::new() } else { said(plan.warnings()) };
    format!(
        "{} columns, {} tables, {claims} claims, {} {warned}",
        plan.columns().len(),
        tables.len(),
        plan.hash().len()
    )
}

/// Keys, sections and values.
fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> = KEYS.iter().flat_map(|key| [key.name, key.short_name()]).collect();
    words.extend(KEYS.iter().flat_map(|key| (key.names)()));
    words.extend([
        "name",
        "why",
        "max_runs",
        "[run]\n",
        "[run.",
        "[grid]\n",
        "[[zip]]\n",
        "[[exclude]]\n",
        "[[include]]\n",
        "[[expect]]\n",
        "[check]\n",
        "[output]\n",
        "{ from = 0, count = 3 }",
        "{ from = 1, to = 9, step = 2 }",
        "{ from = 1e-3, to = 1, count = 4, scale = \"log\" }",
        "true",
        "false",
        "\"\"\"",
        "'''",
        "1979-05-27",
        "0x7f",
        "tables = [\"runs\"]",
        "where = { model.depth = 5 }",
        "metric = \"loss_last\"\n",
        "verdict = \"healthy\"\n",
        "min = 0\n",
        "versus = { model.residual = true }",
        "every_seed = true\n",
        "layer = 1\n",
        "step = \"last\"\n",
        "expected_failure = \"x\"\n",
        "tolerance_decades = 0.1\n",
        "baseline = \"b.csv\"\n",
        "\"\"",
        "[]",
        "[[]]",
        "\u{feff}",
        "\u{9b}",
        "é",
        "# ",
        "“",
        "”",
        "‘relu’",
        "−",
        "\u{200b}",
        "\u{a0}",
        "＝",
        "0,02",
        "1,000",
        ".5",
        "1e-5.",
        "1d-5",
        "10⁻⁵",
        "seed.from = 0\n",
        "model.width = 32\n",
        "model = { width = 32 }\n",
        "[0.1, 0.1, 0.1]",
        "\"swish\"",
        "\"mnist\"",
        "dropout = 0.5\n",
        "[scheduler]\n",
    ]);
    words
}

fn good_configs() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let paths = fs::read_dir(folder).expect("configs/").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a config")).collect()
}

#[test]
fn configs() {
    fuzz("configs", good_configs(), &words(), 400, |input| {
        match plan_of(&Source::new("fuzz.toml", text(input)), &[]) {
            Ok(plan) => look_at(&plan),
            Err(diagnostics) => said(&diagnostics),
        }
    });
}

#[test]
fn arguments_of_set() {
    let config = Source::new("fuzz.toml", "name = \"a\"\n[grid]\nmodel.depth = [1, 2]\nseed = [0, 1]\n");
    let good = [
        "run.train.steps=50",
        "grid.model.depth=[5,10]",
        "name=b",
        "max_runs=7",
        "run.model.activation=tanh",
        "grid.seed={from=0,count=3}",
        "grid.model.widths=[[5,5],[7]]",
        "output.tables=[\"runs\"]",
        "why=it is so",
        "run.model={depth=3,width=4}",
        "grid.data.source=[noise,blobs]",
    ];
    let good = good.map(|set| set.as_bytes().to_vec()).to_vec();
    fuzz("arguments of --set", good, &words(), 2000, |input| {
        // The first line is an argument, and so is the second.
        let sets: Vec<String> = text(input).splitn(2, '\n').map(str::to_owned).collect();
        match plan_of(&config, &sets) {
            Ok(plan) => look_at(&plan),
            Err(diagnostics) => said(&diagnostics),
        }
    });
}

/// Reads data files as a config asks for them, and loads them again where they can be used.
fn data(folder: &TempDir, keys: &str) -> Answer {
    let config = format!("name = \"a\"\nrun.train.batch_size = 1\n{keys}\n");
    match plan_of(&Source::in_folder(folder.path(), "fuzz.toml", config), &[]) {
        Ok(plan) => {
            let spec = plan.spec(0).data;
            let data = Dataset::load(&spec).expect("the file is as it was");
            assert!(data.train.x.iter().chain(&data.test.x).all(|x| x.is_finite()));
            assert_eq!(Some(data.sizes()), spec.sizes());
            look_at(&plan)
        }
        Err(diagnostics) => said(&diagnostics),
    }
}

#[test]
fn tables_of_data() {
    let good = [
        "x,y,kind\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n9,1,a\n2,3,b\n",
        "1,2,0\n3,4,1\n5,6,0\n7,8,1\n9,1,0\n2,3,1\n",
        "\u{feff}x,y\r\n1,2.5\r\n3,4e-3\r\n5,-6\r\n\r\n7,8\r\n",
        "\"x\",\"a \"\"b\"\"\",z\n1 , 2, 3\n 4,5,6\n7,8,10\n1,1,1\n",
        "sep=;\r\nx;y;kind\r\n4,7;1;a\r\n5,1;2;b\r\n4,9;3;a\r\n6,3;4;b\r\n5,0;5;a\r\n6,1;6;b\r\n",
        "1\t2\t\t1\n3\t4\t2\n5\t6\t1\n7\t8\t2\n9\t1\t1\n2\t3\t2\n",
        "  1   2  \"car a\"\n  3   4  \"car b\"\n  5   6  \"car a\"\n  7   8  \"car b\"\n",
        "|1x3 x\n1|?|a\n2|NA|b\n3|5%|a\n4|true|b\n",
        "\"x\",\"kind\"\n\"1\",4.7,\"a\"\n\"2\",4.9,\"b\"\n\"3\",3,\"a\"\n\"4\",5,\"b\"\n",
        "# x,y\n1,1.0\n2,01\n3,2\n4,2.0\n5,1\n",
        "@relation x\n@data\n1,a\n",
    ];
    let good = good.map(|table| table.as_bytes().to_vec()).to_vec();
    let words = [
        "1", "-2.5", "1e300", "1e-320", "NaN", "a", "\"", "\"\"", ",", "\n", "\r\n", "\r", "x", "kind", "\u{feff}",
        " ", "=", ";", "\t", "|", "#", "?", "NA", "true", "4,7", "1,234", "5%", "sep=;\n", "1.0", "01",
    ];
    let keys = [
        "",
        "data.target = \"regression\"",
        "data.label = 1",
        "data.header = true",
        "data.label = \"x\"",
        "data.header = false",
        "data.separator = \"semicolon\"",
        "data.separator = \"blank\"",
        "data.test_fraction = 0",
    ];
    let (folder, mut number) = (folder(), 0);
    fuzz("tables", good, &words, 3000, |input| {
        fs::write(folder.path().join("t.csv"), input).expect("a file");
        number += 1;
        let keys = keys[number % keys.len()];
        data(
            &folder,
            &format!("run.data.source = \"csv\"\nrun.data.path = \"t.csv\"\n{}", keys.replace("data.", "run.data.")),
        )
    });
}

/// A file of 32-bit floats, or of another type of that code.
fn of_type(code: u8, sizes: &[u32], numbers: &[f32]) -> Vec<u8> {
    let mut bytes = idx(sizes, &numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<_>>());
    bytes[2] = code;
    bytes
}

#[test]
fn images_and_labels() {
    // An input is the images, then the labels; the last byte tells how many of its last bytes are labels.
    let together = |images: Vec<u8>, labels: Vec<u8>| {
        let count = u8::try_from(labels.len()).expect("few labels");
        [images, labels, vec![count]].concat()
    };
    let good = vec![
        together(tenths(20), labels_of(20)),
        together(gzipped(&tenths(20)), labels_of(20)),
        together(tenths(10), gzipped(&labels_of(10))),
        together(idx(&[4, 2], &[1, 2, 3, 4, 5, 6, 7, 8]), idx(&[4], &[0, 1, 0, 1])),
        together([gzipped(&tenths(20)), vec![0; 100]].concat(), labels_of(20)),
        together(gzipped(&gzipped(&tenths(20))), idx(&[20, 1], &labels_of(20)[8..])),
        // The sizes with their bytes in the other order.
        together(
            [&[2, 8, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0], &[1, 2, 3, 4, 5, 6, 7, 8][..]].concat(),
            idx(&[4], &[0, 1, 0, 1]),
        ),
        together(
            of_type(13, &[4, 2], &[0.0, 1.0, 0.2, 0.4, 0.6, 0.8, 1.0, 0.0]),
            of_type(13, &[4], &[0.0, 1.0, 0.0, 1.0]),
        ),
    ];
    let words = [
        "<!DOCTYPE html>",
        "PK\u{3}\u{4}",
        "\u{3}\u{8}\0\0",
        "\0\0\u{c}\u{2}",
        "\0\0\u{d}\u{1}",
        "\0\0\0\u{8}",
        "\0\0\u{8}\u{3}",
        "\0\0\u{8}\u{1}",
        "\0\0\0\u{1}",
        "\u{7f}\u{7f}\u{7f}\u{7f}",
        "\0\0\0\u{14}",
        "\u{1f}",
    ];
    let folder = folder();
    fuzz("images", good, &words, 3000, |input| {
        let (count, bytes) = input.split_last().map_or((0, input), |(last, rest)| (usize::from(*last), rest));
        let (images, labels) = bytes.split_at(bytes.len().saturating_sub(count));
        fs::write(folder.path().join("images"), images).expect("a file");
        fs::write(folder.path().join("labels"), labels).expect("a file");
        data(&folder, "run.data.source = \"idx\"\nrun.data.path = \"images\"\nrun.data.labels = \"labels\"")
    });
}

/// A few small nets of every kind, one of which fails.
fn nets() -> Experiment {
    Experiment::new().axis("model.depth", "[1, 2]").axis("model.activation", "[\"prelu\", \"tanh\"]").text(
        "[[include]]\nmodel.kind = [\"lstm\", \"rnn\"]\ndata.source = \"noise\"\ndata.length = 3\ndata.examples = 32",
    )
}

/// Gives every frame the checksum that belongs to its bytes: no damage, but what somebody may have written.
fn sealed(bytes: &mut [u8]) {
    const MARKER: &[u8] = b"\x89vgrun\x1a\n";
    let starts: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(MARKER)).collect();
    for at in starts {
        let Some(head) = bytes.get(at..at + 42) else { continue };
        let payload = u32::from_le_bytes(head[22..26].try_into().expect("four bytes")) as usize;
        let Some(end) = (at + 42).checked_add(payload).filter(|end| *end <= bytes.len()) else { continue };
        let hash = blake3::hash(&[&bytes[at..at + 26], &bytes[at + 42..end]].concat());
        bytes[at + 26..at + 42].copy_from_slice(&hash.as_bytes()[..16]);
    }
}

/// Opens a folder, reads all of it, and writes its tables.
fn read_all(folder: &Path, plan: &Plan) -> Answer {
    let store = match Store::open(folder, plan) {
        Ok(store) => store,
        Err(error) => return error.to_string(),
    };
    let notices: Vec<String> = store.notices().iter().map(ToString::to_string).collect();
    let mut known = 0;
    for id in store.ids() {
        if let Err(error) = store.read(id) {
            return error.to_string();
        }
        known += usize::from(plan.find(id).is_some());
    }
    let tables = match rebuild(&store, plan) {
        Ok(overview) => format!("{} done, {} failed", overview.done(), overview.failed.len()),
        Err(error) => error.to_string(),
    };
    format!("{known} known, {} notices, {tables}", notices.len())
}

#[test]
fn segments() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    let good = nets.segments().iter().map(|path| fs::read(path).expect("a segment")).collect();
    let source = fs::read_to_string(nets.folder().join("test.toml")).expect("a config");
    let plan = plan::plan(&Source::new("test.toml", source), &[]).expect("it was swept");
    let words = ["\u{1a}\n", "vgrun", "\0\0\0\0", "\u{1}\0"];
    let mut number = 0;
    fuzz("segments", good, &words, 600, |input| {
        let (here, there) = (folder(), folder());
        let runs = here.path().join("runs");
        fs::create_dir(&runs).expect("a folder");
        let mut bytes = input.to_vec();
        number += 1;
        if number % 2 == 0 {
            sealed(&mut bytes);
        }
        fs::write(runs.join("000001.seg"), bytes).expect("a file");
        let answer = read_all(here.path(), &plan);
        let merged =
            Writer::merging(there.path(), &plan).and_then(|(mut writer, _, _)| writer.take_in(&plan, here.path()));
        answer + &merged.map_or_else(|error| error.to_string(), |taken| format!("{taken:?}"))
    });
}

#[test]
fn baselines() {
    let good = [
        "numerics,depth,activation,layer,metric,mean\n4,5,relu,1,log10_delta_rms_init,-1e-300\n4,5,relu,0,loss_last,NaN\n",
        "numerics,layer,metric,mean\n4,0,loss_last,0.1\n4,0,accuracy_last,inf\n",
        "numerics,layer,metric,mean,n,n_minus_inf,n_nan,n_plus_inf\n4,0,loss_last,0.1,8,7,1,0\n4,1,a,NaN,0,0,0,0\n",
        "numerics,layer,metric,mean,n,n_minus_inf,n_nan,n_plus_inf,tolerance_decades\n4,1,a,-inf,0,3,0,0,0.01\n",
    ];
    let good = good.map(|text| text.as_bytes().to_vec()).to_vec();
    let words = [
        "numerics",
        "depth",
        "layer",
        "metric",
        "mean",
        ",n,n_minus_inf,n_nan,n_plus_inf",
        ",tolerance_decades",
        "18446744073709551615",
        ",",
        "\n",
        "\"",
        "2",
        "NaN",
        "-inf",
        "loss_last",
        "=1+1",
        "\r\n",
    ];
    let folder = folder();
    let path = folder.path().join("b.csv");
    fuzz("baselines", good, &words, 3000, |input| {
        fs::write(&path, input).expect("a file");
        let baseline = match Baseline::read(&path) {
            Ok(baseline) => baseline,
            Err(error) => return error.to_string().split(&path.display().to_string()).collect(),
        };
        fs::write(&path, baseline.to_csv()).expect("a file");
        let again = Baseline::read(&path).expect("what was written is read");
        assert_eq!(format!("{again:?}"), format!("{baseline:?}"));
        let comparison = Comparison::of(&baseline, &again, |_| Allowed::Decades(0.0));
        assert!(comparison.is_clean(), "{comparison:?}");
        format!("{} axes", baseline.axes.len())
    });
}

#[test]
fn traces_of_other_programs() {
    let config = "name = \"a\"\nrun.model.width = 4\n[grid]\nmodel.depth = [1, 2]\nmodel.residual = [false, true]\n\
                  train.learning_rate = [0.1, 1e-5]\nseed = [0, 1]\n";
    let plan = plan::plan(&Source::new("a.toml", config), &[]).expect("a good config");
    // By numbers and by names, which those of a net of one layer do not share with those of a net of two.
    let rows = |header: &str, by_name: bool, more: &str| {
        let mut text = format!("depth,residual,learning_rate,seed,step,layer,grad_norm,delta_rms{header}\n");
        for run in plan.runs() {
            let axes: Vec<String> = plan.axis_cells(run).iter().map(ToString::to_string).collect();
            let layers = plan.spec(run).model.hidden_layers() + 1;
            for (step, layer) in [0, 9].into_iter().flat_map(|step| (1..=layers).map(move |layer| (step, layer))) {
                let layer = if by_name { format!("net{layers}.{layer}") } else { layer.to_string() };
                text.extend([format!("{},{step},{layer},0.5,1e-30{more}\n", axes.join(","))]);
            }
        }
        text
    };
    let named = rows(",role,loss,zero_fraction", true, ",linear,2.5,0.25");
    let seeds = [
        rows("", false, ""),
        named.clone(),
        format!(
            "\u{feff}{}",
            named.replace(',', ";").replace("0.5", "0,5").replace("2.5", "2,5").replace('\n', "\r\n")
        ),
        format!("{named}{named}"),
        rows("", false, "").replace(',', " ").replace('\n', "\n1 ").trim_end_matches("1 ").to_owned(),
        "epoch,grad_2.0_norm/a.weight,grad_2.0_norm/b.weight,step\n0,0.5,0.5,0\n".to_owned(),
    ];
    let words = [
        "depth",
        "residual",
        "seed",
        "step",
        "layer",
        "grad_norm",
        "delta_rms",
        "role",
        "loss",
        "head",
        "block",
        "net2.1",
        ",",
        ";",
        "\t",
        "|",
        " ",
        "\n",
        "\r\n",
        "\r",
        "0",
        "1.0",
        "1e+05",
        "1e300",
        "0,5",
        "0.10000000149011612",
        "TRUE",
        "False",
        "WAHR",
        "NaN",
        "NA",
        "None",
        "-inf",
        "1e-300",
        "tensor(0.5)",
        "#NUM!",
        "\u{2212}1",
        "\"",
        "'",
        "sep=;",
        "\u{feff}",
        "Unnamed: 0",
        "__MIN",
        "__MAX",
        "Wall time,Step,Value",
        "_step,_timestamp",
        "l2_norm/grad/",
        "{",
        "<",
    ];
    let folder = folder();
    let path = folder.path().join("t.csv");
    fuzz("traces", seeds.map(String::into_bytes).to_vec(), &words, 3000, |input| {
        fs::write(&path, input).expect("a file");
        match read_foreign(&plan, &path) {
            Ok(foreign) => {
                let kinds: Vec<&str> =
                    foreign.notes.iter().filter_map(|note| note.get(path.as_os_str().len()..)).collect();
                let numbers = foreign.runs.baseline(&plan).values.len();
                format!("{numbers} numbers, {:?} {}", foreign.columns, kinds.join(" "))
            }
            Err(error) => error.to_string().split(&path.display().to_string()).collect(),
        }
    });
}

#[test]
fn manifests() {
    let nets = nets().text("[[include]]\ndata.source = \"csv\"\ndata.path = \"t.csv\"");
    fs::write(nets.folder().join("t.csv"), "1,2,a\n3,1,b\n".repeat(20)).expect("a file");
    nets.sweep(&["--quiet"]);
    let shard = nets.run(&["sweep", "--shard", "0/2", "--quiet", "--out", "other"]);
    assert_eq!(shard.code, 0, "{}", shard.stderr);
    let read = |path: &str| fs::read(nets.folder().join(path)).expect("a file of the folder");
    let names = ["results/test/manifest.json", "results/test/result.json", "other/test/runs/shard-0-of-2.json"];
    let good = names.map(read).to_vec();
    let words = [
        "schema",
        "config",
        "overrides",
        "plan",
        "null",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\\u0000",
        "\\ud800",
        "\"shard\"",
        "-1",
        "9999999",
        "\"data\": [",
        "\"sizes\"",
        "\"label\": { \"number\": 1 }",
    ];
    let folder = folder();
    fs::create_dir(folder.path().join("runs")).expect("a folder");
    fuzz("manifests", good, &words, 2000, |input| {
        for name in ["manifest.json", "result.json", "runs/shard-0-of-2.json"] {
            fs::write(folder.path().join(name), input).expect("a file");
        }
        let manifest = match Manifest::read(folder.path()) {
            Ok(None) => unreachable!("there is one"),
            Ok(Some(manifest)) => {
                let (source, known) = (Source::new("manifest.json", manifest.config), Catalog::closed(&manifest.data));
                match plan_with(&source, &manifest.overrides, known) {
                    Ok(plan) => look_at(&plan),
                    Err(diagnostics) => said(&diagnostics),
                }
            }
            Err(error) => error.to_string(),
        };
        let result = ResultFile::read(folder.path()).map_or_else(|error| error.to_string(), |_| "a result".into());
        let shards =
            ShardManifest::read_all(folder.path()).map_or_else(|error| error.to_string(), |_| "a shard".into());
        let all = format!("{manifest}; {result}; {shards}");
        all.split(&folder.path().display().to_string()).collect()
    });
}
