//! A net's tensors under the names and in the shapes that a PyTorch module of the same make has:
//!
//! | name (layers count from 1, after `_l` from 0) | shape | what |
//! |---|---|---|
//! | `layers.1.weight`, `layers.1.bias` | (out, in), (out) | W transposed, as torch.nn.Linear holds it; b |
//! | `norms.1.weight`, `norms.1.bias` | (D) | gain and shift |
//! | `norms.1.running_mean`, `norms.1.running_var` | (D) | batch norm's running statistics |
//! | `activations.1.weight` | (1) | prelu's slope |
//! | `head.weight`, `head.bias` | (outputs, in), (outputs) | the head |
//! | `weight_ih_l0` | (gates H, in) | W_x of a recurrent layer transposed, as torch.nn.RNN, LSTM and GRU hold it |
//! | `weight_hh_l0` | (gates H, H) | W_h transposed |
//! | `bias_ih_l0` | (gates H) | b |
//! | `bias_hh_l0` | (gates H) | PyTorch's second bias, which is added to the first (in a gru's new gate: to h W_h); 0 here |
//!
//! Gates stand in PyTorch's order: input, forget, cell, output of an lstm; reset, update, new of a gru. An rnn has one
//! block. The norm of a recurrent layer is that of its input; the first layer has none.

use ndarray::{Array1, Array2};

use super::{Dense, Network, Norm, Recurrent};
use crate::kernels::Real;

/// A named array of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// PyTorch's name.
    pub name: String,
    /// Its sizes, the last varies fastest.
    pub shape: Vec<usize>,
    /// Its entries; an f64 holds an f32 exactly.
    pub values: Vec<f64>,
}

/// The tensors of a feed-forward net.
pub(super) fn of_network<F: Real>(net: &Network<F>) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    for (l, layer) in (1..).zip(&net.hidden) {
        dense(&format!("layers.{l}"), &layer.dense, &mut tensors);
        for (name, array) in layer.norm.iter().flat_map(|norm| norm.arrays()) {
            tensors.push(flat(format!("norms.{l}.{name}"), array));
        }
        if net.activation().is_trained() {
            tensors.push(flat(format!("activations.{l}.weight"), [&layer.slope()]));
        }
    }
    dense("head", &net.head, &mut tensors);
    tensors
}

/// The tensors of a recurrent net.
pub(super) fn of_recurrent<F: Real>(net: &Recurrent<F>) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    for (l, layer) in (1..).zip(&net.layers) {
        let (from_0, b) = (l - 1, &layer.input.b);
        tensors.push(transposed(format!("weight_ih_l{from_0}"), &layer.input.w));
        tensors.push(transposed(format!("weight_hh_l{from_0}"), &layer.w_h));
        if !b.is_empty() {
            tensors.push(flat(format!("bias_ih_l{from_0}"), b));
            tensors.push(flat(format!("bias_hh_l{from_0}"), &Array1::<F>::zeros(b.len())));
        }
        for (name, array) in layer.norm.iter().flat_map(Norm::arrays) {
            tensors.push(flat(format!("norms.{l}.{name}"), array));
        }
        if net.trains_slopes() {
            tensors.push(flat(format!("activations.{l}.weight"), [&layer.slope()]));
        }
    }
    dense("head", &net.head, &mut tensors);
    tensors
}

fn dense<F: Real>(name: &str, dense: &Dense<F>, tensors: &mut Vec<Tensor>) {
    tensors.push(transposed(format!("{name}.weight"), &dense.w));
    if !dense.b.is_empty() {
        tensors.push(flat(format!("{name}.bias"), &dense.b));
    }
}

fn transposed<F: Real>(name: String, w: &Array2<F>) -> Tensor {
    let w = w.t(); // (fan_out, fan_in)
    Tensor { name, shape: w.shape().to_vec(), values: w.iter().map(|w| w.f64()).collect() }
}

