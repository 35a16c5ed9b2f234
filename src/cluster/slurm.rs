//! The script for Slurm: an array with a task for each shard, and a merge that depends on it.

use super::job::Job;

/// See [`super::Engine::script`].
pub(super) fn script(job: &Job) -> String {
    let cpus = job.jobs.map(|jobs| format!(" --cpus-per-task={jobs}")).unwrap_or_default();
    let (head, name, options) = (job.head("a Slurm array"), &job.name, job.options_line());
    let sweep = job.sweep_line(&format!("--shard auto --shards {}", job.shards));
    let merge = job.merge_line();
    // Slurm requeues no job for its exit code, and the lock of a task that is requeued must be given back before: so the
    // shell waits for vgrun, whatever interrupts it. bash tells the code of a child that has ended as often as it is asked.
    format!(
        r#"{head}
# The output of a task that begins again follows that of its first beginning.
array=$(sbatch --parsable --job-name={name} --array="$tasks" --requeue --open-mode=append \
    --signal=B:USR1@60{cpus}{options} <<'SHARD'
#!/bin/bash
# Trains one shard. Slurm sends USR1 a minute before the time limit: vgrun keeps what is finished and ends with 75, and
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
exit "$code"
SHARD
)
array=${{array%%;*}}
# Also where a task failed: the merge says which shards are missing, and how to hand them in again.
merge=$(sbatch --parsable --job-name={name}-merge --dependency="afterany:$array"{options} <<'MERGE'
#!/bin/bash
{merge}
MERGE
)
echo "array $array (shards $tasks) and then merge ${{merge%%;*}}: their output is in slurm-${{array}}_*.out and slurm-${{merge%%;*}}.out"
"#
    )
}
