//! A house to test in: a directory, a simulated ConnectWise in this process, and the real binary.

use crate::ran::{Plan, Ran};
use hive_simulator::{
    Config, Decimal, Fault, NewAddition, NewAgreement, NewCompany, NewItem, On, Running, Sim, Timestamp, World, start,
};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const PRIVATE_KEY: &str = "PRIVATEKEY000001";
pub(crate) const GUID: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
/// How long one request may take.
pub(crate) const TIMEOUT_MS: &str = "800";

/// One house, with the MSP "NW" in it. Dropping it takes everything away.
pub(crate) struct House {
    pub(crate) dir: TempDir,
    pub(crate) sim: Sim,
    running: Running,
    _runtime: Runtime,
    /// Usage files written so far: each is a minute newer than the one before.
    imports: Cell<i64>,
    timeout_ms: &'static str,
}

/// The time; tests have a clock as the binary has one.
#[expect(clippy::disallowed_methods, reason = "the tests stand outside the house, as its users do")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// So many minutes before now, as a usage file has it.
pub(crate) fn ago(minutes: i64) -> String {
    format!("{:.0}", now() - jiff::SignedDuration::from_mins(minutes))
}

/// Acme (101), Bolt (102), Cove (103); Hot storage by the GB at 2 (1001), Seats at 10 (1002); one
/// monthly agreement each (50001..); additions 200001.. : Acme Hot 10, Acme Seat 5, Bolt Hot 20,
/// Bolt Seat 8, Cove Hot 30, Cove Seat 4.
pub(crate) fn town() -> World {
    let mut world = World::empty();
    for name in ["Acme", "Bolt", "Cove"] {
        world.company(NewCompany { name: name.into(), ..NewCompany::default() });
    }
    world.item(hot_item());
    world.item(NewItem {
        description: "Seat".into(),
        unit_of_measure: Some("User".into()),
        price: 10.into(),
        ..NewItem::default()
    });
    let quantities = [[10, 5], [20, 8], [30, 4]];
    for (company, quantities) in (101..).zip(quantities) {
        let agreement = world.agreement(NewAgreement { company, ..NewAgreement::default() });
        for (item, quantity) in (1001..).zip(quantities) {
            world.addition(NewAddition { agreement, item, quantity: quantity.into(), ..NewAddition::default() });
        }
    }
    world
}

fn hot_item() -> NewItem {
    NewItem { description: "Hot".into(), unit_of_measure: Some("GB".into()), price: 2.into(), ..NewItem::default() }
}

/// What the town's customers use when nothing changed.
pub(crate) const USED: &str =
    "Acme,Hot,10,GB\nAcme,Seat,5,user\nBolt,Hot,20,GB\nBolt,Seat,8,user\nCove,Hot,30,GB\nCove,Seat,4,user";

impl House {
    /// The MSP is there, nothing else.
    pub(crate) fn bare(world: World) -> House {
        House::with(Config::default(), world, TIMEOUT_MS)
    }

    pub(crate) fn with(config: Config, world: World, timeout_ms: &'static str) -> House {
        let house = House::empty(config, world, timeout_ms);
        house.ok("msp add NW");
        house
    }

    /// Not even the MSP is there.
    pub(crate) fn empty(config: Config, world: World, timeout_ms: &'static str) -> House {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.block_on(start(config, world)).unwrap();
        let house = House {
            dir: TempDir::new().unwrap(),
            sim: running.sim().clone(),
            running,
            _runtime: runtime,
            imports: Cell::new(0),
            timeout_ms,
        };
        house.write("key", PRIVATE_KEY);
        house
    }

    pub(crate) fn connected(world: World) -> House {
        let house = House::bare(world);
        house.connect("NW").done();
        house
    }

    /// Connected, the town's usage imported, synced: the accounts are linked by themselves.
    pub(crate) fn synced() -> House {
        let house = House::connected(town());
        house.usage(USED);
        house.ok("sync NW");
        house
    }

    /// And the products mapped: Hot by the GB, Seat by the user. Everything is unchanged.
    pub(crate) fn linked() -> House {
        let house = House::synced();
        house.ok("link NW --product Hot --item 1001 --unit GB --size 1");
        house.ok("link NW --product Seat --item 1002");
        house
    }

    /// And live: a person has looked at the plan and started its Update, which wrote nothing.
    pub(crate) fn live() -> House {
        let house = House::linked();
        house.push().done();
        assert_eq!(house.wrote(), [""; 0], "everything was right already");
        house
    }

    /// A generated tenant with its links and what it uses now, live.
    pub(crate) fn generated(world: World, timeout_ms: &'static str) -> House {
        let house = House::with(Config::default(), world, timeout_ms);
        house.connect("NW").done();
        let world = house.sim.world();
        house.import(world.usage_csv(0, &ago(120), 1)).done();
        house.ok("sync NW");
        let links = house.write("links.csv", world.links_csv());
        house.hive(&["import", "links", "NW", &links]).done();
        house.push().done();
        house
    }

    pub(crate) fn url(&self) -> String {
        self.running.url()
    }

    pub(crate) fn addr(&self) -> String {
        self.running.addr().to_string()
    }

