//! IDX files: what is read, and what is said of those that cannot be.

use std::io::Write as _;
use std::path::PathBuf;

use flate2::{Compression, write::GzEncoder};

use super::{load, look};
use crate::data::spec::NamedFile;
use crate::data::{Answers, DataError, Dataset, Found, Problem, Sizes, TestFraction};

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
    assert_eq!(of(b"\x89\x00\x01\x02\x03"), Problem::Magic { first: 0x89, second: 0 });
    assert_eq!(of(&[0, 0, 7, 3]), Problem::ElementType { code: 7 });
    assert_eq!(of(&labels()), Problem::Dimensions { found: 1, what: "images", expected: "2 to 4" });
    assert_eq!(of(&[0, 0]), Problem::Truncated { end: 2, promised: 4 });
    assert_eq!(of(&images[..9]), Problem::Truncated { end: 9, promised: 16 });
    assert_eq!(of(&images[..75]), Problem::Truncated { end: 75, promised: 76 });
    assert_eq!(of(&[images.as_slice(), &[0]].concat()), Problem::TooLong { promised: 76, held: Some(77) });
    assert_eq!(of(&idx(&[10, 0, 3], &[])), Problem::EmptyDimension { byte: 8 });
    assert_eq!(of(&idx(&[u32::MAX; 4], &[])), Problem::Promises { promised: u64::MAX, held: 20, packed: false });
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
    assert_eq!(problem(&[&gzipped(&bomb), &labels()]).1, Problem::TooLong { promised: 76, held: None });
    let claim = idx(&[2_000_000_000, 1], &[0; 100]);
    let promises = |held, packed| Problem::Promises { promised: 2_000_000_012, held, packed };
    assert_eq!(problem(&[&claim, &labels()]).1, promises(112, false));
    let packed = gzipped(&claim);
    assert_eq!(problem(&[&packed, &labels()]).1, promises(packed.len() as u64, true));
}

/// A file of elements of another type, each with its bytes from the highest to the lowest.
fn of_type(code: u8, dimensions: &[u32], elements: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = idx(dimensions, &elements.concat());
    bytes[2] = code;
    bytes
}

#[test]
fn what_gunzip_reads_is_read_and_is_the_same_data() {
    let plain = read(&[&images(), &labels()]).expect("a pair");
    let (head, tail) = (images()[..20].to_vec(), images()[20..].to_vec());
    let padded = [gzipped(&images()), vec![0; 512]].concat();
    let in_two = [gzipped(&head), gzipped(&tail)].concat();
    let in_two_padded = [gzipped(&head), vec![0; 9000], gzipped(&tail), vec![0; 3]].concat();
    let twice = gzipped(&gzipped(&images()));
    for (packed, why) in [(padded, "padded"), (in_two, "two"), (in_two_padded, "two padded"), (twice, "twice")] {
        assert_eq!(read(&[&packed, &labels()]).expect(why), plain, "{why}");
    }
    let garbage = [gzipped(&images()), b"more".to_vec()].concat();
    assert!(matches!(problem(&[&garbage, &labels()]).1, Problem::DamagedGzip { .. }));
}

#[test]
fn sizes_with_their_bytes_in_the_other_order_are_read() {
    let plain = read(&[&images(), &labels()]).expect("a pair").1;
    let swap = |mut bytes: Vec<u8>, from: usize| {
        let end = 4 + 4 * usize::from(bytes[3]);
        bytes[from..end].chunks_exact_mut(4).for_each(<[u8]>::reverse);
        bytes
    };
    let swapped = read(&[&swap(images(), 4), &gzipped(&gzipped(&labels()))]).expect("a pair").0.notes.join("\n");
    assert!(swapped.contains("data.path has the bytes of its numbers in the other order"), "{swapped}");
    assert!(swapped.contains("data.labels is gzipped twice"), "{swapped}");
    for from in [0, 4] {
        assert_eq!(read(&[&swap(images(), from), &swap(labels(), from)]).expect("a pair").1, plain);
        assert_eq!(read(&[&gzipped(&swap(images(), from)), &labels()]).expect("a pair").1, plain);
    }
}

