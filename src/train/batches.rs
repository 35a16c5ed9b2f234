//! The order of examples, or the drawing of fresh ones where none are stored; and the arrays of one batch.

use ndarray::Array2;

use crate::data::{Answers, Dataset, Examples, Fresh};
use crate::kernels::Real;
use crate::nn::{BatchShape, Target, fit, zeros};
use crate::seed::{Random, Stream};
use crate::spec::BatchSize;

/// The rows of each step's batch: every epoch is a fresh permutation, and an incomplete last batch is dropped.
#[derive(Debug)]
pub(super) struct Batches {
    seed: u64,
    size: usize,
    order: Vec<usize>,
    epoch: usize,
    /// Where in the order the next batch begins.
    next: usize,
}

impl Batches {
    pub(super) fn new(examples: &Examples, size: BatchSize, seed: u64) -> Self {
        let n = examples.x.nrows();
        let mut batches = Self { seed, size: size.of(n), order: vec![0; n], epoch: 0, next: 0 };
        batches.shuffle();
        batches
    }

    /// Examples per batch.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The rows of the next step's batch.
    pub(super) fn next_rows(&mut self) -> &[usize] {
        if self.next + self.size > self.order.len() {
            self.epoch += 1;
            self.next = 0;
            self.shuffle();
        }
        self.next += self.size;
        &self.order[self.next - self.size..self.next]
    }

    fn shuffle(&mut self) {
        Random::new(self.seed, Stream::Order { epoch: self.epoch }).permutation(&mut self.order);
    }
}

/// Where the batches of a run come from.
#[derive(Debug)]
pub(super) enum BatchSource {
    /// Examples of a training part.
    Stored(Batches),
    /// Examples that each step draws.
    Drawn { fresh: Fresh, room: Examples, rows: Vec<usize>, step: usize },
}

impl BatchSource {
    pub(super) fn new(data: &Dataset, size: BatchSize, seed: u64) -> Self {
        match data.fresh {
            None => Self::Stored(Batches::new(&data.train, size, seed)),
            Some(fresh) => {
                let examples = size.of(0);
                Self::Drawn { fresh, room: fresh.room(examples), rows: (0..examples).collect(), step: 0 }
            }
        }
    }

    /// Examples per batch.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Stored(batches) => batches.size(),
            Self::Drawn { rows, .. } => rows.len(),
        }
    }

    /// The next step's batch: its rows among these examples.
    pub(super) fn next<'a>(&'a mut self, data: &'a Dataset) -> (&'a Examples, &'a [usize]) {
        match self {
            Self::Stored(batches) => (&data.train, batches.next_rows()),
            Self::Drawn { fresh, room, rows, step } => {
                fresh.draw_step(*step, room);
                *step += 1;
                (room, rows)
            }
        }
    }
}

/// One batch in the run's precision.
#[derive(Debug)]
pub(super) struct Batch<F> {
    pub(super) shape: BatchShape,
    /// The answers of the last M time steps, in the same order.
    answers: BatchAnswers<F>,
}

#[derive(Debug)]
enum BatchAnswers<F> {
    Classes(Vec<usize>),
    Values(Array2<F>),
}

impl<F: Real> Batch<F> {
    /// Room for nothing.
    pub(super) fn empty() -> Self {
        Self { shape: BatchShape::of_examples(0), answers: BatchAnswers::Classes(vec![]) }
    }

    /// Makes room for `size` examples of this data set, and reuses the memory that is there as far as it goes.
    pub(super) fn fit(&mut self, data: &Dataset, size: usize) {
        self.shape = BatchShape { examples: size, length: data.length, answers: data.answers };
        let (size, examples) = (self.shape.answered_rows(), &data.train);
        match (&examples.answers, &mut self.answers) {
            (Answers::Classes { .. }, BatchAnswers::Classes(batch)) => batch.resize(size, 0),
            (Answers::Values(values), BatchAnswers::Values(batch)) => fit(batch, (size, values.ncols())),
            (Answers::Classes { .. }, answers @ BatchAnswers::Values(_)) => {
                *answers = BatchAnswers::Classes(vec![0; size]);
            }
            (Answers::Values(values), answers @ BatchAnswers::Classes(_)) => {
                *answers = BatchAnswers::Values(zeros((size, values.ncols())));
            }
        }
    }

