//! `hive serve`.

use crate::failure::{DONE, Done};
use crate::house::House;

pub(super) async fn serve(house: &House) -> Done {
    crate::serve::serve(house).await?;
    Ok(DONE)
}
