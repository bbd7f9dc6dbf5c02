//! An addition that ends, and the one that goes on for it: how prices and terms are changed in ConnectWise.

use super::index::Index;
use super::narrow::Narrow;
use crate::ids::{CompanyId, ItemId};
use crate::mirror::{Addition, Agreement};

/// The additions of the item that follow `ended` in the company: of those that take effect after its last
/// day, the first; several where several begin on that day.
pub(super) fn successors<'a>(
    index: &Index<'a>,
    of: (CompanyId, ItemId),
    narrow: &Narrow,
    ended: &Addition,
) -> Vec<(&'a Agreement, &'a Addition)> {
    let Some(last) = ended.cancelled else { return Vec::new() };
    let all = index.additions_of.get(&of).map_or(&[][..], Vec::as_slice);
    let mut next: Vec<(&Agreement, &Addition)> = Vec::new();
    for addition in all.iter().filter(|addition| addition.id != ended.id) {
        let (Some(from), Some(agreement)) = (addition.effective, index.agreements.get(&addition.agreement)) else {
            continue;
        };
        let bills = from > last && addition.rejected_on(from).is_none() && narrow.rejects(agreement, from).is_none();
        let known = next.first().and_then(|(_, known)| known.effective);
        if !bills || known.is_some_and(|known| from > known) {
            continue;
        }
        if known.is_some_and(|known| from < known) {
            next.clear();
        }
        next.push((agreement, addition));
    }
    next
}

/// The additions that `follower` goes on for: they end before it takes effect, and not before today.
pub(super) fn predecessors<'a>(index: &Index<'a>, of: (CompanyId, ItemId), follower: &Addition) -> Vec<&'a Addition> {
    let all = index.additions_of.get(&of).map_or(&[][..], Vec::as_slice);
    let Some(from) = follower.effective.filter(|from| *from > index.today) else { return Vec::new() };
    let ends = |addition: &&&Addition| addition.cancelled.is_some_and(|last| last < from && last >= index.today);
    all.iter().filter(|addition| addition.id != follower.id).filter(ends).copied().collect()
}
