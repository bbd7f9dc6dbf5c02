//! Why a line is not pushed, or needs a look: a code, a severity, words and what to do.

use std::fmt;

/// How much an issue weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Does not stop a push.
    Note,
    /// Pushed only on approval.
    Hold,
    /// Not pushed.
    Stop,
}

impl Severity {
    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Hold => "hold",
            Severity::Stop => "stop",
        }
    }

    /// Reads [`Severity::name`].
    pub fn parse(text: &str) -> Option<Severity> {
        [Severity::Note, Severity::Hold, Severity::Stop].into_iter().find(|s| s.name() == text)
    }
}

macro_rules! codes {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The code of an issue: stable, for scripts and for the help pages.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $name] $variant),+ }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),+];

            /// The full name, for example `usage.missing`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),+ }
            }
        }
    };
}

codes! {
    SyncNever = "sync.never",
    SyncStale = "sync.stale",
    AccountUnlinked = "account.unlinked",
    AccountCompanyInactive = "account.company_inactive",
    AccountDeleted = "account.deleted",
    AccountDuplicateName = "account.duplicate_name",
    ProductUnmapped = "product.unmapped",
    ProductItemInactive = "product.item_inactive",
    ProductBundleClass = "product.bundle_class",
    ProductDeleted = "product.deleted",
    AgreementNone = "agreement.none",
    AgreementNoneActive = "agreement.none_active",
    AgreementNotMatchingRule = "agreement.not_matching_rule",
    AgreementAmbiguous = "agreement.ambiguous",
    AgreementWaitsInvoice = "agreement.waits_invoice",
    AdditionNone = "addition.none",
    AdditionAmbiguous = "addition.ambiguous",
    AdditionCancelled = "addition.cancelled",
    AdditionFuture = "addition.future",
    AdditionSuccessor = "addition.successor",
    AdditionNotBillable = "addition.not_billable",
    AdditionUnreadable = "addition.unreadable",
    AdditionEditedByHand = "addition.edited_by_hand",
    AdditionOtherWriter = "addition.other_writer",
    AdditionUndone = "addition.undone",
    AdditionPaidPeriod = "addition.paid_period",
    AdditionToCreate = "addition.to_create",
    UsageMissing = "usage.missing",
    UsageStale = "usage.stale",
    UsageGone = "usage.gone",
    UsageFeedPartial = "usage.feed_partial",
    UsageTwoSources = "usage.two_sources",
    UsageGaps = "usage.gaps",
    UsageNotCounted = "usage.not_counted",
    UsageDrop = "usage.drop",
    UsageSpike = "usage.spike",
    UsageZero = "usage.zero",
    QuotaMissing = "quota.missing",
    QuotaExceeded = "quota.exceeded",
    UnitUnconfirmed = "unit.unconfirmed",
    UnitMismatch = "unit.mismatch",
    UnitSuspect = "unit.suspect",
    QuantityFraction = "quantity.fraction_of_countable",
    QuantityBelowIncluded = "quantity.below_included",
    QuantityBelowMinimum = "quantity.below_minimum",
    QuantityOverflow = "quantity.overflow",
    SumPartBlocked = "sum.part_blocked",
    RuleConflict = "rule.conflict",
    IncludedTwice = "included.twice",
    LinkNotLive = "link.not_live",
    PriceZero = "price.zero",
    WriteFailed = "write.failed",
    UpdateDisabled = "update.disabled",
    QuantityDeadBand = "quantity.dead_band",
    UpdateBrake = "update.brake",
    QuantityAdjusted = "quantity.adjusted",
    ExclusionEnded = "exclusion.ended",
}

impl Code {
    /// Reads [`Code::name`].
    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing to know about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    pub code: Code,
    pub severity: Severity,
    /// For a hold: what one decision answers. Lines with one cause share it.
    pub cause: Option<String>,
    /// What happened, to which records, and what to do next.
    pub message: String,
}

impl Issue {
    /// Does not stop a push.
    pub fn note(code: Code, message: impl Into<String>) -> Issue {
        Issue { code, severity: Severity::Note, cause: None, message: message.into() }
    }

    /// Waits for a person; `cause` names the one decision.
    pub fn hold(code: Code, cause: impl fmt::Display, message: impl Into<String>) -> Issue {
        let cause = Some(format!("{code}:{cause}"));
        Issue { code, severity: Severity::Hold, cause, message: message.into() }
    }

    /// Not pushed.
    pub fn stop(code: Code, message: impl Into<String>) -> Issue {
        Issue { code, severity: Severity::Stop, cause: None, message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_are_unique() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.name()), Some(*code));
        }
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
