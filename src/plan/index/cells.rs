//! The cells of a grid: runs that differ in nothing but their seed.

use super::plan::Plan;

/// The runs of each cell, cells in the order of their first runs: four bytes a cell, and eight more a run where the runs of
/// a cell do not follow each other.
#[derive(Debug)]
pub struct Cells {
    /// None where the runs of each cell follow each other.
    scattered: Option<Scattered>,
    /// The number of runs before each cell, if runs come cell by cell; and the end.
    starts: Vec<u32>,
}

#[derive(Debug)]
struct Scattered {
    /// The cell of each run.
    of: Vec<u32>,
    /// The runs of the first cell, then those of the next.
    runs: Vec<u32>,
}

impl Cells {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// False: a plan has a run.
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
        let ids: Vec<u64> = self.of_each(|run| self.cell(run).0);
        let mut by_id: Vec<u32> = (0..).take(ids.len()).collect();
        by_id.sort_unstable_by_key(|&run| (ids[run as usize], run));
        // The first run of each run's cell, and then, in plan order, the cell's number instead.
        let mut of = vec![0; ids.len()];
        for cell in by_id.chunk_by(|&a, &b| ids[a as usize] == ids[b as usize]) {
            cell.iter().for_each(|&run| of[run as usize] = cell[0]);
        }
        drop((ids, by_id));
        let mut cells = 0;
        for (run, number) in (0..of.len()).zip(0..) {
            of[run] = if of[run] == number { cells } else { of[of[run] as usize] };
            cells = cells.max(of[run] + 1);
        }
        let mut starts = vec![0; cells as usize + 1];
        of.iter().for_each(|&cell| starts[cell as usize + 1] += 1);
        (0..cells as usize).for_each(|cell| starts[cell + 1] += starts[cell]);
        let scattered = (!of.is_sorted()).then(|| {
            let (mut runs, mut next) = (vec![0; of.len()], starts.clone());
            for (&cell, run) in of.iter().zip(0..) {
                let next = &mut next[cell as usize];
                runs[*next as usize] = run;
                *next += 1;
            }
            Scattered { of, runs }
        });
        Cells { scattered, starts }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Source;

    #[test]
    fn a_cell_has_its_runs_wherever_they_stand() {
        for (text, expected) in [
            // An include adds a seed to an earlier cell.
            (
                "[grid]\nmodel.depth = [3, 1]\nseed = [5, 4]\n[[include]]\nmodel.depth = 3\nseed = 9\n",
                vec![vec![0, 1, 4], vec![2, 3]],
            ),
            // Three cells whose runs alternate, and one run left out.
            (
                "[grid]\nseed = [5, 4]\nmodel.depth = [3, 1, 2]\n[[exclude]]\nmodel.depth = 1\nseed = 5\n",
                vec![vec![0, 2], vec![1, 4], vec![3]],
            ),
        ] {
            let plan = crate::plan::plan(&Source::new("t.toml", format!("name = \"t\"\n{text}")), &[]).expect("valid");
            let cells = plan.cells();
            assert_eq!(cells.iter().map(Iterator::collect).collect::<Vec<Vec<_>>>(), expected);
            for (cell, runs) in cells.iter().enumerate() {
                runs.for_each(|run| assert_eq!(cells.of(run), cell));
            }
        }
    }

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
