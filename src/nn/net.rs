//! A net with its parameters: what a description is built into.

use std::ops::Range;

use ndarray::Array2;

use super::describe::{Description, describe};
use super::op::{GainOf, Op, OpPlace, Param, Precise, Shared, States, Units, Way, padded};
use super::rows::{as_slice, as_slice_mut, fit};
use super::schedule::{Backward, Forward, OpAt, Schedule};
use super::{BatchShape, Errors, Extent, ModelSpec, Rows, Tensor};
use crate::kernels::{Magnitude, Real, ThreadBudget, add_errors, add_scaled, scale, settle};

/// Which statistics norms use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The batch's own.
    Train,
    /// The running averages.
    Eval,
}

/// Who looks at errors on their way back.
pub trait Probe<F> {
    /// The error of what an op wrote, before its backward, with the factor that this is.
    fn before(&mut self, gain: Option<GainOf>, error: &Errors<F>);

    /// The error of a residual branch, before it joins that of the stream.
    fn branch(&mut self, error: &Errors<F>);

    /// The error is at a site.
    fn site(&mut self);
}

/// The arrays of one batch's way forward and back, used for every batch of the same shape, and again by the next net.
#[derive(Debug)]
pub struct Buffers<F> {
    values: Vec<Rows<F>>,
    errors: Vec<Errors<F>>,
    /// What each op saved.
    saved: Vec<Vec<Array2<F>>>,
    scratch: Vec<Array2<F>>,
    /// The gradients of all parameters, or of those of one site at a time.
    gradients: Array2<F>,
    /// The value that the net ends with, and its error.
    output: usize,
    output_error: usize,
    batch: BatchShape,
    budget: ThreadBudget,
}

impl<F: Real> Buffers<F> {
    /// No arrays yet; large products will be split over `budget`.
    pub fn new(budget: ThreadBudget) -> Self {
        Self {
            values: vec![],
            errors: vec![],
            saved: vec![],
            scratch: vec![],
            gradients: Array2::zeros((0, 0)),
            output: 0,
            output_error: 0,
            batch: BatchShape::of_examples(0),
            budget,
        }
    }

    /// The batch x (T B, inputs), to be filled before the way forward.
    pub fn input(&mut self) -> &mut Array2<F> {
        self.values[0].matrix_mut()
    }

    /// The logits (M B, outputs) that a forward left, and room for dLoss/dlogits, to be filled before the way back.
    pub fn answers(&mut self) -> (&Array2<F>, &mut Errors<F>) {
        (self.values[self.output].matrix(), &mut self.errors[self.output_error])
    }

    /// What the forward left under a number of [`Schedule::values`].
    pub fn value(&self, number: usize) -> &Rows<F> {
        &self.values[number]
    }

    /// Puts every gradient to 0, before a way back adds to them.
    pub fn forget_gradients(&mut self) {
        self.gradients.fill(F::zero());
    }

    /// B, T and M of the batches that fit.
    pub fn shape(&self) -> BatchShape {
        self.batch
    }
}

/// Whether the gradients of all parameters are there at once, or only those of the site that the way back is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gradients {
    /// All at once: the way back may pass before anything is updated.
    All,
    /// One site's: it is updated before the way back goes on.
    OfOneSite,
}

/// A net with its parameters.
#[derive(Debug)]
pub struct Network<F> {
    schedule: Schedule,
    ops: Vec<Box<dyn Op<F>>>,
    /// Where the gradients of each op are among those of the net.
    regions: Vec<Range<usize>>,
    gradients: Gradients,
    sites: Vec<Site>,
}

/// What belongs to a site.
#[derive(Debug)]
struct Site {
    /// Its ops.
    ops: Range<usize>,
    /// The trained tensors in the order of their roles: op, and place among its parameters.
    tensors: Vec<Located>,
    /// The number of the first one among all of the net.
    first: usize,
    /// How many of them are weights; they come first.
    weights: usize,
    /// The op whose units are read.
    units: Option<usize>,
    /// The recurrence.
    recurrence: Option<usize>,
}

/// A parameter of a net.
#[derive(Debug, Clone)]
struct Located {
    op: usize,
    param: usize,
    /// Where its gradient is among those of the net.
    gradient: Range<usize>,
}

impl<F: Precise> Network<F> {
    /// The net of a spec at initialisation, drawn from `seed`.
    pub fn new(spec: &ModelSpec, inputs: usize, outputs: usize, seed: u64, gradients: Gradients) -> Self {
        Self::of(&describe(spec, inputs, outputs), seed, gradients)
    }

