#!/usr/bin/env python3
"""Trains the nets of nets.toml again in PyTorch, from vgrun's initial weights and batches, and compares every step.

    reference.py nets                write nets.toml: a fixed random sample of nets that covers every option; and
                                     table.csv, from which some of them learn a number
    reference.py check VGRUN         run vgrun and PyTorch side by side; exit code 1 if they disagree
    reference.py store VGRUN         the same, and write PyTorch's numbers to numbers.csv

Needs PyTorch and Python 3.11. What vgrun measures is defined in src/guide/files.md; nothing here is taken from vgrun's code:
gradients are autograd's, updates are torch.optim's, clipping is torch.nn.utils.clip_grad_norm_.
"""

import csv
import json
import math
import random
import struct
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
STEPS = 20
# A table of numbers beside this file; its last column is what a net learns to say.
TABLE = "table.csv"
# numbers.csv holds these steps.
STORED_STEPS = (0, 1, 5, STEPS - 1)
# f64 over all steps and optimizers; f32 at step 0; f32 over all steps of sgd where the depth is at most 10.
TOLERANCE_F64, TOLERANCE_F32 = 1e-9, 1e-4
DEEPEST_F32 = 10
# Every value of every option occurs in at least so many nets.
LEAST = 16

DEFAULTS = {
    "data.source": "digits",
    "model.activation": "relu",
    "model.init": "he_normal",
    "train.optimizer": "sgd",
    "train.learning_rate": 0.02,
    "train.batch_size": 64,
    "train.precision": "f32",
}
ACTIVATIONS = "linear sigmoid tanh relu leaky_relu prelu elu selu gelu silu softplus".split()
INITS = (
    "xavier_normal xavier_uniform he_normal he_uniform he_fan_out_normal lecun_normal lecun_uniform orthogonal "
    "pytorch_default"
).split()
# Small, so that rounding errors do not grow beyond the tolerance: at rmsprop's 0.002 a deep net with batch norm moves by
# 1e-8 in 20 steps when its weights move by one unit in the last place, in PyTorch itself.
RATES = {"sgd": 0.02, "momentum": 0.01, "rmsprop": 0.0005, "adam": 0.001, "adamw": 0.001}


# ---------------------------------------------------------------------------------------------------------- the nets


