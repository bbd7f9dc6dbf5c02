//! Mapping one product: at once where nothing is left to say, else after unit and size are confirmed.

use super::products::{ONLY_ON_AGREEMENTS, item_words, only_on_agreements, summed, unit_of};
use super::search::{id_words, item_state, read_id};
use super::{done_at, short};
use crate::pages::psa_sync::{Tab, frame};
use crate::part::{self, Kind};
use crate::{Answer, Do, Fault, Visitor, Web};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use hive_core::link::ProductTarget;
use hive_core::mirror::CatalogItem;
use hive_core::plan::units_of;
use hive_core::unit::{ItemUnit, Storage, Unit};
use hive_core::usage::Product;
use hive_core::{ItemId, ProductId, Quantity};
use hive_desk::look::Boards;
use hive_desk::{Look, Refused};
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::Arc;

/// What the try-it begins with where a person typed nothing.
const TRIED_STORAGE: i64 = 1234;
const TRIED_COUNT: i64 = 24;

/// The form of one map. `unit` and `size` come from the page that confirms them.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    product: i64,
    item: String,
    unit: Option<String>,
    size: Option<String>,
}

/// Maps a product; where unit and size are to be confirmed or something speaks against the item, the page
/// that asks comes first.
pub(super) async fn take(State(web): State<Arc<Web>>, visitor: Visitor, Form(asked): Form<Asked>) -> Answer {
    visitor.need(Do::Map)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let id = ProductId(asked.product);
    let product = look.product(id).ok_or_else(|| no_product(&visitor, id))?;
    let to = visitor.path("psa-sync/products");
    let item = match typed_item(&look, &asked.item) {
        Ok(item) => item,
        Err(refused) => return Ok(visitor.done::<String>(Err(refused), "psa-sync/products")),
    };
    let confirmed = asked.unit.is_some() || asked.size.is_some();
    if !confirmed && (product.is_storage() || item_state(item).is_some()) {
        let ask = visitor.path(&format!("psa-sync/products/{id}/map?item={}", item.id));
        return Ok(Redirect::to(&ask).into_response());
    }
    let unit = match said_unit(product, asked.unit.as_deref(), asked.size.as_deref()) {
        Ok(unit) => unit,
        Err(why) => {
            let ask = visitor.path(&format!("psa-sync/products/{id}/map?item={}", item.id));
            return Ok(visitor.done_at::<String>(Err(Refused::WrongUsage(why)), &ask));
        }
    };
    let act = async {
        let said = web.desk.map_product(&visitor.by(), id, &item.id.to_string(), unit).await?;
        Ok(said.0)
    };
    let back = if confirmed { to } else { visitor.person.back().map_or(to, str::to_owned) };
    done_at(&web, &visitor, act, &back).await
}

fn no_product(visitor: &Visitor, id: ProductId) -> Fault {
    Fault::NotFound(format!("{} has no product {id}.", visitor.msp.name))
}

/// The item that was chosen (`id:7`), or the one whose id or identifier was typed.
fn typed_item<'a>(look: &'a Look, typed: &str) -> Result<&'a CatalogItem, Refused> {
    let words = short(typed.trim());
    if words.is_empty() {
        return Err(Refused::WrongUsage("search for a product first; nothing was changed".to_owned()));
    }
    if let Some(id) = read_id(typed) {
        let found = look.item(ItemId(id));
        return found.ok_or_else(|| Refused::Stopped(format!("no item has the id {id} in the last Sync")));
    }
    let (found, count) = look.item_finder().find(typed, 2);
    let mut items = found.iter().filter_map(|id| look.item(ItemId(*id)));
    let first = items.next();
    // The best hit is what was meant where it is the only one, or the only one of this very id.
    let is =
        |item: &&CatalogItem| item.identifier.eq_ignore_ascii_case(typed.trim()) || item.id.to_string() == typed.trim();
    let alone = count == 1 || (first.as_ref().is_some_and(is) && !items.next().as_ref().is_some_and(is));
    first.filter(|_| alone).ok_or_else(|| {
        Refused::Stopped(match count {
            0 => format!("no ConnectWise item has \"{words}\" in its id or description; nothing was changed"),
            count => format!("\"{words}\" fits {count} items: choose one from the list; nothing was changed"),
        })
    })
}

