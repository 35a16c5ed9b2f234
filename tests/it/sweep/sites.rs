//! What the tables call a layer, and in which residual block it is.

use crate::experiment::Experiment;

/// The layers of a run in a table: those of its first traced step.
fn layers(experiment: &Experiment, table: &str, run: usize) -> Vec<[String; 4]> {
    let rows = experiment.rows(table).into_iter().filter(|row| row["run"] == run.to_string());
    let rows = rows.filter(|row| row.get("step").is_none_or(|step| step == "0"));
    rows.map(|row| ["layer", "site", "block", "role"].map(|column| row[column].clone())).collect()
}

#[test]
fn every_layer_has_its_name_and_its_block_and_the_head_is_last() {
    let nets = Experiment::new()
        .key("data.source", "\"noise\"")
        .key("model.depth", "3")
        .axis("model.kind", "[\"mlp\", \"rnn\", \"lstm\"]")
        .axis("model.residual", "[false, true]");
    nets.sweep(&["--quiet"]);
    let hidden = |l: &'static str, site, block| [l, site, block, "hidden"];
    let head = ["4", "head", "0", "head"];
    let plain = [hidden("1", "layers.1", "0"), hidden("2", "layers.2", "0"), hidden("3", "layers.3", "0"), head];
    // The first layer leads into the stream; block 1 ends at the second.
    let residual = [hidden("1", "layers.1", "0"), hidden("2", "layers.2", "1"), hidden("3", "layers.3", "2"), head];
    for (run, expected) in [plain, residual].into_iter().cycle().enumerate().take(6) {
        for table in ["layers", "trace"] {
            assert_eq!(layers(&nets, table, run), expected, "run {run} in {table}.csv");
        }
    }
}

#[test]
fn names_and_blocks_stand_right_after_the_number_of_the_layer() {
    let nets = Experiment::new().axis("seed", "[0, 1]");
    nets.sweep(&["--quiet"]);
    for (table, begins) in
        [("layers.csv", "run,seed,layer,site,block,role,"), ("trace.csv", "run,seed,step,layer,site,block,role,")]
    {
        let tables = nets.tables();
        assert!(tables[table].starts_with(begins), "{}", tables[table].lines().next().expect("a header"));
    }
}
