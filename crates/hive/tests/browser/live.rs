//! Open pages follow what happens elsewhere, without a reload.

use crate::browser::Browser;
use crate::house::{House, ago};
use crate::served::Served;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// AC-41.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// A program posts, as a meter would.
fn posts(hive: &Served, token: &str, body: &Value) -> String {
    let address = hive.url.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut line = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    write!(
        line,
        "POST /api/v1/usage HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer
}

/// What a row of the table says.
fn row(browser: &Browser, account: &str, product: &str) -> String {
    let find = "return [...document.querySelectorAll('tbody tr')].map((row) => row.innerText.replace(/\\s+/g, ' '))
        .find((row) => row.startsWith(arguments[0])) || ''";
    browser.script(find, vec![json!(format!("{account} {product} "))]).as_str().unwrap().to_owned()
}

/// The page that is open was never loaded again.
fn stays(browser: &Browser) {
    assert_eq!(browser.script("return window.stayed === true", vec![]), true, "the page was loaded again");
}

#[test]
fn ac_41_a_sample_that_a_program_posts_is_on_the_open_page_within_five_seconds() {
    let hive = Served::with_admin(House::live());
    let Some(browser) = hive.browser() else { return };
    hive.let_in(&browser, "jo@nw.example", "admin");
    browser.open("/m/1/people/tokens").fill("Name", "Meter").click("Make the token").sees("is made");
    let token = browser.value("The token");
    assert!(token.starts_with("hive_"), "{token}");
    browser.open("/m/1/psa-sync/usages").sees("Unchanged 6");
    browser.script("window.stayed = true", vec![]);
    let sample =
        json!({ "account": "Acme", "product": "Hot", "quantity": "11.5", "unit": "GB", "measured_at": ago(1) });
    let posted = Instant::now();
    let answer = posts(&hive, &token, &sample);
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    browser.until("the sample is not to be seen", || row(&browser, "Acme", "Hot").contains("11.5 GB"));
    let took = posted.elapsed();
    println!("a posted sample was seen after {took:?}");
    assert!(took < SEEN_WITHIN, "{took:?}");
    assert!(row(&browser, "Acme", "Hot").contains("10 12"), "{}", row(&browser, "Acme", "Hot"));
    stays(&browser);
    assert_eq!(browser.console_errors(), [""; 0]);
}

#[test]
fn ac_53_a_sync_forced_on_the_command_line_is_on_the_open_page() {
    let hive = Served::with_admin(House::live());
    let Some(browser) = hive.browser() else { return };
    hive.let_in(&browser, "jo@nw.example", "admin");
    browser.open("/m/1/psa-sync/usages").sees("Unchanged 6");
    browser.script("window.stayed = true", vec![]);
    hive.house.human(200_001, "9");
    hive.house.ok("sync NW");
    browser.until("what ConnectWise has now is not to be seen", || row(&browser, "Acme", "Hot").contains(" 9 10 "));
    stays(&browser);
    assert_eq!(browser.console_errors(), [""; 0]);
}

/// A browser has six connections to a host: a page that was left holds none of them.
#[test]
fn many_pages_one_after_the_other_answer_at_once() {
    let hive = Served::with_admin(House::live());
    let Some(browser) = hive.browser() else { return };
    hive.let_in(&browser, "jo@nw.example", "admin");
    for _ in 0..4 {
        for path in ["/m/1/psa-sync", "/m/1/psa-sync/usages", "/m/1/psa-sync/update"] {
            let asked = Instant::now();
            browser.open(path);
            assert!(asked.elapsed() < Duration::from_secs(5), "{path} took {:?}", asked.elapsed());
        }
    }
}
