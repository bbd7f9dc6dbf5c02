//! A year, day by day: an Update every five days, and a person who answers what waits.

use super::disasters::{APART, Disaster, Kind, PLANTED};
use super::world::{BACKUP, World, at, day_of, place_of};
use hive_core::allow::{Approval, Released, Request, allow, settled_at_go_live};
use hive_core::issue::{Code, Issue, Severity};
use hive_core::plan::{self, Facts, Line, Mark, Plan, Settling};
use hive_core::{AdditionId, Decimal, LineId};
use std::collections::{BTreeMap, BTreeSet};

/// Days from one Update to the next.
const UPDATE_DAYS: i32 = 5;
const DAYS: i32 = 365;

/// What a month asked of a person.
#[derive(Default)]
pub(super) struct Month {
    /// Lines that no disaster touched.
    pub(super) lines: BTreeSet<LineId>,
    /// Those of them that were held or stopped at any Update.
    pub(super) waiting: BTreeMap<LineId, Code>,
    touched: BTreeSet<LineId>,
    pub(super) decisions: BTreeMap<Code, usize>,
    pub(super) struck: usize,
    pub(super) caught: usize,
    pub(super) written: usize,
}

pub(super) struct Year {
    world: World,
    pub(super) disasters: Vec<Disaster>,
    struck: BTreeSet<i64>,
    pub(super) months: Vec<Month>,
    /// What must not be: a value written that the truth does not ask for, or a plan that breaks a rule.
    pub(super) wrong: Vec<String>,
    /// Decisions that were asked for and are not over.
    open: BTreeSet<String>,
    /// Questions that the person could not answer, for the report.
    pub(super) puzzles: BTreeSet<String>,
    /// Every decision that no disaster asked for.
    pub(super) decided: Vec<String>,
}

/// One question: a cause of holds, or a stop and what it is about.
struct Question<'a> {
    issue: &'a Issue,
    lines: Vec<&'a Line>,
}

impl Year {
    pub(super) fn lived(seed: u64) -> Year {
        let mut year = Year {
            world: World::new(seed),
            disasters: Vec::new(),
            struck: BTreeSet::new(),
            months: (0..12).map(|_| Month::default()).collect(),
            wrong: Vec::new(),
            open: BTreeSet::new(),
            puzzles: BTreeSet::new(),
            decided: Vec::new(),
        };
        year.world.begin();
        for day in 0..DAYS {
            year.world.live(day);
            year.mend(day);
            if day >= 12 && (day - 12) % APART == 0 && year.disasters.len() < PLANTED.len() {
                let disaster = year.world.strike(year.disasters.len(), day, &mut year.struck);
                year.disasters.push(disaster);
                year.month(day).struck += 1;
            }
            if day % UPDATE_DAYS == 0 {
                year.update(day, false);
            }
        }
        for month in &mut year.months {
            let touched = std::mem::take(&mut month.touched);
            month.lines.retain(|line| !touched.contains(line));
            month.waiting.retain(|line, _| !touched.contains(line));
        }
        year
    }

    fn month(&mut self, day: i32) -> &mut Month {
        let month = usize::try_from(day_of(day).month()).expect("a month") - 1;
        &mut self.months[month]
    }

    /// What takes its time is mended when that has passed.
    fn mend(&mut self, day: i32) {
        for disaster in &mut self.disasters {
            let due = disaster.caught.is_some_and(|(caught, _)| caught + disaster.takes <= day && disaster.takes > 0);
            if due && let Some(mend) = disaster.mend.take() {
                mend(&mut self.world, day);
                disaster.mended = Some(day);
                if disaster.codes_have_gaps() {
                    // Its gap stays in the averages for a while.
                    disaster.lines.retain(|pair| pair.1 == BACKUP);
                    disaster.tail = 25;
                }
            }
        }
    }

    fn update(&mut self, day: i32, again: bool) {
        let (facts, now) = (self.world.facts(day), at(day, 3));
        let plan = plan::make(&facts, now);
        self.wrong.extend(plan::check(&plan, &facts).into_iter().map(|words| format!("{}: {words}", day_of(day))));
        for settle in &plan.settle {
            let standing = self.world.standing(settle.addition);
            if settle.why == Settling::Flipped {
                (standing.flips, standing.flip_counted) = (standing.flips + 1, true);
            } else if settle.why == Settling::SeenEqual || standing.settled.is_none() {
                standing.settled = Some(settle.value);
            }
        }
        if !again {
            self.look(day, &plan);
        }
        let request = Request { by_plan_id: day == 0, ..Request::default() };
        let allowed = allow(&plan, &facts.product_links, &self.world.approvals, &request, now);
        if day == 0 {
            self.world.live_rules = plan::looked_at(&facts);
            for (addition, value) in settled_at_go_live(&plan, &facts.standings, &allowed.going_live) {
                self.world.standing(addition).settled = Some(value);
            }
        }
        if day > 0 && !self.brake(day, &facts, &plan, &allowed.released, again) {
            return;
        }
        for released in &allowed.released {
            self.write(day, &facts, &plan, released);
        }
        if !again && self.answer(day, &plan) {
            self.update(day, true);
        }
    }

