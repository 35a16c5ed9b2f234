//! The memory of one worker: its workspace is given up, with what it still holds of earlier runs, where the next run
//! needs the room.

use crate::plan::Memory;

/// More bytes than this are not left waiting for the disk while their worker trains its next run.
pub(super) const MOST_WAITING: f64 = 4.0 * 1024.0 * 1024.0;

/// What a worker may take.
#[derive(Debug)]
pub(super) struct Room {
    /// Bytes in all.
    limit: f64,
    /// Bytes that its workspace holds at most. A run may have found arrays that were large enough, or not.
    held: f64,
}

impl Room {
    pub(super) fn new(limit: f64) -> Self {
        Self { limit, held: 0.0 }
    }

    /// Returns whether there is room for a run beside all that the workspace may hold; called before the run. If there
    /// is none, the workspace must be given up for a new one.
    pub(super) fn admits(&mut self, run: &Memory) -> bool {
        let is_room = self.held == 0.0 || self.held + run.peak <= self.limit;
        if !is_room {
            self.held = 0.0;
        }
        self.held += run.workspace;
        is_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_given_up_only_where_it_would_take_the_room_of_the_next_run() {
        let run = |workspace: f64| Memory { data: 1.0, net: 1.0, workspace, results: 1.0, peak: workspace + 3.0 };
        let mut room = Room::new(20.0);
        let admitted = [6.0, 6.0, 6.0, 2.0, 9.0, 9.0].map(|workspace| room.admits(&run(workspace)));
        assert_eq!(admitted, [true, true, false, true, true, false]);
        let mut boundless = Room::new(f64::INFINITY);
        assert!([1e300; 9].into_iter().all(|workspace| boundless.admits(&run(workspace))));
    }

    #[test]
    fn the_first_run_of_a_worker_has_a_new_workspace_whatever_its_size() {
        let large = Memory { data: 1.0, net: 1.0, workspace: 9.0, results: 1.0, peak: 30.0 };
        assert!(Room::new(20.0).admits(&large));
    }
}
