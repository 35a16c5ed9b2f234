//! Traces as other programs save them, from files whose form was publicly reported (tests/cases, a folder for each with
//! its config): what `check --traces` makes of each, and of a second one of its kind that is made here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::experiment::{Experiment, Outcome};
use crate::gradients::pytorch::{python_with, say};

/// A trace, and what is to come of it.
struct Case {
    /// The folder below tests/cases.
    folder: &'static str,
    trace: Trace,
    /// The exit code.
    code: i32,
    /// What must be said, in standard output or error.
    says: &'static [&'static str],
    /// What must not.
    never: &'static [&'static str],
}

/// Where a trace is from.
enum Trace {
    /// A file of the folder.
    File(&'static str),
    /// Made of a file of the folder.
    Made(&'static str, fn(&str) -> Vec<u8>),
}

use Trace::{File, Made};

const fn case(
    folder: &'static str,
    trace: Trace,
    code: i32,
    says: &'static [&'static str],
    never: &'static [&'static str],
) -> Case {
    Case { folder, trace, code, says, never }
}

const PASSED: &[&str] = &["passed"];
const NO_COMPLAINT: &[&str] = &["error: ", "no run with"];

/// What reading alone decides.
const CASES: &[Case] = &[
    case("20", File("melted.csv"), 1, &["the trace begins at step 49", "NOTHING WAS DECIDED"], &["no run with"]),
    case(
        "20",
        File("melted_names.csv"),
        0,
        &["passed", "the head is \"layers.6.weight\", layer 1 being \"layers.0.weight\""],
        NO_COMPLAINT,
    ),
    case("20", File("metrics_relu.csv"), 2, &["Lightning", "melt([\"step\"]", "layers.6.weight"], &["layers.6.bias"]),
    case(
        "20",
        File("metrics_sigmoid.csv"),
        2,
        &["Lightning", "ACTIVATION its own value (\"sigmoid\", \"relu\")", "seed=0"],
        &["norm_total"],
    ),
    // Names of other frameworks, and what melts of Composer's.
    case("20", Made("melted_names.csv", |text| text.replace(".weight", "/kernel:0").into()), 0, PASSED, NO_COMPLAINT),
    case(
        "20",
        Made("metrics_relu.csv", |text| text.replace("grad_2.0_norm/", "l2_norm/grad/").into()),
        2,
        &["Composer", "\"l2_norm/grad/layers.0.weight\""],
        &["bias"],
    ),
    case("20", Made("melted_names.csv", with_biases), 2, &["8 layers were found", "leave out the rows of biases"], &[]),
    case(
        "20",
        Made("melted_names.csv", |text| without(text, "49,layers.2.")),
        2,
        &["layer \"layers.2.weight\" of step 49 is not there for the run with activation=sigmoid", "at step 0"],
        &[],
    ),
    case(
        "20",
        Made("melted_names.csv", |text| text.replace("relu,0,0,layers.6", "relu,0,0,head").into()),
        2,
        &["is not there", "activation=relu"],
        &[],
    ),
    case(
        "20",
        Made("melted_names.csv", |text| text.replace("relu,0,0,layers.2", "relu,0,0,head").into()),
        2,
        &["is not there", "activation=relu"],
        &[],
    ),
    case(
        "20",
        Made("melted.csv", |text| text.replace("grad_norm", "Grad_Norm").replace("layer", "Layer Name").into()),
        2,
        &[
            "line 1: there is no column `layer` or `grad_norm`",
            "rename \"Layer Name\" to layer, rename \"Grad_Norm\" to grad_norm",
        ],
        &[],
    ),
    case(
        "20",
        Made("melted.csv", |text| text.replace("grad_norm", "gradient_norm").replace(",step,", ",epoch,").into()),
        2,
        &["rename \"epoch\" to step, rename \"gradient_norm\" to grad_norm"],
        &[],
    ),
    case(
        "20",
        Made("melted.csv", |text| text.split_once('\n').expect("lines").1.into()),
        2,
        &["no names of columns"],
        &[],
    ),
    case(
        "20",
        Made("melted.csv", |text| text.replace("sigmoid", "Sigmoid").into()),
        2,
        &[
            "line 2: the config has no run with activation=Sigmoid seed=0: its activation is sigmoid, relu; write sigmoid",
        ],
        &[],
    ),
    case(
        "20",
        Made("melted.csv", |text| text.replacen("layer", "layer,extra\u{1b}[2J", 1).replace(",0.", ",x,0.").into()),
        1,
        &["note: ", "columns that are not used: \"extra\\u{1b}[2J\""],
        &["\u{1b}"],
    ),
    case("21", File("tensorboard_layer1.csv"), 2, &["TensorBoard", "layer=LAYER", "\"Value\": \"grad_norm\""], &[]),
    case(
        "21",
        File("wandb_export.csv"),
        2,
        &["Weights & Biases", "sigmoid-seed0 - grad_norm/layer4\"]"],
        &["__MIN", "relu-seed0"],
    ),
    case(
        "21",
        Made("wandb_export.csv", |text| {
            text.replace("\"Step\"", "\"_step\",\"_timestamp\"").replace("__M", "__m").into()
        }),
        2,
        &["history of a run of Weights & Biases"],
        &[],
    ),
    case(
        "21",
        Made("tensorboard_layer1.csv", |_| b"loss,grad_norm,learning_rate,epoch,step\n1.0,0.5,0.1,0,0\n".into()),
        2,
        &["no norms of layers"],
        &[],
    ),
    case("23", File("none_for_frozen.csv"), 2, &["line 2: there is no gradient (\"None\"): is the layer frozen?"], &[]),
    case("23", File("tensor.csv"), 2, &["line 2: \"tensor(0.0086)\"", "x.item()"], &[]),
    case("23", Made("none_for_frozen.csv", |text| text.replace("None", "").into()), 2, &["is the layer frozen?"], &[]),
    case(
        "23",
        Made("none_for_frozen.csv", |text| text.replace("None", "NA").into()),
        2,
        &["is the layer frozen?"],
        &[],
    ),
    case("23", Made("tensor.csv", |text| text.replace("tensor", "np.float32").into()), 2, &["float(x)"], &["item"]),
    case(
        "23",
        Made("tensor.csv", |text| text.replace("tensor(", "\"Array(").replace(')', ", dtype=float32)\"").into()),
        2,
        &["float(x)"],
        &[],
    ),
    case(
        "23",
        Made("tensor.csv", |text| {
            text.replace("tensor(0.0086)", "-2.06").replace("tensor(", "").replace(')', "").into()
        }),
        2,
        &["line 2: -2.06 is no norm, for it is negative", "log10"],
        &[],
    ),
    case("24", File("python.csv"), 0, PASSED, NO_COMPLAINT),
    case("24", File("excel.csv"), 0, PASSED, NO_COMPLAINT),
    case("24", File("r_write_csv.csv"), 0, &["passed", "columns that are not used: \"\""], NO_COMPLAINT),
    case("24", File("header_again.csv"), 0, &["passed", "the header comes again"], NO_COMPLAINT),
    case(
        "24",
        File("torn_last_row.csv"),
        2,
        &[
            "layer 4 of step 100000 is not there for the run with residual=true learning_rate=1e-5 seed=100000",
            "line 65, the last one, does not end with a line break",
        ],
        &[],
    ),
    case(
        "24",
        File("two_ranks.csv"),
        2,
        &[
            "line 3: layer 1 of step 0 comes twice for the run with residual=false learning_rate=0.1 seed=0, first on line 2",
        ],
        &[],
    ),
    case(
        "24",
        Made("excel.csv", |text| text.replacen("4,0.46215988", "4,#NUM!", 1).into()),
        2,
        &["line 5: \"#NUM!\""],
        &[],
    ),
    case(
        "24",
        Made("excel.csv", |text| {
            text.replacen("\r\n", "\r\n\r\n\"\",\r\n", 1).replacen("4,0.46215988", "4,x", 1).into()
        }),
        2,
        &["line 7: \"x\""],
        &[],
    ),
    case(
        "24",
        Made("python.csv", |text| text.replace(",0.1,", ",0.01,").into()),
        2,
        &[
            "line 2: the config has no run with residual=False learning_rate=0.01 seed=0: its learning_rate is 0.1, 1e-5",
        ],
        &[],
    ),
    case(
        "24",
        Made("python.csv", |text| text.replacen(",100000,1,", ",1.5,1,", 1).into()),
        2,
        &["\"1.5\" is no step"],
        &[],
    ),
    case(
        "24",
        Made("python.csv", |text| text.replacen(",100000,1,", ",1e300,1,", 1).into()),
        2,
        &["\"1e300\" is no step"],
        &[],
    ),
    case(
        "24",
        Made("python.csv", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        2,
        &["UTF-16", "UTF-8"],
        &[],
    ),
    case("24", Made("python.csv", gzipped), 2, &["gzipped", "gunzip"], &[]),
    case("24", Made("python.csv", |text| text.trim_end().into()), 2, &["add a line break behind it"], &[]),
    case(
        "24",
        Made("python.csv", |text| {
            text.replacen("False,0.1,0,0,2,0.5", "False,0.1,0,0,2\nFalse,0.1,0,0,2,0.5", 1).into()
        }),
        2,
        &["line 3: CSV error: the row has 5 cells, and the header 6"],
        &[],
    ),
    case(
        "24",
        Made("python.csv", |text| format!("{text}step,layer,residual,learning_rate,seed,grad_norm\n").into()),
        2,
        &["line 66: it is another header"],
        &[],
    ),
    case(
        "24",
        Made("python.csv", |text| text.replacen("0,0,2,0.5", "0,0,2,\"0.5", 1).trim_end().into()),
        2,
        &["line 3: a quote is opened and not closed"],
        &[],
    ),
    case(
        "24",
        Made("excel.csv", |text| text.replace(',', ";").replacen("0.62238371", "0,62238371", 1).into()),
        2,
        &["line 3: \"0.59809034\" has another decimal mark than line 2"],
        &[],
    ),
    case(
        "24",
        Made("two_ranks.csv", |text| {
            // A run that was resumed at a step that it had written.
            let lines: Vec<&str> = text.lines().step_by(2).skip(1).collect();
            format!("residual,learning_rate,seed,step,layer,grad_norm\r\n{}\r\n{}\r\n", lines.join("\r\n"), lines[3])
                .into()
        }),
        2,
        &["comes twice", "resumed"],
        &[],
    ),
    case(
        "25",
        Made("with_delta.csv", |text| text.replace(",11,0.3,", ",12,0.3,").into()),
        2,
        &["layer 12: layers are 1 to 10, and 11 is the head"],
        &[],
    ),
    case(
        "25",
        Made("plot_grad_flow.csv", |text| lines(text, |line| !line.contains(",11,") && !line.contains(",0.07"))),
        2,
        &["layer 10 of step 0 is not there", "9 layers were found", "write `depth = 8` under [run.model]"],
        &[],
    ),
];

/// What also depends on the judging of traces.
const JUDGED: &[Case] = &[
    case("22", File("first_steps_nan.csv"), 1, &["step 0"], &[]),
    case("22", File("first_steps_inf.csv"), 1, &["step 0"], &[]),
    // No step 0: claims about the beginning are undecided, and say so.
    case(
        "22",
        Made("first_steps_nan.csv", |text| lines(text, |line| !line.contains(",nan"))),
        1,
        &["undecided", "the trace begins at step 2", "1 of 2 runs are healthy"],
        &[],
    ),
    case("25", File("plot_grad_flow.csv"), 1, &["delta_rms"], &[]),
    case("25", File("with_delta.csv"), 1, &["vanishing"], &[]),
    case(
        "25",
        Made("with_delta.csv", |text| text.replace("delta_rms", "Delta_RMS").into()),
        1,
        &["to have it read, rename \"Delta_RMS\" to delta_rms"],
        &["vanishing"],
    ),
    // A dead layer and a loss that was not finite.
    case(
        "25",
        Made("with_delta.csv", |text| {
            with_column(text, "zero_fraction", |row| if row.contains(",3,2.7") { "1.0" } else { "0.0" })
        }),
        1,
        &["dead"],
        &[],
    ),
    case(
        "25",
        Made("with_delta.csv", |text| {
            with_column(text, "loss", |row| if row.split(',').nth(2) == Some("10") { "inf" } else { "2.3" })
        }),
        1,
        &["diverged"],
        &[],
    ),
];

/// The lines of a text that are kept.
fn lines(text: &str, keep: impl Fn(&str) -> bool) -> Vec<u8> {
    text.lines().filter(|line| keep(line)).flat_map(|line| [line, "\n"]).collect::<String>().into()
}

fn without(text: &str, part: &str) -> Vec<u8> {
    lines(text, |line| !line.contains(part))
}

/// The rows of `named_parameters`, biases among them.
fn with_biases(text: &str) -> Vec<u8> {
    let both = |line: &str| {
        let bias = if line.contains(".weight") { line.replace(".weight", ".bias") + "\n" } else { String::new() };
        format!("{line}\n{bias}")
    };
    text.lines().map(both).collect::<String>().into()
}

fn with_column(text: &str, name: &str, cell: impl Fn(&str) -> &'static str) -> Vec<u8> {
    let (header, rows) = text.split_once('\n').expect("lines");
    let rows: String = rows.lines().flat_map(|row| [row, ",", cell(row), "\n"]).collect();
    format!("{header},{name}\n{rows}").into()
}

fn gzipped(text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("memory");
    packed.finish().expect("memory")
}

/// A folder with a copy of a case's config.
struct Place(TempDir);

impl Place {
    fn of(folder: &str) -> Self {
        let place = Self(TempDir::new().expect("a temporary folder"));
        fs::copy(file(folder, "case.toml"), place.path("case.toml")).expect("a writable folder");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("a writable folder");
    }

    /// Checks a trace of the folder.
    fn check(&self, trace: &str, more: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.current_dir(self.0.path()).args(["check", "case.toml", "--traces", trace]).args(more);
        Outcome::of(&command.output().expect("vgrun starts"))
    }

    /// Runs what a message says to run.
    fn run(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(program).current_dir(self.0.path()).args(arguments).output().expect("it starts");
        let outcome = Outcome::of(&output);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
    }
}

fn file(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder).join(name)
}

