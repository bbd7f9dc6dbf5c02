//! Progress: a bar on a terminal, plain lines elsewhere. Always on standard error.

use crate::show::tell;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::Mutex;

/// Shows how far a run is.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    step: Mutex<String>,
}

impl Progress {
    pub(crate) fn new() -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length();
            if let Ok(style) = ProgressStyle::with_template("{msg:28} {bar:32} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
            bar
        });
        Progress { bar, step: Mutex::new(String::new()) }
    }

    /// `done` of `total` in a step. Elsewhere than on a terminal a step is one line.
    pub(crate) fn at(&self, step: &str, done: u64, total: Option<u64>) {
        if let Some(bar) = &self.bar {
            bar.set_message(step.to_owned());
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
            return;
        }
        if let Ok(mut before) = self.step.lock()
            && *before != step
        {
            step.clone_into(&mut before);
            tell(&total.map_or_else(|| format!("… {step}"), |total| format!("… {step}: {total}")));
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
