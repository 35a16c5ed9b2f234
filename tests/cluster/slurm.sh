#!/usr/bin/env bash
# An array of eight shards on a real Slurm with two nodes: one is stopped by USR1, requeued and begun again; one is killed
# and handed in again alone; the dependent merges do what they should, and the tables are those of a plain sweep. Then 120
# shards where an array has at most 50 tasks.
#   tests/cluster/with-slurm.sh tests/cluster/slurm.sh VGRUN
set -euo pipefail
vgrun=$(realpath "${1:?the path of a vgrun binary}")
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/cluster/shards.sh
. "$here/shards.sh"
trap 'cd /; rm -rf "$root"' EXIT
# The count of shards comes from the script alone; outside of it nothing may help.
unset VGRUN_SHARDS

# submit MORE..: hands in, and sets $array and $merge to the numbers of the two jobs.
submit() {
    "$vgrun" submit "$config" --out out --engine slurm --shards "$count" --run "$@" >submitted.txt
    cat submitted.txt
    array=$(sed -n 's/^array \([0-9]*\) .*/\1/p' submitted.txt)
    merge=$(sed -n 's/.* and then merge \([0-9]*\):.*/\1/p' submitted.txt)
    if [ -z "$array" ] || [ -z "$merge" ]; then fail "the script did not say what it handed in"; fi
}
field() { scontrol --oneliner show job "$1" | grep -o "$2=[^ ]*" | head -1 | cut -d= -f2; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }
gone() { [ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]; }

submit -- --time=10
# It is to be killed while it is looked at.
scontrol hold "${array}_5"
until_true "shard 1 is trained" trains out 1
# scancel waits for the answer of a task that has left its node by then; whether the signal came is seen below.
scancel --signal=USR1 --batch "${array}_1" &
signaller=$!
until_true "shard 1 is requeued" is "${array}_1" Restarts 1
kill "$signaller" 2>/dev/null || true
until_true "shard 1 waits in the queue" is "${array}_1" JobState PENDING
says "slurm-${array}_1.out" "requeued: the rest of the shard is trained later" || fail "shard 1 says nothing"
says out/shards/runs/shard-1-of-8.json '"exit_code": 75' || fail "shard 1 did not end with 75"
code=0
"$vgrun" status "$config" --out out >status.txt || code=$?
[ "$code" = 3 ] || fail "status ended with $code"
grep -F "shard 1 of 8: " status.txt | grep -F "stopped by its scheduler" || fail "no such status"
[ -e out/shards/runs/shard-1-of-8.lock ] && fail "shard 1 did not give its lock back"
is "$merge" JobState PENDING || fail "the merge did not wait for the requeued shard"

scontrol release "${array}_5"
until_true "shard 5 is trained" trains out 5
kill -9 "$(holder out 5)"
until_true "shard 5 is seen to have failed" is "${array}_5" JobState FAILED

# Slurm makes a requeued job wait for two minutes.
scontrol update JobId="${array}_1" StartTime=now
until_true "shard 1 has ended" is "${array}_1" JobState COMPLETED
[ "$(grep -c "to train with" "slurm-${array}_1.out")" = 2 ] || fail "shard 1 did not begin again"
says out/shards/runs/shard-1-of-8.json '"exit_code": 0' || fail "shard 1 did not end well"
until_true "the first merge has ended" gone "$merge"
until_true "the first merge is seen to have ended" is "$merge" JobState FAILED
is "$merge" ExitCode 3:0 || fail "the first merge ended with $(field "$merge" ExitCode)"
says "slurm-$merge.out" "of 8 shards, hand in again: --array=5" || fail "the first merge does not name shard 5"
ls out/shards/*.csv >/dev/null 2>&1 && fail "a merge with a gap wrote tables"

submit --array=5
until_true "shard 5 and the second merge have ended" gone "$merge"
says "slurm-${array}_5.out" "took over" || fail "the dead lock was not taken over"
is "$merge" JobState COMPLETED || fail "the second merge ended as $(field "$merge" JobState)"
same out

# More shards than an array has tasks: refused before anything is handed in, with what makes them fit.
code=0
"$vgrun" submit "$config" --out many --engine slurm --shards 120 --run >refused.txt 2>&1 || code=$?
[ "$code" = 2 ] || fail "an array of 120 tasks ended with $code"
says refused.txt "MaxArraySize = 50" || fail "the limit is not named"
says refused.txt "--shards-per-task 3: 40 tasks" || fail "nothing makes them fit"
"$vgrun" submit "$config" --out many --engine slurm --shards 120 --shards-per-task 3 --run -- --time=10 >submitted.txt
cat submitted.txt
array=$(sed -n 's/^array \([0-9]*\) (tasks 0-39, .*/\1/p' submitted.txt)
merge=$(sed -n 's/.* and then merge \([0-9]*\):.*/\1/p' submitted.txt)
if [ -z "$array" ] || [ -z "$merge" ]; then fail "the script did not hand in 40 tasks"; fi
until_true "the tasks of three shards and their merge have ended" gone "$merge"
is "$merge" JobState COMPLETED || fail "their merge ended as $(field "$merge" JobState)"
shards=(many/shards/runs/shard-*-of-120.json)
[ "${#shards[@]}" = 120 ] || fail "${#shards[@]} of 120 shards were trained"
same many
echo "Slurm: 120 shards in an array of 40 tasks: the bytes of a plain sweep"
echo "Slurm: 8 shards, one requeued, one killed and handed in again: the bytes of a plain sweep"
