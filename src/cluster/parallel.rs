//! The script for GNU parallel: a job for each shard, and then the merge.

use super::job::ArrayJob;

/// See [`super::Engine::script`].
pub(super) fn script(job: &ArrayJob) -> String {
    let (head, options, shards) = (job.head("jobs of GNU parallel"), job.options_line(), job.shards);
    // parallel begins as many jobs as there are cores, so each takes one.
    let job = ArrayJob { jobs: job.jobs.or(std::num::NonZeroUsize::new(1)), ..job.clone() };
    let (sweep, merge) = (job.sweep_line(&format!("--shard \"$1/{shards}\"")), job.merge_line());
    format!(
        r#"{head}
# A function, so that parallel reads no word of the command line.
shard() {{
    {sweep}
}}
export -f shard
export PARALLEL_SHELL=/bin/bash
for range in ${{tasks//,/ }}; do
    seq "${{range%-*}}" "${{range#*-}}"
done | parallel --tag{options} shard || echo "some shards failed" >&2
# Says which shards are missing, if any.
{merge}
"#
    )
}
