#!/usr/bin/env bash
# Hurts vgrun at random moments and compares what it ends with, to the byte, with what an undisturbed run wrote.
#   tests/faults.sh [VGRUN]      the binary; without it, a release build
# VGRUN_FAULTS_SEED=N chooses the moments (1), VGRUN_FAULTS_KILLS=N how many kills there are (100), VGRUN_FAULTS_STEPS=N the
# steps of a run (40; fewer for a binary that was built without optimisation).
# As root it also fills small disks and sets the clock back (with faketime, where that is installed).
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -gt 0 ]; then
    vgrun=$(realpath "$1")
else
    cargo build --release --locked
    vgrun=$(realpath "${CARGO_TARGET_DIR:-target}/release/vgrun")
fi
kills=${VGRUN_FAULTS_KILLS:-100}
RANDOM=${VGRUN_FAULTS_SEED:-1}
folder=$(mktemp -d)
disk=$folder/disk
# Whatever happens, nothing stays mounted.
trap 'umount "$disk" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
cat >nets.toml <<TOML
name = "nets"
[run]
data.source = "blobs"
model.width = 24
train.steps = ${VGRUN_FAULTS_STEPS:-40}
trace.every = 4
[grid]
model.depth = [2, 4, 6]
model.activation = ["relu", "tanh"]
seed = { from = 0, count = 4 }
[[include]]
model.kind = ["rnn", "lstm"]
data.source = "noise"
data.length = 8
[[expect]]
name = "it ends"
metric = "loss_last"
min = 0
every_seed = true
TOML

fail() { echo "tests/faults.sh: $*" >&2; exit 1; }

# now: milliseconds.
now() { date +%s%3N; }

# a_moment MOST: a random moment before so many milliseconds, as sleep takes it.
a_moment() { local at=$(((RANDOM * 32768 + RANDOM) % ($1 + 1))); printf '%d.%03d' $((at / 1000)) $((at % 1000)); }

# disturbed MOST COMMAND..: starts it, kills it at a random moment before so many milliseconds; false where it had ended.
disturbed() {
    local most=$1; shift
    "$@" >>said 2>&1 &
    local process=$!
    sleep "$(a_moment "$most")"
    local was_alive=0
    kill -9 "$process" 2>/dev/null || was_alive=1
    wait "$process" 2>/dev/null || true
    return "$was_alive"
}

# fine COMMAND..: it ends with code 0.
fine() {
    local code=0
    "$@" >said 2>&1 || code=$?
    [ "$code" = 0 ] || { cat said >&2; fail "exit code $code of $*"; }
}

