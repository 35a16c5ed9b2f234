//! The cells of a grid: runs that differ in nothing but their seed.

use super::Plan;

/// The runs of each cell, cells in the order of their first runs: four bytes a cell, and eight more a run where the runs of
/// a cell do not follow each other.
#[derive(Debug)]
pub struct Cells {
    /// None where the runs of each cell follow each other.
    scattered: Option<Scattered>,
    /// Behind how many runs each cell begins, if runs come cell by cell; and the end.
    starts: Vec<u32>,
}

#[derive(Debug)]
struct Scattered {
    /// Of each run, its cell.
    of: Vec<u32>,
    /// The runs of the first cell, then those of the next.
    runs: Vec<u32>,
}

impl Cells {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Never: a plan has a run.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The runs of cell number `cell`, in plan order.
    pub fn runs(&self, cell: usize) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        let places = self.starts[cell] as usize..self.starts[cell + 1] as usize;
        places.map(|at| self.scattered.as_ref().map_or(at, |scattered| scattered.runs[at] as usize))
    }

    /// The number of the cell that run number `run` is in.
    pub fn of(&self, run: usize) -> usize {
        match &self.scattered {
            Some(scattered) => scattered.of[run] as usize,
            None => self.starts.partition_point(|&start| start as usize <= run) - 1,
        }
    }

    /// The runs of every cell.
    pub fn iter(&self) -> impl Iterator<Item = impl DoubleEndedIterator<Item = usize> + ExactSizeIterator> {
        (0..self.len()).map(|cell| self.runs(cell))
    }
}

impl Plan {
    /// The runs of each cell.
    pub fn cells(&self) -> Cells {
        let mut by_id: Vec<(u64, u32)> = self.of_each(|run| self.cell(run).0).into_iter().zip(0..).collect();
        by_id.sort_unstable();
        // Each cell by its first run, and where its runs stand.
        let mut cells: Vec<(u32, u32)> = Vec::new();
        for (at, pair) in (0..).zip(&by_id) {
            if at == 0 || by_id[at as usize - 1].0 != pair.0 {
                cells.push((pair.1, at));
            }
        }
        cells.sort_unstable();
        let (mut of, mut runs, mut starts) = (vec![0; by_id.len()], Vec::with_capacity(by_id.len()), vec![0]);
        for (cell, &(_, at)) in (0..).zip(&cells) {
            let id = by_id[at as usize].0;
            for &(_, run) in by_id[at as usize..].iter().take_while(|(other, _)| *other == id) {
                of[run as usize] = cell;
                runs.push(run);
            }
            starts.push(u32::try_from(runs.len()).expect("a plan numbers its runs in 32 bits"));
        }
        let follow_each_other = runs.iter().zip(0..).all(|(&run, at)| run == at);
        Cells { scattered: (!follow_each_other).then_some(Scattered { of, runs }), starts }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Source;

    #[test]
    fn cells_come_in_the_order_of_their_first_runs_wherever_the_seed_stands() {
        for (axes, expected) in [
            ("model.depth = [3, 1]\nseed = [5, 4, 6]\n", [[0, 1, 2], [3, 4, 5]]),
            ("seed = [5, 4, 6]\nmodel.depth = [3, 1]\n", [[0, 2, 4], [1, 3, 5]]),
        ] {
            let expected = expected.map(Vec::from);
            let text = format!("name = \"t\"\n[run]\n[grid]\n{axes}");
            let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).expect("a valid config");
            let cells = plan.cells();
            assert_eq!(cells.iter().map(Iterator::collect).collect::<Vec<Vec<_>>>(), expected);
            assert_eq!((cells.len(), cells.is_empty()), (2, false));
            assert_eq!(cells.scattered.is_none(), axes.starts_with("model"));
            for (cell, mut runs) in cells.iter().enumerate() {
                assert!(runs.all(|run| cells.of(run) == cell));
            }
        }
    }
}
