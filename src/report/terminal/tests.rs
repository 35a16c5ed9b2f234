//! The pictures of fabricated rows in characters.

use super::*;
use crate::report::fabricated::{gathered, grid, marked};

#[test]
fn without_colours_there_is_no_escape_and_with_them_the_same_letters() {
    let plain = terminal(&grid(), Colours::None);
    insta::assert_snapshot!(plain);
    assert!(!plain.contains('\u{1b}'));
    let coloured = terminal(&grid(), Colours::Ansi);
    assert!(coloured.contains("\u{1b}[38;2;") && coloured.contains("init_gain 0.5"));
}

#[test]
fn a_letter_stands_where_a_number_is_none() {
    for (mark, letter) in Mark::ALL.into_iter().zip(['0', 'u', 'x', 'i']) {
        let mut gathered = grid();
        let detail = gathered.cells[3].detail.as_mut().unwrap();
        detail.profile.init[1] = marked(mark);
        detail.heat.marks[0] = Some(mark);
        let text = terminal(&gathered, Colours::None);
        assert_eq!(text.matches(&format!("{letter} {}\n", mark.name())).count(), 2, "{text}");
        assert!(text.lines().any(|line| line.contains("init_gain 1.0") && line.contains(letter)), "{text}");
        assert!(text.lines().any(|line| line.trim_start().starts_with(&format!("1 {letter}"))), "{text}");
    }
}

#[test]
fn words_do_not_drive_the_terminal() {
    let mut gathered = grid();
    gathered.axes[0].name = "\u{1b}[2Jgain".into();
    assert!(!terminal(&gathered, Colours::None).contains('\u{1b}'));
}

#[test]
fn of_no_runs_nothing_is_drawn() {
    assert_eq!(terminal(&gathered(Vec::new(), Vec::new()), Colours::None), "");
}
