//! Bringing usage by hand: checked first, taken when a person says so; tokens; folders.

use crate::door::{Door, Shown};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use hive_core::MspId;
use hive_store::Role;

const HEADER: &str = "account,product,quantity,unit,measured_at";
const PAGE_BYTES_MAX: usize = 300_000;

struct Desk {
    door: Door,
    msp: MspId,
    session: String,
}

impl Desk {
    async fn open(role: Role) -> Desk {
        let door = Door::open().await;
        let msp = door.msp("Northwind IT").await;
        let jo = door.person("jo@northwind.example", role, Some(msp)).await;
        let session = door.come_in(jo).await;
        Desk { door, msp, session }
    }

    async fn get(&self, path: &str) -> String {
        let shown = self.door.get(&format!("/m/1/{path}"), &self.session).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}: {}", shown.text);
        assert!(shown.text.len() < PAGE_BYTES_MAX, "{path}: {} bytes", shown.text.len());
        shown.text
    }

    async fn post(&self, path: &str, form: &str) -> Shown {
        self.door.post(&format!("/m/1/{path}"), &self.session, form).await
    }

    async fn upload(&self, name: &str, source: &str, bytes: &[u8]) -> Shown {
        let mut body =
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes();
        body.extend_from_slice(bytes);
        let source = format!("\r\n--b\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\n{source}\r\n--b--\r\n");
        body.extend_from_slice(source.as_bytes());
        let request = Request::post("/m/1/usage")
            .header(header::COOKIE, &self.session)
            .header(header::HOST, "127.0.0.1:7400")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body));
        self.door.send(request.unwrap()).await
    }

    /// Uploads and looks at the check.
    async fn check(&self, name: &str, source: &str, text: &str) -> String {
        let sent = self.upload(name, source, text.as_bytes()).await;
        assert_eq!(
            (sent.status, sent.header("location")),
            (StatusCode::SEE_OTHER, "/m/1/usage/check"),
            "{}",
            sent.text
        );
        self.get("usage/check").await
    }

    async fn samples(&self) -> Vec<String> {
        let facts = self.door.store.facts(self.msp, None).await.unwrap();
        facts.samples.iter().map(|s| format!("{} {} {}", s.quantity, s.unit, s.source)).collect()
    }
}

/// The words that a redirect carries to the next page.
fn said(shown: &Shown) -> String {
    use base64::Engine as _;
    let cookie = shown.cookie("hive_said").unwrap();
    let value = cookie.trim_start_matches("hive_said=").split(';').next().unwrap().to_owned();
    String::from_utf8(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap()
}

fn has(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "no {word:?} in\n{page}");
    }
}

#[tokio::test]
async fn ac_41_a_usage_file_is_checked_first_and_taken_when_a_person_says_so() {
    let desk = Desk::open(Role::Mapper).await;
    let text = format!(
        "{HEADER}\nAcme,Hot,0.1,GB,2025-11-23T09:00:00Z\nBolt,Hot,123456789012.345678,GB,2025-11-23T09:00:00Z\n"
    );
    let page = desk.check("usage.csv", "", &text).await;
    has(&page, &["2 rows from import: 2 new samples", "2 new accounts, 1 new product,", "Take these 2 rows"]);
    assert_eq!(desk.samples().await, [""; 0], "nothing is taken by looking");
    has(&desk.get("usage").await, &["A file waits for you"]);
    let taken = desk.post("usage/take", "").await;
    assert_eq!(taken.header("location"), "/m/1/usage");
    assert!(said(&taken).starts_with("g2 rows from import: 2 new samples"), "{}", said(&taken));
    assert_eq!(desk.samples().await, ["0.1 GB import", "123456789012.345678 GB import"]);
    let page = desk.get("usage").await;
    has(&page, &["What came last", "usage.csv", "user:jo@northwind.example"]);
    assert!(!page.contains("A file waits for you"));
    // Taking twice takes nothing twice.
    assert!(said(&desk.post("usage/take", "").await).contains("No file waits here any more"));
    // The same file, corrected in one row.
    let page = desk.check("usage.csv", "", &text.replace("0.1", "0.2")).await;
    has(&page, &["0 new samples, 1 known already, 1 corrected"]);
    assert!(said(&desk.post("usage/drop", "").await).contains("nothing was taken"));
    assert_eq!(desk.samples().await[0], "0.1 GB import");
}

