//! Images and labels in the format of MNIST (Y. LeCun: "the IDX file format"), gzipped or not: two zero bytes, the type
//! of an element (0x08, an unsigned byte), the number of dimensions, the dimensions as big-endian 32-bit numbers, the
//! elements. What is plain is read as well: sizes with their bytes in the other order, labels in a column of their own or
//! in the first of QMNIST's eight, and elements of another type that are whole numbers from 0 to 255 or, of pixels, 255ths.
//!
//! All pixels are put on one scale: mean 0 and standard deviation 1 over all pixels of the training part. The labels
//! that occur in the training part, in ascending order, are the classes. Without test files, a share of each class is for
//! testing.

mod array;
mod content;
mod element;
mod head;
mod images;
mod look;
#[cfg(test)]
mod tests;

pub(in crate::data) use look::{load, look};
