//! The numbers of an array's tasks as schedulers write them: `0-7`, `3,7`.

use std::fmt::{self, Write as _};
use std::num::NonZeroU32;
use std::str::FromStr;

/// Some of the tasks of an array, each once, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tasks(Vec<u32>);

/// Why something is no list of tasks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TasksError {
    /// The text is something else than numbers and ranges.
    #[error("expected numbers and ranges of tasks, such as 3,7 or 0-7")]
    Syntax,
    /// A task that the array does not have.
    #[error("task {task} is beyond the last of {count} shards, which is {last}: they count from 0", last = count.get() - 1)]
    Beyond {
        /// The task.
        task: u32,
        /// How many shards there are.
        count: NonZeroU32,
    },
}

impl Tasks {
    /// Returns all tasks of an array.
    pub fn all(count: NonZeroU32) -> Self {
        (0..count.get()).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the highest one.
    pub fn last(&self) -> Option<u32> {
        self.0.last().copied()
    }

    /// Returns the tasks of an array of which each runs `each` of these, one after the other.
    #[must_use]
    pub fn grouped(&self, each: NonZeroU32) -> Self {
        self.0.iter().map(|task| task / each.get()).collect()
    }

    /// Returns these tasks, if an array of `count` tasks has all of them.
    pub fn within(self, count: NonZeroU32) -> Result<Self, TasksError> {
        match self.last() {
            Some(task) if task >= count.get() => Err(TasksError::Beyond { task, count }),
            Some(_) | None => Ok(self),
        }
    }
}

impl FromIterator<u32> for Tasks {
    fn from_iter<I: IntoIterator<Item = u32>>(tasks: I) -> Self {
        let mut tasks: Vec<u32> = tasks.into_iter().collect();
        tasks.sort_unstable();
        tasks.dedup();
        Self(tasks)
    }
}

/// Writes `0-2,5`: runs of numbers as ranges.
impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for range in self.0.chunk_by(|a, b| a + 1 == *b) {
            let comma = if text.is_empty() { "" } else { "," };
            match range {
                [first, .., last] if last - first > 1 => write!(text, "{comma}{first}-{last}")?,
                [first, last] => write!(text, "{comma}{first},{last}")?,
                range => write!(text, "{comma}{}", range[0])?,
            }
        }
        f.write_str(&text)
    }
}

impl FromStr for Tasks {
    type Err = TasksError;

    fn from_str(text: &str) -> Result<Self, TasksError> {
        // A range may be huge by a slip, and no scheduler has more tasks than this.
        const MOST: u32 = 10_000_000;
        let number = |text: &str| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse::<u32>().ok()).flatten().filter(|&n| n < MOST).ok_or(TasksError::Syntax)
        };
        let mut tasks = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(TasksError::Syntax);
            }
            tasks.extend(first..=last);
        }
        Ok(tasks.into_iter().collect())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(n: u32) -> NonZeroU32 {
        n.try_into().unwrap()
    }

    #[test]
    fn neighbours_are_written_as_ranges() {
        for (tasks, text) in
            [(vec![7, 3], "3,7"), (vec![0, 1, 2, 3], "0-3"), (vec![4, 5], "4,5"), (vec![9, 0, 1, 2, 5, 5], "0-2,5,9")]
        {
            assert_eq!(tasks.into_iter().collect::<Tasks>().to_string(), text);
        }
        assert_eq!(Tasks::all(count(8)).to_string(), "0-7");
        assert_eq!(Tasks::all(count(1)).to_string(), "0");
    }

    #[test]
    fn what_is_no_list_of_tasks_is_refused() {
        for text in ["", "a", "3,", "3-", "-3", "7-3", "3 7", "0-7%2", "0-99999999999", "0-4000000000"] {
            assert_eq!(text.parse::<Tasks>(), Err(TasksError::Syntax), "{text}");
        }
        let beyond = "3,8".parse::<Tasks>().unwrap().within(count(8)).unwrap_err().to_string();
        assert_eq!(beyond, "task 8 is beyond the last of 8 shards, which is 7: they count from 0");
        assert_eq!("3,7".parse::<Tasks>().unwrap().within(count(8)).unwrap().to_string(), "3,7");
    }

    #[test]
    fn tasks_of_several_shards_are_all_that_hold_one_of_them() {
        let grouped = |text: &str, each| text.parse::<Tasks>().unwrap().grouped(count(each)).to_string();
        assert_eq!(grouped("0-7", 3), "0-2");
        assert_eq!(grouped("0-119", 3), "0-39");
        assert_eq!(grouped("5", 3), "1");
        assert_eq!(grouped("0,5,7", 1), "0,5,7");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(tasks in proptest::collection::vec(0_u32..50, 1..30)) {
            let tasks: Tasks = tasks.into_iter().collect();
            prop_assert_eq!(tasks.to_string().parse(), Ok(tasks));
        }
    }
}
