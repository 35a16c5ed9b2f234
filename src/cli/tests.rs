//! The command line: examples, help, and the command lines that documents show.

use std::fs;
use std::path::Path;

use clap::{Command as ClapCommand, CommandFactory as _};

use super::*;
use crate::guide::PAGES;

/// The words of a command line, as far as a pipe, a redirection or a comment; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            ('[' | ']' | '{' | '}' | '*' | '?', None) => panic!("a shell may take {letter} for a pattern: {line}"),
            ('|' | '>' | '#' | ';' | '&', None) if word.is_none() => return words,
            (c, Some(_) | None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The examples at the end of a command's help.
fn examples(command: &ClapCommand) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    lines.map_while(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

#[test]
fn every_command_has_examples_and_takes_them() {
    let whole = Arguments::command();
    assert!(whole.get_subcommands().count() >= 16);
    for command in [&whole].into_iter().chain(whole.get_subcommands()) {
        let name = command.get_name();
        let examples = examples(command);
        assert!(!examples.is_empty(), "{name} has no Examples:");
        for example in examples {
            let words = words(&example);
            assert!(name == "vgrun" || words[1] == name, "{example:?} is no example of {name}");
            Arguments::try_parse_from(&words).unwrap_or_else(|e| panic!("{example}: {e}"));
        }
    }
}

#[test]
fn every_command_line_of_the_readme_and_the_guide_is_one() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md");
    let texts = [readme.as_str()].into_iter().chain(PAGES.iter().map(|page| page.text));
    let blocks = texts.flat_map(|text| text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()));
    let text = blocks.collect::<String>().replace("\\\n", " ");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("vgrun ")).collect();
    assert!(lines.len() > 20, "the README and the guide show how vgrun is called");
    for line in lines {
        Arguments::try_parse_from(words(line)).unwrap_or_else(|e| panic!("{line}: {e}"));
    }
}

#[test]
fn every_argument_says_what_it_is() {
    let whole = Arguments::command();
    for command in whole.get_subcommands() {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        }
    }
    whole.debug_assert();
}

#[test]
fn words_are_those_that_a_shell_would_make() {
    assert_eq!(
        words("vgrun plan a.toml --set 'x=[\"a b\"]'   # why"),
        ["vgrun", "plan", "a.toml", "--set", "x=[\"a b\"]"]
    );
    assert_eq!(words("vgrun plan a | head"), ["vgrun", "plan", "a"]);
    for pattern in ["vgrun plan a --set x=[1]", "vgrun plan *.toml", "vgrun plan a?", "vgrun plan {a,b}"] {
        std::panic::catch_unwind(|| words(pattern)).expect_err(pattern);
    }
}