    /// The binary with only this house's settings, in this house's directory.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HIVE_")) {
            command.env_remove(name);
        }
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("HIVE_DATABASE_URL", format!("sqlite://{}/hive.db", self.dir.path().display()))
            .env("HIVE_PRIVATE_HOSTS", self.addr())
            .env("HIVE_CONNECTWISE_CLIENT_ID", GUID)
            .env("HIVE_REQUESTS_PER_MINUTE", "0")
            .env("HIVE_REQUEST_TIMEOUT_MS", self.timeout_ms)
            .env("USER", "priya")
            .env_remove("SUDO_USER")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn hive(&self, args: &[&str]) -> Ran {
        Ran::of(args, &mut self.command(args))
    }

    /// The same, words separated by spaces.
    pub(crate) fn run(&self, words: &str) -> Ran {
        self.hive(&words.split_whitespace().collect::<Vec<_>>())
    }

    /// Must end 0.
    pub(crate) fn ok(&self, words: &str) -> Ran {
        self.run(words).done()
    }

    /// With one more process setting.
    pub(crate) fn run_with(&self, name: &str, value: &str, words: &str) -> Ran {
        let args: Vec<&str> = words.split_whitespace().collect();
        Ran::of(&args, self.command(&args).env(name, value))
    }

    /// Starts, and does not wait.
    pub(crate) fn begin(&self, words: &str) -> Child {
        let args: Vec<&str> = words.split_whitespace().collect();
        self.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn connect(&self, msp: &str) -> Ran {
        self.connect_as(msp, &self.url(), "northwind", PRIVATE_KEY)
    }

    pub(crate) fn connect_as(&self, msp: &str, url: &str, company: &str, private_key: &str) -> Ran {
        let key = self.write("key", private_key);
        let args = ["connect", msp, "--url", url, "--company", company, "--public-key", "PUBLICKEY0000001"];
        self.hive(&[&args[..], &["--private-key-file", &key, "--format", "json"]].concat())
    }

    /// Writes a file of the house, and gives its path.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Imports `account,product,quantity,unit` rows, measured a minute after those of the last call.
    pub(crate) fn usage(&self, rows: &str) {
        self.imports.set(self.imports.get() + 1);
        self.usage_at(rows, &ago(240 - self.imports.get()));
    }

    pub(crate) fn usage_at(&self, rows: &str, measured_at: &str) {
        let rows: String = rows.lines().map(|row| format!("{},{measured_at}\n", row.trim())).collect();
        self.import(format!("account,product,quantity,unit,measured_at\n{rows}")).done();
    }

    /// Imports a whole usage file.
    pub(crate) fn import(&self, text: impl AsRef<[u8]>) -> Ran {
        let file = self.write("usage.csv", text);
        self.hive(&["import", "usage", "NW", &file, "--format", "json"])
    }

    pub(crate) fn import_links(&self, text: impl AsRef<[u8]>) -> Ran {
        let file = self.write("links.csv", text);
        self.hive(&["import", "links", "NW", &file, "--format", "json"])
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan(self.ok("plan NW --format json").json())
    }

    /// A person looks at the plan and pushes exactly it.
    pub(crate) fn push(&self) -> Ran {
        let plan = self.plan();
        self.hive(&["update", "NW", "--plan", plan.id(), "--format", "json"])
    }

    /// An Update without an id.
    pub(crate) fn update(&self) -> Ran {
        self.run("update NW --format json")
    }

    /// What ConnectWise's own log says was written: "addition: from -> to".
    pub(crate) fn wrote(&self) -> Vec<String> {
        let writes = self.sim.writes();
        writes.iter().map(|write| format!("{}: {} -> {}", write.addition, write.from, write.to)).collect()
    }

    /// The same, and forgets it.
    pub(crate) fn wrote_now(&self) -> Vec<String> {
        let mut wrote = self.wrote();
        wrote.sort();
        self.sim.reset_writes();
        wrote
    }

    /// What ConnectWise holds now.
    pub(crate) fn holds(&self, addition: i64) -> String {
        let agreement = self.agreement_of(addition);
        self.sim.quantity(agreement, addition).unwrap().normalize().to_string()
    }

    pub(crate) fn agreement_of(&self, addition: i64) -> i64 {
        let rows = self.sim.snapshot();
        let row = rows.as_array().unwrap().iter().find(|row| row["id"] == addition);
        row.unwrap_or_else(|| panic!("no addition {addition}"))["agreementId"].as_i64().unwrap()
    }

    /// A person types a quantity in ConnectWise's own screen.
    pub(crate) fn human(&self, addition: i64, quantity: &str) {
        assert!(self.sim.human_edit(self.agreement_of(addition), addition, number(quantity), "jdoe"));
    }

    pub(crate) fn fault(&self, name: &str, on: On) {
        self.sim.fault(fault(name, on));
    }

    /// Everything in the database and beside it, as bytes.
    pub(crate) fn database(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let stored = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("hive.db"));
        files.filter(|path| stored(path)).flat_map(|path| std::fs::read(path).unwrap()).collect()
    }
}

/// A decimal from its text.
pub(crate) fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A fault by the name of its switch; `429=1` gives it a value.
pub(crate) fn fault(name: &str, on: On) -> Fault {
    let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
    let kind = hive_simulator::FaultKind::parse(name, value).unwrap_or_else(|| panic!("no fault {name}"));
    Fault::new(kind, on)
}

/// Each in a house of its own, all at the same time: most of a fault's time is waiting.
pub(crate) fn at_once<T: Sync>(all: &[T], one: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        let one = &one;
        let threads: Vec<_> = all.iter().map(|item| scope.spawn(move || one(item))).collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