fn text(folder: &str, name: &str) -> String {
    fs::read_to_string(file(folder, name)).expect("a file of the case")
}

fn come_out(cases: &[Case]) {
    for Case { folder, trace, code, says, never } in cases {
        let (name, bytes) = match trace {
            File(name) => (*name, fs::read(file(folder, name)).expect("a file of the case")),
            Made(name, make) => (*name, make(&text(folder, name))),
        };
        let place = Place::of(folder);
        place.write(name, &bytes);
        let outcome = place.check(name, &[]);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        let shown = String::from_utf8_lossy(&bytes).chars().take(300).collect::<String>();
        assert_eq!(outcome.code, *code, "{folder}/{name}: {said}\n{shown}");
        for word in *says {
            assert!(said.contains(word), "{folder}/{name}: {word:?} is not in {said}\n{shown}");
        }
        for word in *never {
            assert!(!said.contains(word), "{folder}/{name}: {word:?} is in {said}\n{shown}");
        }
    }
}

#[test]
fn traces_come_out_as_their_programs_meant_them() {
    come_out(CASES);
}

#[test]
fn traces_are_judged_by_what_their_columns_tell() {
    come_out(JUDGED);
}

/// A trace in the forms that programs give it; each with a byte order mark or without, and with its own line ends.
#[test]
fn the_same_trace_is_judged_alike_whoever_saved_it() {
    let place = Place::of("24");
    let python = text("24", "python.csv");
    place.write("python.csv", python.as_bytes());
    let want = place.check("python.csv", &[]);
    assert_eq!(want.code, 0, "{}", want.stderr);
    for (what, saved) in forms(&python) {
        place.write("t.csv", &saved);
        let got = place.check("t.csv", &[]);
        assert_eq!((got.code, &got.stdout), (want.code, &want.stdout), "{what}: {}", got.stderr);
    }
}