#[tokio::test]
async fn bad_rows_are_named_by_line_and_column_and_nothing_is_taken() {
    let desk = Desk::open(Role::Mapper).await;
    let mut text = format!("{HEADER}\nAcme,<script>x</script>,1,GB,2025-11-23T09:00:00Z\n");
    for _ in 0..1500 {
        text.push_str("Acme,Hot,<b>many</b>,GB,yesterday\n");
    }
    let page = desk.check("<script>.csv", "", &text).await;
    has(
        &page,
        &["This file cannot be taken: 3,000 bad cells", "&lt;b&gt;many&lt;/b&gt;", "quantity", "… and 2,900 more."],
    );
    assert!(!page.contains("<script>.csv") && !page.contains("<b>many") && !page.contains("Take these"));
    let refused = desk.post("usage/take", "").await;
    assert_eq!(refused.header("location"), "/m/1/usage/check");
    assert!(said(&refused).contains("nothing was taken, because of 3000 bad rows"), "{}", said(&refused));
    assert_eq!(desk.samples().await, [""; 0]);
}

const REPORT: &str = "Usage report,,,\nCustomer,Service,Used,Date\nAcme,Hot,430.5,23/11/2025\nBolt,Hot,\"1,250\",23/11/2025\nTotal,,1680.5,\n";

#[tokio::test]
async fn a_vendors_report_is_shown_column_by_column_corrected_and_remembered() {
    let desk = Desk::open(Role::Mapper).await;
    let page = desk.check("report.csv", "acronis", REPORT).await;
    has(&page, &["How this file is read", "the header stands in line 2", "is a total and is left out", "430.5"]);
    // Nothing in it says the unit: it is asked for, and nothing can be taken yet.
    has(&page, &["Say how this file is read", "which unit the quantities have"]);
    assert!(!page.contains("Take these"));
    let form = "role_0=account&role_1=product&role_2=quantity&role_3=measured_at&unit=GB&behind=&when=file_modified\
        &pattern=&dates=%25d%2F%25m%2F%25Y&zone=UTC&decimal=point&thousands=comma&finer=refuse&skip=Total&blank=-\
        &header=&delimiter=comma&delimiter_shown=comma";
    assert_eq!(desk.post("usage/check", form).await.header("location"), "/m/1/usage/check");
    let page = desk.get("usage/check").await;
    has(&page, &["2 rows from acronis: 2 new samples", "Left out: line 5", "Take these 2 rows"]);
    let taken = desk.post("usage/take", "").await;
    assert!(said(&taken).contains("How files of acronis are read is remembered"), "{}", said(&taken));
    assert_eq!(desk.samples().await, ["430.5 GB acronis", "1250 GB acronis"]);

    // The next one needs no words; another source's is asked for again.
    let next = REPORT.replace("430.5", "431").replace("23/11", "22/11");
    has(
        &desk.check("report.csv", "acronis", &next).await,
        &["as the last file of this source was read", "Take these 2 rows"],
    );
    has(&desk.check("report.csv", "other", &next).await, &["Say how this file is read"]);
    // What was said twice is told, and the first of it is taken.
    let twice = desk.post("usage/check", &form.replace("role_1=product", "role_1=account")).await;
    assert!(said(&twice).contains("Both \"Customer\" and \"Service\" were said to be the account"), "{}", said(&twice));
    // A bad cell is named by the vendor's own words.
    let page = desk.check("report.csv", "acronis", &REPORT.replace("430.5", "lots")).await;
    has(&page, &["bad cell", "Used", "lots"]);
}

