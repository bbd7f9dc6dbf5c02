//! Two small pages: the agreements, and one agreement's additions with a panel to be the human and to
//! break things.
//!
//! **Owns:** their HTML.
//! **Does not own:** the controls that their forms call.
//! **Limits on purpose:** a hundred agreements a page; no style to speak of.

use std::fmt::Write;

use crate::{fault::FaultKind, list::Query, sim::Sim, world::name_of};

const AGREEMENTS_SHOWN: usize = 100;

const HEAD: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Simulated ConnectWise</title>\
<style>body{font:15px sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}td,th{text-align:left;padding:.25rem .75rem .25rem 0}\
form{margin:.5rem 0}.off{color:#888}</style>\
<script>async function send(form){const o={};for(const [k,v] of new FormData(form))if(v!=='')o[k]=/^(nth|times|every)$/.test(k)?+v:v;\
const r=await fetch('/_sim/'+form.dataset.to,{method:'POST',body:JSON.stringify(o)});const j=await r.json();\
if(j.ok)location.reload();else alert(j.message);return false}</script></head><body><h1>Simulated ConnectWise</h1>";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub(super) fn agreements(sim: &Sim, query: &Query) -> String {
    let state = sim.state();
    let today = state.clock.today();
    let wanted = query.get("q").unwrap_or("").to_lowercase();
    let mut page = String::from(HEAD);
    let [companies, items, agreements, additions] = state.world.sizes();
    let _ = write!(
        page,
        "<p>{companies} companies, {items} catalog items, {agreements} agreements, {additions} additions. \
         {} requests so far, {} writes. <a href=\"/_sim/writes\">Writes</a> <a href=\"/_sim/requests\">Requests</a> \
         <a href=\"/_sim/usage.csv?changed=10\">usage.csv</a> <a href=\"/_sim/links.csv\">links.csv</a></p>\
         <form><input name=\"q\" value=\"{}\" placeholder=\"company\"><button>Find</button></form>",
        state.requests.total,
        state.writes.len(),
        escaped(&wanted),
    );
    page.push_str(&faults_form());
    page.push_str("<table><tr><th>Id<th>Company<th>Agreement<th>Status</tr>");
    let rows = state.world.agreements.values().filter_map(|agreement| {
        let company = state.world.companies.get(&agreement.company)?;
        company.name.to_lowercase().contains(&wanted).then_some((agreement, company))
    });
    for (agreement, company) in rows.take(AGREEMENTS_SHOWN) {
        let (id, status) = (agreement.id, agreement.status(today));
        let (company, name) = (escaped(&company.name), escaped(&agreement.name));
        let _ =
            write!(page, "<tr><td>{id}<td>{company}<td><a href=\"/_sim/agreements/{id}\">{name}</a><td>{status}</tr>");
    }
    page + "</table></body></html>"
}

pub(super) fn agreement(sim: &Sim, id: i64) -> String {
    let state = sim.state();
    let mut page = String::from(HEAD);
    let Some(agreement) = state.world.agreements.get(&id) else {
        return page + "<p>No such agreement.</p></body></html>";
    };
    let company = state.world.companies.get(&agreement.company).map_or("", |company| company.name.as_str());
    let status = agreement.status(state.clock.today());
    let cycle = agreement.cycle.map_or("no billing cycle", |cycle| name_of(&state.world.cycles, cycle));
    let _ = write!(
        page,
        "<p><a href=\"/\">All agreements</a></p><h2>{}: {}</h2><p>{status}, {}</p>\
         <form data-to=\"cancel\" onsubmit=\"send(this);return false\"><input type=\"hidden\" name=\"agreement\" value=\"{id}\">\
         <button>Cancel this agreement</button></form>\
         <table><tr><th>Id<th>Product<th>Quantity<th>Cancelled<th>Changed by<th>Be the human</tr>",
        escaped(company),
        escaped(&agreement.name),
        escaped(cycle),
    );
    for addition in state.world.additions_of(id) {
        let item = state.world.items.get(&addition.item).map_or("", |item| item.description.as_str());
        let cancelled = addition.cancelled.map(|day| day.to_string()).unwrap_or_default();
        let _ = write!(
            page,
            "<tr><td>{0}<td>{1}<td>{2}<td>{3}<td>{4}<td><form data-to=\"human\" onsubmit=\"send(this);return false\">\
             <input type=\"hidden\" name=\"agreement\" value=\"{id}\"><input type=\"hidden\" name=\"addition\" value=\"{0}\">\
             <input name=\"quantity\" size=\"6\" value=\"{2}\"><input name=\"who\" size=\"6\" value=\"jdoe\"><button>Set</button>\
             <button onclick=\"this.form.dataset.to='cancel_addition'\">Cancel</button>\
             <button onclick=\"this.form.dataset.to='delete_addition'\">Delete</button></form></tr>",
            addition.id,
            escaped(item),
            addition.quantity,
            cancelled,
            escaped(&addition.stamp.by),
        );
    }
    page.push_str("</table>");
    page + &faults_form() + "</body></html>"
}

fn faults_form() -> String {
    let options: String = FaultKind::NAMES.iter().map(|name| format!("<option>{name}")).collect();
    format!(
        "<form data-to=\"fault\" onsubmit=\"send(this);return false\">Break things: <select name=\"kind\">{options}</select> \
         on <select name=\"on\"><option>any<option>get<option>patch<option>lists<option>companies<option>catalog\
         <option>agreements<option>additions<option>counts<option>addition<option>mysecurity</select> \
         value <input name=\"value\" size=\"6\"> only the <input name=\"nth\" size=\"3\" placeholder=\"Nth\"> \
         at most <input name=\"times\" size=\"3\"> times <button>Set</button></form>\
         <form data-to=\"clear\" onsubmit=\"send(this);return false\"><button>Clear all faults</button></form>"
    )
}