#[test]
fn labels_and_pixels_of_other_types_are_read_where_they_are_bytes() {
    let plain = read(&[&images(), &labels()]).expect("a pair").1;
    let classes = [3_u8, 5, 3, 5, 3, 5, 3, 5, 3, 5];
    let column = idx(&[10, 1], &classes);
    let ints: Vec<Vec<u8>> = classes.iter().map(|&c| i32::from(c).to_be_bytes().to_vec()).collect();
    let floats: Vec<Vec<u8>> = classes.iter().map(|&c| f64::from(c).to_be_bytes().to_vec()).collect();
    let mut qmnist = Vec::new();
    for (i, &class) in classes.iter().enumerate() {
        let others = (0..7).map(|j| i32::try_from(i * 1000 + j).expect("small"));
        qmnist.extend([i32::from(class)].into_iter().chain(others).map(|n| n.to_be_bytes().to_vec()));
    }
    for labels in [column, of_type(12, &[10], &ints), of_type(14, &[10], &floats), of_type(12, &[10, 8], &qmnist)] {
        assert_eq!(read(&[&images(), &labels]).expect("a pair").1, plain);
    }
    let one_hot = |class: u8| (0..8).map(move |i| i32::from(i == class).to_be_bytes().to_vec());
    let marks: Vec<Vec<u8>> = classes.iter().flat_map(|&class| one_hot(class)).collect();
    assert_eq!(problem(&[&images(), &of_type(12, &[10, 8], &marks)]).1, Problem::LabelColumns { columns: 8 });
    let shares: Vec<Vec<u8>> = (0..60_u8).map(|p| (f32::from(p) / 255.0).to_be_bytes().to_vec()).collect();
    let wholes: Vec<Vec<u8>> = (0..60_u8).map(|p| f32::from(p).to_be_bytes().to_vec()).collect();
    for pixels in [shares, wholes] {
        assert_eq!(read(&[&of_type(13, &[10, 2, 3], &pixels), &labels()]).expect("a pair").1, plain);
    }
}

#[test]
fn numbers_that_are_no_bytes_are_named() {
    let floats: Vec<Vec<u8>> = (0..60_u8).map(|p| (f32::from(p) / 7.0).to_be_bytes().to_vec()).collect();
    let found = problem(&[&of_type(13, &[10, 2, 3], &floats), &labels()]);
    assert!(matches!(&found.1, Problem::Element { byte: 20, what: "pixels", .. }), "{found:?}");
    assert!(found.1.remedy().expect("a remedy").contains("255"), "{found:?}");
    let ints: Vec<Vec<u8>> = (-1..9_i32).map(|n| n.to_be_bytes().to_vec()).collect();
    let found = problem(&[&images(), &of_type(12, &[10], &ints)]);
    assert!(matches!(&found.1, Problem::Element { byte: 8, value, .. } if value == "-1"), "{found:?}");
    let swapped = |code, bytes: fn(u8) -> Vec<u8>| of_type(code, &[10, 2, 3], &(0..60).map(bytes).collect::<Vec<_>>());
    for pixels in [
        swapped(13, |p| f32::from(p % 2).to_le_bytes().to_vec()),
        swapped(13, |p| f32::from(p).to_le_bytes().to_vec()),
        swapped(14, |p| (f64::from(p) / 255.0).to_le_bytes().to_vec()),
        swapped(11, |p| i16::from(p).to_le_bytes().to_vec()),
        swapped(12, |p| i32::from(p).to_le_bytes().to_vec()),
    ] {
        let found = problem(&[&pixels, &labels()]).1;
        assert!(matches!(found, Problem::Element { fits_in_other_order: true, .. }), "{found:?}");
    }
    assert_eq!(problem(&[&images(), &idx(&[10, 4], &[1; 40])]).1, Problem::LabelColumns { columns: 4 });
}

#[test]
fn a_file_of_another_kind_is_called_by_its_name() {
    for (bytes, name) in [
        (&b"<!DOCTYPE html>\n<html>"[..], "a web page (HTML)"),
        (b"\n  <HTML><head>", "a web page (HTML)"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"\x93NUMPY\x01\x00", "a NumPy array"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"),
        (b"x,y,class\n1,2,a\n", "text"),
    ] {
        for packed in [bytes.to_vec(), gzipped(bytes)] {
            let Problem::OtherFormat(format) = problem(&[&packed, &labels()]).1 else { panic!("{name}") };
            assert_eq!(format.name, name);
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_answered_with_the_one_of_nearly_that_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let near = |present: &[&str], wanted: &str| {
        let inside = tempfile::tempdir_in(folder.path()).expect("a folder");
        present.iter().for_each(|name| std::fs::write(inside.path().join(name), labels()).expect("a file"));
        let path = inside.path().join(wanted);
        let file = NamedFile { key: "data.path", name: format!("data/{wanted}"), path };
        match file.unpacked().map(|_| ()).expect_err("it is not there") {
            Problem::Missing => None,
            Problem::Misnamed { near } => Some(near),
            other => panic!("{other:?}"),
        }
    };
    let near = |present: &[&str], wanted| near(present, wanted).map(|near| near.replace("data/", ""));
    let all =
        ["train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"];
    for (wanted, found) in [
        ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
        ("train-labels-idx1-ubyte.gz", "train-labels.idx1-ubyte"),
        ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"),
    ] {
        assert_eq!(near(&all, wanted).as_deref(), Some(found), "{wanted}");
    }
    let both = ["train-images-idx3-ubyte.gz", "train-images.idx3-ubyte"];
    assert_eq!(near(&both, "train-images-idx3-ubyte").as_deref(), Some("train-images.idx3-ubyte"));
    assert_eq!(near(&["iris.csv"], "Iris.csv").as_deref(), Some("iris.csv"));
    assert_eq!(near(&["iris.csv"], "wine.csv"), None);
    assert_eq!(near(&[], "iris.csv"), None);
}
