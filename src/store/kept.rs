//! What runs were asked to keep for other programs, as safetensors files:
//!
//! | file | tensors |
//! |---|---|
//! | `weights/<run_id>.init.safetensors`, `.final.` | the net before the first and after the last update, in the run's precision |
//! | `order/<run_id>.safetensors` | `order` (steps, batch): the rows of `train.x` that each step took |
//! | `data/<data>.safetensors` | `train.x`, `train.y`, `test.x`, `test.y`; the metadata of the other files name it |
//!
//! A run whose record is there and whose files are not is trained again; data are made again without it.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::atomic::{self, AtomicFile};
use super::safetensors::{Entry, Numbers, write};
use super::subfolder::subfolder;
use super::{Ending, Store, StoreError, Writer};
use crate::data::{Answers, Dataset, Examples};
use crate::nn::Tensor;
use crate::plan::Plan;
use crate::spec::{Precision, RunId, RunSpec};
use crate::trace::Kept;

const WEIGHTS: &str = "weights";
const ORDER: &str = "order";
const DATA: &str = "data";

/// A file's folder and name.
type Place = (&'static str, String);

fn init(id: RunId) -> Place {
    (WEIGHTS, format!("{id}.init.safetensors"))
}

fn last(id: RunId) -> Place {
    (WEIGHTS, format!("{id}.final.safetensors"))
}

fn order(id: RunId) -> Place {
    (ORDER, format!("{id}.safetensors"))
}

fn data(spec: &RunSpec) -> Place {
    (DATA, format!("{}.safetensors", spec.data_name()))
}

impl Store {
    /// Whether run number `run` of a plan has a result and every file that it was asked to keep.
    pub fn is_complete(&self, plan: &Plan, run: usize) -> bool {
        if self.ending_of(plan, run) != Some(Ending::Done) {
            return false;
        }
        let (id, spec) = (plan.id(run), plan.spec(run));
        let wanted = [(spec.weights.init(), init(id)), (spec.weights.last(), last(id)), (spec.order, order(id))];
        wanted.into_iter().all(|(is_wanted, place)| !is_wanted || self.path(&place).is_file())
    }

    /// Whether the data of a run that keeps the order of its examples still have to be written.
    pub fn lacks_data(&self, spec: &RunSpec) -> bool {
        spec.order && !self.path(&data(spec)).is_file()
    }

    fn path(&self, (folder, name): &Place) -> PathBuf {
        self.folder.join(folder).join(name)
    }
}

impl Writer {
    /// Writes what a run was asked to keep. To be called before its record is appended, so that a record stands for the
    /// files too.
    pub fn keep(&self, id: RunId, spec: &RunSpec, kept: &Kept) -> Result<(), StoreError> {
        let (run, data) = (id.to_string(), spec.data_name());
        let metadata = [("vgrun", env!("CARGO_PKG_VERSION")), ("run_id", &run), ("data", &data)];
        for (tensors, place) in [(&kept.init, init(id)), (&kept.last, last(id))] {
            if let Some(tensors) = tensors {
                let entries: Vec<_> = tensors.iter().map(|tensor| entry(tensor, spec.train.precision)).collect();
                self.write_kept(&place, &metadata, &entries)?;
            }
        }
        if let Some(kept) = &kept.order {
            let shape = vec![kept.rows.len() / kept.batch, kept.batch];
            let entry = Entry { name: "order", shape, numbers: Numbers::I64(&kept.rows) };
            self.write_kept(&order(id), &metadata, &[entry])?;
        }
        Ok(())
    }

    /// Copies the files that a run was asked to keep, and its data, from another folder, unless they are here; says how
    /// many that were.
    pub(super) fn take_kept(&self, id: RunId, spec: &RunSpec, from: &Path) -> Result<usize, StoreError> {
        let wanted = [
            (spec.weights.init(), init(id)),
            (spec.weights.last(), last(id)),
            (spec.order, order(id)),
            (spec.order, data(spec)),
        ];
        let mut copied = 0;
        for (_, (folder, name)) in wanted.into_iter().filter(|(is_wanted, _)| *is_wanted) {
            let source = from.join(folder).join(&name);
            if self.store().path(&(folder, name.clone())).is_file() || !source.is_file() {
                continue;
            }
            let mut file = AtomicFile::create(&subfolder(self.store().folder(), folder)?, &name)?;
            let copy = File::open(&source).and_then(|mut source| io::copy(&mut source, &mut file));
            copy.map_err(StoreError::io("copy", &source))?;
            file.publish()?;
            copied += 1;
        }
        Ok(copied)
    }

    /// Writes the data of a run, which are those of all runs with the same [`RunSpec::data_name`].
    pub fn keep_data(&self, spec: &RunSpec, dataset: &Dataset) -> Result<(), StoreError> {
        let metadata = [("vgrun", env!("CARGO_PKG_VERSION")), ("data", &spec.data_name())];
        let [train_x, train_y] = examples(&dataset.train, ["train.x", "train.y"]);
        let [test_x, test_y] = examples(&dataset.test, ["test.x", "test.y"]);
        self.write_kept(&data(spec), &metadata, &[train_x, train_y, test_x, test_y])
    }

    fn write_kept(
        &self,
        (folder, name): &Place,
        metadata: &[(&str, &str)],
        entries: &[Entry<'_>],
    ) -> Result<(), StoreError> {
        let mut file = AtomicFile::create(&subfolder(self.store().folder(), folder)?, name)?;
        let path = file.path().to_path_buf();
        let mut buffer = BufWriter::new(&mut file);
        write(&mut buffer, metadata, entries).and_then(|()| buffer.flush()).map_err(StoreError::io("write", &path))?;
        drop(buffer);
        file.publish()
    }
}

/// Removes what killed processes left in the folders of this file, none of which may be a link.
pub(super) fn remove_leftovers(folder: &Path) -> Result<(), StoreError> {
    let folders = [WEIGHTS, ORDER, DATA].map(|name| subfolder(folder, name));
    let folders: Vec<PathBuf> = folders.into_iter().collect::<Result<_, _>>()?;
    folders.iter().filter(|folder| folder.is_dir()).try_for_each(|folder| atomic::remove_leftovers(folder))
}

fn entry(tensor: &Tensor, precision: Precision) -> Entry<'_> {
    let numbers = match precision {
        Precision::F32 => Numbers::F32(&tensor.values),
        Precision::F64 => Numbers::F64(&tensor.values),
    };
    Entry { name: &tensor.name, shape: tensor.shape.clone(), numbers }
}

/// Inputs (examples, features) and answers: classes (examples), or numbers (examples, outputs).
fn examples<'a>(examples: &'a Examples, [x, y]: [&'a str; 2]) -> [Entry<'a>; 2] {
    const ROW_MAJOR: &str = "data are row-major";
    let inputs = Numbers::F64(examples.x.as_slice().expect(ROW_MAJOR));
    let (shape, answers) = match &examples.answers {
        Answers::Classes { labels, .. } => (vec![labels.len()], Numbers::I64(labels)),
        Answers::Values(values) => (values.shape().to_vec(), Numbers::F64(values.as_slice().expect(ROW_MAJOR))),
    };
    [Entry { name: x, shape: examples.x.shape().to_vec(), numbers: inputs }, Entry { name: y, shape, numbers: answers }]
}
