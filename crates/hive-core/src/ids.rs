//! An id is a type, so that an account can never stand where a company is meant.

use std::fmt;

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )+};
}

number_id! {
    /// A tenant of Hive: every row belongs to one.
    MspId,
    /// A customer of the MSP in Hive.
    AccountId,
    /// Something metered and sold.
    ProductId,
    /// One complete pull; grows by one with each generation of an MSP.
    MirrorId,
    /// A Sync, an Update or an undo.
    RunId,
    /// The durable record of one write before it is sent.
    IntentId,
    /// ConnectWise's company record.
    CompanyId,
    /// ConnectWise's catalog item.
    ItemId,
    /// ConnectWise's agreement.
    AgreementId,
    /// ConnectWise's addition: one line of an agreement.
    AdditionId,
}

/// The hash of a plan's content: equal plans have equal ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanId(pub String);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One account x product, opaque to callers and stable for that pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId {
    /// Whose usage.
    pub account: AccountId,
    /// Of what.
    pub product: ProductId,
}

impl LineId {
    /// Reads what [`LineId`]'s `Display` wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<LineId> {
        let (account, product) = text.strip_prefix('L')?.split_once('-')?;
        Some(LineId { account: AccountId(account.parse().ok()?), product: ProductId(product.parse().ok()?) })
    }
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{}-{}", self.account, self.product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_id_reads_back() {
        let id = LineId { account: AccountId(12), product: ProductId(3) };
        assert_eq!(LineId::parse(&id.to_string()), Some(id));
        assert_eq!(LineId::parse("12-3"), None);
        assert_eq!(LineId::parse("L12"), None);
    }
}
