"""How good is the verdict? Holds "the verdict is sick" against "the net did not learn", beside AUTOTRAINER's rule.

    for grid in configs/depth configs/memory tests/verdict/grid tests/verdict/recurrent; do vgrun sweep $grid.toml; done
    python3 tests/verdict/quality.py results/depth results/verdict results/memory results/recurrent

Sick is every verdict but healthy and recovered. The second and the fourth set were written down before they were trained, and
have other data, activations, widths, depths, lengths, gains, update rules and seeds than the others. A net did not learn where
`learned` in runs.csv is false: its loss at the end is not below 0.9 of the loss of chance. To find that of a net whose
loss is no number is no art, so the others are also counted by themselves. Everything is read from runs.csv and trace.csv;
nothing is trained.

"worse of the ends" is the rule that vgrun had before: the worse of the first and the last traced step with finite
gradients, and of recurrent nets the error at h alone, at t = 1 over that at the first answer.

AUTOTRAINER (Zhang et al., ICSE 2021) calls a net sick by its gradients of weights. What its code does
(github.com/shiningrain/AUTOTRAINER, AutoTrainer/utils/monitor.py and utils.py), and what is done here:

* Its norm is numpy.linalg.norm of dLoss/dW, that is Frobenius', not divided by the number of entries, of the loss as the
  mean over a batch: `grad_norm`. First is the first layer, last is the output layer, which is the row `head`.
* vanishing: first / last < 1e-3 and first < 1e-4; exploding: first / last > 70, or a gradient or a loss that is not
  finite: a run with the status `diverged`.
* dying: 70 % of the entries of all gradients are exactly 0. A trace does not have that share. It has `zero_fraction`, the
  share of slopes that are 0, whose mean over the hidden layers is taken here; a unit's gradient is 0 only where its slope
  is 0 for the whole batch, so this finds more nets than theirs. The rule without it is counted, too.
* It looks at the first batch of the data after epochs 0, 3, 6, .. and counts a symptom that it ever saw. Here it looks at
  every traced step, the first of which is before any training: "ever". "first or last" looks where the verdict looks.
* It raises a symptom as an issue only where the accuracy stays below 0.7 or does not change. That is to ask for the
  answer: a rule with this condition has no false positives to speak of, whatever its symptoms are, and so would any
  other. It is left out of all rules here.
"""

import csv
import math
import pathlib
import sys
from itertools import groupby

VANISHING_RATIO, VANISHING_FIRST, EXPLODING_RATIO, DYING_SHARE = 1e-3, 1e-4, 70, 0.7
VANISHING, EXPLODING, DEAD, SATURATED = -1, 2, 0.99, 0.9


def autotrainer(layers, dying=True):
    """Whether AUTOTRAINER's rule finds the step sick of which these are the rows of trace.csv, first layer to head."""
    first, last = (float(layers[i]["grad_norm"]) for i in (0, -1))
    if not all(math.isfinite(float(layer["grad_norm"])) for layer in layers):
        return True
    zeros = [float(layer["zero_fraction"]) for layer in layers if layer["role"] == "hidden"]
    # numpy's 0 / 0 is NaN, of which no comparison is true, and x / 0 is infinite.
    ratio = first / last if last else math.inf if first else math.nan
    vanishing = ratio < VANISHING_RATIO and first < VANISHING_FIRST
    return vanishing or ratio > EXPLODING_RATIO or (dying and sum(zeros) / len(zeros) >= DYING_SHARE)


def is_finite(rows):
    return all(row["status"] not in ("not_a_number", "infinite") for row in rows)


def is_outside(first, last):
    """Whether an error that was `last` above and is `first` below exploded or vanished."""
    decades = math.log10(first) - math.log10(last) if first > 0 and last > 0 else -math.inf
    return decades > EXPLODING or decades < VANISHING


def is_sick(layers, times):
    """vgrun's former rule at one step: rows of trace.csv, and dh_rms of the top layer at t = 1 and at the first answer."""
    hidden = [layer for layer in layers if layer["role"] == "hidden"]
    delta = [float(layer["delta_rms"]) for layer in hidden]
    dead = any(
        layer["status"] != "underflow" and (error == 0 or float(layer["zero_fraction"]) > DEAD)
        for layer, error in zip(hidden, delta)
    )
    saturated = any(float(layer["saturated_fraction"]) > SATURATED for layer in hidden)
    return dead or saturated or is_outside(delta[0], delta[-1]) or (times is not None and is_outside(*times))


