//! The SHA-256 of a file (FIPS 180-4), as `sha256sum` prints it, so that anybody can tell whether two tables are the same.
//!
//! It proves nothing against who means harm: ids and checksums of records are blake3, whose tool few machines have.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use super::error::StoreError;

/// Bytes that are mixed in at a time.
const BLOCK: usize = 64;

/// The first 32 bits of what the square roots of the first 8 primes have behind the point.
#[rustfmt::skip]
const START: [u32; 8] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
];

/// The first 32 bits of what the cube roots of the first 64 primes have behind the point.
#[rustfmt::skip]
const ROUNDS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// Returns a file's SHA-256 in hexadecimal digits; none where there is no such file.
pub fn checksum(path: &Path) -> Result<Option<String>, StoreError> {
    match File::open(path).and_then(sha256) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        sum => Ok(Some(sum.map_err(StoreError::io("read", path))?)),
    }
}

fn sha256(bytes: impl Read) -> io::Result<String> {
    let mut bytes = BufReader::with_capacity(1 << 16, bytes);
    let (mut state, mut length, mut block) = (START, 0_u64, Vec::with_capacity(2 * BLOCK));
    loop {
        block.clear();
        length += bytes.by_ref().take(BLOCK as u64).read_to_end(&mut block)? as u64;
        if block.len() < BLOCK {
            break;
        }
        mix(&mut state, &block);
    }
    // What is left, a bit that is 1, zeros, and the number of bits fill one block or two.
    block.push(0x80);
    while block.len() % BLOCK != BLOCK - size_of::<u64>() {
        block.push(0);
    }
    block.extend((8 * length).to_be_bytes());
    block.chunks(BLOCK).for_each(|block| mix(&mut state, block));
    Ok(state.map(|word| format!("{word:08x}")).concat())
}

/// Mixes a block into the state; the names are those of section 6.2.2 of the standard.
fn mix(state: &mut [u32; 8], block: &[u8]) {
    let mut w = [0_u32; ROUNDS.len()];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes(bytes.try_into().expect("chunks of four"));
    }
    for t in 16..w.len() {
        let (x, y) = (w[t - 15], w[t - 2]);
        let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
        let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (k, w) in ROUNDS.into_iter().zip(w) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = h.wrapping_add(s1).wrapping_add((e & f) ^ (!e & g)).wrapping_add(k).wrapping_add(w);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (word, added) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(added);
    }
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