def sample_nets(count=242):
    """Nets as maps from key to value, every option spread evenly and shuffled on its own."""
    chance = random.Random(20240229)

    def spread(values):
        column = [values[i % len(values)] for i in range(count)]
        chance.shuffle(column)
        return column

    columns = {
        "model.activation": spread(ACTIVATIONS),
        "model.init": spread(INITS),
        "train.optimizer": spread(list(RATES)),
        "norm": spread(["none", "none", "batch_norm", "layer_norm"]),
        "residual": spread(["no", "no", "none", "inv_sqrt_depth"]),
        "depth": spread([1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12]),
        # Likewise, a norm over three units divides by almost nothing.
        "width": spread([8, 11, 13, 16]),
        "widths": spread([True, False, False, False]),
        "bias": spread(["no", "zero", "zero", "random"]),
        "gain": spread([1.0, 1.0, 0.7, 1.3]),
        "clip": spread([0.0, 0.0, 0.0, 0.05, 0.5]),
        "batch": spread([2, 7, 16, 16, "full"]),
        "data": spread(["blobs", "noise", "digits", "csv"]),
        "slope": spread([None, 0.1, 0.4]),
        "precision": spread(["f64", "f64", "f32"]),
        "rates": spread([True, False, False]),
    }
    nets = []
    for i in range(count):
        o = {name: column[i] for name, column in columns.items()}
        optimizer, activation = o["train.optimizer"], o["model.activation"]
        net = {
            "seed": i,
            "data.source": o["data"],
            "model.activation": activation,
            "model.init": o["model.init"],
            "train.optimizer": optimizer,
            "train.learning_rate": RATES[optimizer],
            # A full batch of digits or blobs is large; noise and the table are made as small as they are wanted.
            "train.batch_size": o["batch"] if o["data"] in ("noise", "csv") or o["batch"] != "full" else 32,
            "train.precision": o["precision"],
        }
        if o["data"] == "noise":
            net |= {"data.features": 9, "data.classes": 4, "data.examples": 40, "data.std": 0.8}
        if o["data"] == "csv":
            net |= {"data.path": TABLE, "data.target": "regression"}
            if activation == "linear" and o["batch"] == "full":
                # Over all standardised rows a linear net without biases has a mean error of 0: its bias gradients are
                # rounding errors, and rmsprop and adam make steps of any gradient.
                net["train.batch_size"] = 16
        if o["norm"] == "batch_norm" and o["batch"] == 2:
            # Two examples are normalised to -1 and +1 whatever they are: what is left of the gradient are rounding errors.
            net["train.batch_size"] = 16
        if o["widths"] and o["residual"] == "no":
            net["model.widths"] = [o["width"] + chance.randrange(-2, 5) for _ in range(max(2, o["depth"]))]
        else:
            net |= {"model.depth": o["depth"], "model.width": o["width"]}
        if o["norm"] != "none":
            net[f"model.{o['norm']}"] = True
        if o["residual"] != "no" and o["depth"] > 1:
            net |= {"model.residual": True, "model.residual_scaling": o["residual"]}
        if o["bias"] == "no":
            net["model.bias"] = False
        elif o["bias"] == "random" and o["model.init"] != "pytorch_default":
            net["model.bias_std"] = 0.3
        if o["gain"] != 1.0:
            net["model.init_gain"] = o["gain"]
        if o["clip"]:
            net["train.clip_norm"] = o["clip"]
        if o["slope"] and activation in ("leaky_relu", "prelu"):
            net["model.negative_slope"] = o["slope"]
        if o["rates"]:
            net |= {
                "sgd": {},
                "momentum": {"train.momentum": 0.5},
                "rmsprop": {"train.alpha": 0.9, "train.epsilon": 1e-5},
                "adam": {"train.beta1": 0.8, "train.beta2": 0.95, "train.epsilon": 1e-6},
                "adamw": {"train.beta1": 0.85, "train.beta2": 0.9, "train.weight_decay": 0.2},
            }[optimizer]
        nets.append(net)
    return nets


def later_nets(count=40):
    """Nets of ops that came after the sample, which stays as it was: RMS norm, layer scale, and both."""
    chance = random.Random(20261201)
    norms = ["model.norm", "model.norm", "model.layer_norm", "model.batch_norm", None]
    nets = []
    for i in range(count):
        optimizer = list(RATES)[i % len(RATES)]
        norm = norms[i % len(norms)]
        net = {
            "seed": 1000 + i,
            "data.source": ["blobs", "noise", "digits", "csv"][i % 4],
            "model.activation": chance.choice(ACTIVATIONS),
            "model.init": chance.choice(INITS),
            "train.optimizer": optimizer,
            "train.learning_rate": RATES[optimizer],
            "train.batch_size": chance.choice([7, 16]),
            "train.precision": "f64" if i % 3 else "f32",
            "model.depth": chance.choice([2, 3, 5, 8]),
            "model.width": chance.choice([8, 11, 16]),
        }
        if net["data.source"] == "noise":
            net |= {"data.features": 9, "data.classes": 4, "data.examples": 40, "data.std": 0.8}
        if net["data.source"] == "csv":
            net |= {"data.path": TABLE, "data.target": "regression"}
        if norm:
            net[norm] = "rms" if norm == "model.norm" else True
        if norm != "model.norm" or i % 2:
            net |= {"model.residual": True, "model.residual_scaling": "layer_scale"}
            if i % 4 == 0:
                net["model.layer_scale_init"] = 0.7
        if i % 5 == 4:
            net["train.clip_norm"] = 0.5
        nets.append(net)
    return nets


