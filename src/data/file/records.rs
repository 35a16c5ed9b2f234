//! The rows of a table in a file, within bounds. A row in memory is many times as large as in its file, so one row without
//! end would take all memory there is.

use std::io::{self, ErrorKind, Read};

use csv::{Reader, StringRecord};

/// The most columns of a table.
pub(crate) const MOST_COLUMNS: usize = 1 << 16;

/// The most bytes of a row: 64 for each column of the widest table. A row of so many commas takes 32 MB.
const MOST_BYTES: usize = 4 << 20;

/// What a reader of rows reads from, which is an error from byte [`MOST_BYTES`] of a row on.
#[derive(Debug)]
pub(crate) struct BoundedRecords<R> {
    from: R,
    left: usize,
}

impl<R: Read> BoundedRecords<R> {
    /// Begins to read.
    pub(crate) fn new(from: R) -> Self {
        Self { from, left: MOST_BYTES }
    }

    /// What it reads from.
    pub(crate) fn source(&mut self) -> &mut R {
        &mut self.from
    }

    /// Reads the next row of a reader; false where there is none.
    pub(crate) fn next(reader: &mut Reader<Self>, row: &mut StringRecord) -> csv::Result<bool> {
        reader.get_mut().left = MOST_BYTES;
        reader.read_record(row)
    }
}

impl<R: Read> Read for BoundedRecords<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.left = self.left.checked_sub(read).ok_or_else(|| {
            io::Error::new(ErrorKind::InvalidData, format!("a row of more than {} MiB", MOST_BYTES >> 20))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of the rows, as far as they are read.
    fn rows(text: &str) -> (Vec<usize>, Option<String>) {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BoundedRecords::new(text.as_bytes()));
        let (mut row, mut lengths) = (StringRecord::new(), Vec::new());
        loop {
            match BoundedRecords::next(&mut reader, &mut row) {
                Ok(true) => lengths.push(row.len()),
                Ok(false) => return (lengths, None),
                Err(error) => return (lengths, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn a_row_may_be_long_and_a_table_longer_and_what_is_longer_than_a_row_is_an_error() {
        let million = format!("{}\n", ",".repeat(1_000_000));
        assert_eq!(rows(&million.repeat(12)), (vec![1_000_001; 12], None));
        let error = Some("a row of more than 4 MiB".to_owned());
        for endless in [",".repeat(5 << 20), "x".repeat(5 << 20), format!("\"{}", "\n".repeat(5 << 20))] {
            assert_eq!(rows(&format!("a,b\n1,2\n{endless}")), (vec![2, 2], error.clone()));
        }
    }
}
