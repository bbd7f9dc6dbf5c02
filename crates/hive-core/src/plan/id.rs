//! A plan's id: the hash of what it says, not of when or in which words.

use super::Plan;
use crate::ids::PlanId;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Hash of the MSP, the connection and, per line in id order, (line id, addition, now, next, mark,
/// live, issue codes).
pub(super) fn id_of(plan: &Plan, connection: i64) -> PlanId {
    let mut text = format!("hive plan 1\n{}\n{connection}\n", plan.msp);
    let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    for line in &plan.lines {
        let codes: BTreeSet<&str> = line.issues.iter().map(|issue| issue.code.name()).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}|{}|{}|{}|{}|{}|{}",
            line.id,
            shown(line.addition.map(|id| id.to_string())),
            shown(line.now.map(|now| now.to_string())),
            shown(line.next.map(|next| next.to_string())),
            line.mark.name(),
            line.live,
            codes.join(","),
        );
    }
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    PlanId(hex)
}
