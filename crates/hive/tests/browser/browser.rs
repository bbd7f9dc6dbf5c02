//! A person at a browser: opens, reads, clicks, types; and what only a machine sees besides.
//!
//! **Owns:** the verbs of the browser tests. Each finds things by what they are called, waits up to ten
//! seconds for them, and on failure leaves a picture and prints what could be seen.
//! **Does not own:** the browser's process (`driver`), how a name is looked up (`person.js`).
//! **Limits on purpose:** one window, one tab.

use crate::driver::Driver;
use base64::Engine as _;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a person waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);
/// A window as on a small laptop.
pub(crate) const SIZE: (u32, u32) = (1366, 900);
/// The tallest picture; a page longer than that is cut.
const PICTURE_PIXELS_MAX: i64 = 6_000;

const PERSON: &str = include_str!("person.js");
/// The name of an element in WebDriver's answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(crate) struct Browser {
    driver: Driver,
    base: String,
    /// Hosts that the person went to themselves.
    hosts: RefCell<BTreeSet<String>>,
    elsewhere: RefCell<BTreeSet<String>>,
    errors: RefCell<Vec<String>>,
    /// What the person did with their hands: pressed, filled in, chose.
    steps: RefCell<Vec<String>>,
}

impl Browser {
    /// A browser for a site (`http://127.0.0.1:PORT`). None: there is no driver here, and the test is
    /// skipped and has said so.
    pub(crate) fn at(base: &str) -> Option<Browser> {
        Browser::sized(base, SIZE.0, SIZE.1)
    }

    pub(crate) fn sized(base: &str, width: u32, height: u32) -> Option<Browser> {
        let driver = Driver::start(width, height)?;
        let base = base.trim_end_matches('/').to_owned();
        let browser = Browser {
            driver,
            base,
            hosts: RefCell::default(),
            elsewhere: RefCell::default(),
            errors: RefCell::default(),
            steps: RefCell::default(),
        };
        Some(browser)
    }

