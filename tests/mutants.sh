#!/usr/bin/env bash
# Every mutant in tests/mutants turns `vgrun check configs/ci.toml` red, with a message that names what the mutant broke.
#   tests/mutants.sh [MUTANT..]    all of them, or those of these names (without .patch)
# A patch begins with what the messages must say and, where the mutant leaves something alone, must not say:
#   # expects: TEXT
#   # spares: TEXT
# The last commit is copied, and built in CARGO_TARGET_DIR or else a temporary folder: never in this repository's own.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
patches=$PWD/tests/mutants
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$folder/target}
# A build that ends sooner: no optimisation changes a bit.
export CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=false CARGO_INCREMENTAL=1

mkdir "$folder/copy"
git archive HEAD | tar -x -C "$folder/copy"
cd "$folder/copy"

# check: the exit code of the copy's check, whose messages are in $folder/said; what it says of claims that are as expected is left out.
check() {
    cargo build --quiet --locked --bin vgrun 2>"$folder/build" || { cat "$folder/build" >&2; return 101; }
    local code=0
    "$CARGO_TARGET_DIR/debug/vgrun" check configs/ci.toml --out "$folder/results" >"$folder/all" 2>&1 || code=$?
    awk '/^[^ ]/ { fine = /^(ok|expected failure):/ } !fine' "$folder/all" >"$folder/said"
    return "$code"
}

# lines KEY PATCH: what the head of the patch says under this key.
lines() { sed -n "s/^# $1: //p" "$2"; }

# verdict CODE PATCH: why the mutant survives, or nothing.
verdict() {
    [ "$1" = 1 ] || { echo "exit code $1 instead of 1"; return; }
    [ -n "$(lines expects "$2")" ] || { echo "its patch expects nothing"; return; }
    local text
    while read -r text; do
        grep -qF -- "$text" "$folder/said" || { echo "no message says: $text"; return; }
    done < <(lines expects "$2")
    while read -r text; do
        ! grep -qF -- "$text" "$folder/said" || { echo "a message says: $text"; return; }
    done < <(lines spares "$2")
}

code=0
check || code=$?
if [ "$code" != 0 ]; then
    echo "tests/mutants.sh: without a mutant, check ends with code $code" >&2
    cat "$folder/said" >&2
    exit 2
fi
echo "no mutant: green"

survivors=0
if [ $# = 0 ]; then
    for patch in "$patches"/*.patch; do
        set -- "$@" "$(basename "$patch" .patch)"
    done
fi
for mutant in "$@"; do
    patch=$patches/$mutant.patch
    git apply "$patch"
    code=0
    check || code=$?
    problem=$(verdict "$code" "$patch")
    if [ -z "$problem" ]; then
        echo "$mutant: red, $(tail -n 1 "$folder/said")"
    else
        survivors=$((survivors + 1))
        echo "$mutant: SURVIVES, $problem"
    fi
    git apply -R "$patch"
done
[ "$survivors" = 0 ] || { echo "$survivors of $# mutants survive" >&2; exit 1; }
echo "all $# mutants are found"
