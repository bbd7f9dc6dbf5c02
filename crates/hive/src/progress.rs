//! Progress: what a run is at. At the command line a bar on a terminal, plain lines elsewhere, always
//! on standard error; and everywhere the value that is stored for whoever looks at the run.

use crate::house::Place;
use crate::show::tell;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shows how far a run is.
pub(crate) struct Progress {
    /// A person sits at the process that runs.
    aloud: bool,
    bar: Option<ProgressBar>,
    latest: Mutex<Latest>,
}

/// A step, and how far in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) step: String,
    pub(crate) done: u64,
    pub(crate) total: Option<u64>,
}

#[derive(Default)]
struct Latest {
    at: Step,
    moved: bool,
}

impl Progress {
    pub(crate) fn new(place: &Place) -> Progress {
        let aloud = matches!(place, Place::Terminal);
        let bar = (aloud && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::no_length();
            if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:32} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
            bar
        });
        Progress { aloud, bar, latest: Mutex::default() }
    }

    /// `done` of `total` in a step. Elsewhere than on a terminal a step is one line.
    pub(crate) fn at(&self, step: &str, done: u64, total: Option<u64>) {
        let next = {
            let mut latest = self.latest();
            let next = latest.at.step != step;
            latest.at = Step { step: step.to_owned(), done, total };
            latest.moved = true;
            next
        };
        if let Some(bar) = &self.bar {
            bar.set_message(step.to_owned());
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
        } else if next {
            self.say(&total.map_or_else(|| format!("… {step}"), |total| format!("… {step}: {total}")));
        }
    }

    /// Where it is, if it moved since this was last asked.
    pub(crate) fn moved(&self) -> Option<Step> {
        let mut latest = self.latest();
        std::mem::take(&mut latest.moved).then(|| latest.at.clone())
    }

    /// Something worth knowing meanwhile: to the person at the command line, else to the log.
    pub(crate) fn say(&self, words: &str) {
        if self.aloud {
            tell(words);
        } else {
            tracing::info!("{words}");
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_told_once_and_then_as_it_stands_last() {
        let (_stop, stop) = tokio::sync::watch::channel(false);
        let progress = Progress::new(&Place::Server(stop));
        assert_eq!(progress.moved(), None, "nothing to tell yet");
        progress.at("companies", 1, Some(3));
        progress.at("companies", 2, Some(3));
        let at = Step { step: "companies".into(), done: 2, total: Some(3) };
        assert_eq!(progress.moved(), Some(at));
        assert_eq!(progress.moved(), None, "it has not moved since");
    }
}
