//! The safetensors format, which PyTorch, JAX and NumPy read without running code: the length of a header (8 bytes, little
//! endian), the header (JSON, padded with blanks to a multiple of 8), the numbers of all tensors (little endian).
//!
//! The crate of that name is not used: its metadata has no fixed order, and the same run must write the same bytes.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

/// A tensor to be written.
#[derive(Debug)]
pub(super) struct TensorEntry<'a> {
    pub(super) name: &'a str,
    /// The sizes of the axes, of which the last varies fastest.
    pub(super) shape: Vec<usize>,
    pub(super) numbers: TensorNumbers<'a>,
}

/// The entries of a tensor, and the type that they have in the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum TensorNumbers<'a> {
    /// Values that were f32.
    F32(&'a [f64]),
    F64(&'a [f64]),
    /// Counts, as the signed type by which PyTorch indexes.
    I64(&'a [usize]),
}

impl TensorNumbers<'_> {
    fn dtype(self) -> &'static str {
        match self {
            Self::F32(_) => "F32",
            Self::F64(_) => "F64",
            Self::I64(_) => "I64",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::F32(values) => 4 * values.len(),
            Self::F64(values) => 8 * values.len(),
            Self::I64(values) => 8 * values.len(),
        }
    }

    fn write(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "the values are those of an f32")]
            Self::F32(values) => values.iter().try_for_each(|x| out.write_all(&(*x as f32).to_le_bytes())),
            Self::F64(values) => values.iter().try_for_each(|x| out.write_all(&x.to_le_bytes())),
            Self::I64(values) => values.iter().try_for_each(|n| out.write_all(&(*n as u64).to_le_bytes())),
        }
    }
}

/// Writes a whole file: header and tensors.
pub(super) fn write(out: &mut impl Write, metadata: &[(&str, &str)], entries: &[TensorEntry<'_>]) -> io::Result<()> {
    let metadata: Map<String, Value> = metadata.iter().map(|(key, value)| ((*key).into(), json!(value))).collect();
    let mut header = Map::from_iter([("__metadata__".to_owned(), Value::Object(metadata))]);
    let mut offset = 0;
    for TensorEntry { name, shape, numbers } in entries {
        let end = offset + numbers.bytes();
        let entry = json!({ "dtype": numbers.dtype(), "shape": shape, "data_offsets": [offset, end] });
        header.insert((*name).to_owned(), entry);
        offset = end;
    }
    let mut header = Value::Object(header).to_string();
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    entries.iter().try_for_each(|entry| entry.numbers.write(out))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_length_a_header_and_the_numbers() {
        let mut file = Vec::new();
        let entries = [
            TensorEntry { name: "w", shape: vec![1, 2], numbers: TensorNumbers::F32(&[1.0, -2.0]) },
            TensorEntry { name: "b", shape: vec![1], numbers: TensorNumbers::F64(&[0.5]) },
            TensorEntry { name: "order", shape: vec![2], numbers: TensorNumbers::I64(&[3, 4]) },
            TensorEntry { name: "empty", shape: vec![0, 5], numbers: TensorNumbers::F64(&[]) },
        ];
        write(&mut file, &[("run", "r1")], &entries).unwrap();
        let length = usize::try_from(u64::from_le_bytes(file[..8].try_into().unwrap())).unwrap();
        assert_eq!(length % 8, 0);
        let header: Value = serde_json::from_slice(&file[8..8 + length]).unwrap();
        assert_eq!(header["__metadata__"]["run"], "r1");
        assert_eq!(header["w"], json!({ "dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8] }));
        assert_eq!(header["order"]["data_offsets"], json!([16, 32]));
        assert_eq!(header["empty"], json!({ "dtype": "F64", "shape": [0, 5], "data_offsets": [32, 32] }));
        let numbers = &file[8 + length..];
        assert_eq!(numbers[..4], 1.0_f32.to_le_bytes());
        assert_eq!(numbers[8..16], 0.5_f64.to_le_bytes());
        assert_eq!(numbers[16..24], 3_i64.to_le_bytes());
        assert_eq!(numbers.len(), 32);
    }
}