    /// The net that a description says, drawn from `seed`.
    pub fn of(description: &Description, seed: u64, gradients: Gradients) -> Self {
        let schedule = Schedule::of(description);
        let make = |op: &OpAt| F::make(&*op.part.form, OpPlace { seed, site: op.site });
        let ops: Vec<_> = schedule.ops.iter().map(make).collect();
        let mut regions = Vec::with_capacity(ops.len());
        let mut end = 0;
        for (i, op) in schedule.ops.iter().enumerate() {
            let is_first = i == 0 || schedule.ops[i - 1].site != op.site;
            let begin = if gradients == Gradients::OfOneSite && is_first { 0 } else { end };
            let trained = ops[i].params().iter().filter(|param| param.role.is_trained());
            end = begin + trained.map(|param| padded::<F>(param.value.len())).sum::<usize>();
            regions.push(begin..end);
        }
        let mut net = Self { schedule, ops, regions, gradients, sites: vec![] };
        let mut first = 0;
        net.sites.reserve_exact(net.schedule.sites.len());
        for number in 1..=net.schedule.sites.len() {
            let site = net.site(number, first);
            first += site.tensors.len();
            net.sites.push(site);
        }
        net
    }
}

impl<F: Real> Network<F> {
    fn site(&self, number: usize, first: usize) -> Site {
        let mut tensors = Vec::new();
        let (mut units, mut recurrence) = (None, None);
        let begin = self.schedule.ops.partition_point(|op| op.site < number);
        let ops = begin..self.schedule.ops.partition_point(|op| op.site <= number);
        for (op, at) in ops.clone().zip(&self.schedule.ops[ops.clone()]) {
            let mut begin = self.regions[op].start;
            for (param, value) in self.ops[op].params().iter().enumerate().filter(|(_, param)| param.role.is_trained())
            {
                let entries = value.value.len();
                tensors.push(Located { op, param, gradient: begin..begin + entries });
                begin += padded::<F>(entries);
            }
            let nothing = Rows::empty();
            if self.ops[op].units(&nothing, &nothing).is_some() {
                units = Some(op);
            }
            recurrence = at.part.form.cell().map(|_| op).or(recurrence);
        }
        let role = |at: &Located| self.ops[at.op].params()[at.param].role;
        tensors.sort_by_key(role);
        tensors.shrink_to_fit();
        let weights = tensors.iter().filter(|at| role(at) == super::Role::Weight).count();
        Site { ops, tensors, first, weights, units, recurrence }
    }

    /// L: the sites below the head.
    pub fn hidden_layers(&self) -> usize {
        self.sites.len() - 1
    }

    /// The ops in order, and which site each belongs to.
    pub fn ops(&self) -> &[OpAt] {
        &self.schedule.ops
    }

    /// Makes the arrays fit batches of this shape on their way through this net, and reuses their memory as far as it
    /// goes. They hold nothing of meaning until a forward has filled them, but for the gradients, which are 0.
    pub fn fit(&self, buffers: &mut Buffers<F>, batch: BatchShape) {
        assert!((1..=batch.length).contains(&batch.answers), "answers are given at some of the time steps");
        let Schedule { ops, values, errors, output, output_error, .. } = &self.schedule;
        (buffers.batch, buffers.output, buffers.output_error) = (batch, *output, *output_error);
        buffers.values.resize_with(values.len(), Rows::empty);
        buffers.values.iter_mut().zip(values).for_each(|(rows, &extent)| rows.fit(extent, batch));
        buffers.errors.resize_with(errors.len(), Errors::empty);
        buffers.errors.iter_mut().zip(errors).for_each(|(rows, &extent)| rows.fit(extent, batch));
        buffers.saved.resize_with(ops.len(), Vec::new);
        let mut scratch: Vec<usize> = vec![];
        for (op, saved) in ops.iter().zip(&mut buffers.saved) {
            fit_all(saved, op.part.form.saved(values[op.x], batch));
            let sizes = op.part.form.scratch(batch);
            scratch.resize(scratch.len().max(sizes.len()), 0);
            scratch.iter_mut().zip(sizes).for_each(|(most, (rows, columns))| *most = (*most).max(rows * columns));
        }
        fit_all(&mut buffers.scratch, scratch.into_iter().map(|entries| (1, entries)));
        let gradients = self.regions.iter().map(|region| region.end).max().unwrap_or(0);
        fit(&mut buffers.gradients, (1, gradients));
        buffers.gradients.fill(F::zero());
    }

