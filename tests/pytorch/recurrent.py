#!/usr/bin/env python3
"""The recurrent nets of recurrent.csv in PyTorch: torch.nn.RNN, LSTM and GRU with weights that a formula gives.

    recurrent.py store      write PyTorch's numbers to recurrent.csv
    recurrent.py check      compute them again and compare; exit code 1 if they differ by more than rounding

Every number that a net starts from is ((37 row + 101 column + 29 salt) mod 97 - 48) / 97: one division, the same in any
language. Salts: 1 the inputs; of layer l (from 0) 10 l + 2, 3, 4 weight_ih, weight_hh, bias_ih; 5, 6 the head's weight and
bias. bias_hh is 0. The label of answer k is k mod 3. The loss is the mean cross-entropy of the last M time steps.

A layer at a time, a time step at a time, every h_t and c_t is a tensor of its own, so that autograd leaves its total
gradient in it (nn.LSTM keeps c_t within: its step is written out here). The same weights in one module of all layers and
time steps must give the same outputs and gradients.
"""

import csv
import sys
from pathlib import Path

import torch

STORED = Path(__file__).resolve().parent / "recurrent.csv"
BATCH, LENGTH, INPUTS, UNITS, OUTPUTS = 3, 6, 2, 5, 3
MODULES = {
    "rnn tanh": (torch.nn.RNN, {"nonlinearity": "tanh"}),
    "rnn relu": (torch.nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (torch.nn.LSTM, {}),
    "gru": (torch.nn.GRU, {}),
}


def numbers(salt, *shape):
    rows, columns = shape if len(shape) == 2 else (1, shape[0])
    values = [[((37 * i + 101 * j + 29 * salt) % 97 - 48) / 97 for j in range(columns)] for i in range(rows)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def set_layer(module, suffix, layer):
    with torch.no_grad():
        for salt, name in ((2, "weight_ih"), (3, "weight_hh"), (4, "bias_ih")):
            tensor = getattr(module, f"{name}_l{suffix}")
            tensor.copy_(numbers(10 * layer + salt, *tensor.shape))
        getattr(module, f"bias_hh_l{suffix}").zero_()


def lstm_step(module, u, state):
    """One time step of nn.LSTM with c_t as a tensor that h_t is made of, so that its gradient has the way through h_t."""
    h, c = state or (torch.zeros(1, BATCH, UNITS, dtype=torch.float64),) * 2
    linear = torch.nn.functional.linear
    z = linear(u, module.weight_ih_l0, module.bias_ih_l0) + linear(h, module.weight_hh_l0, module.bias_hh_l0)
    i, f, g, o = z.chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def measure(cell, depth, answers):
    """(name, layer, t) -> numbers, in PyTorch's shapes; layer from 1, the head last; t from 1, 0 for what has none."""
    make, options = MODULES[cell]
    x = numbers(1, LENGTH * BATCH, INPUTS).reshape(LENGTH, BATCH, INPUTS)
    labels = torch.arange(answers * BATCH) % OUTPUTS
    head = torch.nn.Linear(UNITS, OUTPUTS, dtype=torch.float64)
    with torch.no_grad():
        head.weight.copy_(numbers(5, OUTPUTS, UNITS))
        head.bias.copy_(numbers(6, OUTPUTS))

    def loss_of(outputs):
        logits = head(torch.cat(outputs[-answers:]))
        return torch.nn.functional.cross_entropy(logits, labels)

    found, inputs, layers = {}, list(x), []
    for layer in range(depth):
        module = make(INPUTS if layer == 0 else UNITS, UNITS, dtype=torch.float64, **options)
        set_layer(module, 0, layer)
        state, states, outputs = None, [], []
        for u in inputs:
            state = lstm_step(module, u[None], state) if cell == "lstm" else module(u[None], state)[1]
            parts = state if isinstance(state, tuple) else (state,)
            for part in parts:
                part.retain_grad()
            states.append(parts)
            outputs.append(parts[0][0])
        inputs = outputs
        layers.append((module, states))
    loss = loss_of(inputs)
    loss.backward()
    found["loss", depth + 1, 0] = loss
    for layer, (module, states) in enumerate(layers, 1):
        for t, parts in enumerate(states, 1):
            for name, part in zip("hc", parts):
                found[name, layer, t] = part
                found["d" + name, layer, t] = part.grad
        for name in ("weight_ih", "weight_hh", "bias_ih"):
            found["d" + name, layer, 0] = getattr(module, name + "_l0").grad
    found["dweight", depth + 1, 0], found["dbias", depth + 1, 0] = head.weight.grad.clone(), head.bias.grad.clone()

    whole = make(INPUTS, UNITS, num_layers=depth, dtype=torch.float64, **options)
    for layer in range(depth):
        set_layer(whole, layer, layer)
    outputs, _ = whole(x)
    loss_of(list(outputs)).backward()
    for t in range(LENGTH):
        torch.testing.assert_close(outputs[t], found["h", depth, t + 1][0], rtol=1e-12, atol=1e-14)
    for layer in range(depth):
        for name in ("weight_ih", "weight_hh", "bias_ih"):
            grad = getattr(whole, f"{name}_l{layer}").grad
            torch.testing.assert_close(grad, found["d" + name, layer + 1, 0], rtol=1e-11, atol=1e-14)
    return {key: value.detach().flatten().tolist() for key, value in found.items()}


def measure_all():
    return {
        (cell, depth, answers, *key): values
        for cell in MODULES
        for depth in (1, 2)
        for answers in (1, 3)
        for key, values in measure(cell, depth, answers).items()
    }


def store():
    with open(STORED, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["cell", "depth", "answers", "name", "layer", "t", "values"])
        for key, values in measure_all().items():
            out.writerow([*key, " ".join(f"{value:.14g}" for value in values)])


def check():
    live, compared, bad = measure_all(), 0, 0
    with open(STORED, newline="") as file:
        for row in csv.DictReader(file):
            key = (row["cell"], *(int(row[n]) for n in ("depth", "answers")), row["name"], int(row["layer"]), int(row["t"]))
            stored, now = [float(value) for value in row["values"].split()], live.pop(key)
            largest = max(map(abs, now))
            compared += len(now)
            bad += len(stored) != len(now) or any(abs(a - b) > 1e-11 * largest for a, b in zip(stored, now))
    print(f"PyTorch {torch.__version__}, live: {compared} numbers compared, {bad} tensors differ, {len(live)} not stored")
    return not bad and not live


def main():
    torch.set_num_threads(1)
    match sys.argv[1:]:
        case ["store"]:
            store()
        case ["check"]:
            sys.exit(0 if check() else 1)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
