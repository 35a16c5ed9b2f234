//! Shows how far a sweep is, and carries signals to it, while it works.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::sweep::Control;

use crate::cli::session::signals::Signals;
use crate::cli::terminal::number::{duration, thousands};
use crate::cli::terminal::print::note;

/// How often the watcher looks at the sweep and at the signals.
const GLANCE: Duration = Duration::from_millis(50);

/// A line of progress appears this often where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// No estimate of the time left is given before this share of the work is done.
const BELIEVABLE_FROM: f64 = 0.01;

/// Runs `work` while a second thread shows its progress and hands signals on to it.
pub(crate) fn watched<T>(
    quiet: bool,
    runs: usize,
    cost: f64,
    control: &Control,
    signals: &Signals,
    work: impl FnOnce() -> T,
) -> T {
    let finished = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut view = View::new(quiet, runs, cost);
            while !finished.load(Ordering::Relaxed) {
                if signals.stop().is_some() {
                    control.stop.store(true, Ordering::Relaxed);
                }
                view.show(control);
                thread::park_timeout(GLANCE);
            }
            view.end();
        });
        // Also if `work` panics: the scope waits for the watcher.
        let _finish = Finish(&finished, watcher.thread().clone());
        work()
    })
}

/// Ends the watcher when it goes out of scope.
struct Finish<'a>(&'a AtomicBool, thread::Thread);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

/// What is shown.
struct View {
    kind: ViewKind,
    runs: usize,
    cost: f64,
    started: Instant,
}

enum ViewKind {
    /// One bar at the bottom of a terminal.
    Bar(ProgressBar),
    /// A line now and then, for logs.
    Lines {
        /// When the next one is due.
        next: Instant,
    },
    /// Nothing.
    Quiet,
}

impl View {
    fn new(quiet: bool, runs: usize, cost: f64) -> Self {
        let started = Instant::now();
        let kind = if quiet || runs == 0 {
            ViewKind::Quiet
        } else if io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:24} {percent:>3} %  {msg}");
            bar.set_style(style.expect("the template is well-formed"));
            ViewKind::Bar(bar)
        } else {
            ViewKind::Lines { next: started + LINE_EVERY }
        };
        Self { kind, runs, cost, started }
    }

    fn show(&mut self, control: &Control) {
        let share = (control.done() / self.cost.max(f64::MIN_POSITIVE)).min(1.0);
        let text = || {
            let runs = format!("{} of {} runs", thousands(control.ended() as u64), thousands(self.runs as u64));
            match time_left(share, self.started.elapsed()) {
                Some(left) => format!("{runs}, about {} left", duration(left)),
                None => runs,
            }
        };
        match &mut self.kind {
            ViewKind::Bar(bar) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 1000")]
                bar.set_position((share * 1000.0) as u64);
                bar.set_message(text());
            }
            ViewKind::Lines { next } => {
                let now = Instant::now();
                if now >= *next {
                    *next = now + LINE_EVERY;
                    note(&format!("{:.0} %: {}", 100.0 * share, text()));
                }
            }
            ViewKind::Quiet => {}
        }
    }

    fn end(&self) {
        match &self.kind {
            ViewKind::Bar(bar) => bar.finish_and_clear(),
            ViewKind::Lines { .. } | ViewKind::Quiet => {}
        }
    }
}

/// Returns the seconds left, once enough is done to tell. Work is counted by its cost, so that deep nets weigh what
/// they take.
fn time_left(share: f64, elapsed: Duration) -> Option<f64> {
    (share >= BELIEVABLE_FROM).then(|| elapsed.as_secs_f64() * (1.0 - share) / share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_the_share_that_is_done() {
        assert_eq!(time_left(0.25, Duration::from_secs(10)), Some(30.0));
        assert_eq!(time_left(0.001, Duration::from_secs(10)), None);
        assert_eq!(time_left(1.0, Duration::from_secs(10)), Some(0.0));
    }
}