    /// Whether an Update goes on: one that moves much of the money waits for a person, who starts it when
    /// all of it is true.
    fn brake(&mut self, day: i32, facts: &Facts, plan: &Plan, released: &[Released], again: bool) -> bool {
        let additions = released.iter().map(Released::addition).collect();
        let Some(brake) = plan::brake(plan, facts, &additions) else { return true };
        let scaled = self
            .disasters
            .iter_mut()
            .find(|disaster| matches!(disaster.kind, Kind::Scaled(_)) && disaster.mended.is_none());
        let Some(disaster) = scaled else {
            if !again {
                self.decided.push(format!("{} {}", day_of(day), brake.words()));
                *self.month(day).decisions.entry(Code::UpdateBrake).or_default() += 1;
            }
            return true;
        };
        if disaster.caught.is_none() {
            disaster.caught = Some((day, Code::UpdateBrake));
            let month = self.month(day);
            month.caught += 1;
            *month.decisions.entry(Code::UpdateBrake).or_default() += 1;
        }
        false
    }

    /// The test's own little ConnectWise takes a value, if it is the true one.
    fn write(&mut self, day: i32, facts: &Facts, plan: &Plan, released: &Released) {
        let (id, to) = (released.addition(), released.to());
        let explained: Vec<LineId> =
            plan.lines.iter().filter(|line| line.addition == Some(id)).map(|line| line.id).collect();
        if explained != released.lines() || explained.is_empty() {
            self.wrong.push(format!(
                "{}: addition {id} is written for {:?}, its lines are {explained:?}",
                day_of(day),
                released.lines()
            ));
        }
        let mirror = facts.mirror.as_ref().expect("a mirror");
        let company = mirror.agreements.iter().find(|found| found.id == released.agreement()).expect("one").company.0;
        let place = place_of(explained[0].product);
        let wanted = self.world.wanted(id, company, place, day);
        if wanted != to {
            let line = plan.lines.iter().find(|line| line.addition == Some(id)).expect("a line");
            self.wrong.push(format!(
                "{}: addition {id} ({} {}) was {} and is written {to}, but {wanted} is true",
                day_of(day),
                line.account,
                line.product,
                released.from(),
            ));
        }
        let addition = self.world.addition_of(id);
        assert_eq!(addition.quantity, Some(released.from()), "it still holds what the plan saw");
        addition.quantity = Some(to);
        let standing = self.world.standing(id);
        (standing.settled, standing.pushed) = (Some(to), Some(to));
        (standing.replaced, standing.flip_counted) = (Some(released.from()), false);
        self.world.approvals.retain(|approval| approval.addition != id);
        self.month(day).written += 1;
    }

    /// Counts what waits, and sees which disasters are named.
    fn look(&mut self, day: i32, plan: &Plan) {
        let mut named = 0;
        for disaster in self.disasters.iter_mut().filter(|disaster| disaster.caught.is_none()) {
            let all = plan.lines.iter().flat_map(|line| line.issues.iter().map(move |issue| (line, issue)));
            let found = all.into_iter().find(|(line, issue)| disaster.is_named_by(line, issue));
            disaster.caught = found.map(|(_, issue)| (day, issue.code));
            named += usize::from(found.is_some());
        }
        let touched =
            |line: &&Line| self.disasters.iter().any(|disaster| disaster.lasts(day, day) && disaster.touches(line));
        let lines: BTreeSet<LineId> = plan.lines.iter().filter(touched).map(|line| line.id).collect();
        let additions: BTreeSet<AdditionId> =
            plan.lines.iter().filter(touched).filter_map(|line| line.addition).collect();
        let month = self.month(day);
        month.caught += named;
        for line in &plan.lines {
            if lines.contains(&line.id) || line.addition.is_some_and(|addition| additions.contains(&addition)) {
                month.touched.insert(line.id);
            }
            month.lines.insert(line.id);
            let worst = line.issues.iter().find(|issue| issue.severity >= Severity::Hold);
            if let (Mark::Held | Mark::Issue, Some(worst)) = (line.mark, worst) {
                month.waiting.insert(line.id, worst.code);
            }
        }
    }

    /// A person goes through what waits. Whether anything was answered that is to be written at once.
    fn answer(&mut self, day: i32, plan: &Plan) -> bool {
        let questions = questions(plan);
        self.open.retain(|decision| questions.contains_key(decision));
        let mut answered = false;
        for (decision, question) in &questions {
            answered |= self.decide(day, plan, decision, question);
        }
        answered
    }