def coverage(nets):
    """How many nets use each option."""
    uses = Counter()
    for net in nets:
        for key in ("model.activation", "model.init", "train.optimizer", "train.precision", "data.source"):
            uses[f"{key} = {net[key]}"] += 1
        for key in ("model.batch_norm", "model.layer_norm", "model.residual", "model.widths", "model.bias_std"):
            uses[key] += bool(net.get(key))
        uses["model.bias = false"] += net.get("model.bias") is False
        for scaling in ("inv_sqrt_depth", "layer_scale"):
            uses[f"model.residual_scaling = {scaling}"] += net.get("model.residual_scaling") == scaling
        uses["model.norm = rms"] += net.get("model.norm") == "rms"
        uses["train.clip_norm"] += "train.clip_norm" in net
        uses["model.init_gain"] += "model.init_gain" in net
        uses["train.batch_size = full"] += net["train.batch_size"] == "full"
        loss = "squared error" if net.get("data.target") == "regression" else "cross-entropy"
        uses[f"loss = {loss}, {net['train.precision']}"] += 1
    return uses


def write_table():
    """A smooth function of nine inputs in units of their own, and some noise."""
    chance = random.Random(20240301)
    with open(HERE / TABLE, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*(f"x{i}" for i in range(1, 10)), "y"])
        for _ in range(50):
            u = [chance.gauss(0, 1) for _ in range(9)]
            y = 120 + 30 * (u[0] - 0.5 * u[1] + u[2] * u[3] + math.sin(2 * u[4]) + 0.2 * chance.gauss(0, 1))
            out.writerow([*(f"{10 * i + (i + 1) * x:.3f}" for i, x in enumerate(u)), f"{y:.3f}"])


def write_nets():
    write_table()
    nets = sample_nets() + later_nets()
    rare = {use: n for use, n in coverage(nets).items() if n < LEAST}
    assert not rare, f"too few nets for {rare}"
    lines = [
        "# Written by reference.py: a fixed random sample of small nets that covers every option.",
        'name = "pytorch"',
        'why = """Does PyTorch, given the same weights and batches, measure the same losses and gradients as vgrun?"""',
        "[run]",
        f"train.steps = {STEPS}",
        "trace = { every = 1, weights = \"init\", order = true }",
        "# vgrun's defaults, named; each include is a net.",
        *(f"{key} = {json.dumps(value)}" for key, value in DEFAULTS.items()),
    ]
    for net in nets:
        lines.append("[[include]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in net.items()]
    (HERE / "nets.toml").write_text("\n".join(lines) + "\n")
    print(f"{len(nets)} nets; the rarest option has {min(coverage(nets).values())}")


# --------------------------------------------------------------------------------------------------- vgrun's files


def read_safetensors(path):
    """The tensors of a file, and its metadata: what safetensors.torch.load_file does, without the package."""
    import torch

    types = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}
    content = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        data = bytearray(content[8 + length + begin : 8 + length + end])
        tensors[name] = (
            torch.frombuffer(data, dtype=types[entry["dtype"]]).reshape(entry["shape"])
            if data
            else torch.zeros(entry["shape"], dtype=types[entry["dtype"]])
        )
    return tensors, metadata


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def measured_by_vgrun(results):
    """Per run id: {(step, layer, what): number}; layer 0 is the whole net."""
    ids = {row["run"]: row["run_id"] for row in rows(results / "runs.csv")}
    numbers = {run_id: {} for run_id in ids.values()}
    for row in rows(results / "runs.csv"):
        numbers[row["run_id"]][STEPS, 0, "test_loss"] = float(row["test_loss"])
    for row in rows(results / "steps.csv"):
        for what in ("loss", "total_grad_norm", "clip_factor"):
            numbers[ids[row["run"]]][int(row["step"]), 0, what] = float(row[what])
    for row in rows(results / "trace.csv"):
        for what in ("grad_norm", "delta_rms", "weight_norm", "update_norm", "act_mean", "act_std"):
            numbers[ids[row["run"]]][int(row["step"]), int(row["layer"]), what] = float(row[what])
    return numbers


