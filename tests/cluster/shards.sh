# shellcheck shell=bash
# What the tests of schedulers share; to be sourced. Needs $vgrun, and makes $folder, where the experiment is, with a name
# that only a script which quotes well survives.

root=$(mktemp -d -t vgrun-shards.XXXXXX)
folder="$root/it's \"an\" experiment"
mkdir "$folder"
cd "$folder" || exit

# Sixteen runs, two in a shard. The dearest are dealt first: the first six shards have one each that takes some seconds.
cat >"grid of nets.toml" <<'TOML'
name = "shards"
[run]
data.source = "blobs"
model.depth = 10
model.width = 64
[[include]]
train.steps = 12_000
seed = { from = 0, count = 6 }
[[include]]
model.activation = ["relu", "tanh"]
train.steps = 300
seed = { from = 0, count = 5 }
TOML
config="grid of nets.toml"
count=8

# fail WORDS: says what is wrong, shows the logs, and ends.
fail() {
    echo "$1" >&2
    tail -n 20 "$folder"/*.out >&2 2>/dev/null || true
    exit 1
}

# until_true WHAT COMMAND..: tries a command for some minutes.
until_true() {
    local what=$1
    shift
    for _ in $(seq 1500); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    fail "waited in vain: $what"
}

# holder OUT SHARD: the process that holds the shard's lock in OUT.
holder() { sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$1/shards/runs/shard-$2-of-$count.lock"; }

# trains OUT SHARD: whether a shard is being trained there.
trains() { [ -n "$(holder "$1" "$2")" ] && [ -e "$1/shards/runs/shard-$2-of-$count.json" ]; }

# says FILE WORDS: whether a file has these words.
says() { grep -qF -- "$2" "$1"; }

# same OUT: its tables are those of a plain sweep.
same() {
    local tables=0
    for table in plain/shards/*.csv; do
        cmp "$table" "$1/shards/$(basename "$table")"
        tables=$((tables + 1))
    done
    [ "$tables" -gt 4 ] || fail "the plain sweep wrote $tables tables"
    for table in "$1"/shards/*.csv; do
        [ -e "plain/shards/$(basename "$table")" ] || fail "$table is one too many"
    done
    "${vgrun:?}" status "$config" --out "$1" || fail "$1 is not whole"
}

"${vgrun:?}" sweep "$config" --quiet --out plain
