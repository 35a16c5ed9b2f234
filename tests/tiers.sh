#!/usr/bin/env bash
# The release binary writes the same tables for a config with one job and with more, in shards, with every tier of this
# CPU, and on CPUs that it emulates: Haswell (AVX2 and fma, no AVX-512) and Westmere (neither; for a config of some seconds
# that takes the better part of an hour).
#   tests/tiers.sh VGRUN [CONFIG]    CONFIG is configs/tiers.toml where none is named
set -euo pipefail
cd "$(dirname "$0")/.."
vgrun=$(realpath "${1:?the path of a vgrun binary}")
config=${2-configs/tiers.toml}
name=$(sed -n '0,/^name *= *"\(.*\)"$/s//\1/p' "$config")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# sweep WHAT COMMAND..: leaves the tables in $folder/WHAT/$name.
sweep() {
    local what=$1
    shift
    "$@" sweep "$config" --quiet --out "$folder/$what" ${jobs:+--jobs "$jobs"}
    grep -o '"tier": "[a-z0-9]*"' "$folder/$what/$name/manifest.json" | sed "s/^/$what: /"
}

# refuses TIER WHAT COMMAND..: the command has no such tier, says that the CPU lacks WHAT, and ends with code 2.
refuses() {
    local tier=$1 what=$2 code=0 said
    shift 2
    said=$(VGRUN_CPU=$tier "$@" list inits 2>&1) || code=$?
    if [ "$code" != 2 ] || ! grep -q "VGRUN_CPU=$tier: this CPU lacks $what; it has: portable" <<<"$said"; then
        echo "$*: $tier is not refused: code $code, $said" >&2
        return 1
    fi
    echo "$tier is refused where the CPU lacks $what"
}

# same WHAT: its tables are those of the portable tier.
same() {
    for table in "$folder/portable/$name"/*.csv; do
        cmp "$table" "$folder/$1/$name/$(basename "$table")"
    done
}

VGRUN_CPU=portable sweep portable "$vgrun"
for jobs in 1 2 3; do
    sweep "$jobs jobs" "$vgrun"
    same "$jobs jobs"
done
jobs=
for shard in 0 1 2; do
    "$vgrun" sweep "$config" --quiet --out "$folder/shards" --shard "$shard/3"
done
"$vgrun" merge "$config" --out "$folder/shards" >/dev/null
same shards
echo "3 shards merged"
for tier in avx2 avx512; do
    if VGRUN_CPU=$tier "$vgrun" list inits >/dev/null 2>&1; then
        VGRUN_CPU=$tier sweep "$tier" "$vgrun"
        same "$tier"
    else
        echo "not run: tier $tier, which this CPU lacks"
    fi
done
if ! command -v qemu-x86_64 >/dev/null; then
    echo "not run: emulated CPUs, for there is no qemu-x86_64 (Debian: qemu-user)"
elif [ "$(uname -m)" != x86_64 ]; then
    echo "not run: emulated CPUs, for vgrun is not built for x86_64"
else
    for cpu in Haswell Westmere; do
        # qemu says which features of the CPU it cannot emulate; vgrun needs none of them.
        sweep "$cpu" qemu-x86_64 -cpu "$cpu" "$vgrun" 2> >(grep -v "TCG doesn't support" >&2)
        same "$cpu"
    done
    refuses avx512 "AVX-512 (F, BW, DQ, VL)" qemu-x86_64 -cpu Haswell "$vgrun"
    refuses avx2 "AVX2 or FMA" qemu-x86_64 -cpu Westmere "$vgrun"
fi
echo "$config: the same bytes everywhere"