def worse_of_the_ends(of_run, times):
    """vgrun's former rule, of a run's traced steps and, step by step, their time steps."""
    finite = [at for at, layers in enumerate(of_run) if is_finite(layers) and times[at] != "broken"]
    if not finite or finite[0] != 0 or finite[-1] != len(of_run) - 1:
        return True
    return any(is_sick(of_run[at], times[at]) for at in (finite[0], finite[-1]))


def steps(trace):
    """Run by run the traced steps, each a list of its rows."""
    for run, rows in groupby(trace, key=lambda row: row["run"]):
        yield run, [list(layers) for _, layers in groupby(rows, key=lambda row: row["step"])]


def through_time(folder, runs):
    """Of each run in time.csv and each traced step, dh_rms of the top layer at t = 1 and at the first answer."""
    if not (folder / "time.csv").exists():
        return {}
    # Of a copy every symbol is answered; the other tasks are answered once.
    answers = {run["run"]: int(run["length"]) if run.get("source") == "copy" else 1 for run in runs}
    found = {}
    with open(folder / "time.csv", newline="") as table:
        for run, of_run in steps(csv.DictReader(table)):
            found[run] = []
            for rows in of_run:
                top = [row for row in rows if row["layer"] == rows[-1]["layer"]]
                dh = [float(row["dh_rms"]) for row in top]
                found[run].append((dh[0], dh[len(dh) - answers[run]]) if is_finite(rows) else "broken")
    return found


def judgements(folder):
    """For every run whether it diverged, whether it did not learn, and by name whether each rule calls it sick."""
    with open(folder / "runs.csv", newline="") as table:
        runs = [run for run in csv.DictReader(table) if run["status"] != "failed"]
    times = through_time(folder, runs)
    traced = {}
    with open(folder / "trace.csv", newline="") as table:
        for run, of_run in steps(csv.DictReader(table)):
            found = [(autotrainer(layers), autotrainer(layers, dying=False)) for layers in of_run]
            traced[run] = found, worse_of_the_ends(of_run, times.get(run, [None] * len(of_run)))
    for run in runs:
        of_run, worse = traced[run["run"]]
        found, without_dying = zip(*of_run)
        diverged = run["status"] == "diverged"
        yield diverged, run["learned"] == "false", {
            "vgrun's verdict": run["verdict"] not in ("healthy", "recovered"),
            "worse of the ends": diverged or worse,
            "AUTOTRAINER, ever": diverged or any(found),
            "AUTOTRAINER, first or last": diverged or found[0] or found[-1],
            "AUTOTRAINER without dying, ever": diverged or any(without_dying),
        }


def counts(judged):
    """By rule (TP, FP, FN, TN), where positive is sick and true is that the net did not learn."""
    table = {}
    for _, did_not_learn, rules in judged:
        for rule, sick in rules.items():
            place = (0 if did_not_learn else 1) if sick else (2 if did_not_learn else 3)
            table.setdefault(rule, [0, 0, 0, 0])[place] += 1
    return table


def share(part, rest):
    return f"{part / (part + rest):.2f}" if part + rest else "-"


def main(folders):
    print("| nets | rule | n | TP | FP | FN | TN | precision | recall |\n|---|---|---|---|---|---|---|---|---|")
    for folder in folders:
        judged = list(judgements(folder))
        finite = [judgement for judgement in judged if not judgement[0]]
        for nets, of_set in ((folder.name, judged), (f"{folder.name}, not diverged", finite)):
            for rule, (tp, fp, fn, tn) in counts(of_set).items():
                cells = [nets, rule, tp + fp + fn + tn, tp, fp, fn, tn, share(tp, fp), share(tp, fn)]
                print("|", *(f"{cell} |" for cell in cells))


if __name__ == "__main__":
    main([pathlib.Path(folder) for folder in sys.argv[1:]])
