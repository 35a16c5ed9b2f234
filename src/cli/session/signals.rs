//! Signals that stop a sweep between two steps, and one that must not end the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
use signal_hook::flag;

use crate::cli::terminal::exit::Exit;

/// Lets a write beyond the limit of a file's size (`ulimit -f`) fail, so that it is reported. By default the signal
/// that comes with it kills the process without a word.
pub(crate) fn survive_the_file_limit() -> io::Result<()> {
    // Nobody reads the flag: a signal with a handler no longer kills, and the write returns its error.
    flag::register(SIGXFSZ, Arc::default()).map(|_| ())
}

/// Which signals have come.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    interrupt: Arc<AtomicBool>,
    scheduler: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen. A second SIGINT, SIGTERM or SIGHUP ends the process at once.
    pub(crate) fn listen() -> io::Result<Self> {
        let signals = Self { interrupt: Arc::default(), scheduler: Arc::default() };
        // SIGHUP: the terminal was closed.
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // The order matters: this one looks at the flag before the next one sets it.
            flag::register_conditional_shutdown(
                signal,
                Exit::Interrupted.code().into(),
                Arc::clone(&signals.interrupt),
            )?;
            flag::register(signal, Arc::clone(&signals.interrupt))?;
        }
        flag::register(SIGUSR1, Arc::clone(&signals.scheduler))?;
        Ok(signals)
    }

    /// How the process is to end, if a signal has come.
    pub(crate) fn stop(&self) -> Option<Exit> {
        if self.interrupt.load(Ordering::Relaxed) {
            Some(Exit::Interrupted)
        } else if self.scheduler.load(Ordering::Relaxed) {
            Some(Exit::StoppedByScheduler)
        } else {
            None
        }
    }
}
