//! What proves a number, for people: its rule, what was sent, what was pushed before.

use hive_desk::view::{ExplainedView, RunOfLineView};

/// Under the steps of an explanation.
pub(crate) fn words(view: &ExplainedView<'_>) -> String {
    let mut text = String::new();
    if let Some(rule) = &view.rule {
        let set = match (&rule.since, rule.who) {
            (Some(since), Some(who)) => format!(", set last by {who} at {since}"),
            _ => String::new(),
        };
        text.push_str(&format!("  rule    version {}{set}\n          {}\n", rule.version, rule.rule));
    }
    if let Some(run) = &view.run {
        text.push_str(&of_run(run));
    }
    for one in &view.pushed {
        let outcome = one.outcome.unwrap_or("not known yet").replace('_', " ");
        let approved = one.approved_by.map_or(String::new(), |who| format!(", approved by {who}"));
        text.push_str(&format!(
            "  pushed  {}: {} -> {}, {outcome} (run {}, by {}{approved})\n",
            one.at, one.from, one.to, one.run, one.who
        ));
    }
    text
}

fn of_run(run: &RunOfLineView<'_>) -> String {
    let mut text = format!("  run     {} {} by {} at {}", run.kind, run.run, run.who, run.started_at);
    if let (Some(ended), Some(made)) = (&run.ended_at, &run.plan_made_at)
        && ended < made
    {
        text.push_str(&format!("; a plan with the same numbers was made at {made}, these words are its"));
    }
    text.push('\n');
    let outcome = run.outcome.unwrap_or("no outcome").replace('_', " ");
    let found = run.found.as_ref().map_or(String::new(), |found| format!(", found {found}"));
    let message = run.message.map_or(String::new(), |message| format!(": {message}"));
    text.push_str(&format!("  outcome {outcome}{found}{message}\n"));
    for sent in &run.sent {
        let approved = sent.approved_by.map_or(String::new(), |who| format!(", approved by {who}"));
        let undone = sent.undone_by.as_ref().map_or(String::new(), |run| format!(", undone by run {run}"));
        text.push_str(&format!(
            "  sent    {}: {} -> {} by {}{approved}{undone}\n",
            sent.at, sent.from, sent.to, sent.who
        ));
        for answer in &sent.answers {
            let found = answer.found.as_ref().map_or(String::new(), |found| format!(", found {found}"));
            let by = answer.found_by.map_or(String::new(), |who| format!(" set by {who}"));
            let message = answer.message.map_or(String::new(), |message| format!(": {message}"));
            let outcome = answer.outcome.replace('_', " ");
            text.push_str(&format!("  answer  {} in run {}: {outcome}{found}{by}{message}\n", answer.at, answer.run));
        }
    }
    text
}
