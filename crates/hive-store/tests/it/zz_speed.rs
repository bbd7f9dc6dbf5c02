use crate::door::*;
use hive_store::*;
pub(crate) async fn speed(door: &Door) {
    use std::time::Instant;
    let text: Vec<String> = (0..200_000).map(|n| format!("Account {} | P{} | {n}.5 GB | 2026-11-22", n / 10, n % 10)).collect();
    let rows = rows(&text.join("\n"));
    let t = Instant::now();
    let i = door.store.import_usage(door.msp, &door.asked(&rows)).await.unwrap();
    println!("import 200k: {:?} {}", t.elapsed(), i.samples_new);
    let t = Instant::now();
    let i = door.store.import_usage(door.msp, &door.asked(&rows)).await.unwrap();
    println!("import again: {:?} {}", t.elapsed(), i.samples_equal);
    let a: Vec<(i64, String)> = (0..30_000).map(|n| (n, format!("{n}.25"))).collect();
    let mut a: Vec<(i64, &str)> = a.iter().map(|(n, t)| (*n, t.as_str())).collect();
    for round in 0..3 {
        let lease = door.begin(RunKind::Sync, round).await;
        let m = mirror(&a, round);
        let t = Instant::now();
        door.store.save_mirror(door.msp, &lease, &m).await.unwrap();
        println!("save mirror 30k: {:?}", t.elapsed());
        door.finish(lease, round).await;
        if round == 1 { for x in &mut a { x.1 = "7"; } }
    }
    let t = Instant::now();
    door.store.mirror(door.msp).await.unwrap();
    println!("load mirror 30k: {:?}", t.elapsed());
    let t = Instant::now();
    let f = door.store.facts(door.msp, None).await.unwrap();
    println!("facts: {:?} {} samples", t.elapsed(), f.samples.len());
    let ch: Vec<(i64, &str, &str)> = (0..30_000).map(|n| (n, "10", "12")).collect();
    let p = plan(door.msp, "p", &ch, 0);
    let t = Instant::now();
    door.store.save_plan(door.msp, &p).await.unwrap();
    println!("save plan 30k lines 30k changes: {:?}", t.elapsed());
    let t = Instant::now();
    door.store.save_plan(door.msp, &p).await.unwrap();
    println!("save plan again: {:?}", t.elapsed());
    let t = Instant::now();
    door.store.newest_plan(door.msp).await.unwrap();
    println!("load plan: {:?}", t.elapsed());
    let lease = door.begin(RunKind::Update, 0).await;
    let r = released(&p);
    let t = Instant::now();
    for n in 0..200 {
        let i = door.store.make_intent(&lease, &r[n], &p.id, "a", at(0)).await.unwrap();
        door.store.record_outcome(&lease, i.id(), &written(hive_core::outcome::Outcome::Pushed, Some("12")), q("12"), r[n].lines(), at(0)).await.unwrap();
    }
    println!("200 writes journaled: {:?}", t.elapsed());
}
