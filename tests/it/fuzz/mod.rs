//! Everything that vgrun reads, nearly right: mutated configs, tables, images, segments, baselines, traces and manifests.
//! Each is read without a panic, within a gigabyte and some seconds, and is either used or refused in words.
//!
//! A few thousand executions of each are part of the tests. `tests/fuzz.sh SECONDS` goes on for as long as one likes, and
//! prints how many there were; VGRUN_FUZZ_SEED is another beginning.

mod mutate;
mod random;
mod targets;

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use mutate::mutate;
use random::Random;

/// Memory that an execution may ask for at any moment.
const MOST_MEMORY: u64 = 1_000_000_000;

/// Longer than any execution takes on a slow machine.
const HANGS_FROM: Duration = Duration::from_secs(30);

/// Inputs that were new are mutated again; of more than this, one is forgotten for each that comes.
const MOST_KEPT: usize = 4000;

/// What is told of a target's answers, apart from its input.
type Answer = String;

/// Runs `target` over mutated inputs, so many in the tests. What it answers is all that is known of the way it took:
/// inputs with new answers join the others.
fn fuzz(name: &str, seeds: Vec<Vec<u8>>, words: &[&str], executions: u64, mut target: impl FnMut(&[u8]) -> Answer) {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, seed) = (variable("VGRUN_FUZZ_SECONDS"), variable("VGRUN_FUZZ_SEED").unwrap_or(1));
    let mut random = Random(seed);
    let (good, mut corpus) = (seeds.len(), seeds);
    let mut answers = BTreeSet::new();
    let start = Instant::now();
    let mut done: u64 = 0;
    let goes_on = |done: u64| match seconds {
        Some(seconds) => start.elapsed() < Duration::from_secs(seconds),
        None => done < executions,
    };
    while goes_on(done) {
        // First the good ones as they are.
        let input = match usize::try_from(done).ok().filter(|done| *done < good) {
            Some(number) => corpus[number].clone(),
            None => mutate(&mut random, &corpus, words),
        };
        let answer = watched(name, seed, done, &input, &mut target);
        done += 1;
        // Numbers in a message are those of the input.
        let kind: String = answer.chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
        if answers.insert(kind) {
            if corpus.len() >= MOST_KEPT {
                let forgotten = random.below(corpus.len());
                corpus.swap_remove(forgotten);
            }
            corpus.push(input);
        }
    }
    let took = start.elapsed().as_secs();
    let text = format!("fuzz {name}: {done} executions in {took} s, {} kinds of answers, seed {seed}", answers.len());
    let _ = writeln!(io::stderr(), "{text}");
}

/// One execution, held to its bounds.
fn watched(name: &str, seed: u64, number: u64, input: &[u8], target: &mut impl FnMut(&[u8]) -> Answer) -> Answer {
    let start = Instant::now();
    let mut answer = None;
    let memory = allocation_counter::measure(|| answer = catch_unwind(AssertUnwindSafe(|| target(input))).ok());
    let bad = match &answer {
        None => Some("it panicked".to_owned()),
        Some(_) if memory.bytes_max > MOST_MEMORY => Some(format!("it asked for {} bytes", memory.bytes_max)),
        Some(_) if start.elapsed() > HANGS_FROM => Some(format!("it took {:?}", start.elapsed())),
        Some(_) => None,
    };
    if let Some(bad) = bad {
        let file = std::env::temp_dir().join(format!("vgrun-fuzz-{name}-{seed}-{number}"));
        std::fs::write(&file, input).expect("a temporary folder");
        panic!("fuzz {name}, seed {seed}, execution {number}: {bad}; the input is in {}", file.display());
    }
    answer.expect("it did not panic")
}
