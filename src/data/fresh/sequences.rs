//! Sequences that every training step draws for itself, so that nothing can be learned by heart: step k's are those of
//! the data's seed and k, whatever the net.

use ndarray::Array2;

use super::room::ExampleRoom;
use super::{adding, copy};
use crate::data::examples::{Answers, Examples};
use crate::data::spec::DataSpec;
use crate::seed::{Random, Stream};

/// Sequences of the test, which are the same for every run of the seed.
pub(in crate::data) const TEST: usize = 512;

/// What draws the sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fresh {
    seed: u64,
    task: Task,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Adding { length: usize },
    Copy { length: usize, symbols: usize, delay: usize },
}

impl Fresh {
    pub(in crate::data) fn adding(spec: &DataSpec) -> Self {
        Self { seed: spec.seed, task: Task::Adding { length: spec.length.get() } }
    }

    pub(in crate::data) fn copy(spec: &DataSpec) -> Self {
        let (length, symbols, delay) = (spec.length.get(), spec.symbols.get(), spec.delay.get());
        Self { seed: spec.seed, task: Task::Copy { length, symbols, delay } }
    }

    /// The test's sequences.
    pub(in crate::data) fn test(self) -> Examples {
        let mut test = self.room(TEST);
        self.draw(Stream::TestSequences, &mut test);
        test
    }

    /// Time steps, and how many of the last are answered.
    pub(in crate::data) fn time_steps(self) -> (usize, usize) {
        match self.task {
            Task::Adding { length } => (length, 1),
            Task::Copy { length, delay, .. } => (copy::time_steps(length, delay), length),
        }
    }

    /// Room for so many examples.
    pub fn room(self, examples: usize) -> Examples {
        let (length, _) = self.time_steps();
        match self.task {
            Task::Adding { .. } => Examples {
                x: Array2::zeros((examples, length * adding::INPUTS)),
                answers: Answers::Values(Array2::zeros((examples, adding::OUTPUTS))),
            },
            Task::Copy { length: told, symbols, .. } => Examples {
                x: Array2::zeros((examples, length * copy::inputs(symbols))),
                answers: Answers::Classes { labels: vec![0; examples * told], count: symbols },
            },
        }
    }

    /// Fills the room with the examples of a training step, from 0.
    pub fn draw_step(self, step: usize, room: &mut Examples) {
        self.draw(Stream::Sequences { step }, room);
    }

    fn draw(self, stream: Stream, room: &mut Examples) {
        let mut random = Random::new(self.seed, stream);
        let Examples { x, answers } = room;
        for (example, mut x) in x.rows_mut().into_iter().enumerate() {
            let x = x.as_slice_mut().expect("rows are contiguous");
            let row = ExampleRoom { example, x, answers };
            match self.task {
                Task::Adding { length } => adding::draw(&mut random, length, row),
                Task::Copy { length, symbols, delay } => copy::draw(&mut random, (length, symbols, delay), row),
            }
        }
    }

    /// Variance of a target that is a number.
    pub(in crate::data) fn target_variance(self) -> f64 {
        match self.task {
            Task::Adding { .. } => adding::TARGET_VARIANCE,
            Task::Copy { .. } => unreachable!("symbols are classes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataSource, Dataset};
    use crate::kernels::mean_and_std;

    fn spec(source: DataSource, length: usize) -> DataSpec {
        let count = |n: usize| n.try_into().expect("positive");
        let default = crate::spec::RunSpec::default().data;
        DataSpec { source, length: count(length), symbols: count(3), delay: count(4), ..default }
    }

    fn step(spec: &DataSpec, step: usize) -> Examples {
        let data = Dataset::load(spec).expect("no files");
        assert_eq!(data.sizes(), spec.sizes().expect("known"));
        let fresh = data.fresh.expect("drawn anew");
        let mut room = fresh.room(200);
        fresh.draw_step(step, &mut room);
        room
    }

    #[test]
    fn one_mark_is_in_each_half_and_the_answer_is_the_sum_of_the_marked() {
        for length in [2, 5, 50] {
            let drawn = step(&spec(DataSource::Adding, length), 3);
            let Answers::Values(sums) = &drawn.answers else { panic!("sums are numbers") };
            for (x, &sum) in drawn.x.rows().into_iter().zip(sums) {
                let marked: Vec<usize> = (0..length).filter(|t| x[2 * t + 1] == 1.0).collect();
                assert_eq!(marked.len(), 2);
                assert!(marked[0] < length / 2 && marked[1] >= length / 2, "{marked:?}");
                assert_eq!(x[2 * marked[0]] + x[2 * marked[1]], sum);
            }
            let (mean, std) = mean_and_std(sums.as_slice().expect("row-major"));
            assert!((mean - 1.0).abs() < 0.15 && (std * std - adding::TARGET_VARIANCE).abs() < 0.06);
        }
    }

    #[test]
    fn what_is_told_after_the_mark_is_what_was_shown_at_the_beginning() {
        let drawn = step(&spec(DataSource::Copy, 2), 0);
        let Answers::Classes { labels, count: 3 } = &drawn.answers else { panic!("symbols are classes") };
        let hot = |x: &[f64]| {
            assert_eq!(x.iter().sum::<f64>(), 1.0);
            x.iter().position(|&x| x == 1.0).expect("one-hot")
        };
        let (blank, mark) = (3, 4);
        for (x, told) in drawn.x.rows().into_iter().zip(labels.chunks(2)) {
            let shown: Vec<usize> = x.as_slice().expect("contiguous").chunks(5).map(hot).collect();
            assert_eq!(shown, [told[0], told[1], blank, blank, blank, mark, blank, blank]);
        }
        assert!((0..3).all(|symbol| labels.contains(&symbol)));
    }

    #[test]
    fn steps_differ_and_are_the_same_for_every_run_of_the_seed() {
        let mut spec = spec(DataSource::Adding, 6);
        assert_eq!(step(&spec, 1), step(&spec, 1));
        assert_ne!(step(&spec, 1), step(&spec, 2));
        let before = step(&spec, 1);
        spec.seed += 1;
        assert_ne!(step(&spec, 1), before);
        let test = Dataset::load(&spec).expect("no files").test;
        assert_eq!(test.x.dim(), (TEST, 12));
        assert_ne!(test.x.row(0), step(&spec, 0).x.row(0));
    }

    #[test]
    fn chance_is_the_sums_variance_and_an_even_guess_of_a_symbol() {
        let chance = |source| Dataset::load(&spec(source, 4)).expect("no files").loss_of_chance();
        assert_eq!(chance(DataSource::Adding), 1.0 / 6.0);
        assert!((chance(DataSource::Copy) - 3.0_f64.ln()).abs() < 1e-15);
    }
}
