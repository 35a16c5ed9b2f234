//! The copy problem (Hochreiter and Schmidhuber 1997; in the form of Arjovsky et al. 2016): S symbols out of K, then
//! D time steps of which the last has the mark that calls for an answer and the others are blank, then S blank ones
//! at which the symbols are to be told in their order. Inputs are one-hot: K symbols, the blank, the mark.
//! T = 2 S + D; the loss is that of the last S time steps, and ln K is that of chance.

use super::room::ExampleRoom;
use crate::data::examples::Answers;
use crate::seed::Random;

/// Time steps of an example.
pub(in crate::data) const fn time_steps(length: usize, delay: usize) -> usize {
    2 * length + delay
}

/// Inputs of one time step.
pub(in crate::data) const fn inputs(symbols: usize) -> usize {
    symbols + 2
}

/// Draws one example: its `length` symbols in their order.
pub(super) fn draw(random: &mut Random, (length, symbols, delay): (usize, usize, usize), row: ExampleRoom<'_>) {
    let ExampleRoom { example, x, answers } = row;
    let (blank, mark) = (symbols, symbols + 1);
    let told = match answers {
        Answers::Classes { labels, .. } => &mut labels[example * length..][..length],
        Answers::Values(_) => unreachable!("a symbol is a class"),
    };
    for (t, x) in x.chunks_exact_mut(inputs(symbols)).enumerate() {
        x.fill(0.0);
        let shown = if t < length {
            told[t] = random.below(symbols);
            told[t]
        } else if t + 1 == length + delay {
            mark
        } else {
            blank
        };
        x[shown] = 1.0;
    }
}
