#!/usr/bin/env bash
# Shards on real schedulers: on a Slurm with two nodes that is started for this, and through GNU parallel. What is not
# installed is said to be missing; with VGRUN_REQUIRE_CLUSTER=1 that is an error.
#   tests/cluster.sh VGRUN
set -euo pipefail
vgrun=$(realpath "${1:?the path of a vgrun binary}")
cd "$(dirname "$0")/cluster"
PATH=$PATH:/usr/sbin

# has DEBIAN-PACKAGES COMMAND..: whether all commands are there.
has() {
    local packages=$1 command
    shift
    for command in "$@"; do
        if ! command -v "$command" >/dev/null; then
            echo "not run: there is no $command (Debian: $packages)"
            [ -z "${VGRUN_REQUIRE_CLUSTER-}" ] || exit 1
            return 1
        fi
    done
}

if has "shellcheck" shellcheck; then
    (cd ../.. && shellcheck -x tests/cluster.sh tests/cluster/*.sh)
fi
if has "slurmctld slurmd slurm-client munge" munged slurmctld slurmd sbatch; then
    ./with-slurm.sh ./slurm.sh "$vgrun"
fi
if has "parallel" parallel; then
    ./parallel.sh "$vgrun"
fi
