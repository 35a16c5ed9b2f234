#!/usr/bin/env bash
# Times vgrun beside PyTorch and JAX on the same work, in turn, and prints the ratios of the medians.
#   benches/peers.sh FOLDER [ROUNDS] [WORKLOAD..]
# FOLDER holds w1.toml, w2.toml and peers/{torch_peer,jax_peer}.py; VGRUN_PYTHON names a python with PyTorch and JAX.
# The ratios hold for the machine and the moment: run nothing else meanwhile.
set -euo pipefail
folder=$(realpath "${1:?the folder of the workloads and their PyTorch and JAX scripts}")
rounds=${2:-3}
shift $(($# < 2 ? $# : 2))
workloads=("${@:-w1}")
python=${VGRUN_PYTHON:-python3}
cd "$(dirname "$0")/.."
cargo build --release --locked --quiet
vgrun=$(realpath "${CARGO_TARGET_DIR:-target}/release/vgrun")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# timed NAME COMMAND..: appends its seconds to $out/NAME.
timed() {
    local name=$1 start=$EPOCHREALTIME
    shift
    (cd "$folder/peers" && "$@" >"$out/log" 2>&1) || { cat "$out/log" >&2; exit 1; }
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }' | tee -a "$out/$name" | sed "s/^/$name: /"
}

median() { sort -n "$1" | awk '{ x[NR] = $1 } END { print (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2 }'; }

for workload in "${workloads[@]}"; do
    upper=${workload^^}
    for _ in $(seq "$rounds"); do
        timed "$workload-vgrun" "$vgrun" sweep "$folder/$workload.toml" --jobs 2 --fresh --quiet --out "$out/results"
        timed "$workload-torch" "$python" torch_peer.py --workload "$upper" --style fast --out "$out/torch.csv"
        timed "$workload-jax" "$python" jax_peer.py --workload "$upper" --style scan --out "$out/jax.csv"
    done
    ours=$(median "$out/$workload-vgrun")
    for peer in torch jax; do
        theirs=$(median "$out/$workload-$peer")
        awk -v w="$workload" -v p="$peer" -v a="$theirs" -v b="$ours" \
            'BEGIN { printf "%s: %s %.1f s / vgrun %.1f s = %.1f\n", w, p, a, b, a / b }'
    done
    flops=$("$vgrun" plan "$folder/$workload.toml" --out "$out/none" | grep -o '[0-9.,]* [A-Z]*FLOP' | head -1)
    echo "$workload: $flops in products"
done
