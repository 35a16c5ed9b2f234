//! The SHA-256 of a file, as `sha256sum` prints it, so that anybody can tell whether two tables are the same.
//!
//! It proves nothing against who means harm: ids and checksums of records are blake3, whose tool few machines have.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::StoreError;

/// Returns a file's SHA-256 in hexadecimal digits; none where there is no such file.
pub fn checksum(path: &Path) -> Result<Option<String>, StoreError> {
    match File::open(path).and_then(sha256) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        sum => Ok(Some(sum.map_err(StoreError::io("read", path))?)),
    }
}

fn sha256(mut bytes: impl Read) -> io::Result<String> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match bytes.read(&mut piece) {
            Ok(0) => return Ok(hash.finalize().iter().flat_map(|byte| hex_digits(*byte)).collect()),
            Ok(n) => hash.update(&piece[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn hex_digits(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 0xf].map(|digit| char::from_digit(u32::from(digit), 16).expect("below 16"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standard_and_of_an_independent_computation() {
        // NIST's examples of FIPS 180-4, and Python's: hashlib.sha256(b"a" * n).hexdigest(), around the ends of blocks.
        for (text, sum) in [
            (String::new(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc".into(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".into(),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            ("a".repeat(55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            ("a".repeat(56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            ("a".repeat(64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
            ("a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ] {
            assert_eq!(sha256(text.as_bytes()).unwrap(), sum, "{} bytes", text.len());
        }
    }

    #[test]
    fn a_file_that_is_not_there_has_no_sum_and_a_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.csv");
        assert_eq!(checksum(&path).unwrap(), None);
        std::fs::write(&path, "abc").unwrap();
        assert!(checksum(&path).unwrap().is_some_and(|sum| sum.starts_with("ba7816bf")));
        let error = checksum(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
    }
}
