//! What a described net takes and costs, counted from its parts before it is built. Sizes are floats: no size that a
//! config may name overflows them, and repeated parts are counted, not listed.

use ndarray::Array2;

use super::describe::{Description, Node};
use super::op::{Op, OpForm, Param, ParamForm, Role};
use super::rows::{Errors, Extent, LINE, Rows};
use super::schedule::{OpAt, Schedule};
use super::{BatchShape, net};

/// A kind of op of a net, as often as it is there.
#[derive(Debug)]
pub struct Counted<'a> {
    /// What it is.
    pub form: &'a dyn OpForm,
    /// The shape of what it reads.
    pub read: Extent,
    /// Whether that is the input of the net, which needs no gradient.
    pub is_first: bool,
    /// How often it is there.
    pub times: f64,
}

/// What a net takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Size {
    /// Numbers that training changes.
    pub parameters: f64,
    /// The tensors that hold them.
    pub trained_tensors: f64,
    /// Entries of all tensors, and how many tensors there are.
    pub entries: f64,
    /// See `entries`.
    pub tensors: f64,
    /// Entries of all W, and of the largest one.
    pub weights: f64,
    /// See `weights`.
    pub largest_weight: f64,
    /// Bytes of the net with its parameters.
    pub net: f64,
    /// The most bytes that there are of it while its parameters are drawn.
    pub drawing: f64,
    /// Bytes of the gradients of all parameters, and of those of the site that has most.
    pub gradients: f64,
    /// See `gradients`.
    pub gradients_of_a_site: f64,
    /// Bytes of everything else that a batch leaves on its way forward and back.
    pub buffers: f64,
    /// Sites, the head's among them.
    pub sites: f64,
}

/// Bytes of an f64, a count, the address of something.
const WORD: f64 = 8.0;

/// Repeated parts that are put in order to see how many arrays of errors there are: from the third on, all are alike.
const ENOUGH: usize = 3;

fn bytes<T>() -> f64 {
    size_of::<T>() as f64
}

fn entries((rows, columns): (usize, usize)) -> f64 {
    rows as f64 * columns as f64
}

/// What remains of an op beside its parameters: its place in the order of work forward and back, and the op itself.
fn structure_of_op() -> f64 {
    // An op holds little beside its parameters, and an allocation of it begins at a multiple of 16 bytes.
    bytes::<OpAt>() + net::STRUCTURE_OF_OP + bytes::<Box<dyn Op<f64>>>() + 2.0 * WORD + bytes::<Vec<Array2<f64>>>()
}

impl Description {
    /// Calls `visit` with every op, repeated ones once with how often they are there.
    pub fn each(&self, mut visit: impl FnMut(Counted<'_>)) {
        let mut items = |item: Item<'_>| {
            if let Item::Op(counted, _) = item {
                visit(counted);
            }
        };
        walk(&self.nodes, (Extent::of_steps(self.inputs), true), 1.0, &mut items);
    }