/// The forms of a trace whose header is a row of plain names, by hand: of R, of spreadsheets, of NumPy and others.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let joined = |separator: &str, end: &str, cell: &dyn Fn(usize, &str) -> String| -> String {
        let row = |(i, row): (usize, &Vec<&str>)| {
            row.iter().map(|text| cell(i, text)).collect::<Vec<_>>().join(separator) + end
        };
        rows.iter().enumerate().map(row).collect()
    };
    let same = |_: usize, cell: &str| cell.to_owned();
    let quoted = |_: usize, cell: &str| format!("\"{cell}\"");
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    let german = |i: usize, cell: &str| match cell {
        _ if i == 0 => cell.to_owned(),
        "True" | "true" => "WAHR".to_owned(),
        "False" | "false" => "FALSCH".to_owned(),
        _ if is_number(cell) => cell.replace('.', ",").replace('e', "E"),
        _ => cell.to_owned(),
    };
    let ones = |i: usize, cell: &str| match cell {
        "True" | "true" if i > 0 => "1".to_owned(),
        "False" | "false" if i > 0 => "0".to_owned(),
        _ => cell.to_owned(),
    };
    let upper = |i: usize, cell: &str| match cell {
        "True" | "False" | "true" | "false" if i > 0 => cell.to_uppercase(),
        _ => cell.to_owned(),
    };
    let float = |i: usize, cell: &str| match cell.parse::<u64>() {
        Ok(whole) if i > 0 => format!("{:?}", whole as f64),
        Ok(_) | Err(_) => cell.to_owned(),
    };
    // As a column of singles is widened to doubles; R shows 15 digits.
    let widened = |i: usize, cell: &str| match cell.parse::<f32>() {
        Ok(single) if i > 0 && cell.contains(['.', 'e']) => format!("{:?}", f64::from(single)),
        Ok(_) | Err(_) => cell.to_owned(),
    };
    let index = |name: &str, separator: &str, from: usize, quotes: bool| -> String {
        let cell = |i: usize, cell: &str| {
            if quotes && (i == 0 || !is_number(cell)) { quoted(i, cell) } else { upper(i, cell) }
        };
        let lines = joined(separator, "\n", &cell);
        let named = |(i, line): (usize, &str)| match i {
            0 => format!("{name}{line}\n"),
            _ => format!("\"{}\"{separator}{line}\n", i + from - 1),
        };
        lines.lines().enumerate().map(named).collect()
    };
    let crlf = joined(",", "\r\n", &same);
    let mut forms: Vec<(&str, Vec<u8>)> = vec![
        ("Windows", crlf.clone().into()),
        ("an old Macintosh", joined(",", "\r", &same).into()),
        ("a byte order mark", format!("\u{feff}{text}").into()),
        ("Excel", format!("\u{feff}{}", joined(",", "\r\n", &upper)).into()),
        ("a German Excel", joined(";", "\r\n", &german).into()),
        ("Excel's own word for the separator", format!("sep=;\r\n{}", joined(";", "\r\n", &same)).into()),
        ("tabs", joined("\t", "\n", &same).into()),
        ("bars", joined("|", "\n", &same).into()),
        ("blanks behind commas", joined(", ", "\n", &same).into()),
        ("quotes behind blanks", joined(", ", "\n", &quoted).into()),
        ("quotes everywhere", joined(",", "\n", &quoted).into()),
        ("NumPy's comment", format!("# {text}").into()),
        ("a column of zeros and ones", joined(",", "\n", &ones).into()),
        ("a table of floats", joined(",", "\n", &float).into()),
        ("a table of singles", joined(",", "\n", &widened).into()),
        ("R's write.csv", index("\"\",", ",", 1, true).into()),
        ("R's write.table", index("", " ", 1, true).into()),
        ("R's write.csv2", index("\"\";", ";", 1, true).replace('.', ",").into()),
        ("pandas with its index", index(",", ",", 0, false).into()),
        ("pandas read again", index("Unnamed: 0,", ",", 0, false).into()),
        ("blank lines", format!("\n{}\n \n,,,,,\n", text.replace('\n', "\n\n")).into()),
        (
            "a separator behind the last cell",
            joined(",", ",\n", &|i, cell| if i == 0 { cell.to_owned() } else { same(i, cell) }).into(),
        ),
    ];
    let (header, body) = text.split_once('\n').expect("lines");
    let half = body.match_indices('\n').nth(7).map_or(0, |(at, _)| at + 1);
    let (first, second) = body.split_at(half);
    forms.push(("two files", format!("{header}\n{first}\u{feff}{header}\n{second}").into()));
    let shuffled: String = body.lines().rev().flat_map(|line| [line, "\n"]).collect();
    forms.push(("the last row first", format!("{header}\n{shuffled}").into()));
    forms
}

