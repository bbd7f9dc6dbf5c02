//! `hive msp add NAME`, `hive msp list`.

use crate::cli::Format;
use crate::failure::{DONE, Done};
use crate::house::{House, now};
use crate::show::{Align, show, table};
use hive_desk::view::{MSPS_COLUMNS, MspView};

pub(super) async fn add(house: &House, format: Format, name: &str) -> Done {
    let view = MspView::of(&house.store.add_msp(name, now()).await?);
    show(format, &view, MSPS_COLUMNS, || {
        format!(
            "MSP {} \"{}\" added. Next: hive connect \"{}\" --url … --company … --public-key … --private-key-file …",
            view.id, view.name, view.name
        )
    })?;
    Ok(DONE)
}

pub(super) async fn list(house: &House, format: Format) -> Done {
    let msps = house.store.msps().await?;
    let views: Vec<MspView> = msps.iter().map(MspView::of).collect();
    show(format, &views, MSPS_COLUMNS, || {
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