/// What one unit is, as the form says it. Things that are counted need not say it.
fn said_unit(product: &Product, unit: Option<&str>, size: Option<&str>) -> Result<Option<ItemUnit>, String> {
    let size = size.map(str::trim).filter(|size| !size.is_empty());
    let unit = unit.and_then(Unit::parse).or_else(|| (!product.is_storage()).then(|| product.unit.clone()));
    let Some(unit) = unit else { return Err("say what one unit of the item is: a size and its unit".to_owned()) };
    let Some(size) = size else {
        return if product.is_storage() { Err("say how much one unit of the item holds".to_owned()) } else { Ok(None) };
    };
    let size = Quantity::parse_plain(size).map_err(|error| format!("the size: {error}"))?;
    ItemUnit::new(unit, size).map(Some).ok_or_else(|| "the size must be over 0".to_owned())
}

/// The page that confirms: `?item=`, and `unit`, `size`, `try` while somebody types.
pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path((_, product)): Path<(i64, i64)>,
) -> Answer {
    visitor.need(Do::Map)?;
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let boards = web.desk.boards(&look).await?;
    let id = ProductId(product);
    let product = look.product(id).ok_or_else(|| no_product(&visitor, id))?;
    let now = boards.product(id).and_then(|row| row.link.clone());
    let mapped = now.as_ref().and_then(|link| match link.target {
        ProductTarget::Item(item) => Some(item),
        ProductTarget::Ignored => None,
    });
    let asked = visitor.here().get("item").and_then(|item| read_id(item).or_else(|| item.parse().ok())).map(ItemId);
    let item = asked.or(mapped).and_then(|item| look.item(item));
    let item = item.ok_or_else(|| {
        Fault::NotFound("This item is not in the last Sync. Go back and search for another one.".to_owned())
    })?;
    let known = now.filter(|_| mapped == Some(item.id)).and_then(|link| link.unit);
    let form = Confirm { visitor: &visitor, look: &look, boards: &boards, product, item, known };
    Ok(frame(&web, &visitor, &look, Tab::Products).await?.body(form.page()))
}

struct Confirm<'a> {
    visitor: &'a Visitor,
    look: &'a Look,
    boards: &'a Boards,
    product: &'a Product,
    item: &'a CatalogItem,
    /// What is said already, where the product is mapped to this item.
    known: Option<ItemUnit>,
}

