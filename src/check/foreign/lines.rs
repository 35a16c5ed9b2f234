//! The lines of a file on which its rows begin, and whether its last line is finished. The csv crate counts lines too, but
//! takes a carriage return for an end by itself, and leaves blank lines out.

use std::collections::VecDeque;
use std::io::{self, Read};

/// What is read from `from`, with the lines that are not blank.
#[derive(Debug)]
pub(super) struct Lines<R> {
    from: R,
    /// Bytes so far, and line ends.
    bytes: u64,
    ends: u64,
    last: Option<u8>,
    is_at_end: bool,
    /// The first byte of each line that is not empty, with the line's number from 1. Those before the current row are
    /// forgotten.
    begins: VecDeque<(u64, u64)>,
}

impl<R> Lines<R> {
    /// Nothing was read yet.
    pub(super) fn new(from: R) -> Self {
        Self { from, bytes: 0, ends: 0, last: None, is_at_end: false, begins: VecDeque::new() }
    }

    /// The line on which the row begins that is at a byte, or behind the line ends there.
    pub(super) fn line_at(&mut self, byte: u64) -> u64 {
        while self.begins.front().is_some_and(|(begin, _)| *begin < byte) {
            self.begins.pop_front();
        }
        self.begins.front().map_or(self.ends + 1, |(_, line)| *line)
    }

    /// Whether everything was read, up to this byte, and does not end with the end of a line.
    pub(super) fn is_unfinished(&self, byte: u64) -> bool {
        self.is_at_end && byte == self.bytes && self.last.is_some_and(|last| !matches!(last, b'\n' | b'\r'))
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.is_at_end = read == 0 && !buffer.is_empty();
        let mut last = self.last;
        for &byte in &buffer[..read] {
            match (last, byte) {
                // The second half of an end that was counted.
                (Some(b'\r'), b'\n') => {}
                (_, b'\n' | b'\r') => self.ends += 1,
                (None | Some(b'\n' | b'\r'), _) => self.begins.push_back((self.bytes, self.ends + 1)),
                (Some(_), _) => {}
            }
            last = Some(byte);
            self.bytes += 1;
        }
        self.last = last;
        Ok(read)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_an_editor_whatever_ends_them_and_however_they_are_read() {
        for (text, byte, line) in [
            ("a\nb\nc", 4, 3),
            ("a\r\nb\r\nc", 5, 3),
            // The csv crate has read no further than the carriage return.
            ("a\r\nb\r\nc", 2, 2),
            ("a\rb\rc", 4, 3),
            ("\n\na\n\r\n\rb", 0, 3),
            ("\n\na\n\r\n\rb", 4, 6),
            ("", 0, 1),
        ] {
            for most in [1, 2, 3, 64] {
                let mut lines = Lines::new(text.as_bytes());
                let mut buffer = vec![0; most];
                while lines.read(&mut buffer).unwrap() > 0 {}
                assert_eq!(lines.line_at(byte), line, "{text:?}, {byte}");
                assert_eq!(lines.is_unfinished(text.len() as u64), !text.is_empty(), "{text:?}");
            }
        }
    }
}
