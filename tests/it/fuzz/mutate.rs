//! Inputs that are nearly right: bytes, words and lines of good ones, changed, moved, left out and put together anew.

use super::random::Random;

/// No input is longer: what grows without end says nothing new.
const LONGEST: usize = 1 << 16;

/// Numbers at which arithmetic ends.
const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "255",
    "256",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "-9223372036854775808",
    "1e308",
    "-1e-320",
    "1e999",
    "nan",
    "inf",
    "0.1",
];

/// Bytes at which readers change their mind.
const BYTES: [u8; 16] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\'', b'\n', b'\r', b',', b'=', b'[', b']', b'{', b'\\', 0x1b];

/// An input of some others, with a few changes.
pub(super) fn mutate(random: &mut Random, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut bytes = random.of(corpus).clone();
    for _ in 0..=random.below(5) {
        change(random, &mut bytes, corpus, words);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str]) {
    let at = random.below(bytes.len() + 1);
    match random.below(14) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = *random.of(&BYTES),
        2 => bytes.truncate(at),
        3 => {
            let end = (at + random.below(32)).min(bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            let end = (at + random.below(64)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        5 => insert(bytes, at, random.of(words).as_bytes()),
        6 => {
            let word = word_at(bytes, at);
            bytes.splice(word, random.of(words).bytes());
        }
        7 => {
            let word = word_at(bytes, at);
            bytes.splice(word, random.of(&NUMBERS).bytes());
        }
        8 => {
            // Something of another input.
            let other = random.of(corpus);
            let from = random.below(other.len() + 1);
            let end = (from + random.below(256)).min(other.len());
            bytes.splice(at..at, other[from..end].iter().copied());
        }
        9 => {
            let other = random.of(corpus);
            bytes.truncate(at);
            bytes.extend(&other[at.min(other.len())..]);
        }
        10 => {
            let line = line_at(bytes, at);
            bytes.drain(line);
        }
        11 => {
            let line = line_at(bytes, at);
            let line = bytes[line].to_vec();
            let to = line_at(bytes, random.below(bytes.len() + 1)).start;
            insert(bytes, to, &line);
        }
        12 => {
            let piece = if random.once_in(2) { vec![*random.of(&BYTES)] } else { random.of(words).as_bytes().to_vec() };
            insert(bytes, at, &piece.repeat(1 << random.below(11)));
        }
        _ => insert(bytes, at, &[*random.of(&BYTES)]),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

/// The letters, digits and points around a place.
fn word_at(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'+');
    let start = bytes[..at].iter().rposition(|byte| !is_part(byte)).map_or(0, |i| i + 1);
    let end = bytes[at..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |i| at + i);
    start..end
}

/// The line of a place, with its end.
fn line_at(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |i| i + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |i| at + i + 1);
    start..end
}