/// A trace with axes of every kind, its numbers in the decimals of doubles, and what pandas and polars save of it.
#[test]
fn a_trace_that_data_frames_saved_again_is_judged_alike() {
    let experiment = Experiment::new()
        .key("train.precision", "\"f64\"")
        .axis("model.activation", "[\"relu\", \"tanh\"]")
        .axis("model.residual", "[false, true]")
        .axis("train.learning_rate", "[0.1, 1e-5, 0.3333333333333333]")
        .axis("seed", "[0, 9007199254740993]")
        .text("[[expect]]\nname = \"flat\"\nmetric = \"init_gradient_decades\"\nmin = -1\nmax = 2\nevery_seed = true\n")
        .text("[[expect]]\nname = \"moves\"\nmetric = \"grad_norm\"\nlayer = 1\nmin = 1e-3\nevery_seed = true\n");
    experiment.sweep(&["--quiet"]);
    let own = experiment.results().join("trace.csv");
    // Nothing but what a hook writes.
    let all = fs::read_to_string(&own).expect("a table");
    let wanted = ["activation", "residual", "learning_rate", "seed", "step", "layer", "grad_norm", "delta_rms"];
    let header: Vec<&str> = all.lines().next().expect("a header").split(',').collect();
    let places = wanted.map(|name| header.iter().position(|column| *column == name).expect("a column"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        places.map(|place| cells[place]).join(",") + "\n"
    };
    let trace: String = all.lines().map(row).collect();
    let path = experiment.folder().join("t.csv");
    fs::write(&path, &trace).expect("a writable folder");
    let want = experiment.run(&["check", "--traces", "t.csv"]);
    assert_eq!(want.code, 0, "{}{}", want.stdout, want.stderr);
    let alike = |what: &str, bytes: &[u8]| {
        fs::write(&path, bytes).expect("a writable folder");
        let got = experiment.run(&["check", "--traces", "t.csv"]);
        assert_eq!((got.code, &got.stdout), (want.code, &want.stdout), "{what}: {}", got.stderr);
    };
    for (what, saved) in forms(&trace) {
        // A float has no room for the larger seed: no row may pass for one of its neighbour.
        if what == "a table of floats" {
            fs::write(&path, saved).expect("a writable folder");
            let refused = experiment.run(&["check", "--traces", "t.csv"]);
            assert!(
                refused.code == 2 && refused.stderr.contains("its seed is 0, 9007199254740993"),
                "{}",
                refused.stderr
            );
        } else {
            alike(what, &saved);
        }
    }
    let Some(python) = python_with("pandas, polars") else {
        assert!(std::env::var_os("VGRUN_REQUIRE_PYTHON").is_none(), "no Python with pandas and polars");
        say("traces of data frames: NOT read, for no python3 with pandas and polars was found");
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/traces.py");
    let folder = TempDir::new().expect("a temporary folder");
    let small = trace.replace("9007199254740993", "7");
    let experiment_of_small =
        |more: &[&str], trace: &str| experiment.run(&[&["check", "--traces", trace], more].concat());
    let seeds = ["--set", "grid.seed=[0, 7]"];
    fs::write(&path, &small).expect("a writable folder");
    let want = experiment_of_small(&seeds, "t.csv");
    assert_eq!(want.code, 0, "{}{}", want.stdout, want.stderr);
    let output = Command::new(&python).arg(&script).arg(&path).arg(folder.path()).output().expect("Python starts");
    let outcome = Outcome::of(&output);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    let mut read = 0;
    for entry in fs::read_dir(folder.path()).expect("a folder") {
        let saved = entry.expect("an entry").path();
        let got = experiment_of_small(&seeds, saved.to_str().expect("UTF-8"));
        assert_eq!((got.code, &got.stdout), (want.code, &want.stdout), "{}: {}", saved.display(), got.stderr);
        read += 1;
    }
    assert_eq!(read, 14);
    say("traces of data frames: read, and judged alike");
}

/// The program in a message, which is the last thing that it says.
fn python_of(message: &str) -> String {
    let at = message.rfind("pandas.read").expect("a line of Python");
    let rest = &message[at..];
    rest[..rest.find("index=False)").expect("its end") + "index=False)".len()].to_owned()
}

#[test]
fn the_python_of_a_message_makes_a_trace_of_an_export() {
    let Some(python) = python_with("pandas") else {
        assert!(std::env::var_os("VGRUN_REQUIRE_PYTHON").is_none(), "no Python with pandas");
        say("what messages say of pandas: NOT run, for no python3 with pandas was found");
        return;
    };
    for (folder, exports) in
        [("20", ["metrics_sigmoid.csv", "metrics_relu.csv"]), ("21", ["wandb_export.csv", "wandb_export.csv"])]
    {
        let place = Place::of(folder);
        for (export, activation) in exports.into_iter().zip(["sigmoid", "relu"]) {
            fs::copy(file(folder, export), place.path(export)).expect("a writable folder");
            let refused = place.check(export, &[]);
            assert_eq!(refused.code, 2, "{}", refused.stdout);
            // Each run with its own value, as the message says, and with its own columns.
            let line = python_of(&refused.stderr).replace("ACTIVATION", &format!("\"{activation}\""));
            let line = line.replace("sigmoid-seed0", &format!("{activation}-seed0"));
            place.run(&python, &["-c", &format!("import pandas\n{line}")]);
        }
        let outcome = place.check("trace.csv", &[]);
        // Lightning's begins at step 49: it is read, and nothing is known of the beginning.
        let (code, said) = if folder == "20" { (1, "the trace begins at step 49") } else { (0, "1 passed") };
        assert_eq!(outcome.code, code, "{folder}: {}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.stdout.contains(said), "{folder}: {}", outcome.stdout);
    }
    // TensorBoard's is one file for each layer of each run.
    let place = Place::of("21");
    fs::copy(file("21", "tensorboard_layer1.csv"), place.path("tag.csv")).expect("a writable folder");
    let line = python_of(&place.check("tag.csv", &[]).stderr);
    let mut script = "import pandas\n".to_owned();
    for (activation, layer) in ["sigmoid", "relu"].into_iter().flat_map(|name| (1..=4).map(move |layer| (name, layer)))
    {
        let line = line.replace("ACTIVATION", &format!("\"{activation}\"")).replace("LAYER", &layer.to_string());
        script.extend([line, "\n".to_owned()]);
    }
    place.run(&python, &["-c", &script]);
    assert_eq!(place.check("trace.csv", &[]).code, 0, "{}", place.check("trace.csv", &[]).stderr);
    // Tables in other files.
    let place = Place::of("24");
    place.write("python.csv", text("24", "python.csv").as_bytes());
    for (name, writes) in [
        ("t.json", "to_json(\"t.json\")"),
        ("t.jsonl", "to_json(\"t.jsonl\", orient=\"records\", lines=True)"),
        ("r.json", "to_json(\"r.json\", orient=\"records\")"),
    ] {
        place.run(&python, &["-c", &format!("import pandas\npandas.read_csv(\"python.csv\").{writes}")]);
        let refused = place.check(name, &[]);
        place.run(&python, &["-c", &format!("import pandas\n{}", python_of(&refused.stderr))]);
        let outcome = place.check("trace.csv", &[]);
        assert_eq!(outcome.code, 0, "{name}: {}", outcome.stderr);
    }
    say("what messages say of pandas: run, and check reads what comes of it");
}

#[test]
fn what_a_message_says_to_do_is_enough() {
    let read = |place: &Place, bytes: &[u8], more: &[&str]| {
        place.write("t.csv", bytes);
        let outcome = place.check("t.csv", more);
        assert!(outcome.code < 2, "{}{}", outcome.stdout, outcome.stderr);
    };
    let place = Place::of("20");
    let named = text("20", "melted_names.csv");
    // The rows of biases are left out again.
    let both = String::from_utf8(with_biases(&named)).expect("UTF-8");
    read(&place, &without(&both, ".bias"), &[]);
    // A net of another depth.
    let fewer = without(&named, "layers.2.");
    place.write("t.csv", &fewer);
    let refused = place.check("t.csv", &[]);
    assert!(
        refused.stderr.contains("3 layers were found") && refused.stderr.contains("`depth = 2` under [run.model]"),
        "{}",
        refused.stderr
    );
    read(&place, &fewer, &["--set", "run.model.depth=2"]);
    // Names in the order of the alphabet, and then in that of the net.
    let ten = |text: &str| {
        text.replace("layers.2.", "layers.10.").replace("layers.4.", "layers.9.").replace("layers.6.", "layers.91.")
    };
    place.write("t.csv", ten(&named).as_bytes());
    let refused = place.check("t.csv", &[]);
    assert!(refused.stderr.contains("\"layers.10.weight\" before \"layers.9.weight\""), "{}", refused.stderr);
    let mut rows: Vec<String> = ten(&named).lines().map(str::to_owned).collect();
    for step in rows[1..].chunks_mut(4) {
        step.swap(1, 2);
    }
    read(&place, (rows.join("\n") + "\n").as_bytes(), &[]);
    // Columns are renamed.
    let other = text("20", "melted.csv").replacen("grad_norm", "grad norm", 1).replacen("step", "Step", 1);
    place.write("t.csv", other.as_bytes());
    let refused = place.check("t.csv", &[]).stderr;
    assert!(refused.contains("rename \"Step\" to step, rename \"grad norm\" to grad_norm"), "{refused}");
    read(&place, other.replacen("grad norm", "grad_norm", 1).replacen("Step", "step", 1).as_bytes(), &[]);

    let place = Place::of("23");
    // The frozen layer is left out, and the net has one fewer.
    let frozen = text("23", "none_for_frozen.csv");
    let left = without(&frozen, ",None");
    let counted = String::from_utf8(left).expect("UTF-8");
    let counted =
        (2..=4).fold(counted, |text, layer| text.replace(&format!(",{layer},0."), &format!(",{},0.", layer - 1)));
    read(&place, counted.as_bytes(), &["--set", "run.model.depth=2"]);
    read(&place, frozen.replace("None", "NaN").as_bytes(), &[]);

    let place = Place::of("24");
    let python = text("24", "python.csv");
    read(&place, format!("{}\n", python.trim_end()).as_bytes(), &[]);
    let ranks = text("24", "two_ranks.csv");
    let one: String =
        ranks.lines().enumerate().filter(|(i, _)| i % 2 == 0).flat_map(|(_, line)| [line, "\n"]).collect();
    read(&place, one.as_bytes(), &[]);
    place.write("t.csv.gz", &gzipped(&python));
    place.run("bash", &["-c", "gunzip < t.csv.gz > trace.csv"]);
    assert_eq!(place.check("trace.csv", &[]).code, 0);
    let mark = "\u{feff}".encode_utf16().chain(python.encode_utf16());
    place.write("wide.csv", &mark.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    assert!(place.check("wide.csv", &[]).stderr.contains("iconv -f UTF-16 -t UTF-8 FILE > trace.csv"));
    if Command::new("iconv").arg("--version").output().is_ok() {
        place.run("bash", &["-c", "iconv -f UTF-16 -t UTF-8 wide.csv > trace.csv"]);
        assert_eq!(place.check("trace.csv", &[]).code, 0);
    }
}

/// One run, so that no other has the step within which its writer was stopped.
#[test]
fn a_step_within_which_the_writer_was_stopped_is_left_out_of_a_trace_of_one_run() {
    let place = Place::of("24");
    let one =
        ["--set", "grid.seed=[0]", "--set", "grid.model.residual=[false]", "--set", "grid.train.learning_rate=[0.1]"];
    let python = text("24", "python.csv");
    let of_run = lines(&python, |line| line.starts_with("residual") || line.starts_with("False,0.1,0,"));
    let whole = String::from_utf8(of_run).expect("UTF-8");
    place.write("t.csv", whole.as_bytes());
    let want = place.check("t.csv", &one);
    assert_eq!(want.code, 0, "{}", want.stderr);
    // All but the first of the last step's rows at any byte of them.
    let last = whole.rfind("False,0.1,0,100000,1").expect("a row");
    let mut left_out = 0;
    for end in last + 1..whole.len() {
        place.write("t.csv", &whole.as_bytes()[..end]);
        let outcome = place.check("t.csv", &one);
        assert_eq!(outcome.code, 0, "{end}: {}", outcome.stderr);
        let is_torn = !whole[..end].ends_with('\n');
        assert_eq!(outcome.stderr.contains("does not end with a line break"), is_torn, "{end}: {}", outcome.stderr);
        left_out += usize::from(outcome.stderr.contains("step 100000 of the run with"));
    }
    assert!(left_out > 40, "{left_out}");
    // A torn row of the first step leaves nothing to judge.
    place.write("t.csv", &whole.as_bytes()[..whole.find("False,0.1,0,0,3").expect("a row") + 5]);
    let outcome = place.check("t.csv", &one);
    assert!(outcome.code == 2 && outcome.stderr.contains("add a line break behind it"), "{}", outcome.stderr);
}

#[test]
fn roles_say_which_layer_is_the_head_and_which_rows_are_no_layers() {
    let place = Place::of("20");
    let text = text("20", "melted_names.csv");
    let role = |name: &'static str| {
        move |row: &str| match row {
            _ if row.contains(name) => "head",
            _ => "linear",
        }
    };
    let check = |bytes: &[u8]| {
        place.write("t.csv", bytes);
        place.check("t.csv", &[])
    };
    // The claim is about layer 1.
    assert_eq!(check(&with_column(&text, "role", role("layers.6"))).code, 0);
    let small = text.replace("relu,0,0,layers.0.weight,0.6", "relu,0,0,layers.0.weight,0.00006");
    assert_eq!(check(small.as_bytes()).code, 1, "layer 1 has hardly a gradient");
    let rotated = check(&with_column(&small, "role", role("layers.0")));
    assert_eq!(rotated.code, 0, "the head has hardly a gradient: {}", rotated.stderr);
    let blocks: String = text
        .lines()
        .enumerate()
        .map(|(i, line)| match i {
            0 => format!("{line},role\n"),
            _ if line.contains("layers.2.") => {
                let block = line.replace("layers.2.weight", "block1").rsplit_once(',').expect("cells").0.to_owned();
                format!("{block},,block\n{line},linear\n")
            }
            _ => format!("{line},linear\n"),
        })
        .collect();
    let outcome = check(blocks.as_bytes());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("6 rows whose role is block were left out"), "{}", outcome.stderr);
    let numbered = (0..4).fold(blocks.clone(), |text, i| {
        text.replace(&format!("layers.{}.weight", 2 * i), &format!("{}", i + 1 + usize::from(i > 0)))
    });
    let outcome = check(numbered.replace("block1", "2").as_bytes());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let two =
        with_column(
            &text,
            "role",
            |row| if row.contains("layers.0") || row.contains("layers.6") { "head" } else { "" },
        );
    let outcome = check(&two);
    assert!(outcome.code == 2 && outcome.stderr.contains("the role of several layers"), "{}", outcome.stderr);
}

#[test]
fn a_loss_is_one_for_each_step() {
    let place = Place::of("20");
    let text = text("20", "melted.csv");
    let check = |bytes: &[u8]| {
        place.write("t.csv", bytes);
        place.check("t.csv", &[])
    };
    // They are read; that they begin late leaves the claims undecided.
    for read in [
        check(&with_column(&text, "loss", |_| "1.5")),
        check(&with_column(&text, "loss", |row| if row.contains(",1,0.") { "1.5" } else { "" })),
    ] {
        assert!(read.code == 1 && read.stdout.contains("the trace begins at step 49"), "{}", read.stderr);
    }
    let differs = check(&with_column(&text, "loss", |row| if row.contains(",49,3,") { "1.25" } else { "1.5" }));
    assert_eq!(differs.code, 2);
    assert!(
        differs.stderr.contains("line 4: the loss of step 49 is 1.25 here and 1.5 on line 2"),
        "{}",
        differs.stderr
    );
    let negative = check(&with_column(&text, "loss", |_| "-1.5"));
    assert!(negative.code == 2 && negative.stderr.contains("line 2: -1.5 is no loss"), "{}", negative.stderr);
    let share = check(&with_column(&text, "zero_fraction", |_| "50"));
    assert!(share.code == 2 && share.stderr.contains("line 2: 50 is no zero_fraction"), "{}", share.stderr);
    assert_eq!(check(&with_column(&text, "act_mean", |_| "-0.5")).code, 1, "read, and undecided");
}
