//! The order of work in a described net, forward and back, and the arrays that it needs: planned once, from sizes alone.
//!
//! What a forward writes stays until the way back has passed. An error lives from the op that computes it to the end of the
//! site that it is read at, so that few arrays serve a net of any depth.

use super::describe::{Belongs, Description, Node, Part};
use super::op::Flow;
use super::rows::Extent;

/// A net in order.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its ops, forward.
    pub ops: Vec<OpAt>,
    pub(super) forward: Vec<Forward>,
    pub(super) backward: Vec<Backward>,
    /// Sites 1, .., the head's last.
    pub(super) sites: Vec<SiteAt>,
    /// What is read and written; the input first.
    pub values: Vec<Extent>,
    /// The arrays of errors.
    pub errors: Vec<Extent>,
    /// The last value.
    pub(super) output: usize,
    /// Its error.
    pub(super) output_error: usize,
}

/// An op in its place.
#[derive(Debug, Clone)]
pub struct OpAt {
    /// What it is.
    pub part: Part,
    /// The site that it belongs to, from 1.
    pub site: usize,
    /// The value that it reads.
    pub x: usize,
    /// The value that it writes.
    pub y: usize,
    /// The error of what it writes.
    pub(super) dy: usize,
    /// The error of what it reads; none in place, or where nobody wants it.
    pub(super) dx: Option<usize>,
}

/// A site in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct SiteAt {
    /// The value here.
    pub(super) value: usize,
    /// Its error.
    pub(super) error: usize,
    /// Where the way back from the site above ends, among all work backward.
    pub(super) end: usize,
}

/// A piece of work on the way forward.
#[derive(Debug, Clone, Copy)]
pub(super) enum Forward {
    /// An op.
    Op(usize),
    /// out = stream + scale branch; `out` may be `branch`.
    Join { stream: usize, branch: usize, out: usize, scale: f64 },
}

/// A piece of work on the way back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Backward {
    /// An op.
    Op(usize),
    /// The error of a branch: `to` = scale `from`.
    Split { from: usize, to: usize, scale: f64 },
    /// `into` = `into` + `from`.
    Merge { from: usize, into: usize },
    /// The error is at a site.
    Site(usize),
    /// All ops of a site are done.
    Finish(usize),
}

/// What stands between ops.
enum Mark {
    Op(usize),
    Site(usize),
    /// A residual part begins.
    Fork,
    /// Its branch ends and its stream begins; the branch's last op, and whether the stream has ops.
    Skip,
    Join {
        branch: usize,
        scale: f64,
        last: usize,
        has_skip: bool,
    },
}

#[derive(Default)]
struct Builder {
    ops: Vec<OpAt>,
    forward: Vec<Forward>,
    marks: Vec<Mark>,
    values: Vec<Extent>,
    /// The values at the sites that were passed.
    sites: Vec<usize>,
}

impl Builder {
    fn value(&mut self, extent: Extent) -> usize {
        self.values.push(extent);
        self.values.len() - 1
    }

    /// Puts nodes in order that read value `x`; returns the value that they end with.
    fn nodes(&mut self, nodes: &[Node], mut x: usize) -> usize {
        for node in nodes {
            x = match node {
                Node::Op(part) => {
                    let y = self.value(part.form.writes(self.values[x]));
                    let site = self.sites.len() + usize::from(part.of == Belongs::Next);
                    self.forward.push(Forward::Op(self.ops.len()));
                    self.marks.push(Mark::Op(self.ops.len()));
                    self.ops.push(OpAt { part: part.clone(), site, x, y, dy: 0, dx: None });
                    y
                }
                Node::Site(_) => {
                    self.sites.push(x);
                    self.marks.push(Mark::Site(self.sites.len()));
                    x
                }
                Node::Repeat { times, body } => (0..*times).fold(x, |x, _| self.nodes(body, x)),
                Node::Residual { body, skip, scale } => self.residual(body, skip, *scale, x),
            };
        }
        x
    }

    fn residual(&mut self, body: &[Node], skip: &[Node], scale: f64, x: usize) -> usize {
        self.marks.push(Mark::Fork);
        let branch = self.nodes(body, x);
        let last = self.ops.len() - 1;
        self.marks.push(Mark::Skip);
        let stream = self.nodes(skip, x);
        let is_kept = self.ops[last].part.form.reads_its_output();
        let out = if is_kept {
            let extent = Extent { has_start: false, ..self.values[branch] };
            self.value(extent)
        } else {
            branch
        };
        self.forward.push(Forward::Join { stream, branch, out, scale });
        self.marks.push(Mark::Join { branch, scale, last, has_skip: stream != x });
        out
    }
}

