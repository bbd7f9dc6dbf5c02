//! Which agreements count: what a rule would do company by company, the rule that pins suggest, and many
//! pins at once.

use super::super::shown::maybe;
use super::{Change, Typed};
use crate::part::{self, Column, Kind, Table};
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::{Path, State};
use hive_core::LineId;
use hive_core::settings::Key;
use hive_core::usage::Product;
use hive_desk::{Look, RuleTrial, Said};
use maud::{Markup, html};
use std::sync::Arc;

/// Companies of a trial that the page lists; those with another outcome come first.
const COMPANIES_MAX: usize = 50;

/// What the settings that choose agreements would do; nothing where none of them is changed.
pub(super) async fn trial(web: &Web, visitor: &Visitor, look: &Arc<Look>, changes: &[Change]) -> Result<Markup, Fault> {
    let of_agreements = |change: &&Change| matches!(change.0, Key::AgreementRule | Key::Agreement | Key::TargetDate);
    let changes: Vec<Change> = changes.iter().filter(of_agreements).cloned().collect();
    if changes.is_empty() {
        return Ok(html! {});
    }
    let trial = web.desk.try_rule(look, &changes).await?;
    Ok(tried(visitor, &trial))
}

fn tried(visitor: &Visitor, trial: &RuleTrial) -> Markup {
    let columns = [Column::new("Company"), Column::new("Agreements that count"), Column::new("Left out, and why")];
    let shown = &trial.companies[..trial.companies.len().min(COMPANIES_MAX)];
    let rows = html! {
        @for company in shown {
            tr {
                th scope="row" { (part::name(&company.name)) " " small { (company.id) } @if company.moves { " " (part::pill(Kind::Info, "changes")) } }
                td {
                    @if company.admits.is_empty() { (part::pill(Kind::Bad, "none")) }
                    @for (place, one) in company.admits.iter().enumerate() { @if place > 0 { ", " } (part::name(&one.name)) " " small { (one.id) } }
                }
                td { @for one in &company.rejects { small.below { (part::name(&one.why)) } } @if company.rejects.is_empty() { span.muted { "nothing" } } }
            }
        }
    };
    let line_columns = [Column::new("Line"), Column::new("Addition now").figure(), Column::new("Then").figure()];
    let id = |id: Option<i64>| html! { @match id { Some(id) => (id), None => span.muted { "none" } } };
    let lines = html! {
        @for one in trial.lines.iter().take(COMPANIES_MAX) {
            tr {
                th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", one.line))) { (part::name(&one.account)) " · " (part::name(&one.product)) } }
                td.figure { (id(one.before)) }
                td.figure { (id(one.after)) }
            }
        }
    };
    html! {
        div.what-if {
            strong { (trial.words()) }
            @if !trial.lines.is_empty() { (Table { caption: "Lines with another addition", columns: &line_columns, sort: None }.rows(lines)) }
            @if !trial.companies.is_empty() { (Table { caption: "Agreements under this rule", columns: &columns, sort: None }.rows(rows)) }
            @if trial.companies.len() > shown.len() { p.hint { "And " (part::count(trial.companies.len() - shown.len())) " more companies." } }
        }
    }
}

/// A rule that does what the pins of the product do: a button fills its field, and saves nothing.
pub(super) fn suggested(visitor: &Visitor, look: &Look, product: &Product) -> Markup {
    let Some(suggested) = look.suggested_rule(product.id) else { return html! {} };
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("section", "product")
        .append_pair(Key::AgreementRule.name(), &suggested.rule)
        .finish();
    let fill = visitor.path(&format!("psa-sync/settings/products/{}?{query}#product", product.id));
    html! {
        div.what-if {
            p { (suggested.words()) }
            (part::button("button", &fill, &format!("Try {}", suggested.rule)))
        }
    }
}

/// Every line of the product for which several additions could be meant, to be pinned together.
pub(super) fn many(visitor: &Visitor, look: &Look, product: &Product) -> Markup {
    let all = look.ambiguous(product.id);
    if all.is_empty() {
        return html! {};
    }
    let shown = &all[..all.len().min(part::ROWS_A_PAGE)];
    let types = look.types_of(shown);
    let may = visitor.may(Do::Map);
    let columns = [Column::new("Pin").unseen(), Column::new("Account"), Column::new("Additions that could be meant")];
    let rows = html! {
        @for line in shown {
            tr {
                td { @if may { input type="checkbox" name="line" value=(line.id.to_string()) aria-label={ "Pin " (line.account) }; } }
                th scope="row" { a href=(visitor.path(&format!("psa-sync/usages/{}", line.id))) { (part::name(&line.account)) } }
                td {
                    @for one in look.candidates(line.id).iter().filter(|one| one.possible) {
                        small.below {
                            (one.addition.id) " on " (part::name(&one.agreement.name))
                            @if let Some(of) = &one.agreement.agreement_type { ", type " (part::name(of)) }
                            ", " (maybe(one.addition.quantity)) " now"
                        }
                    }
                }
            }
        }
    };
    let table = Table { caption: "Lines with several additions", columns: &columns, sort: None };
    let options: Vec<(&str, &str)> = types.iter().map(|of| (of.as_str(), of.as_str())).collect();
    let action = visitor.path(&format!("psa-sync/settings/products/{}/pin", product.id));
    part::panel(
        None,
        "Several additions could be meant",
        html! {},
        html! {
            form method="post" action=(action) {
                (table.rows(rows))
                div.panel-body {
                    @if all.len() > shown.len() { p.hint { "And " (part::count(all.len() - shown.len())) " more lines." } }
                    @if !may { p.hint { (Do::Map.refusal(&visitor.roles, &visitor.msp.name)) } }
                    @else if options.is_empty() { p.hint { "These agreements have no type. Pin each line on its own page." } }
                    @else {
                        (part::select("type", "Pin each to its addition on the agreement of type", &options, "", "A line that has none there, or several, stays as it is."))
                        div.actions { (part::submit("button", "Pin the ticked lines")) }
                    }
                }
            }
        },
    )
}

pub(super) async fn pin(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, product)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Answer {
    visitor.need(Do::Map)?;
    let lines: Vec<LineId> =
        form.iter().filter(|(name, _)| name == "line").filter_map(|(_, text)| LineId::parse(text)).collect();
    let typed = Typed(form);
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let said = web.desk.pin_by_type(&visitor.by(), &look, &lines, typed.get("type").unwrap_or_default()).await;
    let back = visitor.path(&format!("psa-sync/settings/products/{product}"));
    Ok(visitor.done_at(said.map(|Said(words)| words), &back))
}