    /// Counts what the net takes for batches of this shape, with numbers of `float` bytes.
    pub fn size(&self, batch: BatchShape, float: f64) -> Size {
        let mut size = Size::default();
        let matrix = LINE as f64;
        let line = LINE as f64 / float;
        let pad = |entries: f64| (entries / line).ceil() * line;
        let (mut scratch, mut drawn) = (Vec::<f64>::new(), 0.0);
        let mut value = |extent: Extent| float * entries(extent.size(batch)) + matrix + bytes::<Rows<f64>>();
        size.buffers += value(Extent::of_steps(self.inputs));
        walk(&self.nodes, (Extent::of_steps(self.inputs), true), 1.0, &mut |item| match item {
            Item::Site(times) => size.sites += times,
            Item::Join(extent, times) => {
                size.net += times * net::STRUCTURE_OF_JOIN;
                size.buffers += times * extent.map_or(0.0, &mut value);
            }
            Item::Op(Counted { form, read, times, .. }, written) => {
                let mut own = structure_of_op();
                let is_there = |param: &ParamForm| entries(param.shape) > 0.0;
                for param in form.params().iter().filter(|param| is_there(param)) {
                    let of_param = entries(param.shape);
                    size.entries += times * of_param;
                    size.tensors += times;
                    own += float * of_param + matrix + bytes::<Param<f64>>();
                    if param.role.is_trained() {
                        size.parameters += times * of_param;
                        size.trained_tensors += times;
                        size.gradients += times * float * pad(of_param);
                        own += net::STRUCTURE_OF_TENSOR;
                    }
                    if param.role == Role::Weight {
                        size.weights += times * of_param;
                        size.largest_weight = size.largest_weight.max(of_param);
                    }
                }
                let room = WORD * form.room_to_draw();
                // The last of them, beside all ops before it.
                size.drawing = size.drawing.max(drawn + times * own + room);
                drawn += times * own;
                size.net += times * own;
                let array = |shape| float * entries(shape) + matrix + bytes::<Array2<f64>>();
                let saved: f64 = form.saved(read, batch).into_iter().map(array).sum();
                size.buffers += times * (value(written) + saved);
                for (i, shape) in form.scratch(batch).into_iter().enumerate() {
                    scratch.resize(scratch.len().max(i + 1), 0.0);
                    scratch[i] = scratch[i].max(entries(shape));
                }
            }
        });
        size.net += size.sites * net::STRUCTURE_OF_SITE;
        size.buffers += scratch.into_iter().map(|entries| float * entries + matrix).sum::<f64>();
        let schedule = Schedule::of(&self.at_most(ENOUGH));
        for extent in &schedule.errors {
            size.buffers += float * entries(extent.size(batch)) + matrix + bytes::<Errors<f64>>();
            size.buffers += 4.0 * extent.groups(batch) as f64;
        }
        let of_op = |op: &OpAt| -> f64 {
            let trained = op.part.form.params().into_iter().filter(|param| param.role.is_trained());
            trained.map(|param| float * pad(entries(param.shape))).sum()
        };
        let of_site = |ops: &[OpAt]| ops.iter().map(of_op).sum::<f64>();
        size.gradients_of_a_site = schedule.ops.chunk_by(|a, b| a.site == b.site).map(of_site).fold(0.0, f64::max);
        size
    }
}

/// What a walk through a description meets, and how often.
enum Item<'a> {
    /// An op, and the shape of what it writes.
    Op(Counted<'a>, Extent),
    /// The end of a residual part, and the shape of what it writes, where that is an array of its own.
    Join(Option<Extent>, f64),
    Site(f64),
}