/// Errors before they have arrays: how each looks, and the work that it lives from and to.
#[derive(Default)]
struct Errors {
    extents: Vec<Extent>,
    lives: Vec<(usize, usize)>,
}

impl Errors {
    fn new_at(&mut self, extent: Extent, work: usize) -> usize {
        self.extents.push(extent);
        self.lives.push((work, work));
        self.extents.len() - 1
    }

    fn use_at(&mut self, error: usize, work: usize) {
        self.lives[error].1 = self.lives[error].1.max(work);
    }

    /// Gives every error an array, of those that no other living one has; returns them, and the arrays.
    fn place(&self) -> (Vec<usize>, Vec<Extent>) {
        let mut ends: Vec<usize> = (0..self.lives.len()).collect();
        ends.sort_by_key(|&error| self.lives[error].1);
        let mut ends = ends.into_iter().peekable();
        let (mut places, mut arrays, mut free) = (vec![0; self.lives.len()], Vec::new(), Vec::<usize>::new());
        // They are numbered in the order in which their lives begin.
        for (error, &extent) in self.extents.iter().enumerate() {
            while let Some(ended) = ends.next_if(|&ended| self.lives[ended].1 < self.lives[error].0) {
                free.push(places[ended]);
            }
            // The one that was freed last is the one that is nearest to the CPU.
            places[error] = if let Some(at) = free.iter().rposition(|&array| arrays[array] == extent) {
                free.remove(at)
            } else {
                arrays.push(extent);
                arrays.len() - 1
            };
        }
        (places, arrays)
    }
}