# ------------------------------------------------------------------------------------------------------ in PyTorch


def build(net, inputs, outputs, dtype):
    """The net as a PyTorch module whose names are those of vgrun's files."""
    import torch
    from torch import nn
    from torch.nn import functional

    widths = net.get("model.widths") or [net.get("model.width", 64)] * net.get("model.depth", 10)
    bias, activation = net.get("model.bias", True), net["model.activation"]
    slope = net.get("model.negative_slope", 0.25 if activation == "prelu" else 0.01)
    functions = {
        "linear": lambda u: u,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda u: functional.leaky_relu(u, slope),
        "elu": functional.elu,
        "selu": functional.selu,
        "gelu": functional.gelu,
        "silu": functional.silu,
        # PyTorch's own threshold is 20, where ln(1 + e^u) is not yet u in f64.
        "softplus": lambda u: functional.softplus(u, threshold=40),
    }

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            fan_ins = [inputs, *widths]
            self.layers = nn.ModuleDict()
            self.norms = nn.ModuleDict()
            self.activations = nn.ModuleDict()
            self.scales = nn.ModuleDict()
            has_scales = net.get("model.residual_scaling") == "layer_scale"
            for l, width in enumerate(widths, 1):
                self.layers[str(l)] = nn.Linear(fan_ins[l - 1], width, bias=bias)
                if net.get("model.batch_norm"):
                    self.norms[str(l)] = nn.BatchNorm1d(width)
                if net.get("model.layer_norm"):
                    self.norms[str(l)] = nn.LayerNorm(width)
                if net.get("model.norm") == "rms":
                    self.norms[str(l)] = nn.RMSNorm(width, eps=1e-5)
                if has_scales and l > 1:
                    init = net.get("model.layer_scale_init", 0.1)
                    self.scales[str(l)] = nn.ParameterDict({"weight": torch.full((width,), init)})
                if activation == "prelu":
                    self.activations[str(l)] = nn.PReLU()
            self.head = nn.Linear(fan_ins[-1], outputs, bias=bias)

        def forward(self, x):
            self.z, self.h, h = [], [], x
            scaled = net.get("model.residual_scaling") == "inv_sqrt_depth"
            scale = 1 / math.sqrt(len(widths)) if scaled else 1
            for l in self.layers:
                z = self.layers[l](h)
                if net.get("model.residual") and self.z:
                    z = self.z[-1] + (self.scales[l]["weight"] if l in self.scales else scale) * z
                self.z.append(z)
                u = self.norms[l](z) if l in self.norms else z
                h = self.activations[l](u) if l in self.activations else functions[activation](u)
                self.h.append(h)
            self.z.append(self.head(h))
            self.h.append(self.z[-1])
            return self.z[-1]

    return Net().to(dtype)


def make_optimizer(net, parameters):
    import torch

    lr, epsilon = net["train.learning_rate"], net.get("train.epsilon", 1e-8)
    betas = (net.get("train.beta1", 0.9), net.get("train.beta2", 0.999))
    match net["train.optimizer"]:
        case "sgd":
            return torch.optim.SGD(parameters, lr=lr)
        case "momentum":
            return torch.optim.SGD(parameters, lr=lr, momentum=net.get("train.momentum", 0.9))
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=lr, alpha=net.get("train.alpha", 0.99), eps=epsilon)
        case "adam":
            return torch.optim.Adam(parameters, lr=lr, betas=betas, eps=epsilon)
        case "adamw":
            decay = net.get("train.weight_decay", 0.01)
            return torch.optim.AdamW(parameters, lr=lr, betas=betas, eps=epsilon, weight_decay=decay)
        case other:
            raise ValueError(other)


def check_table(data):
    """That vgrun made of the table what the guide says: every fifth row tests, and the others set the scale."""
    import torch

    table = torch.tensor([[float(cell) for cell in row.values()] for row in rows(HERE / TABLE)], dtype=torch.float64)
    is_test = torch.arange(len(table)) % 5 == 4
    scaled = (table - table[~is_test].mean(0)) / table[~is_test].std(0, correction=0)
    for part, wanted in ("train", scaled[~is_test]), ("test", scaled[is_test]):
        got = torch.cat((data[f"{part}.x"], data[f"{part}.y"]), 1)
        assert torch.allclose(got, wanted, rtol=0, atol=1e-12), part


