//! A net as data: [`describe`] says of a spec which ops it has, in which order, and where its errors are read. The net is
//! built from this, and its cost, memory, parameters and the names of its tensors are counted from it.

use std::fmt;
use std::sync::Arc;

use super::op::activation::Phi;
use super::op::answers::LastSteps;
use super::op::batch_norm::BatchNorm;
use super::op::dense::{BiasDraw, Biases, Dense, Draw};
use super::op::layer_norm::LayerNorm;
use super::op::recurrence::Recurrence;
use super::op::rms_norm::RmsNorm;
use super::op::scale::Scale;
use super::op::{OpForm, ParamForm, Role};
use super::{Cell, Init, ModelKind, ModelSpec, NormKind, ResidualScaling};
use crate::kernels::sqrt;

/// A net before it is built.
#[derive(Debug, Clone)]
pub struct Description {
    /// What it does to its inputs, one after the other.
    pub nodes: Vec<Node>,
    /// Units of its inputs.
    pub inputs: usize,
}

/// A part of a net.
#[derive(Debug, Clone)]
pub enum Node {
    /// An op.
    Op(Part),
    /// y = skip(x) + scale body(x); an empty skip is x itself.
    Residual {
        /// The branch.
        body: Vec<Node>,
        /// The stream.
        skip: Vec<Node>,
        /// What the branch is multiplied by.
        scale: f64,
    },
    /// A place where the error is read, with its name; `{}` in it is its number. Sites count from 1.
    Site(&'static str),
    /// Parts that come again and again.
    Repeat {
        /// How often.
        times: usize,
        /// The parts.
        body: Vec<Node>,
    },
}

/// An op of a net.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is.
    pub form: Arc<dyn OpForm>,
    /// The site whose readings and update have its parameters and units.
    pub of: Belongs,
    /// The name of a tensor of it, which belongs to this site, under which PyTorch's module of the same make has it.
    pub name: fn(&ParamForm, usize) -> String,
}

/// Which site an op belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// The one after it, whose error is that of what it writes.
    Next,
    /// The one before it, whose error is that of what it reads.
    Last,
}

/// The site of a hidden layer.
const LAYER: Node = Node::Site("layers.{}");

/// What a site is called: as the module of the same make in PyTorch whose weights lead to it, such as `layers.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteName {
    name: &'static str,
    /// Its number, from 1.
    pub number: usize,
    /// The number, from 1, of the residual part that it is in or at the end of.
    pub block: Option<usize>,
}

impl fmt::Display for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.split_once("{}") {
            Some((before, after)) => write!(f, "{before}{}{after}", self.number),
            None => f.write_str(self.name),
        }
    }
}

fn part(form: impl OpForm + 'static, of: Belongs, name: fn(&ParamForm, usize) -> String) -> Node {
    Node::Op(Part { form: Arc::new(form), of, name })
}

/// Describes the net of a spec for so many inputs and outputs.
pub fn describe(spec: &ModelSpec, inputs: usize, outputs: usize) -> Description {
    let mut nodes = spec.cell().map_or_else(|| feed_forward(spec, inputs), |cell| recurrent(spec, inputs, cell));
    let biases = spec.bias.then(|| Biases { drawn: BiasDraw::Normal(0.0), added: vec![] });
    let weights = Draw::Init(Init::XavierNormal, 1.0);
    let head = Dense { fan_in: spec.last_width(), blocks: 1, units: outputs, weights, biases };
    nodes.extend([part(head, Belongs::Next, |param, _| format!("head.{}", param.name)), Node::Site("head")]);
    Description { nodes, inputs }
}

impl ModelSpec {
    /// The names of all sites, the head's last.
    pub fn sites(&self) -> Vec<SiteName> {
        // They depend on no number of inputs or outputs.
        describe(self, 1, 1).sites()
    }

    /// The cell of every layer, of a recurrent net.
    pub fn cell(&self) -> Option<Cell> {
        match self.kind {
            ModelKind::Mlp => None,
            ModelKind::Rnn => Some(Cell::Rnn(self.activation)),
            ModelKind::Lstm => Some(Cell::Lstm),
            ModelKind::Gru => Some(Cell::Gru),
        }
    }
}

