//! `vgrun man`: the manual, one page with a section for each command, so that a single file is all there is to install and
//! a search in it finds everything.

use std::fmt::Write as _;
use std::io;

use clap::Command;
use clap_mangen::Man;

use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::out;

/// The day of the version: the page is the same bytes whenever it is printed.
const DATE: &str = "2026-11-26";

pub(crate) fn run(whole: Command) -> Result<Exit, CliError> {
    out(page(whole)?.trim_end())?;
    Ok(Exit::Fine)
}

/// The page, as roff.
fn page(whole: Command) -> io::Result<String> {
    let every = |command: Command| command.disable_help_flag(true);
    let mut command = whole.disable_help_subcommand(true).mut_subcommands(every);
    command.build();
    let whole = Man::new(command.clone()).section("1").date(DATE).manual("User Commands");
    let mut page = text(|to| {
        whole.render_title(to)?;
        whole.render_name_section(to)?;
        whole.render_synopsis_section(to)?;
        whole.render_description_section(to)?;
        whole.render_options_section(to)
    })?;
    page += ".SH COMMANDS\n";
    for command in command.get_subcommands() {
        page += &section(command)?;
    }
    page += ".SH NOTES\n";
    page += &after_help(&command);
    page += &text(|to| whole.render_version_section(to))?;
    Ok(page)
}

/// A command's section.
fn section(command: &Command) -> io::Result<String> {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let man = Man::new(command.clone());
    let mut section = String::new();
    writeln!(section, ".SS \"{name}\"").expect("a String takes all text");
    let parts = [
        text(|to| man.render_description_section(to))?,
        text(|to| man.render_synopsis_section(to))?,
        text(|to| man.render_options_section(to))?,
    ];
    for part in parts {
        section += ".PP\n";
        section += &part.lines().filter(|line| !line.starts_with(".SH ")).fold(String::new(), |t, l| t + l + "\n");
    }
    Ok(section + &after_help(command))
}

/// What stands at the end of a command's help: examples line by line, all else as a paragraph.
fn after_help(command: &Command) -> String {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let escaped = |line: &str| format!("\\&{}\n", line.replace('\\', "\\e").replace('-', "\\-"));
    let paragraphs = help.split("\n\n").map(|paragraph| {
        let lines: String = paragraph.lines().map(escaped).collect();
        if paragraph.starts_with("Examples:") { format!(".PP\n.nf\n{lines}.fi\n") } else { format!(".PP\n{lines}") }
    });
    paragraphs.collect()
}

/// What a part of the page writes.
fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    Ok(String::from_utf8(bytes).expect("roff of UTF-8 is UTF-8"))
}