    /// New arrays for batches of this shape.
    pub fn buffers(&self, batch: BatchShape) -> Buffers<F> {
        let mut buffers = Buffers::new(ThreadBudget::alone());
        self.fit(&mut buffers, batch);
        buffers
    }

    /// Logits of the batch in the buffers, left there with all that the way back needs.
    pub fn forward(&mut self, mode: Mode, buffers: &mut Buffers<F>) {
        let Buffers { values, saved, scratch, batch, budget, .. } = buffers;
        let mut shared = Shared { batch: *batch, mode, budget, scratch };
        for work in &self.schedule.forward {
            match *work {
                Forward::Op(i) => {
                    let at = &self.schedule.ops[i];
                    let [x, y] = values.get_disjoint_mut([at.x, at.y]).expect(APART);
                    self.ops[i].forward(x, y, &mut saved[i], &mut shared);
                }
                Forward::Join { stream, branch, out, scale } => {
                    let scale = F::from_f64(scale);
                    if out != branch {
                        let [branch, out] = values.get_disjoint_mut([branch, out]).expect(APART);
                        out.slice_mut().copy_from_slice(branch.slice());
                    }
                    let [stream, out] = values.get_disjoint_mut([stream, out]).expect(APART);
                    add_scaled(stream.slice(), scale, out.slice_mut());
                }
            }
        }
    }

    /// Goes back through what belongs to site `l`; called from the head, L + 1, down to 1. Computes the gradients of its
    /// parameters. The weights of the site are not read again until the next forward, so they may be updated between two
    /// sites.
    pub fn backward_site(&mut self, l: usize, buffers: &mut Buffers<F>, probe: Option<&mut dyn Probe<F>>) {
        let begin = self.schedule.sites.get(l).map_or(0, |above| above.end);
        let end = self.schedule.sites[l - 1].end;
        let mut probe = probe;
        for work in begin..end {
            match self.schedule.backward[work] {
                Backward::Op(i) => {
                    if let Some(probe) = &mut probe {
                        let at = &self.schedule.ops[i];
                        probe.before(at.part.form.gain(), &buffers.errors[at.dy]);
                    }
                    self.on_the_way_back(i, buffers, false);
                }
                Backward::Split { from, to, scale: s } => {
                    let [from, to] = buffers.errors.get_disjoint_mut([from, to]).expect(APART);
                    let ((from, of_from), (to, of_to)) = (from.steps(), to.steps_mut());
                    scale(from, F::from_f64(s), to);
                    of_to.copy_from_slice(of_from);
                }
                Backward::Merge { from, into } => {
                    if let Some(probe) = &mut probe {
                        probe.branch(&buffers.errors[into]);
                    }
                    let [from, into] = buffers.errors.get_disjoint_mut([from, into]).expect(APART);
                    merge(from, into);
                }
                Backward::Site(site) => {
                    buffers.errors[self.schedule.sites[site - 1].error].settle();
                    if let Some(probe) = &mut probe {
                        probe.site();
                    }
                }
                Backward::Finish(site) => {
                    for i in self.sites[site - 1].ops.clone().rev() {
                        self.on_the_way_back(i, buffers, true);
                    }
                }
            }
        }
    }

    /// The backward of an op, or its end.
    fn on_the_way_back(&mut self, i: usize, buffers: &mut Buffers<F>, is_end: bool) {
        let Buffers { values, errors, saved, scratch, gradients, batch, budget, .. } = buffers;
        let at = &self.schedule.ops[i];
        let (dy, dx) = match at.dx {
            Some(dx) => {
                let [dy, dx] = errors.get_disjoint_mut([at.dy, dx]).expect(APART);
                (dy, Some(dx))
            }
            None => (&mut errors[at.dy], None),
        };
        let way = Way { x: &values[at.x], y: &values[at.y], dy, dx };
        let mut shared = Shared { batch: *batch, mode: Mode::Train, budget, scratch };
        let gradients = &mut as_slice_mut(gradients)[self.regions[i].clone()];
        let (op, saved) = (&mut self.ops[i], &mut saved[i]);
        if is_end {
            op.finish(way, saved, gradients, &mut shared);
        } else {
            op.backward(way, saved, gradients, &mut shared);
        }
    }

