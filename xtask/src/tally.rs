//! What a suite came to.

use std::ops::AddAssign;

/// How many checks passed, failed, were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    pub(crate) fn passed(passed: usize) -> Tally {
        Tally { passed, ..Tally::default() }
    }

    pub(crate) fn failed(failed: usize) -> Tally {
        Tally { failed, ..Tally::default() }
    }

    pub(crate) fn check(well: bool) -> Tally {
        if well { Tally::passed(1) } else { Tally::failed(1) }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, Tally { passed, failed, skipped }: Tally) {
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}
