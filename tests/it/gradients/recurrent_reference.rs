//! The recurrent nets a second time, number by number, as their formulas read: for tests to compare with.

use std::collections::HashMap;

use vgrun::nn::{Activation, BatchShape, ModelKind, ModelSpec, Network};

/// What is added to a state before anything reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Nudge {
    /// Of h, or of c.
    pub(crate) of_h: bool,
    /// From 1.
    pub(crate) layer: usize,
    /// From 1.
    pub(crate) t: usize,
    /// In the (B, H) state.
    pub(crate) entry: usize,
    pub(crate) by: f64,
}

/// All states of a forward: by layer, then time step from 1, then (B, H).
pub(crate) struct States {
    pub(crate) h: Vec<Vec<Vec<f64>>>,
    pub(crate) c: Vec<Vec<Vec<f64>>>,
    /// (M B, outputs).
    pub(crate) logits: Vec<f64>,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The net's parameters by PyTorch's names, and what is around them.
pub(crate) struct Reference {
    spec: ModelSpec,
    tensors: HashMap<String, (usize, Vec<f64>)>,
}

impl Reference {
    pub(crate) fn of(spec: &ModelSpec, net: &Network<f64>) -> Self {
        let tensors = net.tensors().into_iter().map(|t| (t.name, (*t.shape.last().expect("a side"), t.values)));
        Self { spec: spec.clone(), tensors: tensors.collect() }
    }

    /// w x of a (out, in) tensor.
    fn times(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let (columns, w) = &self.tensors[name];
        w.chunks(*columns).map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect()
    }

    fn bias(&self, name: &str, entry: usize) -> f64 {
        self.tensors.get(name).map_or(0.0, |(_, values)| values[entry])
    }

    fn normed(&self, l: usize, x: &[f64]) -> Vec<f64> {
        let (Some((_, gain)), Some((_, shift))) =
            (self.tensors.get(&format!("norms.{l}.weight")), self.tensors.get(&format!("norms.{l}.bias")))
        else {
            return x.to_vec();
        };
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let var = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        (0..x.len()).map(|j| gain[j] * (x[j] - mean) / (var + 1e-5).sqrt() + shift[j]).collect()
    }

    /// h and c of one layer, example and time step, from its input and the states before.
    fn cell(&self, l: usize, u: &[f64], h_before: &[f64], c_before: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let units = h_before.len();
        let name = |what: &str| format!("{what}_l{}", l - 1);
        let mut a = self.times(&name("weight_ih"), u);
        a.iter_mut().enumerate().for_each(|(k, a)| *a += self.bias(&name("bias_ih"), k));
        let p = self.times(&name("weight_hh"), h_before);
        let (mut h, mut c) = (vec![0.0; units], vec![0.0; units]);
        for j in 0..units {
            let z = |gate: usize| a[gate * units + j] + p[gate * units + j];
            match self.spec.kind {
                ModelKind::Mlp => unreachable!("not a recurrent net"),
                ModelKind::Rnn => {
                    let trained = self.tensors.get(&format!("activations.{l}.weight"));
                    let slope = trained.map_or(self.spec.negative_slope, |(_, slope)| slope[0]);
                    h[j] = self.spec.activation.f(z(0), slope);
                }
                ModelKind::Lstm => {
                    c[j] = sigmoid(z(1)) * c_before[j] + sigmoid(z(0)) * z(2).tanh();
                    h[j] = sigmoid(z(3)) * c[j].tanh();
                }
                ModelKind::Gru => {
                    let (r, u) = (sigmoid(z(0)), sigmoid(z(1)));
                    let n = (a[2 * units + j] + r * p[2 * units + j]).tanh();
                    h[j] = (1.0 - u) * n + u * h_before[j];
                }
            }
        }
        (h, c)
    }

    /// The way of x (T B, inputs) through the net, with one state nudged as soon as it is there.
    pub(crate) fn forward(&self, x: &[Vec<f64>], shape: BatchShape, nudge: Option<Nudge>) -> States {
        let (batch, depth) = (shape.examples, self.spec.hidden_layers());
        let (mut all_h, mut all_c) = (vec![], vec![]);
        let mut y = x.to_vec(); // (T B, fan_in)
        for l in 1..=depth {
            let units = self.tensors[&format!("weight_hh_l{}", l - 1)].0;
            let mut h = vec![vec![0.0; batch * units]]; // t = 0, ..
            let mut c = h.clone();
            let mut outputs = vec![];
            for t in 1..=shape.length {
                let (mut h_t, mut c_t) = (vec![], vec![]);
                for i in 0..batch {
                    let before = i * units..(i + 1) * units;
                    let u = self.normed(l, &y[(t - 1) * batch + i]);
                    let (mut h_i, mut c_i) = self.cell(l, &u, &h[t - 1][before.clone()], &c[t - 1][before.clone()]);
                    let here = nudge.filter(|n| n.layer == l && n.t == t && n.entry / units == i);
                    if let Some(Nudge { of_h, entry, by, .. }) = here {
                        let j = entry % units;
                        if of_h {
                            h_i[j] += by;
                        } else {
                            // c is read by h_t, too: its output gate is what h_t was over tanh(c_t).
                            let o = h_i[j] / c_i[j].tanh();
                            c_i[j] += by;
                            h_i[j] = o * c_i[j].tanh();
                        }
                    }
                    let below = &y[(t - 1) * batch + i];
                    let s = self.spec.branch_scale();
                    let adds = self.spec.residual && l > 1;
                    outputs.push((0..units).map(|j| if adds { below[j] + s * h_i[j] } else { h_i[j] }).collect());
                    h_t.extend(h_i);
                    c_t.extend(c_i);
                }
                h.push(h_t);
                c.push(c_t);
            }
            y = outputs;
            all_h.push(h[1..].to_vec());
            all_c.push(c[1..].to_vec());
        }
        let answered = &y[y.len() - shape.answered_rows()..];
        let outputs = self.tensors["head.weight"].1.len() / self.tensors["head.weight"].0;
        let logits = answered.iter().flat_map(|y| {
            let z = self.times("head.weight", y);
            (0..outputs).map(|k| z[k] + self.bias("head.bias", k)).collect::<Vec<_>>()
        });
        States { h: all_h, c: all_c, logits: logits.collect() }
    }

    /// Whether the activation has a kink, which differences must not straddle.
    pub(crate) fn has_kink(activation: Activation) -> bool {
        use Activation::{Elu, Gelu, LeakyRelu, Linear, Prelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
        match activation {
            Relu | LeakyRelu | Prelu | Elu | Selu => true,
            Linear | Sigmoid | Tanh | Gelu | Silu | Softplus => false,
        }
    }
}
