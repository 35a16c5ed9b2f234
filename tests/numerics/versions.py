"""Compares what two binaries write for the same configs, number by number: does a new version of the numerics change a
number that it has no reason to change?

    python3 tests/numerics/versions.py OLD_VGRUN NEW_VGRUN [--random N] CONFIG..

Every config is swept by both into temporary folders. With --random N, a config of N random specs is made
as well, the same ones every time. A run counts as small where the old binary calls a row of it `underflow`, or records a
norm or an error other than 0 so far down (6e-30) that entries of it may be below the smallest normal f32: entries scatter by
more than their last digit around their root mean square, and are by the batch size smaller than what is recorded. Of all
other runs every column that both have must be equal to the last character, but for run_id and what theory says. The exit code
is 1 where one is not.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile

TABLES = ["runs.csv", "layers.csv", "steps.csv", "trace.csv", "time.csv", "gates.csv"]
SMALLEST = 2.0**-97


def rows(path):
    if not os.path.exists(path):
        return []
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    try:
        return abs(float(text))
    except ValueError:
        return 1.0


def is_small(row):
    return row.get("status") == "underflow" or any(
        0.0 < number(x) < SMALLEST for name, x in row.items() if name.endswith(("norm", "rms"))
    )


def sweep(binary, config, out):
    command = [binary, "sweep", config, "--out", out, "--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}: {ended.stderr}")
    folder = os.path.join(out, os.listdir(out)[0])
    return {table: rows(os.path.join(folder, table)) for table in TABLES}


def compare(old_binary, new_binary, config):
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        old, new = sweep(old_binary, config, first), sweep(new_binary, config, second)
    small, runs, different = set(), {row["run"] for row in old["runs.csv"]}, {}
    for table in TABLES:
        small |= {row["run"] for row in old[table] if is_small(row)}
    for table in TABLES:
        if len(old[table]) != len(new[table]):
            different.setdefault("all", (table, "rows", len(old[table]), len(new[table])))
            continue
        for a, b in zip(old[table], new[table]):
            for name in a.keys() & b.keys() - {"run_id", "theory_z"}:
                if a[name] != b[name]:
                    different.setdefault(a["run"], (table, name, a[name], b[name]))
    unexpected = {run: what for run, what in different.items() if run not in small}
    print(
        f"{config}: {len(runs)} runs, {len(small)} of them small; different: {len(different)}, "
        f"of these not small: {len(unexpected)}"
    )
    for run, what in sorted(unexpected.items())[:10]:
        print(f"  run {run}: {what[0]}, {what[1]}: {what[2]} is now {what[3]}")
    return not unexpected


def spec(draw):
    """One random run, as the keys of an [[include]]."""
    kind = draw.choice(["mlp", "mlp", "mlp", "rnn", "lstm", "gru"])
    recurrent = kind != "mlp"
    activations = ["sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "softplus", "linear"]
    optimizer = draw.choice(["sgd", "momentum", "rmsprop", "adam", "adamw"])
    keys = {
        "model.kind": kind,
        "model.depth": draw.choice([1, 2, 3]) if recurrent else draw.choice([1, 2, 5, 12, 30]),
        "model.width": draw.choice([4, 8, 17, 32]),
        "model.init": draw.choice(["xavier_normal", "he_normal", "he_uniform", "lecun_normal", "orthogonal"]),
        "model.init_gain": draw.choice([0.5, 1.0, 1.0, 1.0, 2.0]),
        "model.bias_std": draw.choice([0.0, 0.0, 0.1]),
        "train.optimizer": optimizer,
        "train.learning_rate": draw.choice([0.001, 0.01]) if optimizer != "sgd" else draw.choice([0.01, 0.1]),
        "train.batch_size": draw.choice([8, 32]),
        "train.precision": draw.choice(["f32", "f32", "f64"]),
        "train.clip_norm": draw.choice([0.0, 0.0, 1.0]),
        "seed": draw.randrange(1, 1000),
    }
    if kind in ("mlp", "rnn"):
        keys["model.activation"] = draw.choice(activations)
    if kind == "mlp":
        keys["data.source"] = draw.choice(["digits", "blobs", "moons"])
        norm = draw.choice(["", "", "batch_norm", "layer_norm"])
        if norm:
            keys["model." + norm] = True
    else:
        keys["data.source"] = draw.choice(["adding", "copy"])
        keys["data.length"] = draw.choice([3, 8, 25])
        if keys["model.depth"] > 1 and draw.random() < 0.3:
            keys["model.layer_norm"] = True
    if keys["model.depth"] > 1 and draw.random() < 0.3:
        keys["model.residual"] = True
    return keys


def random_config(n, path):
    draw = random.Random(5)
    lines = ['name = "random"', "max_runs = 100000", "[run.train]", "steps = 12", "[run.trace]", "every = 4", ""]
    for _ in range(n):
        lines.append("[[include]]")
        for key, value in spec(draw).items():
            written = f'"{value}"' if isinstance(value, str) else str(value).lower()
            lines.append(f"{key} = {written}")
        lines.append("")
    with open(path, "w") as file:
        file.write("\n".join(lines))


def main():
    arguments = sys.argv[1:]
    if len(arguments) < 3:
        sys.exit(__doc__)
    old, new, rest = arguments[0], arguments[1], arguments[2:]
    fine = True
    if rest[0] == "--random":
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "random.toml")
            random_config(int(rest[1]), config)
            fine = compare(old, new, config)
        rest = rest[2:]
    for config in rest:
        fine &= compare(old, new, config)
    sys.exit(0 if fine else 1)


main()
