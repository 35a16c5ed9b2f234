//! Signals that stop a sweep between two steps.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

use super::exit::Exit;

/// Which signals have come.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    interrupt: Arc<AtomicBool>,
    scheduler: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen. A second SIGINT, SIGTERM or SIGHUP ends the process at once.
    pub(super) fn listen() -> io::Result<Self> {
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
    pub(super) fn stop(&self) -> Option<Exit> {
        if self.interrupt.load(Ordering::Relaxed) {
            Some(Exit::Interrupted)
        } else if self.scheduler.load(Ordering::Relaxed) {
            Some(Exit::StoppedByScheduler)
        } else {
            None
        }
    }
}