    /// Computes the gradients of all parameters, which were 0, from dLoss/dlogits in the buffers.
    ///
    /// # Panics
    /// If the net has room for those of one site alone.
    pub fn backward(&mut self, buffers: &mut Buffers<F>) {
        assert!(self.gradients == Gradients::All, "the gradients of a site are forgotten at the next one");
        for l in (1..=self.sites.len()).rev() {
            self.backward_site(l, buffers, None);
        }
    }

    /// Calls `visit(number, values, (gradients, exponent))` on every parameter tensor of site `l`: its weights first. The
    /// numbers go through all sites, the head last.
    pub fn visit_site(
        &mut self,
        l: usize,
        buffers: &mut Buffers<F>,
        mut visit: impl FnMut(usize, &mut [F], (&mut [F], i32)),
    ) {
        let Site { tensors, first, .. } = &self.sites[l - 1];
        let gradients = as_slice_mut(&mut buffers.gradients);
        for (number, at) in (*first..).zip(tensors) {
            let param = &mut self.ops[at.op].params_mut()[at.param];
            let exponent = param.exponent;
            visit(number, param.slice_mut(), (&mut gradients[at.gradient.clone()], exponent));
        }
    }

    /// Calls `visit(number, values, (gradients, exponent))` on every parameter tensor in the order of their numbers.
    pub fn visit(&mut self, buffers: &mut Buffers<F>, mut visit: impl FnMut(usize, &mut [F], (&mut [F], i32))) {
        for l in 1..=self.sites.len() {
            self.visit_site(l, buffers, &mut visit);
        }
    }

    /// The entries of every parameter tensor in the order of their numbers.
    pub fn tensor_sizes(&self) -> Vec<usize> {
        let tensors = self.sites.iter().flat_map(|site| &site.tensors);
        tensors.map(|at| at.gradient.len()).collect()
    }

    /// Multiplies the gradients of all parameters by `factor`.
    pub fn scale_gradients(&self, buffers: &mut Buffers<F>, factor: f64) {
        let factor = F::from_f64(factor);
        buffers.gradients.iter_mut().for_each(|g| *g *= factor);
    }

    /// Every W of site `l`.
    pub fn weights(&self, l: usize) -> impl Iterator<Item = &[F]> {
        let Site { tensors, weights, .. } = &self.sites[l - 1];
        tensors[..*weights].iter().map(|at| self.ops[at.op].params()[at.param].slice())
    }

    /// How many W site `l` has.
    pub fn count_weights(&self, l: usize) -> usize {
        self.sites[l - 1].weights
    }

