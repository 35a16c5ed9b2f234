//! The script for HyperQueue: a task array with a task for each shard, and a merge when it has ended.

use super::job::ArrayJob;

/// See [`super::Engine::script`].
pub(super) fn script(job: &ArrayJob) -> String {
    let cpus = job.jobs.map(|jobs| format!(" --cpus={jobs}")).unwrap_or_default();
    let (head, name, options) = (job.head("a HyperQueue task array"), &job.name, job.options_line());
    let sweep = job.sweep_line(&format!("--shard auto --shards {}", job.shards));
    let merge = job.merge_line();
    format!(
        r#"{head}
# Jobs of HyperQueue do not wait for each other, so this script waits for the array. Where a task failed, the merge says
# which shards are missing.
hq submit --name={name} --array="$tasks" --wait{cpus}{options} -- {sweep} || echo "some shards failed" >&2
hq submit --name={name}-merge --wait{options} -- {merge}
"#
    )
}
