//! The columns of time.csv and gates.csv: what was measured at each time step and in each gate of a recurrent net.

use super::column::{TableColumn, integer, number, word};
use crate::metric::RowStatus;
use crate::nn::ModelKind;
use crate::tables::cell::CellValue;
use crate::tables::rows::{GateRow, TimeRow};

/// The columns of time.csv after `run` and the axes.
#[rustfmt::skip]
pub(in crate::tables) const TIME: [TableColumn<TimeRow>; 10] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| CellValue::count(r.step)),
    integer("layer", "", "1 to L from the input on; the head has no time steps of its own.",
        |r| CellValue::count(r.layer)),
    integer("t", "time steps", "The time step, from 1 to T.",
        |r| CellValue::count(r.t)),
    integer("lag", "time steps", "How far back it is: T - t.",
        |r| CellValue::count(r.lag)),
    number("dh_rms", "", "Root mean square over batch and units of the batch size times dLoss/dh_t, the total derivative, what the loss at t itself sends included.",
        |r| CellValue::Recorded(r.reading.dh_rms)),
    number("dc_rms", "", "The same of dLoss/dc_t, the state of an lstm's cells; NaN for a layer without one.",
        |r| CellValue::Recorded(r.reading.dc_rms)),
    number("state_rms", "", "The error at the whole state: the root of dh_rms^2 + dc_rms^2, dh_rms for a layer without c.",
        |r| CellValue::Recorded(r.reading.state_rms())),
    number("log10_state_rms", "decades", "log10 of state_rms, exact also where that is below the range of f64 and 0; -inf where it is 0 for another reason.",
        |r| CellValue::Recorded(r.reading.log10_state_rms)),
    number("h_rms", "", "Root mean square over batch and units of h_t.",
        |r| CellValue::Recorded(r.reading.h_rms)),
    word("status", "ok, zero (dead units or zero weights), underflow (below what this precision holds: a framework would have 0 there or lose digits; the number is true), not_a_number or infinite.",
        || RowStatus::ALL.map(RowStatus::name).into(),
        |r| CellValue::Name(r.reading.status.name())),
];

/// The columns of gates.csv after `run` and the axes.
#[rustfmt::skip]
pub(in crate::tables) const GATES: [TableColumn<GateRow>; 5] = [
    integer("step", "steps", "The update that the gradient was computed for; measured before it, so step 0 is at initialisation.",
        |r| CellValue::count(r.step)),
    integer("layer", "", "1 to L from the input on; the head has no gates.",
        |r| CellValue::count(r.layer)),
    word("gate", "input, forget, cell or output of an lstm; reset, update or new of a gru.", gate_names,
        |r| CellValue::Name(r.gate)),
    number("mean", "", "Mean of the gate's values over batch, units and time.",
        |r| CellValue::Recorded(r.reading.mean)),
    number("saturated_fraction", "share", "Share of the gate's values at which the derivative of its nonlinearity is below 0.05 times its maximum.",
        |r| CellValue::Recorded(r.reading.saturated_fraction)),
];

/// Lists the gates of all kinds of recurrent layers, each name once.
fn gate_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for gate in ModelKind::ALL.into_iter().flat_map(ModelKind::gates) {
        if !names.contains(gate) {
            names.push(gate);
        }
    }
    names
}
