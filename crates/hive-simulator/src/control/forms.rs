//! What the pages' forms do: being the human, breaking things, healing them.
//!
//! **Owns:** reading a form, its refusals in words, where the browser goes next.
//! **Does not own:** what is done (`Sim`), the pages.
//! **Limits on purpose:** no login and no token: it listens on loopback and holds nothing real.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{breaks::Break, pages};
use crate::{
    fault::{Fault, FaultKind, On},
    list::Query,
    route::Answer,
    sim::Sim,
    world::NewAddition,
};

/// Under `/_sim`: `/be/…` is a person in ConnectWise's own screens, `/break/…` breaks and heals.
pub(super) fn is_form(path: &str) -> bool {
    path.starts_with("/be/") || path.starts_with("/break/")
}

/// Who a person is who does not say.
pub(super) const WHO_USUAL: &str = "jdoe";

struct Form(Query);

impl Form {
    fn read(body: &[u8]) -> Form {
        Form(Query::parse(&String::from_utf8_lossy(body), false))
    }

    /// What was typed; None: nothing.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(str::trim)
    }

    fn id(&self, name: &str) -> Result<i64, String> {
        let text = self.text(name).ok_or(format!("The form does not say which {name}."))?;
        text.parse().map_err(|_| format!("{text} is not the id of an {name}."))
    }

    fn decimal(&self, name: &str) -> Result<Option<Decimal>, String> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("“{text}” is not a number. Type digits, such as 12 or 12.5."))
    }

    fn quantity(&self) -> Result<Decimal, String> {
        self.decimal("quantity")?.ok_or("Type a quantity.".to_owned())
    }

    fn count(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("“{text}” is not a whole number."))
    }

    fn who(&self) -> &str {
        self.text("who").unwrap_or(WHO_USUAL)
    }
}

/// Back to the page the form is on: changed, or with the words that say why not.
pub(super) fn answer(sim: &Sim, path: &str, body: &[u8]) -> Answer {
    let form = Form::read(body);
    let agreement = form.id("agreement").ok();
    let done = match path.split_once("/be/") {
        Some((_, verb)) => be(sim, verb, &form),
        None => broken(sim, path.strip_prefix("/break/").unwrap_or(path), &form),
    };
    match (done, agreement) {
        (Ok(()), Some(id)) => see(&format!("/_sim/agreements/{id}?who={}", encoded(form.who()))),
        (Ok(()), None) => see("/"),
        (Err(words), Some(id)) => {
            let seen = pages::Seen { who: form.who().to_owned(), refused: Some(words) };
            pages::agreement(sim, id, &seen).with_status(400)
        }
        (Err(words), None) => pages::refused(&words),
    }
}

fn see(path: &str) -> Answer {
    let mut answer = Answer::html(303, "");
    answer.headers.push(("location", path.to_owned()));
    answer
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A person changes something in ConnectWise's own screens.
fn be(sim: &Sim, verb: &str, form: &Form) -> Result<(), String> {
    let (agreement, who) = (form.id("agreement")?, form.who());
    let there = match verb {
        "set" => sim.human_edit(agreement, form.id("addition")?, form.quantity()?, who),
        "cancel" => {
            let today = sim.state().clock.today();
            cancelled(sim, agreement, form, Some(today))?
        }
        "restore" => cancelled(sim, agreement, form, None)?,
        "delete" => sim.delete_addition(agreement, form.id("addition")?),
        "add" => return add(sim, agreement, form),
        "cancel_agreement" => sim.cancel_agreement(agreement),
        other => return Err(format!("{other} is nothing a person does here.")),
    };
    if there { Ok(()) } else { Err("It is not there any more.".to_owned()) }
}

fn cancelled(sim: &Sim, agreement: i64, form: &Form, date: Option<Date>) -> Result<bool, String> {
    Ok(sim.change(agreement, form.id("addition")?, form.who(), |found| found.cancelled = date))
}

fn add(sim: &Sim, agreement: i64, form: &Form) -> Result<(), String> {
    let (quantity, unit_price) = (form.quantity()?, form.decimal("price")?);
    let words = form.text("item").ok_or("Type a catalog item: its identifier or its id.")?;
    let mut state = sim.state();
    if !state.world.agreements.contains_key(&agreement) {
        return Err("The agreement is not there any more.".to_owned());
    }
    let id = words.parse::<i64>().ok();
    let is_meant = |item: &&crate::world::Item| Some(item.id) == id || item.identifier.eq_ignore_ascii_case(words);
    let item = state.world.items.values().find(is_meant).map(|item| item.id);
    let item = item.ok_or(format!("No catalog item has the identifier or the id “{words}”."))?;
    let stamp = state.stamp(form.who());
    let new = NewAddition { agreement, item, quantity, unit_price, ..NewAddition::default() };
    let addition = state.world.addition(new);
    if let Some(added) = state.world.addition_of_mut(agreement, addition) {
        added.stamp = stamp;
    }
    Ok(())
}

fn broken(sim: &Sim, verb: &str, form: &Form) -> Result<(), String> {
    match verb {
        "set" => {
            let name = form.text("what").ok_or("Say what shall break.")?;
            let what = Break::named(name).ok_or(format!("{name} is nothing that breaks here."))?;
            what.set(sim, form.count("times")?);
        }
        "fault" => {
            let (kind, on) = (form.text("kind").unwrap_or_default(), form.text("on").unwrap_or("any"));
            let kind = FaultKind::parse(kind, form.text("value")).ok_or(format!("{kind} is not a fault."))?;
            let on = On::parse(on).ok_or(format!("{on} is not a group of requests."))?;
            let (nth, times) = (form.count("nth")?, form.count("times")?);
            sim.fault(Fault { nth, times, ..Fault::new(kind, on) });
        }
        "heal" => sim.heal(),
        other => return Err(format!("{other} is not a way to break things.")),
    }
    Ok(())
}
