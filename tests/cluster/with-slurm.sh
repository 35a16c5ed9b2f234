#!/usr/bin/env bash
# Runs a command beside a Slurm of its own: a controller and two nodes of one CPU each, all on this machine, in a temporary
# folder and on free ports, without systemd and without touching a Slurm that is already here. Ends with the command's code.
#   tests/cluster/with-slurm.sh COMMAND..
# shellcheck disable=SC2317  # what a trap and until_ok call
set -euo pipefail
[ $# -gt 0 ] || { echo "$0: which command?" >&2; exit 2; }
PATH=$PATH:/usr/sbin
home=$(mktemp -d -t vgrun-slurm.XXXXXX)
chmod 755 "$home"
daemons=()

finish() {
    local code=$?
    # Jobs outlive the daemons that started them: those that are left are ended first, and given the time for that.
    if scancel --user="$(id -un)" >/dev/null 2>&1; then
        for _ in $(seq 50); do
            [ -n "$(squeue --noheader 2>/dev/null)" ] || break
            sleep 0.2
        done
    fi
    # Last started, first stopped; only what was started here.
    for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
        kill "${daemons[i]}" 2>/dev/null || true
        wait "${daemons[i]}" 2>/dev/null || true
    done
    if [ "$code" != 0 ] && [ -n "${VGRUN_SLURM_LOGS-}" ]; then
        tail -n 20 "$home"/log/* >&2 || true
    fi
    rm -rf "$home"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# free PORT: whether nobody listens there.
free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=
for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    if free "$port" && free $((port + 1)) && free $((port + 2)); then break; fi
done

mkdir -m 700 "$home/key"
mkdir "$home/log" "$home/state" "$home/spool-n1" "$home/spool-n2"
head -c 1024 /dev/urandom >"$home/key/munge.key"
chmod 400 "$home/key/munge.key"
# --force: temporary folders lie below one that everybody may write to.
munged --foreground --force --socket="$home/munge.sock" --key-file="$home/key/munge.key" --pid-file="$home/key/pid" \
    --seed-file="$home/key/seed" --log-file="$home/log/munged" >"$home/log/munged.out" 2>&1 &
daemons+=($!)

me=$(id -un) here=$(hostname -s)
export SLURM_CONF=$home/slurm.conf
cat >"$home/slurm.conf" <<CONF
ClusterName=vgrun-test
SlurmctldHost=$here(127.0.0.1)
SlurmctldPort=$port
SlurmctldPidFile=$home/slurmctld.pid
SlurmctldLogFile=$home/log/slurmctld
StateSaveLocation=$home/state
SlurmdPidFile=$home/slurmd-%n.pid
SlurmdSpoolDir=$home/spool-%n
SlurmdLogFile=$home/log/slurmd-%n
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$home/munge.sock
CredType=cred/munge
# Jobs run as plain processes, without control groups.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# Small, so that a test of its limit hands in few tasks.
MaxArraySize=50
# A job begins as soon as it can, and two nodes may be one machine.
SchedulerParameters=sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
NodeName=n[1-2] NodeHostname=$here NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 2))] CPUs=1 RealMemory=512
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF

# until_ok WHAT COMMAND..: tries a command for half a minute.
until_ok() {
    local what=$1
    shift
    for _ in $(seq 150); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    echo "$what did not start" >&2
    exit 1
}
until_ok munged munge -n --socket="$home/munge.sock"
slurmctld -D -c -f "$SLURM_CONF" >"$home/log/slurmctld.out" 2>&1 &
daemons+=($!)
for node in n1 n2; do
    slurmd -D -N "$node" -f "$SLURM_CONF" >"$home/log/slurmd-$node.out" 2>&1 &
    daemons+=($!)
done
idle() { [ "$(sinfo --noheader --states=idle --format=%D | head -1)" = 2 ]; }
until_ok "Slurm's two nodes" idle
code=0
"$@" || code=$?
exit "$code"