#[tokio::test]
async fn what_is_no_usage_file_is_refused_in_words() {
    let desk = Desk::open(Role::Mapper).await;
    for (bytes, words) in [
        (&b""[..], "no file was chosen"),
        (&b"\xD0\xCF\x11\xE0rest"[..], "old .xls workbook"),
        (&b"PK\x03\x04not a workbook"[..], "report.csv: "),
        (&[b'x'; 1_000_001][..], "at most 1000000"),
    ] {
        let refused = desk.upload("report.csv", "", bytes).await;
        assert_eq!(refused.header("location"), "/m/1/usage", "{words}");
        assert!(said(&refused).contains(words), "{words}: {}", said(&refused));
    }
    let far = desk.upload("report.csv", "", &[b'x'; 1_100_000]).await;
    assert!(far.status == StatusCode::PAYLOAD_TOO_LARGE || said(&far).contains("at most"), "{}", far.text);
    assert!(said(&desk.post("usage/take", "").await).contains("No file waits"));
    let check = desk.door.get("/m/1/usage/check", &desk.session).await;
    assert_eq!(check.header("location"), "/m/1/usage");
}

#[tokio::test]
async fn a_file_waits_for_its_own_person_alone_and_an_hour_at_most() {
    let desk = Desk::open(Role::Mapper).await;
    let text = format!("{HEADER}\nAcme,Hot,1,GB,2025-11-23T09:00:00Z\n");
    desk.check("usage.csv", "", &text).await;
    let kim = desk.door.person("kim@northwind.example", Role::Admin, Some(desk.msp)).await;
    let kim = desk.door.come_in(kim).await;
    let shown = desk.door.get("/m/1/usage/check", &kim).await;
    assert_eq!(shown.status, StatusCode::SEE_OTHER);
    assert!(said(&desk.door.post("/m/1/usage/take", &kim, "").await).contains("No file waits"));
    desk.door.later(61);
    assert!(said(&desk.post("usage/take", "").await).contains("No file waits"));
    assert_eq!(desk.samples().await, [""; 0]);
}