impl Confirm<'_> {
    fn page(&self) -> Markup {
        let (product, item) = (self.product, self.item);
        let here = self.visitor.path(&format!("psa-sync/products/{}/map", product.id));
        html! {
            section.panel aria-label="Map a product" {
                header.panel-head { h2 { "Map " (part::name(&product.name)) } }
                div.panel-body {
                    (part::definitions(&[
                        ("Hive product", html! { (part::name(&product.name)) ", measured in " (short(&product.unit.to_string())) }),
                        ("ConnectWise item", item_words(item)),
                    ]))
                    (self.warnings())
                    (summed(self.look, self.boards, product.id, item.id))
                    form.stack method="post" action=(self.visitor.path("psa-sync/products/map")) data-preview=(here) {
                        (part::hidden("product", &product.id.to_string()))
                        (part::hidden("item", &id_words(item.id.0)))
                        (self.fields())
                        div id="tried" data-live aria-live="polite" { (self.tried()) }
                        div.actions {
                            button.button.primary type="submit" { "Map " (short(&product.name)) " to " (short(&item.identifier)) }
                            button.button type="submit" formmethod="get" formaction=(here) { "Try it" }
                            (part::button("button", &self.visitor.path("psa-sync/products"), "Cancel"))
                        }
                    }
                }
            }
        }
    }

    fn warnings(&self) -> Markup {
        html! {
            @if self.item.inactive {
                (part::banner(Kind::Wait, "This item is inactive in ConnectWise",
                    html! { "Nothing is pushed to an inactive item. Map it only if it is about to be made active there." }, html! {}))
            }
            @if self.item.is_bundle() {
                (part::banner(Kind::Wait, "This item is a bundle",
                    html! { "A bundle cannot be on an agreement, so nothing can be pushed to it. Choose the item that the agreements hold." }, html! {}))
            }
            @if only_on_agreements(self.look) { p.hint { (ONLY_ON_AGREEMENTS) } }
        }
    }

    /// The unit to begin with, and where it comes from.
    fn first(&self) -> (Option<ItemUnit>, String) {
        if let Some(known) = &self.known {
            return (Some(known.clone()), format!("It was said to be {known}."));
        }
        match self.item.unit_proposed().filter(|_| self.product.is_storage()) {
            Some((unit, from)) => {
                let words = format!("Read from the item's {from}: {unit}. Only you know whether that is right.");
                (Some(unit), words)
            }
            None if self.product.is_storage() => {
                (None, "The item's own texts do not say it. An agreement or your price list does.".to_owned())
            }
            None => (
                ItemUnit::new(self.product.unit.clone(), Quantity::from(1)),
                "Things that are counted are usually one to one.".to_owned(),
            ),
        }
    }

    /// What the form says now: what was typed, else what it begins with.
    fn said(&self) -> (String, String) {
        let here = self.visitor.here();
        let (first, _) = self.first();
        let unit = here.get("unit").map(str::to_owned);
        let size = here.get("size").map(str::to_owned);
        let first_unit = first.as_ref().map_or_else(|| self.product.unit.to_string(), |unit| unit.unit.to_string());
        let first_size = first.as_ref().map_or_else(String::new, |unit| unit.size.to_string());
        (unit.unwrap_or(first_unit), size.unwrap_or(first_size))
    }

    fn fields(&self) -> Markup {
        let (unit, size) = self.said();
        let (_, from) = self.first();
        let product = short(&self.product.unit.to_string());
        html! {
            fieldset.unit aria-describedby="unit-from" {
                legend { "One unit of " (short(&self.item.identifier)) " is" }
                input type="text" id="size" name="size" value=(size) inputmode="decimal" autocomplete="off" aria-label="Size";
                @if self.product.is_storage() {
                    select id="unit" name="unit" aria-label="Unit" {
                        @for one in Storage::ALL { option value=(one.name()) selected[one.name() == unit] { (one.name()) } }
                    }
                } @else {
                    (part::hidden("unit", &unit)) span { (short(&unit)) }
                }
            }
            p.hint id="unit-from" { (from) }
            div.field {
                label for="try" { "Try it with so much " (product) " in Hive" }
                input type="text" id="try" name="try" value=(self.trying()) inputmode="decimal" autocomplete="off";
            }
        }
    }

    fn trying(&self) -> String {
        let usual = if self.product.is_storage() { TRIED_STORAGE } else { TRIED_COUNT };
        self.visitor.here().get("try").map_or_else(|| usual.to_string(), short)
    }

    /// "1,234 GB in Hive would be 2 units of STO-TB."
    fn tried(&self) -> Markup {
        let (unit, size) = self.said();
        let said = said_unit(self.product, Some(&unit), Some(&size));
        let typed = self.trying().replace(',', "");
        let usage = Quantity::parse_plain(typed.trim());
        let words = match (said, usage) {
            (Err(why), _) => return html! { p.hint { (super::accounts::capital(&why)) "." } },
            (_, Err(error)) => return html! { p.hint { "The quantity to try: " (error.to_string()) "." } },
            (Ok(None), _) => return html! {},
            (Ok(Some(unit)), Ok(usage)) => (unit, usage),
        };
        let (unit, usage) = words;
        let units = units_of(&self.look.facts.settings, self.product, usage, &unit);
        html! {
            p.tried {
                @match units {
                    Some(units) => {
                        (part::quantity(usage)) " " (unit_of(self.product, usage)) " in Hive would be "
                        strong { (part::quantity(units)) " " (if units == Quantity::from(1) { "unit" } else { "units" }) }
                        " of " (short(&self.item.identifier)) "."
                    },
                    None => { "This cannot be counted in units of " (short(&unit.to_string())) "." },
                }
            }
        }
    }
}
