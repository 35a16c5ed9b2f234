//! The script for Slurm: an array with a task for each shard, or for a few of them, and a merge that depends on it.

use super::job::ArrayJob;

/// See [`super::Engine::script`].
pub(super) fn script(job: &ArrayJob) -> String {
    let cpus = job.jobs.map(|jobs| format!(" --cpus-per-task={jobs}")).unwrap_or_default();
    let (head, name, options) = (job.head("a Slurm array"), &job.name, job.options_line());
    let merge = job.merge_line();
    let (several, task) = if job.shards_per_task.get() == 1 {
        (String::new(), one_shard(job))
    } else {
        (tasks_of_several(job), several_shards(job))
    };
    let of_shards = if several.is_empty() { "shards $tasks" } else { "tasks $tasks, for shards $shards" };
    format!(
        r#"{head}{several}
# The output of a task that begins again follows that of its first beginning.
array=$(sbatch --parsable --job-name={name} --array="$tasks" --requeue --open-mode=append \
    --signal=B:USR1@60{cpus}{options} <<'SHARD'
#!/bin/bash
{task}
SHARD
)
array=${{array%%;*}}
# Also where a task failed: the merge says which shards are missing, and how to hand them in again.
merge=$(sbatch --parsable --job-name={name}-merge --dependency="afterany:$array"{options} <<'MERGE'
#!/bin/bash
{merge}
MERGE
)
echo "array $array ({of_shards}) and then merge ${{merge%%;*}}: their output is in slurm-${{array}}_*.out and slurm-${{merge%%;*}}.out"
"#
    )
}

// Slurm requeues no job for its exit code, and the lock of a task that is requeued must be given back before: so the shell
// waits for vgrun, whatever interrupts it. bash tells the code of a child that has ended as often as it is asked.

/// What a task does that trains the shard of its own number.
fn one_shard(job: &ArrayJob) -> String {
    let sweep = job.sweep_line(&format!("--shard auto --shards {}", job.shards));
    format!(
        r#"# Trains one shard. Slurm sends USR1 a minute before the time limit: vgrun keeps what is finished and ends with 75, and
# the task goes back to the queue, to go on from there.
{sweep} &
shard=$!
trap 'interrupted=yes; kill -s USR1 "$shard" 2>/dev/null' USR1
trap 'interrupted=yes; kill -s TERM "$shard" 2>/dev/null' TERM
while
    interrupted=no
    wait "$shard"
    code=$?
    [ "$interrupted" = yes ]
do :; done
if [ "$code" = 75 ]; then
    echo "requeued: the rest of the shard is trained later"
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
fi
exit "$code""#
    )
}

/// The lines that turn shards into the tasks that train them.
fn tasks_of_several(job: &ArrayJob) -> String {
    let (each, array) = (job.shards_per_task, job.array());
    format!(
        "# A task trains up to {each} shards, so that the array is as small as Slurm asks for.
shards=$tasks
case $shards in *[!0-9,-]*) echo \"$shards: expected shards such as 0,3-5\" >&2; exit 2 ;; esac
tasks={array}
if [ $# -gt 0 ]; then
    tasks=$(for range in ${{shards//,/ }}; do
        seq $((${{range%-*}} / {each})) $((${{range#*-}} / {each}))
    done | sort -nu | paste -sd, -)
fi
"
    )
}

/// What a task does that trains a few shards, one after the other.
fn several_shards(job: &ArrayJob) -> String {
    let (each, count) = (job.shards_per_task, job.shards);
    let sweep = job.sweep_line(&format!("--shard \"$number/{count}\""));
    format!(
        r#"# Trains up to {each} shards, one after the other. Slurm sends USR1 a minute before the time limit: vgrun keeps what is
# finished and ends with 75, no other shard is begun, and the task goes back to the queue, to go on from there.
shard='' stop='' worst=0 rest=no
trap 'interrupted=yes; stop=USR1; [ -z "$shard" ] || kill -s USR1 "$shard" 2>/dev/null' USR1
trap 'interrupted=yes; stop=TERM; [ -z "$shard" ] || kill -s TERM "$shard" 2>/dev/null' TERM
first=$((SLURM_ARRAY_TASK_ID * {each}))
for ((number = first; number < first + {each} && number < {count}; number++)); do
    rest=yes
    [ -z "$stop" ] || break
    {sweep} &
    shard=$!
    # A signal may have come since it was looked for.
    [ -z "$stop" ] || kill -s "$stop" "$shard" 2>/dev/null
    while
        interrupted=no
        wait "$shard"
        code=$?
        [ "$interrupted" = yes ]
    do :; done
    shard=''
    case $code in
        0) ;;
        75) stop=USR1 && break ;;
        130) stop=TERM && break ;;
        *) [ -z "$stop" ] || break && worst=$code ;;
    esac
    rest=no
done
if [ "$rest" = yes ] && [ "$stop" = USR1 ]; then
    echo "requeued: the rest of the shards is trained later"
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
    exit 75
fi
[ "$rest" = no ] || worst=130
exit "$worst""#
    )
}
