//! `hive simulate`: a living ConnectWise to try Hive with.

use crate::cli::Simulate;
use crate::failure::{DONE, Done, Failure};
use crate::show::print;
use hive_simulator::{Config, Size, World, start};
use std::time::Duration;

pub(super) async fn simulate(asked: &Simulate) -> Done {
    if !asked.listen.ip().is_loopback() {
        return Err(Failure::wrong_usage(format!(
            "--listen {}: the simulator has no real login, so it listens on loopback only",
            asked.listen
        )));
    }
    let size = match asked.size.to_ascii_uppercase().as_str() {
        "XS" => Size::XS,
        "M" => Size::M,
        "L" => Size::L,
        _ => Size::S,
    };
    let config = Config {
        listen: asked.listen,
        tls: asked.tls.is_some(),
        latency: Duration::from_millis(asked.latency_ms),
        requests_per_minute: asked.requests_per_minute,
        ..Config::default()
    };
    let (company, public_key, private_key) =
        (config.company.clone(), config.public_key.clone(), config.private_key.clone());
    let running = start(config, World::generate(size, asked.seed))
        .await
        .map_err(|error| Failure::stopped(format!("the simulator cannot listen on {}: {error}", asked.listen)))?;
    if let (Some(path), Some(pem)) = (&asked.tls, running.certificate_pem()) {
        std::fs::write(path, pem)
            .map_err(|error| Failure::stopped(format!("{} cannot be written: {error}", path.display())))?;
    }
    print(&format!(
        "A ConnectWise of size {} (seed {}) listens on {}\n  company {company}, public key {public_key}, private key {private_key}\n\n  HIVE_PRIVATE_HOSTS={}  allows it as a connection\n  curl {}/_sim/usage.csv?changed=10   a usage file that fits it\n  curl {}/_sim/links.csv              the links that fit it\n\nCtrl-C stops it.",
        asked.size,
        asked.seed,
        running.url(),
        running.addr(),
        running.url(),
        running.url(),
    ));
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(DONE)
}
