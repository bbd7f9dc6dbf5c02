//! `hive msp add NAME`, `hive msp list`.

use crate::cli::Format;
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::show::{Align, Csv, show, table};
use serde::Serialize;

#[derive(Debug, Serialize)]
struct MspView {
    id: i64,
    name: String,
}

const COLUMNS: Csv<'static> = Csv { rows: "", columns: &["id", "name"] };

pub(super) async fn add(house: &House, format: Format, name: &str) -> Done {
    let msp = house.store.add_msp(name, now()).await?;
    let view = MspView { id: msp.id.0, name: msp.name };
    show(format, &view, COLUMNS, || {
        format!(
            "MSP {} \"{}\" added. Next: hive connect \"{}\" --url … --company … --public-key … --private-key-file …",
            view.id, view.name, view.name
        )
    })?;
    Ok(DONE)
}

pub(super) async fn list(house: &House, format: Format) -> Done {
    let msps = house.store.msps().await?;
    let views: Vec<MspView> = msps.into_iter().map(|msp| MspView { id: msp.id.0, name: msp.name }).collect();
    show(format, &views, COLUMNS, || {
        if views.is_empty() {
            return "No MSP yet: hive msp add NAME".to_owned();
        }
        table(
            &[("Id", Align::Right), ("Name", Align::Left)],
            views.iter().map(|msp| vec![msp.id.to_string(), msp.name.clone()]),
        )
    })?;
    Ok(DONE)
}
