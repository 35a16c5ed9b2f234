//! A network's tensors under the names and in the shapes that a PyTorch module of the same make has:
//!
//! | name (layers count from 1) | shape | what |
//! |---|---|---|
//! | `layers.1.weight`, `layers.1.bias` | (out, in), (out) | W transposed, as torch.nn.Linear holds it; b |
//! | `norms.1.weight`, `norms.1.bias` | (D) | gain and shift |
//! | `norms.1.running_mean`, `norms.1.running_var` | (D) | batch norm's running statistics |
//! | `activations.1.weight` | (1) | prelu's slope |
//! | `head.weight`, `head.bias` | (outputs, in), (outputs) | the head |

use super::{Dense, Network};
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

impl<F: Real> Network<F> {
    /// Every parameter and running statistic as it is now, layer by layer, the head last.
    pub fn tensors(&self) -> Vec<Tensor> {
        let mut tensors = Vec::new();
        for (l, layer) in (1..).zip(&self.hidden) {
            dense(&format!("layers.{l}"), &layer.dense, &mut tensors);
            for (name, array) in layer.norm.iter().flat_map(|norm| norm.arrays()) {
                tensors.push(flat(format!("norms.{l}.{name}"), array));
            }
            if self.activation().is_trained() {
                tensors.push(flat(format!("activations.{l}.weight"), [&layer.slope()]));
            }
        }
        dense("head", &self.head, &mut tensors);
        tensors
    }
}

fn dense<F: Real>(name: &str, dense: &Dense<F>, tensors: &mut Vec<Tensor>) {
    let w = dense.w.t(); // (fan_out, fan_in)
    let values = w.iter().map(|w| w.f64()).collect();
    tensors.push(Tensor { name: format!("{name}.weight"), shape: w.shape().to_vec(), values });
    if !dense.b.is_empty() {
        tensors.push(flat(format!("{name}.bias"), &dense.b));
    }
}

fn flat<'a, F: Real>(name: String, values: impl IntoIterator<Item = &'a F>) -> Tensor {
    let values: Vec<f64> = values.into_iter().map(|x| x.f64()).collect();
    Tensor { name, shape: vec![values.len()], values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Activation;
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
}
