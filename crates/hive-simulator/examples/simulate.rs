//! Serves a world until it is stopped, for trying other people's clients against it.
//!
//! `cargo run -p hive-simulator --example simulate -- 127.0.0.1:18443 tls XS cert.pem`

use hive_simulator::{Config, Size, World, start};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument = |n: usize, usual: &str| arguments.get(n).cloned().unwrap_or_else(|| usual.to_owned());
    let config = Config {
        listen: argument(1, "127.0.0.1:18081").parse()?,
        tls: argument(2, "plain") == "tls",
        ..Config::default()
    };
    let world = World::generate(argument(3, "XS").parse::<Size>()?, 1);
    let running = start(config, world).await?;
    if let Some(pem) = running.certificate_pem() {
        std::fs::write(argument(4, "cert.pem"), pem)?;
    }
    eprintln!("{}", running.url());
    std::future::pending::<()>().await;
    Ok(())
}