def measured_by_pytorch(net, results, run_id):
    """{(step, layer, what): number} of a net that begins with vgrun's weights and sees vgrun's batches."""
    import torch

    def norm(x):
        return x.detach().double().norm().item()

    dtype = {"f32": torch.float32, "f64": torch.float64}[net["train.precision"]]
    weights, metadata = read_safetensors(results / f"weights/{run_id}.init.safetensors")
    order = read_safetensors(results / f"order/{run_id}.safetensors")[0]["order"]
    data, _ = read_safetensors(results / f"data/{metadata['data']}.safetensors")
    x, y, test_x, test_y = (data[name] for name in ("train.x", "train.y", "test.x", "test.y"))
    x, test_x = x.to(dtype), test_x.to(dtype)
    if net.get("data.target") == "regression":
        check_table(data)
        y, test_y, judge = y.to(dtype), test_y.to(dtype), torch.nn.functional.mse_loss
    else:
        judge = torch.nn.functional.cross_entropy
    model = build(net, x.shape[1], weights["head.weight"].shape[0], dtype)
    model.load_state_dict(weights)
    optimizer = make_optimizer(net, model.parameters())
    numbers = {}
    for step, batch in enumerate(order):
        optimizer.zero_grad()
        out = model(x[batch])
        # Neither loss broadcasts a forgotten dimension here.
        assert out.shape == y[batch].shape or y.ndim == 1
        loss = judge(out, y[batch])
        for z in model.z:
            z.retain_grad()
        loss.backward()
        numbers[step, 0, "loss"] = loss.item()
        before = [layer.weight.detach().clone() for layer in (*model.layers.values(), model.head)]
        for l, layer in enumerate((*model.layers.values(), model.head), 1):
            delta, h = len(batch) * model.z[l - 1].grad.double(), model.h[l - 1].detach().double()
            numbers[step, l, "grad_norm"] = norm(layer.weight.grad)
            numbers[step, l, "delta_rms"] = delta.square().mean().sqrt().item()
            numbers[step, l, "weight_norm"] = norm(layer.weight)
            numbers[step, l, "act_mean"] = h.mean().item()
            numbers[step, l, "act_std"] = h.std(correction=0).item()
        largest = net.get("train.clip_norm") or math.inf
        total = torch.nn.utils.clip_grad_norm_(model.parameters(), largest).item()
        numbers[step, 0, "total_grad_norm"] = total
        numbers[step, 0, "clip_factor"] = min(1.0, largest / (total + 1e-6))
        optimizer.step()
        for l, layer in enumerate((*model.layers.values(), model.head), 1):
            numbers[step, l, "update_norm"] = norm(layer.weight - before[l - 1])
    model.eval()
    if len(test_x):
        with torch.no_grad():
            test = judge(model(test_x), test_y)
        numbers[STEPS, 0, "test_loss"] = test.item()
    return numbers


# ------------------------------------------------------------------------------------------------------ comparison


def deviation(what, ours, theirs):
    """Relative; for a mean, which may be near 0, relative to the spread where the caller passes it."""
    if ours == theirs:
        return 0.0
    largest = max(abs(ours), abs(theirs))
    return abs(ours - theirs) / largest if math.isfinite(largest) else math.inf


def tolerance(net, step):
    """What two correct programs may differ by; none where rounding errors of f32 have grown too far to say."""
    depth = len(net.get("model.widths", ())) or net.get("model.depth", 10)
    if net["train.precision"] == "f64":
        return TOLERANCE_F64
    follows = net["train.optimizer"] == "sgd" and depth <= DEEPEST_F32
    return TOLERANCE_F32 if step == 0 or follows else None


