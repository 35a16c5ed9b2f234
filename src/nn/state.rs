//! A net's tensors under the names and in the shapes that a PyTorch module of the same make has:
//!
//! | name (layers count from 1, after `_l` from 0) | shape | what |
//! |---|---|---|
//! | `layers.1.weight`, `layers.1.bias` | (out, in), (out) | W transposed, as torch.nn.Linear holds it; b |
//! | `norms.1.weight`, `norms.1.bias` | (D) | gain and shift; RMS norm has no shift |
//! | `norms.1.running_mean`, `norms.1.running_var` | (D) | batch norm's running statistics |
//! | `activations.1.weight` | (1) | prelu's slope |
//! | `scales.2.weight` | (D) | layer scale's factors of the branch that ends at the layer |
//! | `head.weight`, `head.bias` | (outputs, in), (outputs) | the head |
//! | `weight_ih_l0` | (gates H, in) | W_x of a recurrent layer transposed, as torch.nn.RNN, LSTM and GRU hold it |
//! | `weight_hh_l0` | (gates H, H) | W_h transposed |
//! | `bias_ih_l0` | (gates H) | b |
//! | `bias_hh_l0` | (gates H) | PyTorch's second bias, which is added to the first (in a gru's new gate: to h W_h); 0 here |
//!
//! Gates stand in PyTorch's order: input, forget, cell, output of an lstm; reset, update, new of a gru. An rnn has one
//! block. The norm of a recurrent layer is that of its input; the first layer has none.

use super::{Param, Role};
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

impl Tensor {
    /// A parameter under a name. PyTorch holds matrices transposed.
    pub(super) fn of<F: Real>(name: String, param: &Param<F>) -> Self {
        let (values, shape) = if param.role == Role::Weight {
            let w = param.value.t(); // (fan_out, fan_in)
            (w.iter().map(|w| w.f64()).collect(), w.shape().to_vec())
        } else {
            (param.slice().iter().map(|x| x.f64()).collect(), vec![param.value.len()])
        };
        Self { name, shape, values }
    }
}

#[cfg(test)]
mod tests {
    use crate::nn::{Activation, Gradients, ModelKind, ModelSpec, Network, Precise};
    use crate::spec::RunSpec;

    fn net<F: Precise>(spec: &ModelSpec, inputs: usize) -> Network<F> {
        Network::new(spec, inputs, 2, 0, Gradients::All)
    }

    /// An entry of a matrix as the net has it.
    fn entry(net: &Network<f32>, name: &str, at: [usize; 2]) -> f64 {
        f64::from(net.param(name).expect("a tensor of this name").value[at])
    }

    #[test]
    fn tensors_have_the_names_and_shapes_of_a_pytorch_module() {
        let mut spec = RunSpec::default().model;
        spec.widths = [3, 5].map(|n| n.try_into().expect("positive")).into();
        spec.activation = Activation::Prelu;
        spec.negative_slope = 0.25;
        spec.batch_norm = true;
        let net = net::<f32>(&spec, 4);
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
        assert_eq!(tensors[0].values[2 * 4 + 1], entry(&net, "layers.1.weight", [1, 2]));
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
            let net = net::<f32>(&spec, 3);
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
            assert_eq!(tensors[0].values[4 * 3 + 1], entry(&net, "weight_ih_l0", [1, 4]));
            assert_eq!(tensors[1].values[4 * 5 + 1], entry(&net, "weight_hh_l0", [1, 4]));
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
        let names: Vec<String> = net::<f64>(&spec, 3).tensors().into_iter().map(|t| t.name).collect();
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
