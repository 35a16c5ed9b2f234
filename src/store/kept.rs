//! Writing what runs keep for other programs into safetensors files, and copying such files from another folder.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::atomic::AtomicFile;
use super::error::StoreError;
use super::kept_files::{KeptFile, data, init, last, order};
use super::safetensors::{TensorEntry, TensorNumbers, write};
use super::subfolder::subfolder;
use super::writer::Writer;
use crate::data::{Answers, Dataset, Examples};
use crate::nn::Tensor;
use crate::spec::{Precision, RunId, RunSpec};
use crate::trace::Kept;

impl Writer {
    /// Writes what a run was asked to keep. Must be called before its record is appended, so that a record stands for the
    /// files, too.
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
            let entry = TensorEntry { name: "order", shape, numbers: TensorNumbers::I64(&kept.rows) };
            self.write_kept(&order(id), &metadata, &[entry])?;
        }
        Ok(())
    }

    /// Copies the files that a run was asked to keep, and its data, from another folder, unless they are here. Returns how
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
            if self.store().kept_path(&(folder, name.clone())).is_file() || !source.is_file() {
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
        (folder, name): &KeptFile,
        metadata: &[(&str, &str)],
        entries: &[TensorEntry<'_>],
    ) -> Result<(), StoreError> {
        let mut file = AtomicFile::create(&subfolder(self.store().folder(), folder)?, name)?;
        let path = file.path().to_path_buf();
        let mut buffer = BufWriter::new(&mut file);
        write(&mut buffer, metadata, entries).and_then(|()| buffer.flush()).map_err(StoreError::io("write", &path))?;
        drop(buffer);
        file.publish()
    }
}

fn entry(tensor: &Tensor, precision: Precision) -> TensorEntry<'_> {
    let numbers = match precision {
        Precision::F32 => TensorNumbers::F32(&tensor.values),
        Precision::F64 => TensorNumbers::F64(&tensor.values),
    };
    TensorEntry { name: &tensor.name, shape: tensor.shape.clone(), numbers }
}

/// Lists inputs (examples, features) and answers: classes (examples), or numbers (examples, outputs).
fn examples<'a>(examples: &'a Examples, [x, y]: [&'a str; 2]) -> [TensorEntry<'a>; 2] {
    const ROW_MAJOR: &str = "data are row-major";
    let inputs = TensorNumbers::F64(examples.x.as_slice().expect(ROW_MAJOR));
    let (shape, answers) = match &examples.answers {
        Answers::Classes { labels, .. } => (vec![labels.len()], TensorNumbers::I64(labels)),
        Answers::Values(values) => (values.shape().to_vec(), TensorNumbers::F64(values.as_slice().expect(ROW_MAJOR))),
    };
    [
        TensorEntry { name: x, shape: examples.x.shape().to_vec(), numbers: inputs },
        TensorEntry { name: y, shape, numbers: answers },
    ]
}