    /// dLoss/dW of every W of site `l`, with its exponent.
    pub fn weight_gradients<'a>(&'a self, l: usize, buffers: &'a Buffers<F>) -> impl Iterator<Item = (&'a [F], i32)> {
        let Site { tensors, weights, .. } = &self.sites[l - 1];
        let gradients = as_slice(&buffers.gradients);
        tensors[..*weights]
            .iter()
            .map(|at| (&gradients[at.gradient.clone()], self.ops[at.op].params()[at.param].exponent))
    }

    /// The error at site `l`, once the way back has passed it and before it goes on.
    pub fn error<'a>(&self, l: usize, buffers: &'a Buffers<F>) -> &'a Errors<F> {
        &buffers.errors[self.schedule.sites[l - 1].error]
    }

    /// The root mean square of the error at site `l`, once the way back has passed it.
    pub fn error_rms(&self, l: usize, buffers: &Buffers<F>) -> Magnitude {
        self.error(l, buffers).rms()
    }

    /// What the units of site `l` did in the batch that the buffers hold; of the head the logits.
    pub fn units<'a>(&'a self, l: usize, buffers: &'a Buffers<F>) -> Units<'a, F> {
        let of_op = |op: usize| {
            let at = &self.schedule.ops[op];
            self.ops[op].units(&buffers.values[at.x], &buffers.values[at.y])
        };
        let value = &buffers.values[self.schedule.sites[l - 1].value];
        self.sites[l - 1].units.and_then(of_op).unwrap_or(Units { h: value.slice(), phi: None })
    }

    /// What the recurrence of site `l` left of every time step, if it has one, once the way back has passed it.
    pub fn states<'a>(&'a self, l: usize, buffers: &'a Buffers<F>) -> Option<States<'a, F>> {
        let op = self.sites.get(l - 1)?.recurrence?;
        let at = &self.schedule.ops[op];
        let (x, y, dy) = (&buffers.values[at.x], &buffers.values[at.y], &buffers.errors[at.dy]);
        let states = self.ops[op].states(x, y, dy, &buffers.saved[op])?;
        let gradients = &as_slice(&buffers.gradients)[self.regions[op].start..];
        Some(States { dw_h: &gradients[..states.w_h.len()], ..states })
    }

    /// How many numbers training changes.
    pub fn parameters(&self) -> usize {
        self.tensor_sizes().into_iter().sum()
    }

    /// Every parameter and what is remembered as it is now, under PyTorch's names, site by site, the head last.
    pub fn tensors(&self) -> Vec<Tensor> {
        let mut tensors = Vec::new();
        for (number, site) in (1..).zip(&self.sites) {
            let ops = self.schedule.ops[site.ops.clone()].iter().zip(&self.ops[site.ops.clone()]);
            let mut of_site: Vec<_> = ops
                .flat_map(|(at, op)| {
                    let forms = at.part.form.params().into_iter().zip(op.params());
                    forms.map(|(form, param)| (form.role, Tensor::of((at.part.name)(&form, number), param)))
                })
                .collect();
            of_site.sort_by_key(|(role, _)| *role);
            tensors.extend(of_site.into_iter().map(|(_, tensor)| tensor));
        }
        tensors
    }

    /// The op and the place among its parameters of what PyTorch calls so.
    fn place(&self, name: &str) -> Option<(usize, usize)> {
        self.schedule.ops.iter().enumerate().find_map(|(op, at)| {
            let forms = at.part.form.params();
            let param = forms.iter().position(|form| (at.part.name)(form, at.site) == name)?;
            Some((op, param))
        })
    }

    /// The parameter or memory under this name of PyTorch's.
    pub fn param(&self, name: &str) -> Option<&Param<F>> {
        let (op, param) = self.place(name)?;
        self.ops[op].params().get(param)
    }

    /// The parameter or memory under this name of PyTorch's.
    pub fn param_mut(&mut self, name: &str) -> Option<&mut Param<F>> {
        let (op, param) = self.place(name)?;
        self.ops[op].params_mut().get_mut(param)
    }

    /// The gradient of the parameter under this name of PyTorch's, with its exponent.
    pub fn gradient<'a>(&self, name: &str, buffers: &'a Buffers<F>) -> Option<(&'a [F], i32)> {
        let (op, param) = self.place(name)?;
        let Site { tensors, .. } = &self.sites[self.schedule.ops[op].site - 1];
        let at = tensors.iter().find(|at| (at.op, at.param) == (op, param))?;
        Some((&as_slice(&buffers.gradients)[at.gradient.clone()], self.ops[op].params()[param].exponent))
    }
}

/// Bytes of the plan of an op, of a parameter tensor, of a residual part and of a site, beside what they hold: for the
/// estimate of memory.
pub(super) const STRUCTURE_OF_OP: f64 =
    (size_of::<Forward>() + size_of::<Extent>() + size_of::<Backward>() + size_of::<Range<usize>>()) as f64;
pub(super) const STRUCTURE_OF_TENSOR: f64 = size_of::<Located>() as f64;
pub(super) const STRUCTURE_OF_JOIN: f64 = (size_of::<Forward>() + 2 * size_of::<Backward>()) as f64;
pub(super) const STRUCTURE_OF_SITE: f64 =
    (size_of::<Site>() + size_of::<super::schedule::SiteAt>() + 2 * size_of::<Backward>()) as f64;

const APART: &str = "a net is planned so that these are two arrays";

fn fit_all<F: Real>(arrays: &mut Vec<Array2<F>>, sizes: impl IntoIterator<Item = (usize, usize)>) {
    let mut n = 0;
    for size in sizes {
        if n == arrays.len() {
            arrays.push(Array2::zeros((0, 0)));
        }
        fit(&mut arrays[n], size);
        n += 1;
    }
    arrays.truncate(n);
}

/// The error of a stream joins that of its branch.
fn merge<F: Real>(stream: &mut Errors<F>, branch: &mut Errors<F>) {
    // forward was: y = x + s branch(x)
    let ((stream, of_stream), (branch, of_branch)) = (stream.steps_mut(), branch.steps_mut());
    let size = (branch.len() / of_branch.len()).max(1);
    let groups = stream.chunks_exact_mut(size).zip(branch.chunks_exact_mut(size));
    for ((stream, branch), (of_stream, of_branch)) in groups.zip(of_stream.iter_mut().zip(of_branch)) {
        if of_stream != of_branch {
            settle([&mut *stream], of_stream);
        }
        add_errors((stream, *of_stream), branch, of_branch);
    }
}
