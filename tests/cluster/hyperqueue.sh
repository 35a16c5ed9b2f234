#!/usr/bin/env bash
# The script for HyperQueue on its server and a worker of two cores. The wheel on PyPI has these two but no `hq` command, so
# tests/cluster/hq.py stands in for it: it hands what the script asks for to the same server.
#   tests/cluster/hyperqueue.sh VGRUN
set -euo pipefail
vgrun=$(realpath "${1:?the path of a vgrun binary}")
here=$(realpath "$(dirname "$0")")
python="$(dirname "$vgrun")/../python-hyperqueue"
if [ ! -x "$python/bin/python" ]; then
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check 'hyperqueue==0.27.*'
fi
python=$(realpath "$python")
# shellcheck source=tests/cluster/shards.sh
. "$here/shards.sh"
trap 'cd /; rm -rf "$root"' EXIT
mkdir "$root/bin"
printf '#!/bin/bash\nexec %q %q "$@"\n' "$python/bin/python" "$here/hq.py" >"$root/bin/hq"
chmod +x "$root/bin/hq"
export PATH="$root/bin:$PATH" TMPDIR="$root"

submit() { "$vgrun" submit "$config" --out out --engine hyperqueue --shards "$count" --jobs 1 --run "$@"; }

submit >first.out 2>&1 &
script=$!
until_true "shard 5 is trained" trains out 5
kill -9 "$(holder out 5)"
code=0
wait "$script" || code=$?
[ "$code" != 0 ] || fail "a merge with a gap ended well"
says first.out "of 8 shards, hand in again: --array=5" || fail "the merge does not name shard 5"
submit --array=5 >second.out 2>&1 || fail "the second merge failed: $(cat second.out)"
same out
echo "HyperQueue: 8 shards, one killed and handed in again: the bytes of a plain sweep"
