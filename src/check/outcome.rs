//! What the check reports of a decision: whether it is red, and what an expected failure makes of it.

use super::decide::Decision;

/// What the check reports of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseOutcome {
    /// The claim holds.
    Passed,
    /// The seeds do not decide: a warning, and red only if the user asks for strictness.
    Undecided {
        /// About how many seeds would decide it, where any number would.
        seeds: Option<usize>,
    },
    /// The claim is violated.
    Failed,
    /// The claim does not hold, as its author said beforehand: green.
    FailedAsExpected {
        /// Why it was expected not to hold.
        reason: String,
    },
    /// The claim holds although its author said that it would not, so what the file says is out of date: red.
    UnexpectedlyHolds {
        /// Why it was expected not to hold.
        reason: String,
    },
}

impl CaseOutcome {
    /// What a decision means for a claim without an expected failure.
    pub fn of(decision: Decision) -> Self {
        match decision {
            Decision::Holds => Self::Passed,
            Decision::Violated { .. } => Self::Failed,
            Decision::Undecided { seeds } => Self::Undecided { seeds },
        }
    }

    /// What a decision means for a claim with `expected_failure = reason`. Only a claim that holds is a failure: one
    /// that is undecided was not seen to hold, and its author asked for no more than that, strictly or not.
    pub fn with_expected_failure(decision: Decision, reason: &str) -> Self {
        let reason = reason.to_owned();
        match decision {
            Decision::Holds => Self::UnexpectedlyHolds { reason },
            Decision::Violated { .. } | Decision::Undecided { .. } => Self::FailedAsExpected { reason },
        }
    }

    /// Whether the check is red for this claim, whatever the strictness.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Failed | Self::UnexpectedlyHolds { .. } => true,
            Self::Passed | Self::Undecided { .. } | Self::FailedAsExpected { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECISIONS: [Decision; 3] =
        [Decision::Holds, Decision::Violated { p: 0.01 }, Decision::Undecided { seeds: Some(7) }];

    #[test]
    fn only_a_violated_claim_fails() {
        let outcomes = DECISIONS.map(CaseOutcome::of);
        assert_eq!(outcomes, [CaseOutcome::Passed, CaseOutcome::Failed, CaseOutcome::Undecided { seeds: Some(7) }]);
        assert_eq!(outcomes.map(|outcome| outcome.is_failure()), [false, true, false]);
    }

    #[test]
    fn of_an_expected_failure_only_a_claim_that_holds_fails() {
        let outcomes = DECISIONS.map(|decision| CaseOutcome::with_expected_failure(decision, "known"));
        assert_eq!(outcomes[0], CaseOutcome::UnexpectedlyHolds { reason: "known".to_owned() });
        assert_eq!(outcomes.map(|outcome| outcome.is_failure()), [true, false, false]);
    }
}