# same OUT WHAT: the tables, the report and the baseline are those of the undisturbed run.
same() {
    local file
    for file in reference/nets/*.csv reference/nets/datapackage.json reference/nets/report.html reference/nets/figures/*.svg; do
        cmp -s "$file" "$1/${file#reference/}" || fail "$2: ${file#reference/} differs"
    done
    cmp -s reference.baseline.csv nets.baseline.csv || fail "$2: the baseline differs"
    [ -z "$(find "$1" -name '*.lock' -o -name '*.takeover')" ] || fail "$2: a lock was left"
}

# shards COMMAND..: all three of them, one after the other.
shards() { seq 0 2 | while read -r shard; do "$@" --shard "$shard/3"; done; }
# The undisturbed run.
sweep=("$vgrun" sweep nets.toml --quiet --jobs 2)
started=$(now)
fine "${sweep[@]}" --out reference
swept=$(($(now) - started))
fine "$vgrun" report nets.toml --out reference
reported=$(($(now) - started - swept))
fine "$vgrun" accept nets.toml --yes --out reference
accepted=$(($(now) - started - swept - reported))
mv nets.baseline.csv reference.baseline.csv

done_kills=0 in_time=0
round=0
while [ "$done_kills" -lt "$kills" ]; do
    round=$((round + 1))
    out=out-$round
    # A sweep, or three shards and a merge; then report and accept; each killed once or twice, and run again to its end.
    if [ $((round % 2)) = 0 ]; then
        for _ in 1 2; do
            disturbed "$swept" "${sweep[@]}" --out "$out" && in_time=$((in_time + 1))
            done_kills=$((done_kills + 1))
        done
        fine "${sweep[@]}" --out "$out"
    else
        for shard in 0 1 2; do
            disturbed $((swept / 3)) "${sweep[@]}" --out "$out" --shard $shard/3 && in_time=$((in_time + 1))
            done_kills=$((done_kills + 1))
        done
        fine shards "${sweep[@]}" --out "$out"
        disturbed $((2 * accepted)) "$vgrun" merge nets.toml --quiet --out "$out" && in_time=$((in_time + 1))
        done_kills=$((done_kills + 1))
        fine "$vgrun" merge nets.toml --quiet --out "$out"
    fi
    rm -f nets.baseline.csv
    disturbed "$reported" "$vgrun" report nets.toml --out "$out" && in_time=$((in_time + 1))
    disturbed "$accepted" "$vgrun" accept nets.toml --yes --out "$out" && in_time=$((in_time + 1))
    done_kills=$((done_kills + 2))
    fine "$vgrun" report nets.toml --out "$out"
    fine "$vgrun" accept nets.toml --yes --out "$out"
    same "$out" "killed, round $round"
    rm -rf "$out"
done
echo "killed $done_kills times at random moments of sweep, shard, merge, report and accept, $in_time of them before the end: the same bytes"

# Two sweeps of one folder at once: one works, and the other is told who does. In the end, all is there.
refused=0
for round in 1 2 3 4 5; do
    "${sweep[@]}" --out two >one 2>&1 & first=$!
    "${sweep[@]}" --out two >two-said 2>&1 & second=$!
    codes=0
    for process in "$first" "$second"; do
        wait "$process" || { [ $? = 2 ] || fail "two at once: an exit code other than 0 and 2"; codes=$((codes + 1)); }
    done
    [ "$codes" -le 1 ] || fail "two at once: both were refused: $(cat one two-said)"
    [ "$codes" = 0 ] || { grep -q "is held by process" one two-said || fail "two at once: $(cat one two-said)"; refused=$((refused + 1)); }
    fine "${sweep[@]}" --out two
    fine "$vgrun" report nets.toml --out two
    same two "two at once"
    rm -rf two
done
echo "two processes on one folder, 5 times: one was refused $refused times, nothing was lost"

# A disk that is full at random places, then has room again.
mkdir "$disk"
if mount -t tmpfs -o size=64k tmpfs "$disk" 2>/dev/null; then
    full=0
    for _ in $(seq 30); do
        mount -o "remount,size=$((8 + RANDOM % 600))k" "$disk"
        code=0
        "${sweep[@]}" --out "$disk" >said 2>&1 || code=$?
        [ "$code" != 0 ] || "$vgrun" report nets.toml --out "$disk" >said 2>&1 || code=$?
        case $code in
            0) ;;
            2) full=$((full + 1)); grep -q "no space left" said || fail "a full disk: $(cat said)" ;;
            *) fail "a full disk: exit code $code: $(cat said)" ;;
        esac
        mount -o remount,size=64M "$disk"
        fine "${sweep[@]}" --out "$disk"
        fine "$vgrun" report nets.toml --out "$disk"
        same "$disk" "a full disk"
        rm -rf "${disk:?}"/*
    done
    umount "$disk"
    echo "a disk of random size, 30 times: full $full times, said so, and the same bytes once there was room"
else
    echo "not run: a full disk, since this process may not mount one"
fi

# A clock that is set back, or forward, between a kill and the next sweep.
if ! command -v faketime >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    { apt-get update && apt-get install -y --no-install-recommends faketime; } >/dev/null 2>&1 || true
fi
if command -v faketime >/dev/null; then
    for back in "1 day ago" "1 year ago" "1 day"; do
        disturbed "$swept" "${sweep[@]}" --out clock || true
        fine faketime "$back" "${sweep[@]}" --out clock
        fine faketime "$back" "$vgrun" report nets.toml --out clock
        same clock "a clock set to $back"
        rm -rf clock
    done
    echo "a clock set back by a day and a year, and forward by a day: the same bytes"
else
    echo "not run: a clock that is set back, since faketime is not installed"
fi

# Any 64 bytes of a segment turned over: only records are lost that are trained again.
fine "${sweep[@]}" --out bits
for _ in $(seq 20); do
    segment=$(find bits -name '*.seg' | sort | tail -1)
    size=$(stat -c %s "$segment")
    for _ in $(seq 64); do
        byte=$(printf %03o $((RANDOM % 256)))
        printf '%b' "\\0$byte" | dd of="$segment" bs=1 seek=$(((RANDOM * 32768 + RANDOM) % size)) conv=notrunc status=none
    done
    fine "${sweep[@]}" --out bits
    fine "$vgrun" report nets.toml --out bits
    same bits "bytes turned over"
done
echo "64 bytes of a segment written over, 20 times: the same bytes"
echo "tests/faults.sh: all of it survived"
