//! The files in which runs keep something for other programs: where they stand, and which are still to be written.
//!
//! | file | tensors |
//! |---|---|
//! | `weights/<run_id>.init.safetensors`, `.final.` | the net before the first and after the last update, in the run's precision |
//! | `order/<run_id>.safetensors` | `order` (steps, batch): the rows of `train.x` that each step took |
//! | `data/<data>.safetensors` | `train.x`, `train.y`, `test.x`, `test.y`; the metadata of the other files name it |
//!
//! A run whose record is there and whose files are not is trained again; data are made again without it.

use std::path::{Path, PathBuf};

use super::atomic;
use super::error::StoreError;
use super::log::{Ending, Store};
use super::subfolder::subfolder;
use crate::plan::Plan;
use crate::spec::{RunId, RunSpec};

const WEIGHTS: &str = "weights";
const ORDER: &str = "order";
const DATA: &str = "data";

/// The folder and name of a kept file.
pub(super) type KeptFile = (&'static str, String);

/// Names the file of the net before the first update.
pub(super) fn init(id: RunId) -> KeptFile {
    (WEIGHTS, format!("{id}.init.safetensors"))
}

/// Names the file of the net after the last update.
pub(super) fn last(id: RunId) -> KeptFile {
    (WEIGHTS, format!("{id}.final.safetensors"))
}

/// Names the file of the order of examples.
pub(super) fn order(id: RunId) -> KeptFile {
    (ORDER, format!("{id}.safetensors"))
}

/// Names the file of the data of a run.
pub(super) fn data(spec: &RunSpec) -> KeptFile {
    (DATA, format!("{}.safetensors", spec.data_name()))
}

impl Store {
    /// Returns whether run number `run` of a plan has a result and every file that it was asked to keep.
    pub fn is_complete(&self, plan: &Plan, run: usize) -> bool {
        if self.ending_of(plan, run) != Some(Ending::Done) {
            return false;
        }
        let (id, spec) = (plan.id(run), plan.spec(run));
        let wanted = [(spec.weights.init(), init(id)), (spec.weights.last(), last(id)), (spec.order, order(id))];
        wanted.into_iter().all(|(is_wanted, file)| !is_wanted || self.kept_path(&file).is_file())
    }

    /// Returns whether the data of a run that keeps the order of its examples still have to be written.
    pub fn lacks_data(&self, spec: &RunSpec) -> bool {
        spec.order && !self.kept_path(&data(spec)).is_file()
    }

    pub(super) fn kept_path(&self, (folder, name): &KeptFile) -> PathBuf {
        self.folder().join(folder).join(name)
    }
}

/// Removes what killed processes left in the folders of kept files, none of which may be a link.
pub(super) fn remove_leftovers(folder: &Path) -> Result<(), StoreError> {
    let folders = [WEIGHTS, ORDER, DATA].map(|name| subfolder(folder, name));
    let folders: Vec<PathBuf> = folders.into_iter().collect::<Result<_, _>>()?;
    folders.iter().filter(|folder| folder.is_dir()).try_for_each(|folder| atomic::remove_leftovers(folder))
}
