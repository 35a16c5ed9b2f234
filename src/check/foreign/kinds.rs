//! Files that are no text with rows at all, told by their first bytes: what each is, and how a trace is made of it.

/// What a file is that begins with these bytes, and the remedy; none where it may be a table. `name` is the file's, for
/// commands.
pub(super) fn what_it_is(begin: &[u8], name: &str) -> Option<String> {
    let starts = |sign: &[u8]| begin.starts_with(sign);
    let has = |sign: &[u8]| begin.windows(sign.len()).any(|window| window == sign);
    let pandas = |reads: &str| {
        format!("in Python, `pandas.{reads}({name:?}).to_csv(\"trace.csv\", index=False)` makes a trace of it")
    };
    let unpack =
        |what: &str, command: &str| format!("it is {what}: unpack it first, with `{command} < FILE > trace.csv`");
    let text = begin.trim_ascii_start();
    Some(if starts(&[0x1f, 0x8b]) {
        unpack("gzipped", "gunzip")
    } else if starts(&[0x28, 0xb5, 0x2f, 0xfd]) {
        unpack("packed by zstd", "zstd -d")
    } else if starts(b"\xfd7zXZ") {
        unpack("packed by xz", "xz -d")
    } else if starts(b"BZh") {
        unpack("packed by bzip2", "bunzip2")
    } else if starts(b"PK\x03\x04") {
        format!(
            "it is a zip file, as those of Excel, NumPy and PyTorch are: save the sheet as CSV, or {}",
            pandas("read_excel")
        )
    } else if starts(&[0xd0, 0xcf, 0x11, 0xe0]) {
        format!("it is a workbook of Excel: save the sheet as CSV, or {}", pandas("read_excel"))
    } else if starts(b"PAR1") {
        format!("it is a Parquet file: {}", pandas("read_parquet"))
    } else if starts(b"ARROW1") || starts(b"FEA1") {
        format!("it is a Feather file: {}", pandas("read_feather"))
    } else if starts(b"\x89HDF") {
        format!("it is an HDF5 file: {}", pandas("read_hdf"))
    } else if starts(b"\x80\x02") || starts(b"\x80\x03") || starts(b"\x80\x04") || starts(b"\x80\x05") {
        format!("it is a pickle: if it holds a data frame, {}", pandas("read_pickle"))
    } else if starts(b"\x93NUMPY") {
        "it is an array of NumPy, without the names of its columns: write a row for each run, step and layer".to_owned()
    } else if starts(b"SQLite format 3") {
        "it is a database of SQLite: export the table with `sqlite3 -header -csv FILE \"SELECT * FROM table\"`"
            .to_owned()
    } else if has(b"brain.Event:") {
        "it is an event file of TensorBoard: write a row for each run, step and layer where the gradients are there, \
         beside the writer"
            .to_owned()
    } else if starts(&[0xff, 0xfe]) || starts(&[0xfe, 0xff]) || is_wide_text(begin) {
        "it is UTF-16 text: save it as UTF-8 (in Excel `CSV UTF-8`, in PowerShell `-Encoding utf8`), or convert it with \
         `iconv -f UTF-16 -t UTF-8 FILE > trace.csv`"
            .to_owned()
    } else if text.starts_with(b"<") {
        "it is a page of HTML or XML and no table: a download may have failed, or asked to log in".to_owned()
    } else if text.starts_with(b"{") && has(b"\"log_history\"") {
        "it is the trainer_state.json of Hugging Face's Trainer: its grad_norm is that of the whole net, before clipping. \
         A trace has a row for each layer: write one in a callback, from each layer's gradient"
            .to_owned()
    } else if text.starts_with(b"[") && has(b"[Rank ") || text.starts_with(b"[20") && has(b"step=") {
        "it is a log of DeepSpeed, which has no norms of layers: write a row for each step and layer behind \
         `engine.backward(loss)`"
            .to_owned()
    } else if has_objects_on_lines(text) {
        format!("it is JSON, an object on each line: {}", pandas("read_json").replacen("\")", "\", lines=True)", 1))
    } else if text.starts_with(b"{") || text.starts_with(b"[") {
        format!("it is JSON: {}", pandas("read_json"))
    } else if text.starts_with(b"iteration") && has(b"grad norm:") {
        "it is a log of Megatron, whose grad norm is that of the whole net: write a row for each step and layer instead"
            .to_owned()
    } else {
        return None;
    })
}

/// Whether the first line holds a whole object of JSON, and the second begins another.
fn has_objects_on_lines(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut line = || lines.next().unwrap_or_default();
    let (first, second) = (line(), line());
    first.starts_with(b"{") && first.ends_with(b"}") && second.starts_with(b"{")
}

/// Whether every other byte is 0, as in UTF-16 text of ASCII letters.
fn is_wide_text(begin: &[u8]) -> bool {
    let pairs: Vec<&[u8]> = begin.chunks_exact(2).take(16).collect();
    let wide = |zero: usize| pairs.iter().all(|pair| pair[zero] == 0 && pair[1 - zero] != 0);
    pairs.len() > 3 && (wide(0) || wide(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_named_with_what_to_do() {
        let wide: Vec<u8> = "step,layer\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (begin, words) in [
            (&[0x1f, 0x8b, 8, 0][..], &["gzipped", "gunzip"][..]),
            (b"PK\x03\x04\x14", &["zip", "read_excel(\"t.x\")"]),
            (b"PAR1\x15", &["Parquet", "read_parquet(\"t.x\")"]),
            (b"\xff\xfes\0t\0e\0p\0", &["UTF-16", "UTF-8"]),
            (&wide, &["UTF-16"]),
            (b"\n<!DOCTYPE html>", &["HTML"]),
            (b"{\"best_metric\": null, \"log_history\": []}", &["Hugging Face", "whole net"]),
            (b"{\"step\": 0}\r\n{\"step\": 1}\r\n", &["JSON", "read_json(\"t.x\", lines=True)"]),
            (b"{\"step\": {\"0\": 0}}\n", &["JSON", "read_json(\"t.x\")"]),
            (b"[{\"step\": 0}]", &["JSON", "read_json(\"t.x\")"]),
            (b"[2026-01-01 00:00:00,000] [INFO] [Rank 0] step=40, skipped=2", &["DeepSpeed"]),
            (b" iteration 10/ 100 | loss: 1 | grad norm: 0.5 |", &["Megatron"]),
            (b"\x18\0\0\0\0\0\0\0abcd\x09\0\0\0\0\0\0\x1a\x0dbrain.Event:2", &["TensorBoard"]),
        ] {
            let said = what_it_is(begin, "t.x").unwrap_or_else(|| panic!("{begin:?}"));
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        }
        for table in [&b"step,layer,grad_norm\n"[..], b"", b"\0\0\0\0\0\0\0\0\0\0", b"\"step\"\n"] {
            assert_eq!(what_it_is(table, "t.x"), None, "{table:?}");
        }
    }
}
