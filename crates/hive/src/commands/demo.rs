//! `hive demo`: the whole of Hive on made-up data.

use crate::cli::Demo;
use crate::failure::{DONE, Done};

pub(super) async fn demo(_asked: &Demo) -> Done {
    Ok(DONE)
}
