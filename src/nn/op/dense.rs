//! The dense layer: z = x W + b.

use ndarray::Array2;

use super::super::rows::as_slice_mut;
use super::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Role, Saved, Shared, Way, Work, made_in_both_precisions, split,
};
use crate::kernels::{
    Form as Product, NOTHING, Real, Start, ThreadBudget, add_column_sums, bring_to_sum, product_in_pieces,
};
use crate::nn::{Extent, Init, Rows, zeros};
use crate::seed::{Random, Stream};

/// A dense layer: its sizes, and how it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Dense {
    /// Units that it reads.
    pub(in super::super) fan_in: usize,
    /// Blocks of columns, each of which is drawn as a matrix of its own.
    pub(in super::super) blocks: usize,
    /// Columns of a block.
    pub(in super::super) units: usize,
    pub(in super::super) weights: Draw,
    /// None: it has no biases.
    pub(in super::super) biases: Option<Biases>,
}

/// How weights start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Draw {
    /// A multiple of an init's distribution.
    Init(Init, f64),
    /// U(-bound, bound).
    Uniform(f64),
}

impl Draw {
    /// Fills every block of `units` columns as a matrix of its own.
    pub(in super::super) fn fill<F: Real>(self, w: &mut Array2<F>, units: usize, random: &mut Random) {
        let fan_in = w.nrows();
        let mut draw = |block: &mut [F]| match self {
            Self::Init(init, gain) => init.fill(random, (fan_in, units), gain, block),
            Self::Uniform(bound) => block.iter_mut().for_each(|w| *w = F::from_f64(bound * random.symmetric())),
        };
        if w.ncols() == units {
            return draw(as_slice_mut(w));
        }
        let mut block = vec![F::zero(); fan_in * units]; // (fan_in, units)
        for first in (0..w.ncols()).step_by(units) {
            draw(&mut block);
            for (row, block) in w.rows_mut().into_iter().zip(block.chunks_exact(units)) {
                row.into_iter().skip(first).zip(block).for_each(|(w, &drawn)| *w = drawn);
            }
        }
    }

    /// Entries, in 64 bits each, that drawing takes beside the weights: for each of several blocks itself, and for
    /// orthogonal ones the normal numbers, the frame that is made of them, and the result.
    pub(in super::super) fn room(self, fan_in: usize, units: usize, blocks: usize) -> f64 {
        let frames = if matches!(self, Self::Init(Init::Orthogonal, _)) { 3.0 } else { 0.0 };
        let block = if blocks > 1 { 1.0 } else { 0.0 };
        (frames + block) * fan_in as f64 * units as f64
    }
}

/// How biases start.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Biases {
    pub(in super::super) drawn: BiasDraw,
    /// What is added to those of each block; nothing where it is empty.
    pub(in super::super) added: Vec<f64>,
}

/// What biases are drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum BiasDraw {
    /// N(0, std^2); at 0 for std = 0.
    Normal(f64),
    /// U(-bound, bound).
    Uniform(f64),
}

impl Dense {
    fn columns(&self) -> usize {
        self.blocks * self.units
    }

    fn make<F: Real>(&self, OpPlace { seed, site }: OpPlace) -> DenseOp<F> {
        let mut w = zeros((self.fan_in, self.columns()));
        self.weights.fill(&mut w, self.units, &mut Random::new(seed, Stream::Weights { layer: site }));
        // No room for more: a net may have very many small layers.
        let mut params = Vec::with_capacity(1 + usize::from(self.biases.is_some()));
        params.push(Param::new(Role::Weight, w));
        if let Some(Biases { drawn, added }) = &self.biases {
            let mut random = Random::new(seed, Stream::Biases { layer: site });
            let mut b = zeros((1, self.columns()));
            for (i, b) in as_slice_mut(&mut b).iter_mut().enumerate() {
                let drawn = match drawn {
                    BiasDraw::Normal(std) => std * random.normal(),
                    BiasDraw::Uniform(bound) => bound * random.symmetric(),
                };
                *b = F::from_f64(added.get(i / self.units).map_or(drawn, |added| added + drawn));
            }
            params.push(Param::new(Role::Bias, b));
        }
        DenseOp { params }
    }
}

