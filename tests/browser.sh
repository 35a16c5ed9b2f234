#!/usr/bin/env bash
# Opens reports in a real browser: tests/browser/report.mjs says what is asked of them.
#   tests/browser.sh VGRUN MODULES [SCREENSHOTS]
# MODULES is a folder for the npm packages of tests/browser, which are installed if they are not there. Needs node, npm
# and Chromium (or CHROMIUM, its path).
set -euo pipefail
cd "$(dirname "$0")/.."
vgrun=$(realpath "${1:?the path of a vgrun binary}")
modules=$(realpath -m "${2:?a folder for npm packages}")
screenshots=${3:+$(realpath "$3")}
script=$PWD/tests/browser/report.mjs
mkdir -p "$modules"
if ! cmp -s tests/browser/package-lock.json "$modules/installed.json"; then
    cp tests/browser/package.json "$modules"
    cp tests/browser/package-lock.json "$modules"
    (cd "$modules" && npm ci --no-audit --no-fund --ignore-scripts --silent)
    cp tests/browser/package-lock.json "$modules/installed.json"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >plain.toml <<'TOML'
name = "plain"
why = "Does a report do what it should?"
[run]
model.width = 16
train.steps = 30
[grid]
model.depth = [3, 6]
model.activation = ["sigmoid", "relu"]
model.residual = [false, true]
seed = [0, 1]
[[expect]]
name = "sigmoid vanishes"
where = { model.activation = "sigmoid", model.residual = false, model.depth = 6 }
verdict = "vanishing"
TOML
"$vgrun" check plain.toml --quiet
"$vgrun" report plain.toml >/dev/null

# Names of files are the axis values that a config is free to choose.
# table N: of its own content, for equal files are the same data.
table() { printf 'x,y,label\n'; for i in $(seq "$1"); do printf '%d,%d,%d\n' $((i % 7)) $((i % 5)) $((i % 2)); done; }
rows=40
long=$(printf 'w%.0s' $(seq 200)).csv
for path in 'a</script><script>hacked=1</script>.csv' "b\"'><img src=x onerror=hacked=1>.csv" \
    'c</svg></title><script>hacked=1</script>.csv' "$long"; do
    mkdir -p "$(dirname "$path")"
    table "$((rows++))" >"$path"
done
cat >hostile.toml <<TOML
name = "hostile"
why = """</script><script>hacked=1</script> "quoted" 'and' <img src=x onerror=hacked=1> </svg> $long$long"""
[run]
data.source = "csv"
data.label = "label"
model.width = 8
model.depth = 3
train.steps = 10
train.batch_size = 8
[grid]
data.path = [
    'a</script><script>hacked=1</script>.csv', "b\\"'><img src=x onerror=hacked=1>.csv",
    'c</svg></title><script>hacked=1</script>.csv', "$long",
]
model.activation = ["sigmoid", "relu"]
[[expect]]
name = "</script><script>hacked=1</script><img src=x onerror=hacked=1>"
every_seed = true
metric = "loss_last"
max = 0.0
[[expect]]
name = "$long"
every_seed = true
metric = "loss_last"
min = 0.0
TOML
code=0
"$vgrun" check hostile.toml --quiet || code=$?
[ "$code" = 1 ] || { echo "the hostile config's check ends with code $code" >&2; exit 1; }
"$vgrun" report hostile.toml >/dev/null

# Every figure at 3 and at 40 values per axis: nets of nearly nothing, for their labels are what is looked at.
grid() {
    cat >"$1.toml" <<TOML
name = "$1"
[run]
data.source = "noise"
data.features = 4
data.examples = 8
model.width = 4
model.init = "xavier"
train.steps = 2
train.batch_size = 8
trace.every = 1
[grid]
model.init_gain = { from = 0.5, to = 2.5, count = $2 }
model.depth = $3
TOML
    "$vgrun" sweep "$1.toml" --quiet
    "$vgrun" report "$1.toml" >/dev/null
}
grid three 3 '[2, 10, 40]'
grid forty 40 '{ from = 2, to = 41, step = 1 }'

node "$script" "$modules/node_modules" results/plain/report.html results/hostile/report.html results/three/report.html results/forty/report.html ${screenshots:+"$screenshots"}
