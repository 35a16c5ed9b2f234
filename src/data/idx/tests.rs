use std::io::Write as _;
use std::path::PathBuf;

use flate2::{Compression, write::GzEncoder};

use super::*;

/// A file of unsigned bytes.
fn idx(dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(dimensions.len()).expect("few")];
    dimensions.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// 10 images of 2x3 pixels with the classes 3 and 5.
fn images() -> Vec<u8> {
    idx(&[10, 2, 3], &(0..60).collect::<Vec<u8>>())
}

fn labels() -> Vec<u8> {
    idx(&[10], &[3, 5, 3, 5, 3, 5, 3, 5, 3, 5])
}

/// The data set of files with these contents.
fn read(contents: &[&[u8]]) -> Result<(Found, Dataset), DataError> {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = ["data.path", "data.labels", "data.test_path", "data.test_labels"];
    let files = contents.iter().zip(keys).map(|(bytes, key)| {
        let path: PathBuf = folder.path().join(key);
        std::fs::write(&path, bytes).expect("a file");
        NamedFile { key, name: key.into(), path }
    });
    let found = look(files.collect(), TestFraction::default())?;
    let data = load(&found, TestFraction::default())?;
    assert_eq!(data.sizes(), found.sizes);
    Ok((found, data))
}

fn problem(contents: &[&[u8]]) -> (&'static str, Problem) {
    let error = read(contents).map(|_| ()).expect_err("it is refused");
    (error.key, error.problem)
}

#[test]
fn a_fifth_is_for_testing_and_pixels_are_on_one_scale() {
    let (_, data) = read(&[&images(), &labels()]).expect("a pair");
    assert_eq!(data.sizes(), Sizes::without_time((8, 2), (6, 2)));
    let (mean, std) = crate::kernels::mean_and_std(data.train.x.as_slice().expect("row-major"));
    assert!(mean.abs() < 1e-14 && (std - 1.0).abs() < 1e-14, "{mean} {std}");
    let steps: Vec<f64> = data.train.x.row(0).windows(2).into_iter().map(|w| w[1] - w[0]).collect();
    assert!(steps.iter().all(|s| (s - steps[0]).abs() < 1e-14), "one scale for all pixels");
    let Answers::Classes { labels, .. } = &data.test.answers else { panic!("they are classes") };
    assert_eq!(labels, &[0, 1]);
}

#[test]
fn gzipped_files_are_the_same_data() {
    let plain = read(&[&images(), &labels()]).expect("a pair");
    assert_eq!(read(&[&gzipped(&images()), &labels()]).expect("a pair"), plain);
    assert_eq!(read(&[&gzipped(&images()), &gzipped(&labels())]).expect("a pair"), plain);
    let other = read(&[&idx(&[10, 6], &(1..61).collect::<Vec<u8>>()), &labels()]).expect("a pair");
    assert_ne!(other.0.content, plain.0.content);
}

#[test]
fn test_files_are_scaled_by_the_training_files() {
    let test = idx(&[1, 2, 3], &[0; 6]);
    let (_, data) = read(&[&images(), &labels(), &test, &idx(&[1], &[5])]).expect("two pairs");
    assert_eq!(data.sizes(), Sizes::without_time((10, 1), (6, 2)));
    assert_eq!(data.test.x[[0, 0]], data.train.x[[0, 0]]);
    let unknown = problem(&[&images(), &labels(), &test, &idx(&[1], &[4])]);
    assert_eq!(unknown, ("data.test_labels", Problem::UnknownLabel { byte: 8, label: 4 }));
    let wide = problem(&[&images(), &labels(), &idx(&[1, 7], &[0; 7]), &idx(&[1], &[5])]);
    assert_eq!(wide, ("data.test_path", Problem::ImageSize { test: 7, train: 6 }));
}

#[test]
fn constant_pixels_are_zero() {
    let (_, data) = read(&[&idx(&[10, 2], &[9; 20]), &labels()]).expect("a pair");
    assert!(data.train.x.iter().all(|&x| x == 0.0));
}

#[test]
fn what_is_wrong_is_named_with_its_byte() {
    let images = images();
    let of = |bytes: &[u8]| problem(&[bytes, &labels()]).1;
    assert_eq!(of(b"\x89PNG"), Problem::Magic { first: 0x89, second: b'P' });
    assert_eq!(of(&[0, 0, 13, 3]), Problem::ElementType { code: 13, name: "32-bit floats" });
    assert_eq!(of(&labels()), Problem::Dimensions { found: 1, what: "images", expected: "2 to 4" });
    assert_eq!(of(&[0, 0]), Problem::Truncated { end: 2, promised: 4 });
    assert_eq!(of(&images[..9]), Problem::Truncated { end: 9, promised: 16 });
    assert_eq!(of(&images[..75]), Problem::Truncated { end: 75, promised: 76 });
    assert_eq!(of(&[images.as_slice(), &[0]].concat()), Problem::TooLong { promised: 76 });
    assert_eq!(of(&idx(&[10, 0, 3], &[])), Problem::EmptyDimension { byte: 8 });
    assert_eq!(of(&idx(&[u32::MAX; 4], &[])), Problem::TooLarge { limit: MOST_BYTES });
    let few = problem(&[&images, &idx(&[9], &[1; 9])]);
    assert_eq!(few, ("data.labels", Problem::Counts { labels: 9, images: 10 }));
    let one = problem(&[&images, &idx(&[10], &[7; 10])]);
    assert_eq!(one, ("data.labels", Problem::OneClass { class: "7".into() }));
    let rare = problem(&[&images, &idx(&[10], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1])]);
    assert_eq!(rare.1, Problem::NotInTraining { class: "1".into(), examples: 1, more: 0 });
    let mut damaged = gzipped(&images);
    let end = damaged.len();
    damaged[end - 6] ^= 1;
    assert!(matches!(of(&damaged), Problem::DamagedGzip { .. }));
    assert!(matches!(of(&damaged[..20]), Problem::DamagedGzip { .. }));
}

#[test]
fn a_decompression_bomb_is_read_no_further_than_its_header_promises() {
    // 64 MiB of zeros in 64 KiB, behind a header that promises 76 bytes.
    let mut bomb = images();
    bomb.resize(64 << 20, 0);
    assert_eq!(problem(&[&gzipped(&bomb), &labels()]).1, Problem::TooLong { promised: 76 });
    let claim = idx(&[2_000_000_000, 1], &[0; 100]);
    assert_eq!(problem(&[&claim, &labels()]).1, Problem::TooLarge { limit: MOST_BYTES });
}