#[tokio::test]
async fn who_only_looks_is_shown_what_came_and_brings_nothing() {
    let desk = Desk::open(Role::ReadOnly).await;
    let page = desk.get("usage").await;
    has(&page, &["Importing needs the role mapper or admin", "An admin makes tokens under People", "No usage yet"]);
    assert!(!page.contains("type=\"file\"") && !page.contains("Watch this folder"));
    assert_eq!(desk.upload("usage.csv", "", b"x").await.status, StatusCode::FORBIDDEN);
    for path in
        ["usage/check", "usage/take", "usage/drop", "usage/folders", "usage/folders/turn", "usage/folders/remove"]
    {
        let refused = desk.post(path, "id=1&source=x&path=/x").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["people/tokens", "people/tokens/revoke"] {
        assert_eq!(desk.post(path, "id=1&name=x&rights=all").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(desk.door.store.tokens(desk.msp).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wide_report_and_a_long_name_fit_on_the_page() {
    let desk = Desk::open(Role::Mapper).await;
    let long = "n".repeat(2000);
    let wide = |cell: &str| (1..200).map(|n| format!("{cell}{n}")).collect::<Vec<_>>().join(",");
    let text = format!(
        "Customer,{}\n{long},{}\n",
        wide(&format!("Sold {long}").chars().take(200).collect::<String>()),
        wide("1")
    );
    desk.check("wide.csv", "", &text).await;
    let rows: String = (0..1200).map(|n| format!("Account {n},Hot,{n},GB,2025-11-23T09:00:00Z\n")).collect();
    has(&desk.check("usage.csv", "", &format!("{HEADER}\n{rows}")).await, &["1200 rows from import"]);
    desk.post("usage/take", "").await;
    desk.get("usage").await;
}

#[tokio::test]
async fn a_token_is_shown_once_listed_and_revoked_after_asking() {
    let desk = Desk::open(Role::Admin).await;
    has(&desk.get("people/tokens").await, &["No tokens yet", "Make a token", ">API tokens</a>"]);
    let made = desk.post("people/tokens", "name=%3Cb%3EMeter&rights=usage").await.text;
    let token = made.split("value=\"hive_").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(token.len(), 43, "256 bits");
    has(&made, &["shown only this once", "&lt;b&gt;Meter"]);
    let page = desk.get("people/tokens").await;
    assert!(!page.contains(token) && page.contains("&lt;b&gt;Meter") && page.contains("never"));
    has(&page, &["Revoke this token?", "user:jo@northwind.example"]);
    let body = r#"{"account":"A","product":"P","quantity":1,"unit":"user","measured_at":"2025-11-23T09:00:00Z"}"#;
    let post = || {
        let request = Request::post("/api/v1/usage").header(header::AUTHORIZATION, format!("Bearer hive_{token}"));
        desk.door.send(request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap())
    };
    assert_eq!(post().await.status, StatusCode::OK);
    assert!(!desk.get("people/tokens").await.contains(">never<"));
    desk.post("people/tokens/revoke", "id=1").await;
    assert_eq!(post().await.status, StatusCode::UNAUTHORIZED);
    let page = desk.get("people/tokens").await;
    assert!(page.contains("revoked") && !page.contains("Revoke this token?"));
    has(&desk.post("people/tokens", "name=&rights=usage").await.text, &["No token was made", "1 to 100 characters"]);
    has(&desk.post("people/tokens", "name=x&rights=root").await.text, &["No token was made"]);
}

#[tokio::test]
async fn folders_are_off_where_the_operator_allows_none() {
    let desk = Desk::open(Role::Admin).await;
    has(&desk.get("usage").await, &["Watched folders are off", "HIVE_FOLDERS"]);
    let refused = desk.post("usage/folders", "source=x&path=/tmp").await;
    assert!(said(&refused).contains("watched folders are off"), "{}", said(&refused));
    assert!(desk.door.store.folders(desk.msp).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_is_turned_off_and_on_and_removed_and_never_anothers() {
    let desk = Desk::open(Role::Admin).await;
    let (store, now) = (&desk.door.store, desk.door.now());
    let other = desk.door.msp("Southwind IT").await;
    let theirs = store.add_folder(other, "x", "/srv/secret", "", false, "user:eve", now).await.unwrap();
    let ours = store.add_folder(desk.msp, "acronis", "/srv/in", "", true, "user:jo", now).await.unwrap();
    let bad = hive_store::FolderFile {
        name: "a.csv".into(),
        hash: "h".into(),
        at: now,
        words: "bad <b>".into(),
        taken: false,
    };
    store.note_file(desk.msp, ours, &bad).await.unwrap();
    let page = desk.get("usage").await;
    has(
        &page,
        &["/srv/in", "acronis", "refused", "bad &lt;b&gt;", "each file lists everyone", "Watch this folder no longer?"],
    );
    assert!(!page.contains("/srv/secret"));
    desk.post("usage/folders/turn", &format!("id={ours}&on=")).await;
    assert!(!store.folders(desk.msp).await.unwrap()[0].on);
    desk.post("usage/folders/turn", &format!("id={ours}&on=on")).await;
    assert!(store.folders(desk.msp).await.unwrap()[0].on);
    assert!(!store.knows_file(desk.msp, ours, "h").await.unwrap(), "what was refused is tried again");
    desk.post("usage/folders/remove", &format!("id={ours}")).await;
    assert!(store.folders(desk.msp).await.unwrap().is_empty());
    for verb in ["turn", "remove"] {
        desk.post(&format!("usage/folders/{verb}"), &format!("id={theirs}&on=")).await;
    }
    assert!(store.folders(other).await.unwrap()[0].on, "another MSP's stays");
}