def compare(nets, ids, vgrun, torch_numbers):
    """Prints the largest deviations; true if all are within their tolerance."""
    worst, bad, compared = {}, [], 0
    for net, run_id in zip(nets, ids):
        for (step, layer, what), theirs in torch_numbers[run_id].items():
            allowed = tolerance(net, step)
            if allowed is None or what in ("act_mean", "update_norm") and net["train.precision"] == "f32":
                continue
            ours = vgrun[run_id].get((step, layer, what), math.nan)
            off = deviation(what, ours, theirs)
            if what == "act_mean":
                # A mean near 0 has no digits of its own.
                off = abs(ours - theirs) / max(abs(theirs), vgrun[run_id][step, layer, "act_std"], 1e-300)
                off = 0.0 if ours == theirs else off
            compared += 1
            label = (net["train.precision"], "step 0" if step == 0 else "later", what)
            if not off <= worst.get(label, (0.0,))[0]:
                worst[label] = (off, run_id, step, layer, ours, theirs)
            if not off <= allowed:
                bad.append((off, run_id, step, layer, what, ours, theirs, net))
    for label, (off, run_id, step, layer, *_) in sorted(worst.items()):
        print(f"{' '.join(label):<32} largest deviation {off:.1e} (run {run_id}, step {step}, layer {layer})")
    print(f"{len(nets)} nets, {compared} numbers compared, {len(bad)} beyond their tolerance")
    for off, run_id, step, layer, what, ours, theirs, net in sorted(bad, key=lambda b: b[2])[:8]:
        print(f"run {run_id} step {step} layer {layer} {what}: vgrun {ours!r}, PyTorch {theirs!r} ({off:.1e}); {net}")
    return not bad


def flatten(table, prefix=""):
    flat = {}
    for key, value in table.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def read_nets():
    config = tomllib.loads((HERE / "nets.toml").read_text())
    base = flatten(config["run"])
    return [base | flatten(net) for net in config["include"]]


def run_both(vgrun):
    import torch

    torch.set_num_threads(1)
    nets = read_nets()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([vgrun, "sweep", str(HERE / "nets.toml"), "--out", folder, "--quiet"], check=True)
        results = Path(folder) / "pytorch"
        ids = [row["run_id"] for row in rows(results / "runs.csv")]
        assert len(ids) == len(nets), f"{len(ids)} runs for {len(nets)} nets"
        ours = measured_by_vgrun(results)
        theirs = {run_id: measured_by_pytorch(net, results, run_id) for net, run_id in zip(nets, ids)}
    print(f"PyTorch {torch.__version__}, live")
    return nets, ids, ours, theirs


def store(nets, ids, theirs):
    """PyTorch's numbers at the stored steps, as far as a tolerance speaks of them; layer 0 is the whole net."""
    names = {False: ("loss", "total_grad_norm"), True: ("grad_norm", "delta_rms")}
    with open(HERE / "numbers.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["run", "step", "layer", "tolerance", *names[False], *names[True]])
        for run, (net, run_id) in enumerate(zip(nets, ids)):
            numbers, digits = theirs[run_id], 14 if net["train.precision"] == "f64" else 8
            for step in STORED_STEPS:
                allowed = tolerance(net, step)
                if allowed is None:
                    continue
                for layer in sorted({layer for s, layer, _ in numbers if s == step}):
                    values = [f"{numbers[step, layer, name]:.{digits}g}" for name in names[layer > 0]]
                    blank = ["", ""]
                    out.writerow([run, step, layer, allowed, *(blank + values if layer else values + blank)])


def main():
    match sys.argv[1:]:
        case ["nets"]:
            write_nets()
        case ["check", vgrun]:
            nets, ids, ours, theirs = run_both(vgrun)
            sys.exit(0 if compare(nets, ids, ours, theirs) else 1)
        case ["store", vgrun]:
            nets, ids, ours, theirs = run_both(vgrun)
            agreed = compare(nets, ids, ours, theirs)
            store(nets, ids, theirs)
            sys.exit(0 if agreed else 1)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
