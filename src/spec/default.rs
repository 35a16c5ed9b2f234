//! The default of a key as a reader would write it: that of a run which uses the key.

use std::sync::LazyLock;

use toml::Value;

use super::{KEYS, Key, RunSpec, Shown};

/// The defaults of all keys, each found by trying runs.
static DEFAULTS: LazyLock<Vec<Option<Value>>> = LazyLock::new(|| KEYS.iter().map(find).collect());

impl Key {
    /// The value that the key has where it is not given; none where that cannot be written as a value, such as a file
    /// that is not named. Where the default depends on other keys, this is that of the simplest run that uses the key,
    /// and [`Key::doc`] tells the others.
    ///
    /// # Panics
    /// If the key is not one of [`KEYS`].
    pub fn default(&self) -> Option<Value> {
        let index = KEYS.iter().position(|key| key.name == self.name).expect("a key of the table");
        DEFAULTS[index].clone()
    }
}

fn find(key: &Key) -> Option<Value> {
    let run = simplest_with(key);
    let value = match (key.show)(&run) {
        Shown::Bool(flag) => Value::Boolean(flag),
        Shown::Int(n) => Value::Integer(n.try_into().ok()?),
        Shown::Float(x) => Value::Float(x),
        Shown::Text(text) => Value::String(text),
    };
    // A text that reads back as something else is no value: "last" would be a column of that name.
    let mut read = run.clone();
    ((key.set)(&mut read, &value) && (key.same)(&read, &run)).then_some(value)
}

/// The run of an empty config, if it uses the key; else one that differs from it in a single key.
fn simplest_with(key: &Key) -> RunSpec {
    let plain = RunSpec::default();
    let flags = [Value::Boolean(true), Value::Boolean(false)];
    let names = |other: &Key| (other.names)().into_iter().map(|name| Value::String(name.into()));
    let changes = KEYS.iter().flat_map(|other| names(other).chain(flags.clone()).map(move |value| (other, value)));
    let mut runs = changes.filter_map(|(other, value)| {
        let mut run = RunSpec::default();
        (other.set)(&mut run, &value).then(|| {
            (key.reset)(&mut run);
            run
        })
    });
    if (key.used)(&plain) { plain } else { runs.find(|run| (key.used)(run)).unwrap_or(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_that_of_a_run_that_uses_the_key() {
        let default = |name: &str| super::super::key(name).default().map(|value| value.to_string());
        let some = |text: &str| Some(text.to_string());
        assert_eq!(default("model.depth"), some("10"));
        assert_eq!(default("model.activation"), some("\"relu\""));
        assert_eq!(default("model.negative_slope"), some("0.01"));
        assert_eq!(default("data.length"), some("50"));
        assert_eq!(default("data.header"), some("\"auto\""));
        assert_eq!(default("train.weight_decay"), some("0.01"));
    }

    #[test]
    fn only_what_is_nothing_by_default_has_no_default_to_write() {
        let without: Vec<&str> = KEYS.iter().filter(|key| key.default().is_none()).map(|key| key.name).collect();
        let expected = ["data.path", "data.label", "data.labels", "data.test_path", "data.test_labels", "model.widths"];
        assert_eq!(without, expected);
    }

    #[test]
    fn every_other_default_is_a_value_that_the_parser_takes_for_it() {
        for key in KEYS {
            let run = simplest_with(key);
            assert!((key.used)(&run) || key.name == "model.widths", "{}: no run of one change uses it", key.name);
            let Some(value) = key.default() else { continue };
            let mut read = run.clone();
            assert!((key.set)(&mut read, &value) && read == run, "{}: {value}", key.name);
        }
    }
}
