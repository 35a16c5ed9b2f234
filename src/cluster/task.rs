//! Which task of an array job a process is, by the variables that schedulers set: one table.

use std::num::NonZeroU32;

/// A variable in which a scheduler tells a task its number.
#[derive(Debug)]
pub struct TaskVariable {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub scheduler: &'static str,
    /// The number of the first task where arrays are begun as usual there.
    first: u32,
    /// The value that it has outside of any array.
    outside: Option<&'static str>,
    /// A variable that is also set wherever this one means a task.
    beside: Option<&'static str>,
    /// What asks for tasks from the first number to the last one.
    request: fn(first: u32, last: u32) -> String,
}

/// The first of these that is set counts. HyperQueue comes before Slurm, since its workers run inside Slurm's jobs; ranks
/// come last, since an array's task may have them, too.
static VARIABLES: [TaskVariable; 9] = [
    TaskVariable {
        request: |first, last| format!("hq submit --array {first}-{last}"),
        ..TaskVariable::from_0("HQ_TASK_ID", "HyperQueue")
    },
    TaskVariable {
        request: |first, last| format!("--array={first}-{last}"),
        ..TaskVariable::from_0("SLURM_ARRAY_TASK_ID", "Slurm")
    },
    TaskVariable {
        request: |_, last| format!("completions: {} with completionMode: Indexed", last + 1),
        ..TaskVariable::from_0("JOB_COMPLETION_INDEX", "Kubernetes")
    },
    TaskVariable {
        request: |first, last| format!("qsub -J {first}-{last}"),
        ..TaskVariable::from_0("PBS_ARRAY_INDEX", "PBS")
    },
    // LSF tells 0 in a job that is no array.
    TaskVariable {
        first: 1,
        outside: Some("0"),
        request: |first, last| format!("bsub -J \"name[{first}-{last}]\""),
        ..TaskVariable::from_0("LSB_JOBINDEX", "LSF")
    },
    TaskVariable {
        first: 1,
        outside: Some("undefined"),
        request: |first, last| format!("qsub -t {first}-{last}"),
        ..TaskVariable::from_0("SGE_TASK_ID", "Grid Engine")
    },
    TaskVariable {
        request: |_, last| format!("--array-properties size={}", last + 1),
        ..TaskVariable::from_0("AWS_BATCH_JOB_ARRAY_INDEX", "AWS Batch")
    },
    // A batch script has rank 0, too; what srun starts is a step, which knows how many tasks it has.
    TaskVariable {
        beside: Some("SLURM_STEP_NUM_TASKS"),
        request: |_, last| format!("srun --ntasks={}", last + 1),
        ..TaskVariable::from_0("SLURM_PROCID", "Slurm")
    },
    TaskVariable {
        request: |_, last| format!("mpirun -n {}", last + 1),
        ..TaskVariable::from_0("OMPI_COMM_WORLD_RANK", "Open MPI")
    },
];

/// The number of shards: `--shards`, else this.
const COUNT: &str = "VGRUN_SHARDS";

impl TaskVariable {
    const fn from_0(name: &'static str, scheduler: &'static str) -> Self {
        Self { name, scheduler, first: 0, outside: None, beside: None, request: |_, _| String::new() }
    }

    /// What asks for an array of `count` tasks.
    fn request(&self, count: NonZeroU32) -> String {
        (self.request)(self.first, self.first + (count.get() - 1))
    }
}

/// A task of an array job.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// Its number, from 0.
    pub index: u32,
    /// Who says so.
    pub variable: &'static TaskVariable,
}

/// Why the environment does not tell a shard.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TaskError {
    /// No scheduler's variable is set.
    #[error(
        "--shard auto: this process is no task of an array: none of {} is set; hand in an array (vgrun submit prints \
         one), or name the shard, such as --shard 0/8",
        names()
    )]
    NoTask,
    /// A variable that is no number.
    #[error("--shard auto: {name} is {value:?}, and should be the number of a task")]
    NoNumber {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A number that belongs to no shard.
    #[error(
        "--shard auto: {}={number} is none of {count} shards: {}: use {}",
        variable.name,
        if variable.first == 0 { "shards count from 0" } else { "the tasks of this scheduler count from 1" },
        variable.request(*count)
    )]
    Beyond {
        /// The variable.
        variable: &'static TaskVariable,
        /// Its value.
        number: u32,
        /// How many shards there are.
        count: NonZeroU32,
    },
    /// The number of shards is not known.
    #[error(
        "--shard auto: {name}={number} says which shard this is, and nothing says of how many: give --shards N, or set \
         {COUNT}=N (the scheduler's own count is not taken: it shrinks when a few tasks are handed in again)"
    )]
    NoCount {
        /// The variable.
        name: &'static str,
        /// Its value.
        number: u32,
    },
    /// A number of shards that is none.
    #[error("{COUNT} is {value:?}, and should be the number of shards, such as 8")]
    Count {
        /// Its value.
        value: String,
    },
}

fn names() -> String {
    VARIABLES.each_ref().map(|variable| variable.name).join(", ")
}

/// The number of shards that the environment tells, if it does. `lookup` knows the environment.
pub fn shard_count(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<NonZeroU32>, TaskError> {
    match lookup(COUNT).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => value.parse().map(Some).map_err(|_| TaskError::Count { value }),
    }
}

