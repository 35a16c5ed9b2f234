//! One error of the parser, in plain words.

use std::sync::Arc;

use toml::de::Error;

use super::given_twice::{below_a_value, given_twice};
use crate::config::diagnose::Diagnostic;
use crate::config::spelling::alike::plain_text;
use crate::config::spelling::number::plain_numbers;
use crate::config::spelling::shown;
use crate::config::text::{Place, Source};

/// Whether an error only says that a string stands there without quotes. The parser takes a word that begins like
/// `true`, `false`, `inf` or `nan` for a slip of that: `tanh`, `full`, `inv_sqrt_depth`, `none`.
pub(in crate::config) fn is_missing_quotes(error: &Error) -> bool {
    const WORDS: [&str; 4] = [
        "string values must be quoted",
        "invalid boolean",
        "invalid float, expected `inf`",
        "invalid float, expected `nan`",
    ];
    WORDS.iter().any(|message| error.message().starts_with(message))
}

/// Whether what follows the error's line is read as if the error were not there.
pub(super) fn is_local(error: &Error) -> bool {
    const LOCAL: [&str; 7] = [
        "invalid basic string",
        "invalid literal string",
        "missing comma",
        "extra comma",
        "unexpected leading zero",
        "duplicate key",
        "extra `=`",
    ];
    is_missing_quotes(error) || LOCAL.iter().any(|message| error.message().starts_with(message))
}

/// One error of the parser; its text begins at `offset` of the source's.
pub(in crate::config) fn diagnostic(source: &Arc<Source>, offset: usize, error: &Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let place = Place::new(source, span.start + offset..span.end + offset);
    let (message, label) = match error.message().split_once(", expected ") {
        Some((message, expected)) if expected != "nothing" => (message, format!("expected {expected}")),
        _ => (error.message().trim_end_matches(", expected nothing"), String::new()),
    };
    let given = place.text().to_string();
    if is_missing_quotes(error) {
        let error = Diagnostic::error(format!("{} is not a value of TOML", shown(&given))).at(&place, "");
        return match given.to_lowercase().as_str() {
            truth @ ("true" | "false" | "inf" | "nan") => error.help(format!("write {truth}, in lower case")),
            "yes" | "on" | "no" | "off" => error.help("the truth values are true and false"),
            // A number that its key takes has been repaired before.
            _ if !plain_numbers(&given).is_empty() => error,
            _ => error.help(format!("a string needs quotes: \"{}\"", shown(&plain_text(&given).unwrap_or(given)))),
        };
    }
    if message.starts_with("cannot extend value")
        && let Some(error) = below_a_value(&place.with_path())
    {
        return error;
    }
    match message {
        "duplicate key" => given_twice(&place.with_path()),
        "unclosed array" => Diagnostic::error("this list is never closed").at(&place, label),
        "unclosed inline table" => Diagnostic::error("this table is never closed").at(&place, label),
        "extra `=`" => Diagnostic::error(message).at(&place, "expected a value"),
        _ if message.starts_with("invalid") && message.ends_with("string") && given.is_empty() => {
            Diagnostic::error("this string is never closed").at(&place, label)
        }
        _ => Diagnostic::error(message).at(&place, label),
    }
}