    fn decide(&mut self, day: i32, plan: &Plan, decision: &str, question: &Question<'_>) -> bool {
        let code = question.issue.code;
        let of_disaster = self.disasters.iter_mut().find(|disaster| {
            let ours = |line: &&Line| disaster.touches(line);
            disaster.mended.is_none_or(|mended| mended == day)
                && disaster.caught.is_some()
                && question.lines.iter().any(ours)
                && (code != Code::AdditionEditedByHand || !matches!(disaster.kind, Kind::OtherWriter(_)))
                && (code != Code::AdditionPaidPeriod || matches!(disaster.kind, Kind::NoCycle))
        });
        if let Some(disaster) = of_disaster {
            if self.open.insert(decision.to_owned()) {
                *self.months[month_of(day)].decisions.entry(code).or_default() += 1;
            }
            if disaster.takes == 0
                && let Some(mend) = disaster.mend.take()
            {
                mend(&mut self.world, day);
                disaster.mended = Some(day);
                if let (Kind::Departed(_), Some(cause)) = (disaster.kind, &question.issue.cause) {
                    self.approve(day, plan, cause);
                }
                return true;
            }
            return false;
        }
        // Long cycles are looked at once, at the month's end.
        let paid = |line: &Line| {
            line.issues.iter().any(|issue| issue.code == Code::AdditionPaidPeriod && issue.severity == Severity::Hold)
        };
        if question.lines.iter().all(|line| paid(line)) && month_of(day) == month_of(day + UPDATE_DAYS) {
            return false;
        }
        let answered = match code {
            Code::AccountUnlinked => {
                self.world.link(question.lines[0].id.account.0);
                true
            }
            // What is not measured yet is waited for.
            Code::UsageGaps => false,
            _ => question.issue.cause.as_ref().is_some_and(|cause| self.approve(day, plan, cause)),
        };
        if answered || self.open.insert(decision.to_owned()) {
            self.decided.push(format!("{} {decision}: {}", day_of(day), question.issue.message));
            *self.month(day).decisions.entry(code).or_default() += 1;
        }
        if !answered {
            let line = question.lines[0];
            self.puzzles.insert(format!(
                "{} {decision}: {} {}: {}",
                day_of(day),
                line.account,
                line.product,
                question.issue.message
            ));
        }
        answered
    }

    /// Approves every change of a cause that comes to what is truly used.
    fn approve(&mut self, day: i32, plan: &Plan, cause: &str) -> bool {
        let mut any = false;
        for change in plan.changes.iter().filter(|change| change.holds.iter().any(|(_, of)| of == cause)) {
            let line = plan.line(change.lines[0]).expect("a line");
            let company = line.company.as_ref().expect("a company").id.0;
            let wanted = self.world.wanted(change.addition, company, place_of(line.id.product), day);
            // What waits for more than this is answered when all of it can be.
            let later = |(code, of): &(Code, String)| {
                of != cause && matches!(code, Code::UsageGaps | Code::UsageStale | Code::UsageFeedPartial)
            };
            if wanted == change.to && !change.holds.iter().any(later) {
                let span = (at(day, 3), at(day + 12, 3));
                self.world.approvals.push(Approval::of(change, Some(cause), Decimal::from(5), "cli:clerk", span));
                any = true;
            }
        }
        any
    }
}

fn month_of(day: i32) -> usize {
    usize::try_from(day_of(day).month()).expect("a month") - 1
}

/// What waits, by what one decision answers.
fn questions(plan: &Plan) -> BTreeMap<String, Question<'_>> {
    let mut questions: BTreeMap<String, Question<'_>> = BTreeMap::new();
    for line in &plan.lines {
        for issue in line.issues.iter().filter(|issue| issue.severity >= Severity::Hold) {
            // Its part is asked about already, and where nothing is to be written only a dead feed asks.
            let asks = matches!(line.mark, Mark::Held | Mark::Issue) || issue.code == Code::UsageStale;
            if asks && issue.code != Code::SumPartBlocked {
                let question = questions.entry(decision(line, issue)).or_insert(Question { issue, lines: Vec::new() });
                question.lines.push(line);
            }
        }
    }
    questions
}

/// A stop is answered once for the record it is about.
fn decision(line: &Line, issue: &Issue) -> String {
    if let Some(cause) = &issue.cause {
        return cause.clone();
    }
    let of = match issue.code {
        Code::ProductItemInactive
        | Code::ProductUnmapped
        | Code::UnitSuspect
        | Code::UnitUnconfirmed
        | Code::ProductDeleted => {
            format!("product {}", line.id.product)
        }
        Code::UsageStale => super::world::SOLD[place_of(line.id.product)].source.to_owned(),
        Code::AccountUnlinked => format!("account {}", line.id.account),
        // Without any addition left, what is to be mended is the company's agreement.
        _ => line.company.as_ref().map_or_else(|| line.account.clone(), |company| company.name.clone()),
    };
    format!("{}:{of}", issue.code)
}