/// The task that this process is, out of so many. Without `count`, [`shard_count`] says how many there are.
pub fn task(
    count: Option<NonZeroU32>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<(Task, NonZeroU32), TaskError> {
    let is_set = |variable: &TaskVariable| {
        let value =
            lookup(variable.name).filter(|value| !value.is_empty() && Some(value.as_str()) != variable.outside)?;
        variable.beside.is_none_or(|beside| lookup(beside).is_some()).then_some(value)
    };
    let found = VARIABLES.iter().find_map(|variable| Some((variable, is_set(variable)?)));
    let (variable, value) = found.ok_or(TaskError::NoTask)?;
    let Ok(number) = value.parse::<u32>() else {
        return Err(TaskError::NoNumber { name: variable.name, value });
    };
    let count = match count {
        Some(count) => count,
        None => shard_count(lookup)?.ok_or(TaskError::NoCount { name: variable.name, number })?,
    };
    let index = number.checked_sub(variable.first).filter(|&index| index < count.get());
    let index = index.ok_or(TaskError::Beyond { variable, number, count })?;
    Ok((Task { index, variable }, count))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    /// The task in an environment of these variables.
    fn in_environment(count: Option<u32>, variables: &[(&str, &str)]) -> Result<(u32, u32), String> {
        let lookup = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let count = count.map(|count| count.try_into().unwrap());
        task(count, &lookup).map(|(task, count)| (task.index, count.get())).map_err(|error| error.to_string())
    }

    #[test]
    fn every_scheduler_tells_its_first_and_its_last_task() {
        for (name, first, last) in [
            ("HQ_TASK_ID", "0", "7"),
            ("SLURM_ARRAY_TASK_ID", "0", "7"),
            ("JOB_COMPLETION_INDEX", "0", "7"),
            ("PBS_ARRAY_INDEX", "0", "7"),
            ("LSB_JOBINDEX", "1", "8"),
            ("SGE_TASK_ID", "1", "8"),
            ("AWS_BATCH_JOB_ARRAY_INDEX", "0", "7"),
            ("SLURM_PROCID", "0", "7"),
            ("OMPI_COMM_WORLD_RANK", "0", "7"),
        ] {
            let step = ("SLURM_STEP_NUM_TASKS", "8");
            assert_eq!(in_environment(Some(8), &[(name, first), step]), Ok((0, 8)), "{name}");
            assert_eq!(in_environment(Some(8), &[(name, last), step]), Ok((7, 8)), "{name}");
            let beyond = (last.parse::<u32>().unwrap() + 1).to_string();
            let error = in_environment(Some(8), &[(name, &beyond), step]).unwrap_err();
            assert!(error.contains(&format!("{name}={beyond} is none of 8 shards")), "{error}");
        }
        assert_eq!(VARIABLES.len(), 9);
    }

    #[test]
    fn a_number_beyond_the_last_is_refused_with_what_asks_for_the_right_ones() {
        let error = |name, value| in_environment(Some(8), &[(name, value)]).unwrap_err();
        assert!(error("SLURM_ARRAY_TASK_ID", "8").ends_with("shards count from 0: use --array=0-7"));
        assert!(error("SGE_TASK_ID", "9").ends_with("the tasks of this scheduler count from 1: use qsub -t 1-8"));
        assert!(error("SGE_TASK_ID", "0").contains("SGE_TASK_ID=0 is none of 8"));
        assert!(error("LSB_JOBINDEX", "9").ends_with("use bsub -J \"name[1-8]\""));
        assert!(error("JOB_COMPLETION_INDEX", "8").ends_with("use completions: 8 with completionMode: Indexed"));
    }

    #[test]
    fn hyperqueue_inside_slurm_wins_and_an_array_wins_over_ranks() {
        let inside = [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_PROCID", "1"), ("SLURM_STEP_NUM_TASKS", "2")];
        assert_eq!(in_environment(Some(8), &[&[("HQ_TASK_ID", "5")], &inside[..]].concat()), Ok((5, 8)));
        assert_eq!(in_environment(Some(8), &inside), Ok((2, 8)));
        assert_eq!(in_environment(Some(8), &inside[1..]), Ok((1, 8)));
    }

    #[test]
    fn what_schedulers_set_outside_of_arrays_is_no_task() {
        let outside = [
            ("SGE_TASK_ID", "undefined"),
            ("LSB_JOBINDEX", "0"),
            ("SLURM_ARRAY_TASK_ID", ""),
            // A batch script, which is no step of srun's.
            ("SLURM_PROCID", "0"),
        ];
        let error = in_environment(Some(8), &outside).unwrap_err();
        assert!(error.contains("no task of an array") && error.contains("HQ_TASK_ID, SLURM_ARRAY_TASK_ID"), "{error}");
        assert_eq!(in_environment(Some(8), &[&outside[..], &[("OMPI_COMM_WORLD_RANK", "3")]].concat()), Ok((3, 8)));
    }

    #[test]
    fn the_count_is_that_of_the_argument_or_of_the_environment_and_never_the_schedulers() {
        let slurm = [("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_COUNT", "2"), ("SLURM_ARRAY_TASK_MAX", "7")];
        let error = in_environment(None, &slurm).unwrap_err();
        assert!(error.contains("SLURM_ARRAY_TASK_ID=7") && error.contains("--shards N"), "{error}");
        let counted = [&slurm[..], &[("VGRUN_SHARDS", "8")]].concat();
        assert_eq!(in_environment(None, &counted), Ok((7, 8)));
        assert_eq!(in_environment(Some(9), &counted), Ok((7, 9)));
        for count in ["0", "eight", "-8", "8.0"] {
            let error = in_environment(None, &[&slurm[..], &[("VGRUN_SHARDS", count)]].concat()).unwrap_err();
            assert!(error.contains(&format!("VGRUN_SHARDS is {count:?}")), "{error}");
        }
    }

    #[test]
    fn what_is_no_number_is_named() {
        for value in ["x", "-1", "1.5", " 1", "99999999999"] {
            let error = in_environment(Some(8), &[("HQ_TASK_ID", value)]).unwrap_err();
            assert!(error.contains("HQ_TASK_ID") && error.contains(value), "{error}");
        }
    }
}
