//! What was found in the data files of an experiment, in a form that results folders keep: with it the plan can be made
//! again on a machine that has no such file.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::file_spec::{FileSpec, Header, Label, Separator, is_default};
use super::sizes::Sizes;
use super::source::DataSource;

/// What one look into the files of a data set found, under the words in which the config asks for them. The sizes hold
/// the number of classes (`outputs`). The moments of the inputs are not here: every record has those of its own data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFiles {
    /// How the files are read.
    pub source: DataSource,
    /// Which files, as the config names them.
    pub files: FileSpec,
    /// A hash over the files' contents, unpacked; in hexadecimal digits.
    #[serde(with = "hash")]
    pub content: blake3::Hash,
    /// The sizes of the data set.
    #[serde(deserialize_with = "possible")]
    pub sizes: Sizes,
    /// The column of answers: the last one, or its number.
    pub label: Label,
    /// What stands between the columns; `auto` for commas, which older manifests do not mention.
    #[serde(default, skip_serializing_if = "is_default")]
    pub separator: Separator,
    /// Whether the first row is a header; `auto` where the cells tell so themselves.
    pub header: Header,
}

impl KnownFiles {
    /// The first 16 hex digits of the content's hash: what messages show of it.
    pub fn short_content(&self) -> String {
        short(self.content)
    }
}

/// The first 16 hex digits of a hash.
pub(in crate::data) fn short(content: blake3::Hash) -> String {
    content.to_hex().as_str()[..16].to_string()
}

/// Sizes that the data set of a file can have: a net for it is planned without another check.
fn possible<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Sizes, D::Error> {
    // No file that is read has more bytes.
    const MOST: usize = 1 << 28;
    let sizes = Sizes::deserialize(deserializer)?;
    let Sizes { train, test, length, answers, inputs, outputs } = sizes;
    let is_possible = [train, length, answers, inputs, outputs].iter().all(|size| (1..=MOST).contains(size));
    if is_possible && test <= MOST && answers <= length {
        Ok(sizes)
    } else {
        Err(de::Error::custom(format!("no data set has {sizes:?}")))
    }
}

mod hash {
    use super::{Deserialize, Deserializer, de};
    use serde::Serializer;

    pub(super) fn serialize<S: Serializer>(hash: &blake3::Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(hash.to_hex().as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<blake3::Hash, D::Error> {
        blake3::Hash::from_hex(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::TestFraction;

    fn known() -> KnownFiles {
        let files = FileSpec { path: Some("a b.csv".into()), label: Label::Name("kind".into()), ..FileSpec::default() };
        KnownFiles {
            source: DataSource::Csv,
            files,
            content: blake3::hash(b"x"),
            sizes: Sizes::without_time((80, 20), (3, 2)),
            label: Label::Number(2.try_into().expect("positive")),
            separator: Separator::Auto,
            header: Header::Present,
        }
    }

    #[test]
    fn what_is_known_of_files_reads_back_as_it_was_written() {
        let text = serde_json::to_string(&known()).expect("text and numbers always serialize");
        assert!(text.contains("\"files\":{\"path\":\"a b.csv\",\"label\":{\"name\":\"kind\"}}"), "{text}");
        assert_eq!(serde_json::from_str::<KnownFiles>(&text).expect("it was written so"), known());
        let idx = FileSpec { labels: Some("l".into()), test_path: Some("t".into()), ..FileSpec::default() };
        let idx = KnownFiles { source: DataSource::Idx, files: idx, ..known() };
        let text = serde_json::to_string(&idx).expect("text and numbers always serialize");
        assert_eq!(serde_json::from_str::<KnownFiles>(&text).expect("it was written so"), idx);
        let share = TestFraction::new(0.25).expect("a share");
        let files = FileSpec { separator: Separator::Tab, test_fraction: share, ..FileSpec::default() };
        let tabs = KnownFiles { separator: Separator::Tab, files, ..known() };
        let text = serde_json::to_string(&tabs).expect("text and numbers always serialize");
        assert!(text.contains("{\"separator\":\"tab\",\"test_fraction\":0.25}"), "{text}");
        assert_eq!(serde_json::from_str::<KnownFiles>(&text).expect("it was written so"), tabs);
        assert!(serde_json::from_str::<KnownFiles>(&text.replace("0.25", "1.0")).is_err());
    }

    #[test]
    fn sizes_of_no_data_set_and_hashes_of_nothing_are_refused() {
        let text = serde_json::to_string(&known()).expect("text and numbers always serialize");
        for (good, bad) in [
            ("\"train\":80", "\"train\":0"),
            ("\"inputs\":3", "\"inputs\":99999999999"),
            ("\"answers\":1", "\"answers\":2"),
            ("\"content\":\"", "\"content\":\"z"),
        ] {
            assert!(text.contains(good), "{text}");
            assert!(serde_json::from_str::<KnownFiles>(&text.replace(good, bad)).is_err(), "{bad}");
        }
    }
}
