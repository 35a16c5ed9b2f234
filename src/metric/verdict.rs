//! The verdicts on a run's gradients, by name. What makes a run deserve one is `analysis`'s to say.

use serde::{Deserialize, Serialize};

use crate::names::named;

named! {
    /// The verdict on a run, worst first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Verdict {
        /// A loss was not finite.
        Diverged = "diverged",
        /// A hidden layer passes no gradient, or hardly any of its units does.
        Dead = "dead",
        /// Nearly all units of a hidden layer are where their activation is flat.
        Saturated = "saturated",
        /// The error grows too much on its way back, or no gradient is finite.
        Exploding = "exploding",
        /// The error shrinks too much on its way back.
        Vanishing = "vanishing",
        /// One of these at initialisation, and none at the end.
        Recovered = "recovered",
        /// None of these; it does not mean that the net learns.
        Healthy = "healthy",
    }
}

impl Verdict {
    /// Whether something ails the net as it was when it was last seen.
    pub fn is_sick(self) -> bool {
        self < Self::Recovered
    }

    /// One capital letter for narrow tables; `X` for diverged, which would share its own with dead.
    pub fn letter(self) -> char {
        match self {
            Self::Diverged => 'X',
            Self::Dead => 'D',
            Self::Saturated => 'S',
            Self::Exploding => 'E',
            Self::Vanishing => 'V',
            Self::Recovered => 'R',
            Self::Healthy => 'H',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_ordered_worst_first_and_have_letters_of_their_own() {
        assert!(Verdict::ALL.is_sorted());
        let mut letters: Vec<char> = Verdict::ALL.iter().map(|v| v.letter()).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), Verdict::ALL.len());
    }
}
