//! The first point that describes each run of a plan, by its number.

/// First points in the order of the runs, which is theirs too. No memory for the first runs, as long as every point is a
/// run of its own; four bytes for each other one.
#[derive(Debug, Default)]
pub(in crate::plan) struct FirstPoints {
    /// How many runs, from the first on, have their own number.
    same: u32,
    others: Vec<u32>,
}

impl FirstPoints {
    /// Makes room for this many runs.
    pub(in crate::plan) fn with_room(runs: usize) -> Self {
        Self { same: 0, others: Vec::with_capacity(runs) }
    }

    /// Adds the first point of the next run.
    pub(in crate::plan) fn push(&mut self, point: u32) {
        if self.others.is_empty() && point == self.same {
            self.same += 1;
        } else {
            self.others.push(point);
        }
    }

    /// The first point of run number `run`.
    pub(in crate::plan) fn of(&self, run: usize) -> u64 {
        let same = self.same as usize;
        if run < same { run as u64 } else { self.others[run - same].into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_back_wherever_the_first_one_is_left_out() {
        for points in [vec![], vec![0, 1, 2], vec![1, 2, 3], vec![0, 1, 3, 4, 9], vec![0, 2, 3]] {
            let mut first = FirstPoints::default();
            points.iter().for_each(|&point| first.push(point));
            let back: Vec<u64> = (0..points.len()).map(|run| first.of(run)).collect();
            assert_eq!(back, points.into_iter().map(u64::from).collect::<Vec<_>>());
        }
    }
}