    /// A path of the site, or a whole address.
    pub(crate) fn open(&self, path: &str) -> &Browser {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.to_owned() };
        self.hosts.borrow_mut().insert(host_of(&url).unwrap_or_default());
        self.driver.wait(self.driver.client().goto(&url)).unwrap_or_else(|error| panic!("{url}: {error}"));
        self
    }

    /// The path and query of the page.
    pub(crate) fn path(&self) -> String {
        let url = self.driver.wait(self.driver.client().current_url()).unwrap();
        url[url::Position::BeforePath..].to_owned()
    }

    pub(crate) fn title(&self) -> String {
        self.driver.wait(self.driver.client().title()).unwrap()
    }

    /// Presses the one thing of that name: a button, a link, a tab, a tick box.
    pub(crate) fn click(&self, name: &str) -> &Browser {
        self.with("pressable", name, None, |element| self.driver.wait(element.click()))
    }

    /// The same in the smallest place (a row, a form, a section) that has these words.
    pub(crate) fn click_in(&self, place: &str, name: &str) -> &Browser {
        self.with("pressable", name, Some(place), |element| self.driver.wait(element.click()))
    }

    /// Types into the field of that label, instead of what stood there.
    pub(crate) fn fill(&self, label: &str, text: &str) -> &Browser {
        self.with("field", label, None, |element| {
            self.driver.wait(async {
                element.clear().await?;
                element.send_keys(text).await
            })
        })
    }

    /// Gives a file to the field of that label.
    pub(crate) fn attach(&self, label: &str, file: &Path) -> &Browser {
        self.with("field", label, None, |element| self.driver.wait(element.send_keys(&file.display().to_string())))
    }

    /// Chooses in a list, or among the buttons of a group.
    pub(crate) fn choose(&self, label: &str, option: &str) -> &Browser {
        self.with("choice", label, None, |element| {
            self.driver.wait(async {
                if element.tag_name().await? == "select" {
                    return element.select_by_label(option).await;
                }
                // A label may go on with what the choice means.
                let words = option.replace('\'', "’");
                let radio = format!(
                    ".//label[starts-with(normalize-space(.),'{words}')]\
                     | .//*[@role='radio' or @role='option'][normalize-space(.)='{words}']"
                );
                element.find(fantoccini::Locator::XPath(&radio)).await?.click().await
            })
        })
    }

    /// Ticks the box of that label, or takes the tick away.
    pub(crate) fn tick(&self, label: &str, ticked: bool) -> &Browser {
        self.with("tickable", label, None, |element| {
            self.driver
                .wait(async { if element.is_selected().await? == ticked { Ok(()) } else { element.click().await } })
        })
    }

    /// What stands in the field of that label.
    pub(crate) fn value(&self, label: &str) -> String {
        let mut value = String::new();
        self.with("field", label, None, |element| {
            value = self.driver.wait(element.prop("value"))?.unwrap_or_default();
            Ok(())
        });
        value
    }

    /// What was done with the hands since it was asked last.
    pub(crate) fn take_steps(&self) -> Vec<String> {
        self.steps.take()
    }

    /// Waits until the words can be read.
    pub(crate) fn sees(&self, words: &str) -> &Browser {
        let wanted = plain(words);
        self.until(&format!("“{words}” is not to be seen"), || self.text().contains(&wanted))
    }

    /// Waits until the words cannot be read any more.
    pub(crate) fn sees_no(&self, words: &str) -> &Browser {
        let unwanted = plain(words);
        self.until(&format!("“{words}” is still to be seen"), || !self.text().contains(&unwanted))
    }

    /// Waits until something holds, and says what where it does not.
    pub(crate) fn until(&self, otherwise: &str, mut holds: impl FnMut() -> bool) -> &Browser {
        let asked = Instant::now();
        while !holds() {
            if asked.elapsed() > PATIENCE {
                self.fail(otherwise);
            }
            std::thread::sleep(POLL);
        }
        self
    }

    /// Everything that can be read on the page, with single spaces.
    pub(crate) fn text(&self) -> String {
        plain(
            self.script("return document.body ? document.body.innerText : ''", Vec::new()).as_str().unwrap_or_default(),
        )
    }

    /// A key by its name (`Tab`, `Shift+Tab`, `Enter`, `Escape`, `Space`, `Down` …) or a letter.
    pub(crate) fn press(&self, key: &str) -> &Browser {
        let parts: Vec<&str> = if key.len() > 1 { key.split('+').collect() } else { vec![key] };
        let keys: Vec<char> = parts.into_iter().map(key_named).collect();
        let down = keys.iter().map(|key| KeyAction::Down { value: *key });
        let up = keys.iter().rev().map(|key| KeyAction::Up { value: *key });
        self.keys(down.chain(up))
    }

    /// Types, wherever the focus is.
    pub(crate) fn types(&self, text: &str) -> &Browser {
        self.keys(text.chars().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]))
    }

    fn keys(&self, actions: impl Iterator<Item = KeyAction>) -> &Browser {
        let actions = actions.fold(KeyActions::new("keyboard".to_owned()), InputSource::then);
        self.driver.wait(self.driver.client().perform_actions(actions)).unwrap();
        self
    }

    /// Tab until the focus is on the thing of that name, as one who has no mouse does.
    pub(crate) fn tab_to(&self, name: &str) -> &Browser {
        const STOPS_MAX: usize = 200;
        let mut passed = Vec::new();
        while passed.len() < STOPS_MAX {
            self.press("Tab");
            let focused = self.focused();
            if focused == name {
                return self;
            }
            passed.push(focused);
        }
        self.fail(&format!("Tab does not come to “{name}” but to {passed:?}"))
    }

    /// What a screen reader calls the thing that has the focus; empty: nothing has it.
    pub(crate) fn focused(&self) -> String {
        let active =
            self.script("const one = document.activeElement; return one === document.body ? null : one", vec![]);
        let Some(id) = active[ELEMENT].as_str() else { return String::new() };
        plain(self.driver.command(format!("element/{id}/computedlabel"), None).as_str().unwrap_or_default())
    }

    pub(crate) fn dark(&self) -> &Browser {
        self.scheme("dark")
    }

    pub(crate) fn light(&self) -> &Browser {
        self.scheme("light")
    }

    fn scheme(&self, value: &str) -> &Browser {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.driver.devtools("Emulation.setEmulatedMedia", &features);
        self
    }

    /// Another size of the window, also one that is narrower than a desktop's windows get.
    pub(crate) fn window(&self, width: u32, height: u32) -> &Browser {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.driver.devtools("Emulation.setDeviceMetricsOverride", &size);
        self
    }

    /// A picture (PNG) of what the window shows.
    pub(crate) fn picture_of_window(&self, path: &Path) -> &Browser {
        self.keep(path, &json!({ "format": "png" }))
    }

    /// A picture (PNG) of the whole page.
    pub(crate) fn picture(&self, path: &Path) -> &Browser {
        let size =
            "const one = document.documentElement; return [one.clientWidth, one.scrollHeight, window.innerHeight]";
        let size = self.script(size, vec![]);
        let pixels = |nth: usize| size[nth].as_i64().unwrap_or(1);
        let clip = json!({
            "x": 0, "y": 0, "width": pixels(0), "height": pixels(1).max(pixels(2)).min(PICTURE_PIXELS_MAX), "scale": 1,
        });
        self.keep(path, &json!({ "format": "png", "captureBeyondViewport": true, "clip": clip }))
    }

    fn keep(&self, path: &Path, asked: &Value) -> &Browser {
        let answer = self.driver.devtools("Page.captureScreenshot", asked);
        let png = base64::engine::general_purpose::STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(path, png).unwrap();
        self
    }

    /// What axe-core finds wrong with the page as it is now, a line each.
    pub(crate) fn axe(&self) -> Vec<String> {
        let axe = axe_file();
        let axe = std::fs::read_to_string(&axe).unwrap_or_else(|error| {
            panic!("{}: {error}: cargo xtask test --only browser gets axe-core", axe.display())
        });
        // What fades is no colour of the page yet.
        let calm =
            "return document.querySelectorAll('.changed').length === 0 && document.getAnimations().every((one) =>
            one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)";
        self.until("the page does not come to rest", || self.script(calm, vec![]) == true);
        self.script(&axe, vec![]);
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations.map((one) =>
                `${one.id} (${one.impact}): ${one.help}: ` + one.nodes.map((node) => node.html).slice(0, 3).join(' | '))),
                (error) => done([`axe-core itself: ${error}`]));";
        let found = self.driver.wait(self.driver.client().execute_async(run, vec![])).unwrap();
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Every request so far to a host that `open` did not name.
    pub(crate) fn requests_elsewhere(&self) -> Vec<String> {
        for entry in self.driver.log("performance") {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap_or("null")).unwrap_or_default();
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent" {
                self.elsewhere.borrow_mut().extend(message["params"]["request"]["url"].as_str().map(str::to_owned));
            }
        }
        let hosts = self.hosts.borrow();
        let all = self.elsewhere.borrow();
        let other = |url: &&String| host_of(url).is_some_and(|host| !hosts.contains(&host));
        all.iter().filter(other).cloned().collect()
    }

    /// Everything the browser complained of so far: failed loads, scripts that broke, refusals by the CSP.
    pub(crate) fn console_errors(&self) -> Vec<String> {
        let entries = self.driver.log("browser");
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security");
        self.errors.borrow_mut().extend(bad.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()));
        self.errors.borrow().clone()
    }

    /// The same since it was asked last.
    pub(crate) fn take_console_errors(&self) -> Vec<String> {
        let errors = self.console_errors();
        self.errors.borrow_mut().clear();
        errors
    }

    /// axe-core finds nothing in light and in dark, nothing was asked of others, nothing was complained of.
    pub(crate) fn is_clean(&self) -> &Browser {
        let page = self.path();
        self.dark();
        assert_eq!(self.axe(), [""; 0], "{page} in dark");
        self.light();
        assert_eq!(self.axe(), [""; 0], "{page} in light");
        assert_eq!(self.requests_elsewhere(), [""; 0], "{page}");
        assert_eq!(self.console_errors(), [""; 0], "{page}");
        self
    }

    /// Waits for a download of that name, and reads it.
    pub(crate) fn downloaded(&self, name: &str) -> Vec<u8> {
        let file = self.driver.downloads().join(name);
        self.until(&format!("{name} is not downloaded"), || file.is_file());
        std::fs::read(file).unwrap()
    }

    pub(crate) fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.wait(self.driver.client().execute(script, arguments)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A script that ends when it calls its last argument.
    pub(crate) fn script_later(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver
            .wait(self.driver.client().execute_async(script, arguments))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Finds the one thing of that name and does something to it; tries again while the page moves.
    fn with(
        &self,
        kind: &str,
        name: &str,
        place: Option<&str>,
        mut act: impl FnMut(Element) -> Result<(), CmdError>,
    ) -> &Browser {
        self.steps.borrow_mut().push(format!("{kind} {name}"));
        let asked = Instant::now();
        loop {
            let problem = match self.find(kind, name, place) {
                Ok(element) => match act(element) {
                    Ok(()) => return self,
                    Err(error) if is_of_a_moving_page(&error) => error.to_string(),
                    Err(error) => self.fail(&format!("“{name}”: {error}")),
                },
                Err(problem) => problem,
            };
            if asked.elapsed() > PATIENCE {
                self.fail(&format!("“{name}”: {problem}"));
            }
            std::thread::sleep(POLL);
        }
    }

    fn find(&self, kind: &str, name: &str, place: Option<&str>) -> Result<Element, String> {
        let arguments = vec![json!(kind), json!(name), json!(place)];
        let client = self.driver.client();
        let answer = self.driver.wait(client.execute(PERSON, arguments)).map_err(|error| error.to_string())?;
        match answer["element"][ELEMENT].as_str() {
            Some(id) => Ok(Element::from_element_id(client.clone(), ElementRef::from(id.to_owned()))),
            None => Err(answer["problem"].as_str().unwrap_or("no answer").to_owned()),
        }
    }

    /// Ends the test with a picture and the words of the page.
    fn fail(&self, why: &str) -> ! {
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{name}.png"));
        self.picture(&path);
        let errors = self.console_errors();
        panic!(
            "{why}\n  page: {}\n  picture: {}\n  console: {errors:?}\n  to be seen: {}",
            self.path(),
            path.display(),
            self.text()
        );
    }
}

/// The page changed between finding a thing and using it.
fn is_of_a_moving_page(error: &CmdError) -> bool {
    let words = error.to_string();
    ["stale element", "not interactable", "click intercepted"].iter().any(|part| words.contains(part))
}

/// `HOST:PORT` of an address on a network.
fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok().filter(|url| ["http", "https", "ws", "wss"].contains(&url.scheme()))?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn key_named(name: &str) -> char {
    match name {
        "Tab" => Key::Tab.into(),
        "Shift" => Key::Shift.into(),
        "Control" => Key::Control.into(),
        "Alt" => Key::Alt.into(),
        "Enter" => Key::Enter.into(),
        "Escape" => Key::Escape.into(),
        "Space" => ' ',
        "Up" => Key::Up.into(),
        "Down" => Key::Down.into(),
        "Left" => Key::Left.into(),
        "Right" => Key::Right.into(),
        "Home" => Key::Home.into(),
        "End" => Key::End.into(),
        "PageDown" => Key::PageDown.into(),
        "PageUp" => Key::PageUp.into(),
        "Backspace" => Key::Backspace.into(),
        "Delete" => Key::Delete.into(),
        letter => {
            let mut letters = letter.chars();
            letters.next().filter(|_| letters.next().is_none()).unwrap_or_else(|| panic!("{name} is no key"))
        }
    }
}

/// axe-core: where the test command says, else where it puts it.
fn axe_file() -> PathBuf {
    let usual = "../../.tools/browser/node_modules/axe-core/axe.min.js";
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join(usual);
    std::env::var_os("HIVE_TEST_AXE").map_or_else(usual, PathBuf::from)
}
