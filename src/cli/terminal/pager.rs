//! Long texts, through the reader's pager where somebody sits at a terminal.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use signal_hook::consts::SIGINT;
use signal_hook::flag;

use crate::cli::terminal::print::out;

/// The pager of those who name none in `PAGER`.
const PAGER: &str = "less -R";

/// Shows a text of ours: through the pager if standard output is a terminal and a pager is there, else as it is.
pub(crate) fn show(text: &str) -> io::Result<()> {
    if !io::stdout().is_terminal() {
        return out(text);
    }
    let Some(mut pager) = start() else { return out(text) };
    // Ctrl-C is for the pager: if vgrun ended first, the pager and the shell would both read the keyboard.
    flag::register(SIGINT, Arc::default())?;
    if let Some(mut pipe) = pager.stdin.take() {
        // Whoever has seen enough closes the pager before it has read everything.
        let _ = pipe.write_all(text.as_bytes()).and_then(|()| pipe.write_all(b"\n"));
    }
    pager.wait().map(|_| ())
}

/// Starts the pager; none where it is not installed.
fn start() -> Option<Child> {
    let wanted = env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let wanted = wanted.unwrap_or_else(|| PAGER.to_owned());
    let mut words = wanted.split_whitespace();
    Command::new(words.next()?).args(words).stdin(Stdio::piped()).spawn().ok()
}
