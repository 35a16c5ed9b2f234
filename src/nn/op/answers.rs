//! The rows of the last M time steps, which are answered: y_m = x_{T - M + m}.

use super::{Flow, GainOf, Op, OpForm, OpPlace, Saved, Shared, Way, Work, made_in_both_precisions};
use crate::kernels::{NOTHING, Real};
use crate::nn::{Extent, Rows, RowsOf};

/// The last M time steps.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct LastSteps;

impl LastSteps {
    fn make(&self, _place: OpPlace) -> Self {
        self.clone()
    }
}

impl OpForm for LastSteps {
    fn formula(&self) -> &'static str {
        "y_m = x_{T - M + m}"
    }

    fn writes(&self, read: Extent) -> Extent {
        Extent { rows: RowsOf::Answers, has_start: false, ..read }
    }

    fn flow(&self) -> Flow {
        Flow::Keeps
    }

    fn gain(&self) -> Option<GainOf> {
        None
    }

    fn work(&self, read: Extent) -> Work {
        Work { products: 0.0, passes: 0.0, units: read.units as f64 }
    }

    made_in_both_precisions!();
}

impl<F: Real> Op<F> for LastSteps {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, _saved: &mut Saved<F>, _shared: &mut Shared<'_, F>) {
        let (x, y) = (x.slice(), y.slice_mut());
        y.copy_from_slice(&x[x.len() - y.len()..]);
    }

    fn backward(&mut self, way: Way<'_, F>, _saved: &mut Saved<F>, _gradients: &mut [F], shared: &mut Shared<'_, F>) {
        // forward was: y_m = x_{T - M + m}
        let Some(dx) = way.dx else { return };
        let ((dy, of_dy), (dx, of_dx)) = (way.dy.steps(), dx.steps_mut());
        let (unanswered, answered) = dx.split_at_mut(dx.len() - dy.len());
        unanswered.fill(F::zero());
        answered.copy_from_slice(dy);
        of_dx.fill(NOTHING);
        of_dx.iter_mut().rev().take(shared.batch.answers).for_each(|of_dx| *of_dx = of_dy[0]);
    }
}
