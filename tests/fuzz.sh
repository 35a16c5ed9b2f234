#!/usr/bin/env bash
# Fuzzes everything that vgrun reads (tests/it/fuzz), each target for so many seconds, in 2 GB of address space; prints the
# executions of each. What breaks is printed with its seed, and its input is left in the temporary folder.
#   tests/fuzz.sh SECONDS [TARGET..]     configs arguments_of_set tables_of_data images_and_labels segments baselines
#                                        traces_of_other_programs manifests
# VGRUN_FUZZ_SEED=N begins elsewhere; without it, the time is the seed.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1-}
case "$seconds" in
    "" | *[!0-9]*) echo "usage: tests/fuzz.sh SECONDS [TARGET..]" >&2; exit 2 ;;
esac
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(configs arguments_of_set tables_of_data images_and_labels segments baselines
    traces_of_other_programs manifests)
export VGRUN_FUZZ_SECONDS=$seconds VGRUN_FUZZ_SEED=${VGRUN_FUZZ_SEED:-$(date +%s)}
cargo test --quiet --locked --test it --no-run
failed=0
for target in "${targets[@]}"; do
    # The limit is for the target alone: the compiler needs more.
    said=$(ulimit -v 2000000 && nice cargo test --quiet --locked --test it -- --exact "fuzz::targets::$target" --nocapture 2>&1) || {
        failed=1
        printf '%s\n' "$said" >&2
    }
    grep '^fuzz ' <<<"$said" || { failed=1; echo "fuzz $target: it was not run to its end" >&2; }
done
[ "$failed" = 0 ] || { echo "tests/fuzz.sh: something broke" >&2; exit 1; }
echo "tests/fuzz.sh: ${#targets[@]} targets, nothing broke"