/// plain: z_l = h_{l-1} W_l + b_l, h_l = phi(norm_l(z_l)), h_0 = x. residual: z_1 = x W_1 + b_1; z_{l+1} = z_l + s (h_l
/// W_{l+1} + b_{l+1}), the rest as above: the pre-activation form (He et al. 2016, "Identity mappings"). z_l is the
/// residual stream, and site l.
fn feed_forward(spec: &ModelSpec, inputs: usize) -> Vec<Node> {
    let dense = |fan_in: usize, units: usize| {
        let drawn = match spec.init {
            Init::PytorchDefault => BiasDraw::Uniform(1.0 / sqrt(fan_in as f64)),
            _ => BiasDraw::Normal(spec.bias_std),
        };
        let biases = spec.bias.then(|| Biases { drawn, added: vec![] });
        let weights = Draw::Init(spec.init, spec.init_gain);
        let dense = Dense { fan_in, blocks: 1, units, weights, biases };
        part(dense, Belongs::Next, |param, site| format!("layers.{site}.{}", param.name))
    };
    let activated = |units: usize| {
        let phi = Phi { activation: spec.activation, slope: spec.negative_slope };
        let phi = part(phi, Belongs::Last, |param, site| format!("activations.{site}.{}", param.name));
        norm(spec, units, Belongs::Last).into_iter().chain([phi])
    };
    if spec.residual {
        let body = |width| activated(width).chain([dense(width, width)]).collect();
        let first = vec![dense(inputs, spec.first_width()), LAYER];
        let block = |width| vec![residual(spec, body(width), width, Belongs::Next), LAYER];
        stack(spec, first, |_, width| block(width)).into_iter().chain(activated(spec.last_width())).collect()
    } else {
        let layer = |fan_in, width| [dense(fan_in, width), LAYER].into_iter().chain(activated(width)).collect();
        stack(spec, layer(inputs, spec.first_width()), layer)
    }
}

/// y_0 = x; of layer l: h_t = cell_l(u_t, h_{t-1}), where u = y_{l-1}, or, with layer norm and l >= 2, norm_l(y_{l-1}).
/// plain: y_l = h_l. residual: y_1 = h_1; y_l = y_{l-1} + s h_l for l >= 2. The next layer and the head read y; the next
/// time step of a layer reads its h. Site l is what comes to the gates of layer l.
fn recurrent(spec: &ModelSpec, inputs: usize, cell: Cell) -> Vec<Node> {
    let layer = |fan_in: usize, units: usize| {
        let bound = 1.0 / sqrt(units as f64);
        let is_torch = spec.init == Init::PytorchDefault;
        let weights = if is_torch { Draw::Uniform(bound) } else { Draw::Init(Init::XavierNormal, 1.0) };
        let drawn = if is_torch { BiasDraw::Uniform(bound) } else { BiasDraw::Normal(spec.bias_std) };
        let added = match cell {
            Cell::Rnn(_) => vec![0.0],
            Cell::Lstm => vec![0.0, spec.forget_bias, 0.0, 0.0],
            Cell::Gru => vec![0.0, spec.update_bias, 0.0],
        };
        let biases = spec.bias.then_some(Biases { drawn, added });
        let input = Dense { fan_in, blocks: cell.blocks(), units, weights, biases };
        let weights = Draw::Init(spec.init, spec.init_gain);
        let recurrence = Recurrence { cell, units, weights, has_bias: spec.bias, slope: spec.negative_slope };
        [
            part(input, Belongs::Next, |param, site| format!("{}_ih_l{}", param.name, site - 1)),
            LAYER,
            part(recurrence, Belongs::Last, |param, site| match param.role {
                Role::Slope => format!("activations.{site}.{}", param.name),
                _ => format!("{}_l{}", param.name, site - 1),
            }),
        ]
    };
    let first = layer(inputs, spec.first_width()).to_vec();
    let stacked = stack(spec, first, |fan_in, width| {
        let body = norm(spec, fan_in, Belongs::Next).into_iter().chain(layer(fan_in, width)).collect();
        if spec.residual { vec![residual(spec, body, width, Belongs::Last)] } else { body }
    });
    stacked.into_iter().chain([part(LastSteps, Belongs::Next, |_, _| String::new())]).collect()
}

/// The first layer, then the others: each from what it reads and its own width.
fn stack(spec: &ModelSpec, first: Vec<Node>, layer: impl Fn(usize, usize) -> Vec<Node>) -> Vec<Node> {
    let mut nodes = first;
    if spec.widths.is_empty() {
        let width = spec.width.get();
        nodes.push(Node::Repeat { times: spec.depth.get() - 1, body: layer(width, width) });
    } else {
        nodes.extend(spec.widths.windows(2).flat_map(|pair| layer(pair[0].get(), pair[1].get())));
    }
    nodes
}

/// y = x + s body(x), of so many units; a trained s belongs to this site.
fn residual(spec: &ModelSpec, mut body: Vec<Node>, units: usize, of: Belongs) -> Node {
    let scale = match spec.residual_scaling {
        ResidualScaling::None | ResidualScaling::InvSqrtDepth => spec.branch_scale(),
        ResidualScaling::LayerScale => {
            let scale = Scale { units, init: spec.layer_scale_init };
            body.push(part(scale, of, |param, site| format!("scales.{site}.{}", param.name)));
            1.0
        }
    };
    Node::Residual { body, skip: vec![], scale }
}

