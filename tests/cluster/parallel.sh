#!/usr/bin/env bash
# Eight shards through GNU parallel: one is stopped by USR1 and one killed, the merge names both, and they are run again
# alone; the tables are those of a plain sweep.
#   tests/cluster/parallel.sh VGRUN
set -euo pipefail
vgrun=$(realpath "${1:?the path of a vgrun binary}")
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/cluster/shards.sh
. "$here/shards.sh"
trap 'cd /; rm -rf "$root"' EXIT

submit() { "$vgrun" submit "$config" --out out --engine parallel --shards "$count" --run "$@" -- --jobs 2; }

submit >first.out 2>&1 &
script=$!
until_true "shard 1 is trained" trains out 1
kill -s USR1 "$(holder out 1)"
until_true "shard 5 is trained" trains out 5
kill -9 "$(holder out 5)"
code=0
wait "$script" || code=$?
[ "$code" = 3 ] || fail "it ended with $code"
says first.out "of 8 shards, hand in again: --array=1,5" || fail "the merge does not name shards 1 and 5"
submit --array=1,5 >second.out 2>&1
says second.out "took over" || fail "the dead lock was not taken over"
same out
echo "GNU parallel: 8 shards, one stopped, one killed, both run again: the bytes of a plain sweep"