fn flat<'a, F: Real>(name: String, values: impl IntoIterator<Item = &'a F>) -> Tensor {
    let values: Vec<f64> = values.into_iter().map(|x| x.f64()).collect();
    Tensor { name, shape: vec![values.len()], values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Activation, Model, ModelKind};
    use crate::spec::RunSpec;

    #[test]
    fn tensors_have_the_names_and_shapes_of_a_pytorch_module() {
        let mut spec = RunSpec::default().model;
        spec.widths = [3, 5].map(|n| n.try_into().expect("positive")).into();
        spec.activation = Activation::Prelu;
        spec.negative_slope = 0.25;
        spec.batch_norm = true;
        let net = Network::<f32>::new(&spec, 4, 2, 0);
        let tensors = net.tensors();
        let shapes: Vec<(&str, &[usize])> = tensors.iter().map(|t| (t.name.as_str(), t.shape.as_slice())).collect();
        assert_eq!(shapes[..3], [("layers.1.weight", &[3, 4][..]), ("layers.1.bias", &[3]), ("norms.1.weight", &[3])]);
        assert_eq!(
            shapes[4..7],
            [("norms.1.running_mean", &[3][..]), ("norms.1.running_var", &[3]), ("activations.1.weight", &[1])]
        );
        assert_eq!(shapes[14..], [("head.weight", &[2, 5][..]), ("head.bias", &[2])]);
        assert_eq!(tensors[6].values, [0.25]);
        // Row 2 of the weight is what unit 2 multiplies its inputs by.
        assert_eq!(tensors[0].values[2 * 4 + 1], f64::from(net.hidden[0].dense.w[[1, 2]]));
    }
    #[test]
    fn recurrent_tensors_have_the_names_and_shapes_of_pytorchs_rnn_lstm_and_gru() {
        for (kind, gates) in [(ModelKind::Rnn, 1), (ModelKind::Lstm, 4), (ModelKind::Gru, 3)] {
            let mut spec = RunSpec::default().model;
            spec.kind = kind;
            spec.depth = 2.try_into().expect("positive");
            spec.width = 5.try_into().expect("positive");
            spec.activation = Activation::Tanh;
            spec.layer_norm = true;
            spec.bias_std = 0.1;
            let net = Recurrent::<f32>::new(&spec, 3, 2, 0);
            let tensors = net.tensors();
            let got: Vec<(&str, &[usize])> = tensors.iter().map(|t| (t.name.as_str(), t.shape.as_slice())).collect();
            let wanted: [(&str, &[usize]); 12] = [
                ("weight_ih_l0", &[gates * 5, 3]),
                ("weight_hh_l0", &[gates * 5, 5]),
                ("bias_ih_l0", &[gates * 5]),
                ("bias_hh_l0", &[gates * 5]),
                ("weight_ih_l1", &[gates * 5, 5]),
                ("weight_hh_l1", &[gates * 5, 5]),
                ("bias_ih_l1", &[gates * 5]),
                ("bias_hh_l1", &[gates * 5]),
                ("norms.2.weight", &[5]),
                ("norms.2.bias", &[5]),
                ("head.weight", &[2, 5]),
                ("head.bias", &[2]),
            ];
            assert_eq!(got, wanted);
            // Row 4 of the weight is what unit 4 of the first gate multiplies its inputs by.
            assert_eq!(tensors[0].values[4 * 3 + 1], f64::from(net.layers[0].input.w[[1, 4]]));
            assert_eq!(tensors[1].values[4 * 5 + 1], f64::from(net.layers[0].w_h[[1, 4]]));
            assert!(tensors[2].values.iter().all(|b| *b != 0.0) && tensors[3].values.iter().all(|b| *b == 0.0));
        }
    }

    #[test]
    fn a_trained_slope_is_a_tensor_of_every_recurrent_layer_and_nets_without_biases_have_none() {
        let mut spec = RunSpec::default().model;
        spec.kind = ModelKind::Rnn;
        spec.depth = 2.try_into().expect("positive");
        spec.activation = Activation::Prelu;
        spec.bias = false;
        let names: Vec<String> = Recurrent::<f64>::new(&spec, 3, 2, 0).tensors().into_iter().map(|t| t.name).collect();
        assert_eq!(
            names,
            [
                "weight_ih_l0",
                "weight_hh_l0",
                "activations.1.weight",
                "weight_ih_l1",
                "weight_hh_l1",
                "activations.2.weight",
                "head.weight"
            ]
        );
    }
}
