//! Queues of runs: their order, their end, failures and stops.

use std::collections::BTreeMap;

use super::*;
use crate::config::Source;
use crate::nn::Activation;

fn plan(text: &str) -> Plan {
    crate::plan::plan(&Source::new("test.toml", text), &[]).expect("a valid config")
}

fn grid() -> Plan {
    plan(
        "name = \"t\"\n[run.data]\nsource = \"blobs\"\n[run.model]\nwidth = 4\n[run.train]\nsteps = 3\n[grid]\n\
         model.depth = [1, 4, 2]\nmodel.activation = [\"relu\", \"tanh\"]\n",
    )
}

fn options(jobs: usize, fail_fast: bool) -> Options {
    Options { jobs: jobs.try_into().expect("positive"), fail_fast, memory: f64::INFINITY }
}

/// All records of a sweep by run, and how it ended.
fn sweep(trainer: &Trainer<'_>, options: Options) -> (BTreeMap<usize, Record>, Vec<usize>, Conclusion) {
    let (plan, control) = (grid(), Control::default());
    let (mut records, mut order) = (BTreeMap::new(), Vec::new());
    let conclusion = run_with(trainer, &plan, &plan.order(), options, &control, &mut |ended| {
        order.push(ended.job.run);
        records.insert(ended.job.run, ended.record);
        ControlFlow::Continue(())
    });
    (records, order, conclusion.expect("threads start"))
}

/// Panics in place of training tanh nets.
fn panics_at_tanh(
    workspace: &mut Workspace,
    spec: &RunSpec,
    data: &Dataset,
    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Trained> {
    assert!(spec.model.activation != Activation::Tanh, "no tanh today");
    train::run_in(workspace, spec, data, on_step)
}

#[test]
fn the_longest_run_comes_first() {
    let (records, order, conclusion) = sweep(&train::run_in, options(1, false));
    assert_eq!(conclusion, Conclusion::Complete);
    assert_eq!(records.len(), 6);
    let plan = grid();
    assert!(order.is_sorted_by(|a, b| plan.cost(*a).seconds >= plan.cost(*b).seconds), "{order:?}");
    assert_eq!(order[0], 3, "the deepest, with the dearer activation");
}

#[test]
fn of_runs_that_cost_the_same_those_that_share_their_data_follow_each_other() {
    let plan = plan(
        "name = \"t\"\n[run.data]\nsource = \"noise\"\n[grid]\nmodel.depth = [1, 2]\n\
         model.init = [\"he\", \"xavier\", \"lecun\"]\nseed = [0, 1, 2, 3]\n",
    );
    let seeds: Vec<u64> = plan.order().into_iter().map(|run| plan.spec(run).data.seed).collect();
    let changes = seeds.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!((6..=7).contains(&changes), "four data sets at each of two depths: {seeds:?}");
}

#[test]
fn records_do_not_depend_on_the_number_of_jobs() {
    let one = sweep(&train::run_in, options(1, false)).0;
    let three = sweep(&train::run_in, options(3, false)).0;
    assert_eq!(format!("{one:?}"), format!("{three:?}"));
}

#[test]
fn a_panic_is_a_record_and_the_other_runs_go_on() {
    let (records, _, conclusion) = sweep(&panics_at_tanh, options(2, false));
    assert_eq!(conclusion, Conclusion::Complete);
    for (run, record) in records {
        match record {
            Record::Failed(message) => assert!(run % 2 == 1 && message == "panicked: no tanh today", "{message}"),
            Record::Done(_) => assert_eq!(run % 2, 0),
        }
    }
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let (records, order, conclusion) = sweep(&panics_at_tanh, options(1, true));
    assert_eq!(conclusion, Conclusion::Stopped);
    assert!(matches!(records[&order[0]], Record::Failed(_)));
    // The worker may have begun one more run before it saw the word.
    assert!(order.len() < 6, "{order:?}");
}

#[test]
fn a_stopped_sweep_ends_between_steps_and_tells_no_half_run() {
    let (plan, control) = (grid(), Control::default());
    let stopping = |workspace: &mut Workspace,
                    spec: &RunSpec,
                    data: &Dataset,
                    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>| {
        train::run_in(workspace, spec, data, &mut |step| {
            if step == 1 {
                control.stop.store(true, Ordering::Relaxed);
            }
            on_step(step)
        })
    };
    let mut ended = 0;
    let conclusion = run_with(&stopping, &plan, &plan.order(), options(2, false), &control, &mut |_| {
        ended += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((ended, conclusion.expect("threads start")), (0, Conclusion::Stopped));
}

#[test]
fn the_cost_of_all_runs_is_done_at_the_end_also_of_those_that_end_early() {
    let (plan, control) = (grid(), Control::default());
    run_with(&panics_at_tanh, &plan, &plan.order(), options(2, false), &control, &mut |_| ControlFlow::Continue(()))
        .expect("threads start");
    let cost: f64 = plan.runs().map(|run| plan.cost(run).seconds).sum();
    assert!((control.done() / cost - 1.0).abs() < 0.01, "{} of {cost}", control.done());
    assert_eq!(control.ended(), 6);
}

#[test]
fn a_worker_with_much_to_store_waits_until_it_is_stored() {
    // 36 MB of readings each, says the plan; the trainer gives a few bytes back.
    let plan =
        plan("name = \"t\"\n[run]\ntrace.every = 1\ntrain.steps = 10000\nmodel.depth = 50\n[grid]\nseed = [0, 1, 2]\n");
    let started = AtomicUsize::new(0);
    let trainer =
        |_: &mut Workspace, _: &RunSpec, data: &Dataset, on_step: &mut dyn FnMut(usize) -> ControlFlow<()>| {
            started.fetch_add(1, Ordering::Relaxed);
            let mut small = RunSpec::default();
            small.train.steps = 1.try_into().expect("positive");
            train::run(&small, data, on_step)
        };
    let mut ended = 0;
    let mut on_end = |_| {
        ended += 1;
        // Time enough to begin the next run, if it did not wait.
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(started.load(Ordering::Relaxed), ended);
        ControlFlow::Continue(())
    };
    run_with(&trainer, &plan, &plan.order(), options(1, false), &Control::default(), &mut on_end)
        .expect("threads start");
    assert_eq!(ended, 3);
}

#[test]
fn a_limit_of_memory_changes_no_record() {
    let free = sweep(&train::run_in, options(1, false)).0;
    let plan = grid();
    let least = plan.runs().map(|run| plan.memory(run).peak).fold(0.0, f64::max);
    let tight = sweep(&train::run_in, Options { memory: least, ..options(1, false) }).0;
    assert_eq!(format!("{free:?}"), format!("{tight:?}"));
}
