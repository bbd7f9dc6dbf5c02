//! `hive demo`: the whole of Hive on made-up data. It stops before anything is written, or with
//! `--exit` acts as the person and ends.

use crate::cli::Demo;
use crate::demo::{Stage, act, offer, prepare, stop_asked, tell_plan};
use crate::failure::{DONE, Done, Failure};
use crate::house::now;

pub(super) async fn demo(asked: &Demo) -> Done {
    let stage = Stage::set(asked).await?;
    let mut stop = std::pin::pin!(stop_asked());
    let told = tokio::select! {
        told = story(&stage, asked.exit) => told,
        () = &mut stop => Err(Failure::stopped("the demo was stopped")),
    };
    if told.is_ok() && !asked.exit {
        stop.await;
    }
    let struck = stage.strike().await;
    told.and_then(|code| struck.map(|()| code))
}

async fn story(stage: &Stage, exit: bool) -> Done {
    prepare(stage).await?;
    let plan = stage.house.desk().plan(&stage.msp, now()).await?;
    tell_plan(stage, &plan).await?;
    if exit {
        act(stage, &plan).await?;
    } else {
        offer(stage, &plan);
    }
    Ok(DONE)
}
