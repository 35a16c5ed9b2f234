"""Is the word right that says why a healthy net did not learn? Tries the remedy of each word on each net.

    vgrun sweep tests/verdict/not_learned.toml
    python3 tests/verdict/remedies.py vgrun tests/verdict/not_learned.toml results/not_learned

Counted are the nets whose verdict is healthy or recovered and that did not learn. What is done to each, by its cause in
runs.csv: all else stays, the seed included.

* small_steps: learning_rate times the power of ten nearest to 1 over the largest `moved` of a hidden layer in layers.csv,
  which is the one that the sentence names.
* few_steps: ten times as many steps.
* small_gradients: init_gain = 2.
* large_steps: a tenth of the learning rate.
* random_labels, unexplained: all of these.

A word is right where the net learns with its remedy. unexplained is right where it learns with none; random_labels where it
learns with none anything that holds of examples that it has not seen: `test_loss` stays above 0.9 of chance.
"""

import csv
import math
import pathlib
import subprocess
import sys
import tempfile

KEYS = {
    "source": "data.source",
    "activation": "model.activation",
    "batch_norm": "model.batch_norm",
    "depth": "model.depth",
    "init_gain": "model.init_gain",
    "optimizer": "train.optimizer",
    "learning_rate": "train.learning_rate",
    "steps": "train.steps",
    "seed": "seed",
}
# Of ten classes.
NOISE_CHANCE = math.log(10)
WORDS = ["small_steps", "few_steps", "small_gradients", "large_steps", "random_labels", "unexplained"]


def remedies(word, net, moved):
    """The nets to train for a word, each a change of the net."""
    rate, steps = float(net["learning_rate"]), int(net["steps"])
    factor = 10.0 ** round(math.log10(1 / moved)) if moved > 0 else 1e6
    change = {
        "small_steps": {"learning_rate": rate * factor},
        "few_steps": {"steps": 10 * steps},
        "small_gradients": {"init_gain": 2.0},
        "large_steps": {"learning_rate": rate / 10},
    }
    changes = [change[word]] if word in change else change.values()
    return [net | change for change in changes]


def is_right(word, trained):
    """Whether the word is, from the rows of runs.csv of its remedies."""
    if word == "random_labels":
        # Of a net that diverged it is NaN, which is below nothing.
        return not any(float(row["test_loss"]) < 0.9 * NOISE_CHANCE for row in trained)
    return any(row["learned"] == "true" for row in trained) == (word != "unexplained")


def include(net):
    """The table of a config that adds a net."""
    value = lambda x: x if x in ("true", "false") else f'"{x}"' if isinstance(x, str) and not is_number(x) else x
    return "[[include]]\n" + "".join(f"{KEYS[name]} = {value(x)}\n" for name, x in net.items())


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def trained(vgrun, config, nets):
    """The row in runs.csv of each of the nets, in their order; they are trained as additions to a grid of one."""
    head = config.read_text().partition("[grid]")[0]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "remedies.toml"
        path.write_text(head.replace('"not_learned"', '"remedies"') + "".join(map(include, nets)))
        command = [vgrun, "sweep", path, "--out", folder, "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(pathlib.Path(folder) / "remedies" / "runs.csv", newline="") as runs:
            rows = list(csv.DictReader(runs))
    key = lambda row: tuple(canonical(row.get(name, 1.0)) for name in KEYS)
    by_net = {key(row): row for row in rows}
    return [by_net[key(net)] for net in nets]


def canonical(value):
    """Two spellings of one number are one."""
    return f"{float(value):.9g}" if is_number(str(value)) else str(value)


def main(vgrun, config, results):
    moved = {}
    with open(results / "layers.csv", newline="") as layers:
        for row in csv.DictReader(layers):
            far = float(row["moved"]) if row["role"] == "hidden" else 0.0
            moved[row["run"]] = max(moved.get(row["run"], 0.0), far if math.isfinite(far) else 0.0)
    with open(results / "runs.csv", newline="") as runs:
        rows = [row for row in csv.DictReader(runs) if row["verdict"] in ("healthy", "recovered")]
    rows = [row for row in rows if row["learned"] == "false"]
    net = lambda row: {name: row[name] for name in KEYS if name in row}
    tried = [(row["cause"], remedies(row["cause"], net(row), moved[row["run"]])) for row in rows]
    came = iter(trained(vgrun, config, [net for _, nets in tried for net in nets]))
    judged = [(word, is_right(word, [next(came) for _ in nets])) for word, nets in tried]
    print("| word | nets | right | share |\n|---|---|---|---|")
    for name, words in [(word, [word]) for word in WORDS] + [("all", WORDS)]:
        of_words = [right for word, right in judged if word in words]
        if of_words:
            print(f"| {name} | {len(of_words)} | {sum(of_words)} | {sum(of_words) / len(of_words):.2f} |")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
