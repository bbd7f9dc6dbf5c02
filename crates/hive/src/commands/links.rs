//! `hive links`, `hive match`.

use crate::cli::Format;
use crate::failure::{DONE, Done};
use crate::house::House;
use crate::show::{links as words, show};
use hive_desk::view::{LINKS_COLUMNS, MATCHES_COLUMNS};

pub(super) async fn links(house: &House, format: Format, msp: &str) -> Done {
    let msp = house.msp(msp).await?;
    let view = house.desk().links(&msp).await?;
    show(format, &view, LINKS_COLUMNS, || words::words(&view))?;
    Ok(DONE)
}

pub(super) async fn matches(house: &House, format: Format, msp: &str, apply: bool) -> Done {
    let msp = house.msp(msp).await?;
    let view = house.desk().match_unmistakable(&house.by(&msp), apply).await?;
    show(format, &view, MATCHES_COLUMNS, || words::match_words(&view))?;
    Ok(DONE)
}