/// Walks through nodes that read an extent, which may be the net's input; returns the extent that they end with.
fn walk(nodes: &[Node], read: (Extent, bool), times: f64, visit: &mut impl FnMut(Item<'_>)) -> (Extent, bool) {
    let mut at = read;
    for node in nodes {
        at = match node {
            Node::Op(part) => {
                let (read, is_first) = at;
                let written = part.form.writes(read);
                visit(Item::Op(Counted { form: &*part.form, read, is_first, times }, written));
                (written, false)
            }
            Node::Site(_) => {
                visit(Item::Site(times));
                at
            }
            Node::Repeat { times: 0, .. } => at,
            Node::Repeat { times: again, body } => walk(body, at, times * *again as f64, visit),
            Node::Residual { body, skip, .. } => {
                let branch = walk(body, at, times, visit).0;
                walk(skip, at, times, visit);
                let is_kept = matches!(body.last(), Some(Node::Op(part)) if part.form.reads_its_output());
                let out = Extent { has_start: false, ..branch };
                visit(Item::Join(is_kept.then_some(out), times));
                (if is_kept { out } else { branch }, false)
            }
        };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Activation, Gradients, ModelKind, ModelSpec, Network, NormKind, ResidualScaling, describe};
    use crate::spec::RunSpec;

    const SHAPE: BatchShape = BatchShape { examples: 3, length: 4, answers: 2 };

    fn count(n: usize) -> std::num::NonZeroUsize {
        n.try_into().expect("positive")
    }

    /// Nets of every kind, with and without everything that has parameters, of equal and of unequal layers.
    fn specs() -> Vec<ModelSpec> {
        let mut specs = Vec::new();
        let residuals = [None, Some(ResidualScaling::None), Some(ResidualScaling::InvSqrtDepth)];
        let flags = [false, true].into_iter().flat_map(|bias| residuals.map(|residual| (bias, residual)));
        for (bias, residual) in flags {
            for kind in ModelKind::ALL {
                for norm in [NormKind::None, NormKind::Batch, NormKind::Layer] {
                    for (activation, widths) in [Activation::Tanh, Activation::Prelu]
                        .into_iter()
                        .flat_map(|activation| [&[5, 5, 5, 5][..], &[3, 7, 4], &[6]].map(|widths| (activation, widths)))
                    {
                        let mut spec = ModelSpec { kind, activation, bias, ..RunSpec::default().model };
                        (spec.batch_norm, spec.layer_norm) = (norm == NormKind::Batch, norm == NormKind::Layer);
                        spec.residual = residual.is_some();
                        spec.residual_scaling = residual.unwrap_or(ResidualScaling::None);
                        if widths.iter().all(|width| *width == widths[0]) {
                            (spec.depth, spec.width) = (count(widths.len()), count(widths[0]));
                            specs.push(spec.clone());
                        } else if residual.is_some() {
                            // A stream has one width.
                            continue;
                        }
                        spec.widths = widths.iter().map(|&width| count(width)).collect();
                        specs.push(spec);
                    }
                }
            }
        }
        specs
    }

    #[test]
    fn what_is_counted_of_a_net_is_what_it_has() {
        for spec in specs() {
            let description = describe(&spec, 4, 2);
            let size = description.size(SHAPE, 8.0);
            let net = Network::<f64>::of(&description, 1, Gradients::All);
            let sites = 1..=net.hidden_layers() + 1;
            let tensors = net.tensors();
            let weights: Vec<usize> = sites.flat_map(|l| net.weights(l)).map(<[f64]>::len).collect();
            assert_eq!(size.parameters, net.parameters() as f64, "{spec:?}");
            assert_eq!(size.trained_tensors, net.tensor_sizes().len() as f64, "{spec:?}");
            assert_eq!(size.tensors, tensors.len() as f64, "{spec:?}");
            assert_eq!(size.entries, tensors.iter().map(|t| t.values.len()).sum::<usize>() as f64, "{spec:?}");
            assert_eq!(size.weights, weights.iter().sum::<usize>() as f64, "{spec:?}");
            assert_eq!(size.largest_weight, weights.iter().copied().max().expect("a weight") as f64, "{spec:?}");
            assert_eq!(size.sites, (net.hidden_layers() + 1) as f64, "{spec:?}");
            for op in net.ops() {
                let forms = op.part.form.params();
                let shapes = forms.iter().map(|form| net.param(&(op.part.name)(form, op.site)).map(|p| p.value.dim()));
                assert!(shapes.eq(forms.iter().map(|form| Some(form.shape))), "{op:?}");
            }
        }
    }

    #[test]
    fn listed_widths_and_equal_ones_are_the_same_layers() {
        let mut spec = RunSpec::default().model;
        let weights = |spec: &ModelSpec| describe(spec, 64, 10).size(SHAPE, 4.0).weights;
        let equal = describe(&spec, 64, 10).size(SHAPE, 4.0);
        assert_eq!(equal.weights, 64.0 * 64.0 * 10.0 + 640.0);
        spec.widths = [spec.width; 10].into();
        assert_eq!(describe(&spec, 64, 10).size(SHAPE, 4.0), equal);
        spec.widths = [3, 5].map(count).into();
        assert_eq!(weights(&spec), 64.0 * 3.0 + 15.0 + 50.0);
        spec.kind = ModelKind::Gru;
        assert_eq!(weights(&spec), 3.0 * (64.0 * 3.0 + 9.0 + 15.0 + 25.0) + 50.0);
    }

    #[test]
    fn a_net_of_a_billion_layers_is_counted_at_once() {
        for (kind, of_a_layer) in [
            (ModelKind::Mlp, 8.0 * 8.0 + 8.0),
            (ModelKind::Rnn, 2.0 * 64.0 + 8.0),
            (ModelKind::Lstm, 4.0 * (2.0 * 64.0 + 8.0)),
            (ModelKind::Gru, 3.0 * (2.0 * 64.0 + 8.0)),
        ] {
            for residual in [false, true] {
                let mut spec = ModelSpec { kind, residual, width: count(8), ..RunSpec::default().model };
                spec.activation = Activation::Tanh;
                let size = |depth: usize, spec: &mut ModelSpec| {
                    spec.depth = count(depth);
                    describe(spec, 8, 2).size(SHAPE, 4.0)
                };
                let (small, large) = (size(1, &mut spec), size(1_000_000_000, &mut spec));
                assert_eq!(large.parameters - small.parameters, of_a_layer * 999_999_999.0, "{kind:?}");
                assert_eq!(large.sites, 1_000_000_001.0, "{kind:?}");
                assert!(large.net > 4.0 * large.parameters && large.buffers > 4.0 * 12.0 * 8.0 * 1e9, "{kind:?}");
            }
        }
    }
}