impl OpForm for Dense {
    fn formula(&self) -> &'static str {
        "z = x W + b"
    }

    fn writes(&self, read: Extent) -> Extent {
        Extent { has_start: false, units: self.columns(), ..read }
    }

    fn params(&self) -> Vec<ParamForm> {
        let w = ParamForm { role: Role::Weight, name: "weight", shape: (self.fan_in, self.columns()) };
        let b = ParamForm { role: Role::Bias, name: "bias", shape: (1, self.columns()) };
        if self.biases.is_some() { vec![w, b] } else { vec![w] }
    }

    fn flow(&self) -> Flow {
        Flow::Keeps
    }

    fn gain(&self) -> Option<GainOf> {
        Some(GainOf::Weight)
    }

    fn work(&self, _read: Extent) -> Work {
        let columns = self.columns() as f64;
        // Biases, their gradients, copies.
        Work { products: self.fan_in as f64 * columns, passes: 4.0, units: columns }
    }

    fn room_to_draw(&self) -> f64 {
        self.weights.room(self.fan_in, self.units, self.blocks)
    }

    made_in_both_precisions!();
}

/// W (`fan_in`, `fan_out`) and, where it has one, b.
#[derive(Debug)]
struct DenseOp<F> {
    params: Vec<Param<F>>,
}

impl<F: Real> DenseOp<F> {
    fn w(&self) -> &Param<F> {
        &self.params[0]
    }

    fn fans(&self) -> (usize, usize) {
        self.w().value.dim()
    }
}

impl<F: Real> Op<F> for DenseOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, _saved: &mut Saved<F>, shared: &mut Shared<'_, F>) {
        // The sum over the inputs begins with b, which costs less than to add b to what was summed.
        let start = self.params.get(1).map_or(Start::Zero, |b| Start::Row(b.slice()));
        let ((fan_in, fan_out), x) = (self.fans(), x.slice());
        let size = (x.len() / fan_in, fan_in, fan_out);
        product_in_pieces(Product::Plain, size, start, shared.budget.size(), x, self.w().slice(), y.slice_mut());
    }

    fn backward(&mut self, way: Way<'_, F>, _saved: &mut Saved<F>, _gradients: &mut [F], shared: &mut Shared<'_, F>) {
        // forward was: z = x W + b
        let Some(dx) = way.dx else { return };
        let ((dz, of_dz), (dx, of_dx)) = (way.dy.steps(), dx.steps_mut());
        let (fan_in, fan_out) = self.fans();
        let size = (dz.len() / fan_out, fan_out, fan_in);
        product_in_pieces(Product::RightTransposed, size, Start::Zero, shared.budget.size(), dz, self.w().slice(), dx);
        of_dx.copy_from_slice(of_dz);
    }

    fn finish(&mut self, way: Way<'_, F>, _saved: &mut Saved<F>, gradients: &mut [F], shared: &mut Shared<'_, F>) {
        let exponent = unite(way.dy, 0);
        let (dz, x, (fan_in, fan_out)) = (way.dy.steps().0, way.x.slice(), self.fans());
        let of_b = self.params.get(1).map_or(0, |b| b.value.len());
        let [dw, db] = split(gradients, [fan_in * fan_out, of_b]);
        if of_b > 0 {
            // In the run's precision, as each entry of dW, which adds up as many rows: over 12,800 of them both are right
            // to 2e-6 in f32, and db in f64 would take several times as long.
            add_column_sums(dz, db);
        }
        add_transposed_product(x, dz, dw, (fan_in, fan_out), shared.budget);
        self.params.iter_mut().for_each(|param| param.exponent = exponent);
    }

    fn params(&self) -> &[Param<F>] {
        &self.params
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        &mut self.params
    }
}

/// dW = dW + x^T dz.
pub(super) fn add_transposed_product<F: Real>(
    x: &[F],
    dz: &[F],
    dw: &mut [F],
    (fan_in, fan_out): (usize, usize),
    budget: &ThreadBudget,
) {
    let size = (fan_in, x.len() / fan_in, fan_out);
    product_in_pieces(Product::LeftTransposed, size, Start::Current, budget.size(), x, dz, dw);
}

/// Brings the errors of the time steps after the first `after` to the largest of their exponents, and returns that.
pub(super) fn unite<F: Real>(errors: &mut super::Errors<F>, after: usize) -> i32 {
    let (entries, exponents) = errors.steps_mut();
    unite_slices(entries, exponents, after)
}

/// Does what [`unite`] does to entries and the exponents of their groups.
pub(super) fn unite_slices<F: Real>(entries: &mut [F], exponents: &mut [i32], after: usize) -> i32 {
    let largest = exponents[after..].iter().copied().max().unwrap_or(NOTHING);
    let step = entries.len() / exponents.len();
    if step > 0 {
        let steps = entries.chunks_exact_mut(step).zip(&*exponents).skip(after);
        steps.for_each(|(step, &of_step)| bring_to_sum(step, of_step, largest));
    }
    exponents[after..].fill(largest);
    largest
}
