//! The door, proven on the simulator's own pages: a person in the simulated ConnectWise.

use crate::browser::Browser;
use crate::house::House;
use hive_simulator::{NewCompany, Size, World};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `hive simulate` as a person starts it; dropping it ends it.
struct Simulator {
    process: Child,
    url: String,
}

impl Simulator {
    fn start() -> Simulator {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hive"));
        command.args(["simulate", "--listen", "127.0.0.1:0", "--size", "XS"]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.split_once("listens on ").map(|(_, url)| url.trim().to_owned())).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Simulator { process, url }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_binarys_simulator_is_a_place_to_look_around_in() {
    let simulator = Simulator::start();
    let Some(browser) = Browser::at(&simulator.url) else { return };
    browser.open("/").sees("A simulated ConnectWise").sees("Nothing here is real").sees("Nothing is broken.");
    let names = World::generate(Size::XS, 1).links_csv();
    let company = names.lines().find_map(|line| line.strip_prefix("account,")?.split(',').next()).unwrap();
    browser.fill("Company or agreement", "no such company").click("Find").sees("No company and no agreement has");
    browser.click("Show all").fill("Company or agreement", company).press("Enter").sees(company).is_clean();
}

#[test]
fn a_person_edits_a_quantity_and_it_stands_out() {
    let house = House::connected(crate::house::town());
    let Some(browser) = Browser::at(&house.url()) else { return };
    browser.open("/").click("Managed 50001").sees("Acme: Managed").sees("Last changed").sees("by admin1");
    assert_eq!(browser.value("Quantity of Hot (200001)"), "10");
    browser.is_clean();
    browser
        .fill("Quantity of Hot (200001)", "12.5")
        .fill("Who changes Hot (200001)", "priya")
        .click("Set Hot (200001)");
    browser.sees("Changed just now by priya").sees("12.5 GB").is_clean();
    assert_eq!(house.holds(200_001), "12.5");
    assert_eq!(browser.path(), "/_sim/agreements/50001?who=priya");
    browser.click("Cancel Seat (200002)").sees("Cancelled 2").click("Restore Seat (200002)").sees_no("Cancelled 2");
    browser.fill("Catalog item", "1001").fill("New quantity", "3").click("Add").sees("Hot").sees("200007");
    assert_eq!(house.holds(200_007), "3");
    browser.fill("Quantity of Hot (200001)", "a dozen").click("Set Hot (200001)").sees("“a dozen” is not a number");
    assert_eq!(house.holds(200_001), "12.5");
}

#[test]
fn a_person_breaks_things_and_heals_them_and_hive_meets_both() {
    let house = House::linked();
    let Some(browser) = Browser::at(&house.url()) else { return };
    browser.open("/").click("Refuse the key").sees("Broken now:").sees("Refuse the key (until healed, hit 0 so far)");
    browser.is_clean();
    assert_eq!(house.run("sync NW").code, 1);
    browser.click("Heal everything").sees("Nothing is broken.");
    house.ok("sync NW");
    browser.choose("How often it happens", "the next time only").click("Cut the line after a write");
    browser.sees("Cut the line after a write (1 more, hit 0 so far)");
    house.usage("Acme,Seat,6,user");
    house.push();
    browser.open("/").sees("addition 200002: 5 → 6").sees("Nothing is broken.");
    assert_eq!(house.wrote(), ["200002: 5 -> 6"], "written once, though nothing was answered");
}

#[test]
fn the_keyboard_is_enough() {
    let house = House::connected(crate::house::town());
    let Some(browser) = Browser::at(&house.url()) else { return };
    browser.open("/_sim/agreements/50001").tab_to("Quantity of Hot (200001)");
    browser.press("Control+a").types("11").press("Enter").sees("Changed just now");
    assert_eq!(house.holds(200_001), "11");
    browser.tab_to("Heal everything").press("Shift+Tab");
    assert_ne!(browser.focused(), "Heal everything");
}

#[test]
fn names_are_harmless_and_a_narrow_window_is_enough() {
    let mut world = crate::house::town();
    let name = format!("<script>document.title='x'</script>{}", "W".repeat(10_000));
    world.company(NewCompany { id: Some(101), name, ..NewCompany::default() });
    let house = House::connected(world);
    let Some(browser) = Browser::sized(&house.url(), 500, 900) else { return };
    for path in ["/", "/_sim/agreements/50001"] {
        browser.open(path).sees("<script>document.title='x'</script>WWW").is_clean();
        assert!(browser.title().ends_with("A simulated ConnectWise"), "{}", browser.title());
        let wider = browser.script("return document.documentElement.scrollWidth - window.innerWidth", vec![]);
        assert!(wider.as_i64().unwrap() <= 0, "{path} is wider than the window by {wider}");
    }
}

/// The door itself: it sees what is wrong.
#[test]
fn the_door_sees_a_bad_page() {
    let house = House::bare(World::empty());
    let Some(browser) = Browser::at(&house.url()) else { return };
    browser.open("data:text/html,<html><title>x</title><p>Hello<img src='http://127.0.0.1:9/x.png'><input>");
    browser.sees("Hello");
    let found = browser.axe().join("\n");
    assert!(found.contains("html-has-lang") && found.contains("image-alt"), "{found}");
    assert_eq!(browser.requests_elsewhere(), ["http://127.0.0.1:9/x.png"]);
    assert!(browser.console_errors().join("\n").contains("127.0.0.1:9"), "{:?}", browser.console_errors());
    let picture = house.path("picture.png");
    browser.dark().picture(&picture).light();
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"), "{}", Path::display(&picture));
}

#[test]
fn the_door_does_what_a_person_does() {
    let house = House::linked();
    let Some(browser) = Browser::at(&house.url()) else { return };
    browser.open("/").click("usage.csv");
    assert!(browser.downloaded("usage.csv").starts_with(b"account,product,quantity"));
    browser.click_in("Bolt", "Managed 50002").sees("Bolt: Managed");
    let page = "<label>File <input type=file></label><label><input type=checkbox> Tick me</label>\
        <fieldset><legend>Mode</legend><label><input type=radio name=m> Actual</label>\
        <label><input type=radio name=m id=b> Bracket</label></fieldset>";
    browser.open(&format!("data:text/html,{page}"));
    browser.attach("File", &house.path("key")).tick("Tick me", true).tick("Tick me", true).choose("Mode", "Bracket");
    let state = "return [document.querySelector('[type=file]').files[0].name,
        document.querySelector('[type=checkbox]').checked, document.querySelector('#b').checked].join()";
    assert_eq!(browser.script(state, vec![]), "key,true,true");
}

/// Kept where the suite's other scratch files are, for a person to look at.
#[test]
fn the_pages_have_pictures() {
    let house = House::linked();
    let Some(browser) = Browser::at(&house.url()) else { return };
    house.human(200_001, "12.5");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (path, name) in [("/", "agreements"), ("/_sim/agreements/50001", "agreement")] {
        browser.open(path).light().picture(&folder.join(format!("simulator-{name}-light.png")));
        browser.dark().picture(&folder.join(format!("simulator-{name}-dark.png")));
        assert!(folder.join(format!("simulator-{name}-dark.png")).metadata().unwrap().len() > 10_000, "{name}");
    }
}
