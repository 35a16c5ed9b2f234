//! The cells of a grid: runs that differ in nothing but their seed.

use super::Plan;

/// The runs of each cell, cells in the order of their first runs: twelve bytes a run at most.
#[derive(Debug)]
pub struct Cells {
    /// Of each run, its cell.
    of: Vec<u32>,
    /// The runs of the first cell, then those of the next.
    runs: Vec<u32>,
    /// Where in `runs` each cell begins; and the end.
    starts: Vec<u32>,
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
    pub fn runs(&self, cell: usize) -> &[u32] {
        &self.runs[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }

    /// The number of the cell that run number `run` is in.
    pub fn of(&self, run: usize) -> usize {
        self.of[run] as usize
    }

    /// The runs of every cell.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|cell| self.runs(cell))
    }
}

impl Plan {
    /// The runs of each cell.
    pub fn cells(&self) -> Cells {
        let mut by_id: Vec<(u64, u32)> = self.runs().map(|run| self.cell(run).0).zip(0..).collect();
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
        Cells { of, runs, starts }
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
            let text = format!("name = \"t\"\n[run]\n[grid]\n{axes}");
            let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).expect("a valid config");
            let cells = plan.cells();
            assert_eq!(cells.iter().collect::<Vec<_>>(), expected);
            assert_eq!((cells.len(), cells.is_empty()), (2, false));
            for (cell, runs) in cells.iter().enumerate() {
                assert!(runs.iter().all(|&run| cells.of(run as usize) == cell));
            }
        }
    }
}
