use crate::support::*;
use hive_connectwise::Known;
use hive_simulator::{Size, World};

fn cpu_ms() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_000_000
}

fn rss() -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    text.lines().filter(|l| l.starts_with("VmRSS") || l.starts_with("VmHWM")).collect::<Vec<_>>().join(" ")
}

#[test]
fn measure_m() {
    let (tx, rx) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        rt.block_on(async move {
            let running = simulator(World::generate(Size::M, 1)).await;
            tx.send(running.url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let url = rx.recv().unwrap();
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        eprintln!("before {}", rss());
        let client = client(&url);
        for _ in 0..2 {
            let start = (cpu_ms(), std::time::Instant::now(), client.requests());
            let mirror = client.pull(&Known::default(), &|_| {}).await.unwrap();
            eprintln!(
                "cpu {} ms, wall {:?}, requests {}, {} additions {} agreements; {}",
                cpu_ms() - start.0, start.1.elapsed(), client.requests() - start.2, mirror.additions.len(), mirror.agreements.len(), rss()
            );
        }
    });
}