/// The norm of so many units, if there is one.
fn norm(spec: &ModelSpec, units: usize, of: Belongs) -> Option<Node> {
    let name = |param: &ParamForm, site| format!("norms.{site}.{}", param.name);
    match spec.norm() {
        NormKind::None => None,
        NormKind::Batch => Some(part(BatchNorm { units }, of, name)),
        NormKind::Layer => Some(part(LayerNorm { units }, of, name)),
        NormKind::Rms => Some(part(RmsNorm { units }, of, name)),
    }
}

impl Description {
    /// Returns the net with at most `most` of every repeated part.
    pub fn at_most(&self, most: usize) -> Self {
        fn cut(nodes: &[Node], most: usize) -> Vec<Node> {
            let of_node = |node: &Node| match node {
                Node::Repeat { times, body } => Node::Repeat { times: (*times).min(most), body: cut(body, most) },
                Node::Residual { body, skip, scale } => {
                    Node::Residual { body: cut(body, most), skip: cut(skip, most), scale: *scale }
                }
                Node::Op(_) | Node::Site(_) => node.clone(),
            };
            nodes.iter().map(of_node).collect()
        }
        Self { nodes: cut(&self.nodes, most), inputs: self.inputs }
    }

    /// The names of all sites, the head's last.
    pub fn sites(&self) -> Vec<SiteName> {
        struct Namer {
            names: Vec<SiteName>,
            blocks: usize,
        }
        impl Namer {
            /// Names the sites among nodes of which the first ones are in this residual part.
            fn name(&mut self, nodes: &[Node], within: Option<usize>) {
                let mut block = within;
                for node in nodes {
                    match node {
                        Node::Op(_) => block = within,
                        &Node::Site(name) => {
                            self.names.push(SiteName { name, number: self.names.len() + 1, block });
                        }
                        Node::Repeat { times, body } => (0..*times).for_each(|_| self.name(body, within)),
                        Node::Residual { body, skip, .. } => {
                            self.blocks += 1;
                            block = Some(self.blocks);
                            self.name(body, block);
                            self.name(skip, block);
                        }
                    }
                }
            }
        }
        let mut namer = Namer { names: vec![], blocks: 0 };
        namer.name(&self.nodes, None);
        namer.names
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::nn::{Gradients, Network, ResidualScaling};
    use crate::spec::RunSpec;

    const UNITS: usize = 64;

    /// A recurrent layer of 64 units that reads 32.
    fn layer(kind: ModelKind, init: Init) -> Network<f64> {
        let mut spec = RunSpec::default().model;
        (spec.kind, spec.init, spec.init_gain) = (kind, init, 0.5);
        (spec.forget_bias, spec.update_bias) = (1.0, 2.0);
        (spec.depth, spec.width) = (1.try_into().expect("positive"), UNITS.try_into().expect("positive"));
        Network::new(&spec, 32, 2, 3, Gradients::All)
    }

    fn param<'a>(net: &'a Network<f64>, name: &str) -> &'a Array2<f64> {
        &net.param(name).expect("a parameter of this name").value
    }

    fn std<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
        let (n, squares) = values.into_iter().fold((0.0, 0.0), |(n, sum), w| (n + 1.0, sum + w * w));
        f64::sqrt(squares / n)
    }

    #[test]
    fn the_factors_of_a_branch_belong_to_the_layer_that_it_ends_at() {
        for kind in [ModelKind::Mlp, ModelKind::Rnn, ModelKind::Lstm] {
            let mut spec = RunSpec::default().model;
            (spec.kind, spec.depth) = (kind, 3.try_into().expect("positive"));
            (spec.residual, spec.residual_scaling) = (true, ResidualScaling::LayerScale);
            let net = Network::<f32>::new(&spec, 4, 2, 0, Gradients::All);
            let tensors = net.tensors();
            let names = tensors.iter().map(|tensor| tensor.name.as_str());
            let scales: Vec<&str> = names.filter(|name| name.starts_with("scales.")).collect();
            assert_eq!(scales, ["scales.2.weight", "scales.3.weight"], "{kind:?}");
        }
    }

    #[test]
    fn every_gate_has_a_matrix_of_its_own_from_the_init_and_xavier_for_its_inputs() {
        for kind in [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru] {
            let layer = layer(kind, Init::Orthogonal);
            let blocks: Vec<Array2<f64>> = param(&layer, "weight_hh_l0")
                .columns()
                .into_iter()
                .collect::<Vec<_>>()
                .chunks(UNITS)
                .map(|block| Array2::from_shape_fn((UNITS, UNITS), |(i, j)| block[j][i]))
                .collect();
            assert_eq!(blocks.len(), kind.gates().len().max(1));
            for (gate, block) in blocks.iter().enumerate() {
                let gram = block.t().dot(block);
                assert!(gram.indexed_iter().all(|((i, j), g)| (g - if i == j { 0.25 } else { 0.0 }).abs() < 1e-13));
                assert!(!blocks[..gate].contains(block));
                let inputs = param(&layer, "weight_ih_l0").columns().into_iter().skip(gate * UNITS).take(UNITS);
                let got = std(inputs.flatten());
                // Four standard errors of 2,048 normal numbers.
                assert!((got / f64::sqrt(2.0 / 96.0) - 1.0).abs() < 4.0 / f64::sqrt(4096.0), "{got}");
            }
        }
    }

    #[test]
    fn pytorchs_default_is_uniform_within_1_over_the_root_of_the_units_and_spares_the_inputs_the_gain() {
        let layer = layer(ModelKind::Gru, Init::PytorchDefault);
        let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |m: f64, w| m.max(w.abs()));
        let bound = 0.125;
        let w_x = largest(&mut param(&layer, "weight_ih_l0").iter().copied());
        assert!(w_x < bound && w_x > 0.99 * bound);
        let w_h = largest(&mut param(&layer, "weight_hh_l0").iter().copied());
        assert!(w_h < 0.5 * bound && w_h > 0.495 * bound);
        let b = largest(&mut param(&layer, "bias_ih_l0").iter().copied().take(UNITS));
        assert!(b < bound && b > 0.9 * bound);
    }

    #[test]
    fn the_forget_and_update_biases_go_to_their_gates_alone() {
        let b = |kind| param(&layer(kind, Init::HeNormal), "bias_ih_l0").iter().copied().collect::<Vec<_>>();
        let gate = |b: &[f64], gate: usize| b[gate * UNITS..][..UNITS].to_vec();
        let (lstm, gru) = (b(ModelKind::Lstm), b(ModelKind::Gru));
        for (got, want) in (0..4).map(|g| (gate(&lstm, g), [0.0, 1.0, 0.0, 0.0][g])) {
            assert_eq!(got, [want; UNITS]);
        }
        for (got, want) in (0..3).map(|g| (gate(&gru, g), [0.0, 2.0, 0.0][g])) {
            assert_eq!(got, [want; UNITS]);
        }
        assert_eq!(b(ModelKind::Rnn), [0.0; UNITS]);
    }

    /// The names of all sites, with the residual parts that they are in.
    fn sites(change: impl FnOnce(&mut ModelSpec)) -> Vec<(String, Option<usize>)> {
        let mut spec = RunSpec::default().model;
        spec.depth = 3.try_into().expect("positive");
        change(&mut spec);
        let description = describe(&spec, 4, 2);
        let names = description.sites();
        assert_eq!(names.len(), Network::<f32>::of(&description, 0, Gradients::All).hidden_layers() + 1);
        names.into_iter().map(|site| (site.to_string(), site.block)).collect()
    }

    #[test]
    fn sites_are_the_layers_by_number_and_then_the_head() {
        let plain = ["layers.1", "layers.2", "layers.3", "head"].map(|name| (name.to_owned(), None));
        assert_eq!(sites(|_| ()), plain);
        assert_eq!(sites(|spec| spec.widths = [3, 5, 4].map(|n| n.try_into().expect("positive")).into()), plain);
        assert_eq!(sites(|spec| (spec.kind, spec.layer_norm) = (ModelKind::Lstm, true)), plain);
        assert_eq!(
            sites(|spec| spec.depth = 1.try_into().expect("positive"))[..],
            [plain[0].clone(), plain[3].clone()]
        );
    }

    #[test]
    fn the_blocks_of_a_residual_net_count_from_1_and_its_stem_and_head_are_in_none() {
        let blocks = [("layers.1", None), ("layers.2", Some(1)), ("layers.3", Some(2)), ("head", None)];
        let blocks = blocks.map(|(name, block)| (name.to_owned(), block));
        for kind in ModelKind::ALL {
            assert_eq!(sites(|spec| (spec.kind, spec.residual) = (kind, true)), blocks, "{kind:?}");
            let scaled = |spec: &mut ModelSpec| {
                (spec.kind, spec.residual, spec.layer_norm) = (kind, true, true);
                spec.residual_scaling = ResidualScaling::InvSqrtDepth;
            };
            assert_eq!(sites(scaled), blocks, "{kind:?}");
        }
    }
}
