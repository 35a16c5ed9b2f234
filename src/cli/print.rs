//! The two streams, written so that a closed pipe (`vgrun plan | head -1`) ends the process quietly, as it does cat.

use std::io::{self, IsTerminal as _, Write as _};

/// Writes a line to standard output: what the command is asked for.
pub(super) fn out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.write_all(b"\n")
}

/// Writes a line to standard error: what accompanies it. Nobody may be listening, and that is no error.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether messages may carry colours.
pub(super) fn colour() -> bool {
    io::stderr().is_terminal() && is_colour_wanted()
}

/// Whether answers may.
pub(super) fn colour_out() -> bool {
    io::stdout().is_terminal() && is_colour_wanted()
}

fn is_colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