    /// Takes these rows of the examples: their inputs into x (T B, inputs), time step after time step, the examples of
    /// each in order.
    pub(super) fn fill(&mut self, examples: &Examples, rows: &[usize], x: &mut Array2<F>) {
        let BatchShape { length, answers, .. } = self.shape;
        gather(&examples.x, rows, length, x);
        match (&examples.answers, &mut self.answers) {
            (Answers::Classes { labels, .. }, BatchAnswers::Classes(batch)) => {
                for (m, batch) in batch.chunks_exact_mut(rows.len()).enumerate() {
                    rows.iter().zip(batch).for_each(|(&row, label)| *label = labels[row * answers + m]);
                }
            }
            (Answers::Values(values), BatchAnswers::Values(batch)) => gather(values, rows, answers, batch),
            (Answers::Classes { .. } | Answers::Values(_), _) => {
                unreachable!("a batch is fitted to the kind of answers that fill it")
            }
        }
    }

    pub(super) fn target(&self) -> Target<'_, F> {
        match &self.answers {
            BatchAnswers::Classes(labels) => Target::Classes(labels),
            BatchAnswers::Values(values) => Target::Values(values),
        }
    }
}

/// Copies rows that hold `pieces` pieces one after the other: the first piece of all rows, then the second of all, and
/// so on.
fn gather<F: Real>(from: &Array2<f64>, rows: &[usize], pieces: usize, to: &mut Array2<F>) {
    const ROW_MAJOR: &str = "data are row-major";
    let (all, width) = (from.as_slice().expect(ROW_MAJOR), from.ncols() / pieces);
    let places = (0..pieces).flat_map(|piece| rows.iter().map(move |&row| (row * pieces + piece) * width));
    for (place, to) in places.zip(to.as_slice_mut().expect(ROW_MAJOR).chunks_exact_mut(width)) {
        all[place..][..width].iter().zip(to).for_each(|(&x, to)| *to = F::from_f64(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(n: usize) -> Examples {
        Examples { x: Array2::zeros((n, 1)), answers: Answers::Values(Array2::zeros((n, 1))) }
    }

    #[test]
    fn an_epoch_takes_no_example_twice_and_drops_the_incomplete_batch() {
        let mut batches = Batches::new(&examples(10), BatchSize::Examples(3.try_into().expect("positive")), 1);
        let epoch =
            |batches: &mut Batches| -> Vec<usize> { (0..3).flat_map(|_| batches.next_rows().to_vec()).collect() };
        let (first, second) = (epoch(&mut batches), epoch(&mut batches));
        assert_ne!(first, second, "each epoch is a fresh permutation");
        for mut epoch in [first, second] {
            epoch.sort_unstable();
            epoch.dedup();
            assert_eq!(epoch.len(), 9);
        }
    }

    #[test]
    fn a_batch_of_sequences_has_its_first_time_steps_first() {
        // Example e at time step t has the inputs 100 e + 10 t + {0, 1}; the last two of three time steps are answered.
        let of = |e: usize| move |i: usize| (100 * e + 10 * (i / 2) + i % 2) as f64;
        let x = Array2::from_shape_fn((3, 6), |(e, i)| of(e)(i));
        let labels = (0..3).flat_map(|e| [10 * e + 1, 10 * e + 2]).collect();
        let train = Examples { x, answers: Answers::Classes { labels, count: 30 } };
        let data = Dataset { length: 3, answers: 2, ..Dataset::without_time(train.clone(), train) };
        let mut batch = Batch::<f32>::empty();
        batch.fit(&data, 2);
        let mut x = zeros((batch.shape.rows(), 2));
        batch.fill(&data.train, &[2, 0], &mut x);
        let rows = [[200.0, 201.0], [0.0, 1.0], [210.0, 211.0], [10.0, 11.0], [220.0, 221.0], [20.0, 21.0]];
        assert_eq!(x, ndarray::arr2(&rows));
        let Target::Classes(labels) = batch.target() else { panic!("they are classes") };
        assert_eq!(labels, [21, 1, 22, 2]);
    }

    #[test]
    fn a_full_batch_takes_every_example_at_every_step() {
        let mut batches = Batches::new(&examples(5), BatchSize::Full, 1);
        for _ in 0..3 {
            let mut rows = batches.next_rows().to_vec();
            rows.sort_unstable();
            assert_eq!(rows, [0, 1, 2, 3, 4]);
        }
    }
}
