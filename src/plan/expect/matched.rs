//! Which runs an expectation speaks of: cell by cell, and with what each is compared.

use std::collections::HashMap;

use crate::config::Expectation;
use crate::plan::grid::Pattern;
use crate::plan::index::Plan;
use crate::spec::{Draft, RunId};

/// Runs that an expectation speaks of and that differ in nothing but their seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedCell {
    /// The runs, in plan order; at least one.
    pub runs: Vec<usize>,
    /// Where the expectation compares: of each run the one with the same seed that differs from it in the keys of
    /// `versus` alone; none where the plan does not have it.
    pub partners: Option<Vec<Option<usize>>>,
}

/// A run with the one that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    run: usize,
    partner: Option<Partner>,
}

/// A run to compare with, which the plan may not have. The run stands first, as order goes by it: that of cells' ids has
/// no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Partner {
    run: Option<usize>,
    cell: RunId,
}

impl Plan {
    /// What the config expects, in the order of its text.
    pub fn expectations(&self) -> &[Expectation] {
        &self.experiment.expectations
    }

    /// The runs that an expectation of this plan speaks of, the cell of the first run first, and of one run that of the
    /// first run that it is compared with. `where` matches points, so a point that was folded into another is found by its
    /// own values; one that a rule dropped is not. Points of one run that are compared with different cells make a cell
    /// each.
    pub fn matched(&self, expectation: &Expectation) -> Vec<MatchedCell> {
        self.matched_all(std::slice::from_ref(expectation)).pop().expect("one for each")
    }

    /// The runs that each of several expectations speaks of, found in one walk over the points.
    pub(super) fn matched_all(&self, expectations: &[Expectation]) -> Vec<Vec<MatchedCell>> {
        let patterns: Vec<Pattern> = expectations.iter().map(|e| Pattern::new(&e.points)).collect();
        let mut found: Vec<Vec<Match>> = vec![Vec::new(); expectations.len()];
        self.each_point(|draft| {
            let point = draft.clone().point();
            let mut run = None;
            for ((expectation, pattern), found) in expectations.iter().zip(&patterns).zip(&mut found) {
                if pattern.matches(&point) {
                    let run = *run.get_or_insert_with(|| {
                        self.run_of_draft(draft.clone()).expect("a point that no rule drops has a run")
                    });
                    let versus = expectation.claim.versus();
                    found.push(Match { run, partner: versus.map(|versus| self.partner(draft.clone(), versus)) });
                }
            }
        });
        found.into_iter().map(|found| self.by_cell(found)).collect()
    }

    /// Every point that no rule drops, in order.
    pub(super) fn each_point(&self, mut visit: impl FnMut(&Draft)) {
        let rules: Vec<Pattern> = self.experiment.excludes.iter().map(|rule| Pattern::new(&rule.columns)).collect();
        for (g, grid) in self.grids.iter().enumerate() {
            for i in 0..grid.len() {
                let draft = grid.draft(i);
                // Rules do not touch includes.
                let is_dropped = g == 0 && !rules.is_empty() && {
                    let point = draft.clone().point();
                    rules.iter().any(|rule| rule.matches(&point))
                };
                if !is_dropped {
                    visit(&draft);
                }
            }
        }
    }

    fn partner(&self, mut draft: Draft, versus: &Draft) -> Partner {
        draft.take_all(versus);
        let run = self.run_of_draft(draft.clone());
        Partner { run, cell: run.map_or_else(|| self.cell_of(draft), |run| self.cell(run)) }
    }

    fn run_of_draft(&self, draft: Draft) -> Option<usize> {
        let mut point = draft.point();
        self.catalog.complete(&mut point.data);
        self.run_of(&point)
    }

    fn by_cell(&self, mut found: Vec<Match>) -> Vec<MatchedCell> {
        found.sort_unstable();
        found.dedup();
        let mut cells: Vec<MatchedCell> = Vec::new();
        let mut known: HashMap<(RunId, Option<RunId>), usize> = HashMap::new();
        for Match { run, partner } in found {
            let at = *known.entry((self.cell(run), partner.map(|partner| partner.cell))).or_insert_with(|| {
                cells.push(MatchedCell { runs: Vec::new(), partners: partner.map(|_| Vec::new()) });
                cells.len() - 1
            });
            cells[at].runs.push(run);
            if let (Some(partners), Some(partner)) = (&mut cells[at].partners, partner) {
                partners.push(partner.run);
            }
        }
        cells
    }
}
