//! Small files in MNIST's format.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

/// A file of unsigned bytes.
pub(crate) fn idx(sizes: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(sizes.len()).expect("few dimensions")];
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

/// `n` images of 2x2 pixels, bright where the label is odd.
pub(crate) fn tenths(n: u32) -> Vec<u8> {
    let pixels: Vec<u8> =
        (0..n).flat_map(|i| [i % 7, 10 + i % 3, 100 + 100 * (i % 2), i % 5]).map(|x| x.to_le_bytes()[0]).collect();
    idx(&[n, 2, 2], &pixels)
}

/// `n` labels, 0 and 1 in turn.
pub(crate) fn labels_of(n: u32) -> Vec<u8> {
    idx(&[n], &(0..n).map(|i| u8::from(i % 2 == 1)).collect::<Vec<_>>())
}

/// The same bytes as gzip packs them.
pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}