impl Schedule {
    /// Puts a described net in order.
    pub fn of(description: &Description) -> Self {
        let mut builder = Builder::default();
        let input = builder.value(Extent::of_steps(description.inputs));
        let output = builder.nodes(&description.nodes, input);
        let Builder { mut ops, mut forward, marks, mut values, sites } = builder;

        let mut first_op = vec![usize::MAX; sites.len() + 1];
        ops.iter().enumerate().rev().for_each(|(i, op)| first_op[op.site] = i);
        let mut sites: Vec<SiteAt> = sites.into_iter().map(|value| SiteAt { value, error: 0, end: 0 }).collect();
        let mut errors = Errors::default();
        let mut backward = Vec::new();
        let output_error = errors.new_at(values[output], 0);
        let mut at = Some(output_error);
        let mut waiting = Vec::new();
        for mark in marks.iter().rev() {
            let Some(dy) = at else { break };
            let work = backward.len();
            errors.use_at(dy, work);
            match *mark {
                Mark::Op(i) => {
                    let op = &mut ops[i];
                    op.dy = dy;
                    if op.part.form.flow() == Flow::InPlace {
                        errors.extents[dy].has_start |= values[op.x].has_start;
                    } else {
                        op.dx = (op.x != input).then(|| errors.new_at(values[op.x], work));
                        at = op.dx;
                    }
                    backward.push(Backward::Op(i));
                    let site = op.site;
                    if first_op[site] == i {
                        let done = backward.len();
                        let of_site = ops[i..].iter().take_while(|op| op.site == site);
                        of_site.flat_map(|op| [Some(op.dy), op.dx]).flatten().for_each(|e| errors.use_at(e, done));
                        errors.use_at(sites[site - 1].error, done);
                        backward.push(Backward::Finish(site));
                        sites[site - 1].end = backward.len();
                    }
                }
                Mark::Site(site) => {
                    sites[site - 1].error = dy;
                    backward.push(Backward::Site(site));
                }
                Mark::Join { branch, scale, last, has_skip } => {
                    let only_reads = ops[last].part.form.flow() == Flow::Keeps && !has_skip;
                    let of_branch = if scale == 1.0 && only_reads {
                        dy
                    } else {
                        let to = errors.new_at(values[branch], work);
                        backward.push(Backward::Split { from: dy, to, scale });
                        to
                    };
                    waiting.push(of_branch);
                }
                Mark::Skip => {
                    // The way back through the stream is done; that through the branch begins.
                    at = waiting.pop();
                    waiting.push(dy);
                    errors.use_at(at.expect("a branch waits"), work);
                }
                Mark::Fork => {
                    let from = waiting.pop().expect("a stream waits");
                    errors.use_at(from, work);
                    backward.push(Backward::Merge { from, into: dy });
                }
            }
        }
        let (places, arrays) = errors.place();
        let place = |error: &mut usize| *error = places[*error];
        for op in &mut ops {
            place(&mut op.dy);
            op.dx.iter_mut().for_each(place);
        }
        sites.iter_mut().for_each(|site| place(&mut site.error));
        for work in &mut backward {
            match work {
                Backward::Split { from, to, .. } => [from, to].into_iter().for_each(place),
                Backward::Merge { from, into } => [from, into].into_iter().for_each(place),
                Backward::Op(_) | Backward::Site(_) | Backward::Finish(_) => (),
            }
        }
        let output_error = places[output_error];
        // Lists that grew by doubling would keep room for as many again.
        ops.shrink_to_fit();
        forward.shrink_to_fit();
        backward.shrink_to_fit();
        values.shrink_to_fit();
        Self { ops, forward, backward, sites, values, errors: arrays, output, output_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Cell, ModelKind, ModelSpec, ResidualScaling, RowsOf, describe};
    use crate::spec::RunSpec;

    fn schedule(depth: usize, change: impl FnOnce(&mut ModelSpec)) -> Schedule {
        let mut spec = RunSpec::default().model;
        (spec.depth, spec.width) = (depth.try_into().expect("positive"), 6.try_into().expect("positive"));
        change(&mut spec);
        Schedule::of(&describe(&spec, 4, 2))
    }

    #[test]
    fn two_arrays_hold_the_errors_of_all_hidden_layers_of_a_plain_net() {
        for depth in [1, 2, 3, 100] {
            let errors = schedule(depth, |_| ()).errors;
            let of = |units: usize| errors.iter().filter(|errors| errors.units == units).count();
            // Of the logits one. An error goes on in place where it can.
            assert_eq!((of(2), of(6), errors.len()), (1, depth.min(2), 1 + depth.min(2)), "{depth} layers");
        }
    }

    #[test]
    fn no_net_takes_more_arrays_of_errors_for_being_deeper() {
        for kind in ModelKind::ALL {
            for (batch_norm, layer_norm) in [(false, false), (true, false), (false, true)] {
                for (residual, residual_scaling) in [
                    (false, ResidualScaling::None),
                    (true, ResidualScaling::None),
                    (true, ResidualScaling::InvSqrtDepth),
                ] {
                    let errors = |depth: usize| {
                        let of = |spec: &mut ModelSpec| {
                            *spec =
                                ModelSpec { kind, batch_norm, layer_norm, residual, residual_scaling, ..spec.clone() };
                        };
                        schedule(depth, of).errors
                    };
                    let what = format!("{kind:?}, norms {batch_norm} {layer_norm}, {residual} {residual_scaling:?}");
                    assert_eq!(errors(4), errors(40), "{what}");
                    assert!(errors(40).len() <= 7, "{what}: {}", errors(40).len());
                }
            }
        }
    }

    #[test]
    fn every_value_is_written_once_before_it_is_read() {
        for (kind, residual) in ModelKind::ALL.into_iter().flat_map(|kind| [false, true].map(|r| (kind, r))) {
            let Schedule { ops, forward, values, output, .. } = schedule(5, |spec| {
                (spec.kind, spec.residual, spec.layer_norm) = (kind, residual, true);
            });
            let mut is_written = vec![false; values.len()];
            is_written[0] = true;
            for work in forward {
                let (reads, writes) = match work {
                    Forward::Op(i) => (vec![ops[i].x], ops[i].y),
                    // What is added to is read, too.
                    Forward::Join { stream, branch, out, .. } => {
                        assert!(is_written[branch]);
                        is_written[out] &= out != branch;
                        (vec![stream], out)
                    }
                };
                assert!(reads.into_iter().all(|value| is_written[value]) && !is_written[writes], "{kind:?}");
                is_written[writes] = true;
            }
            assert!(is_written[output] && is_written.into_iter().all(|it| it), "{kind:?}");
        }
    }

    #[test]
    fn recurrent_layers_have_states_at_t_0_and_the_head_reads_answered_time_steps_alone() {
        let Schedule { ops, values, errors, output, .. } = schedule(2, |spec| spec.kind = ModelKind::Lstm);
        let recurrences: Vec<&OpAt> = ops.iter().filter(|op| op.part.form.cell() == Some(Cell::Lstm)).collect();
        assert_eq!(recurrences.len(), 2);
        assert!(recurrences.iter().all(|op| values[op.y].has_start && errors[op.dy].has_start));
        assert_eq!(values[output], Extent { rows: RowsOf::Answers, has_start: false, units: 2 });
        assert_eq!(values[ops[ops.len() - 1].x], Extent { rows: RowsOf::Answers, has_start: false, units: 6 });
    }
}
