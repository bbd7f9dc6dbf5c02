//! Show Accounts: which companies stand there, how they are linked, and how that is taken back.

use super::{World, company, row};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use hive_core::mirror::Mirror;
use hive_store::Role;

#[tokio::test]
async fn ac_23_companies_you_currently_have_are_listed_and_others_with_the_reason() {
    let world = World::new().await;
    let page = world.page("accounts").await;
    assert!(page.contains("Companies you currently have <span class=\"tally\">4</span>"), "{page}");
    assert!(page.contains("All companies <span class=\"tally\">6</span>"));
    for (there, name) in [
        (true, "Acme Dental Pty Ltd"),
        (true, "Cove Legal"),
        (true, "Fern Florists"),
        (false, "Erin Motors"),
        (false, "Dusk &amp; Dawn"),
    ] {
        assert_eq!(page.contains(name), there, "{name}");
    }
    let all = world.page("accounts?scope=all").await;
    assert!(row(&all, "Dusk &amp; Dawn").contains("Left out: no active agreement, and its type is Prospect."));
    assert!(row(&all, "Erin Motors").contains("Left out: in ConnectWise's recycle bin."), "{all}");
}

#[tokio::test]
async fn ac_24_connectwise_stands_left_and_hive_right_with_ids_and_states() {
    let world = World::new().await;
    let page = world.page("accounts").await;
    let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(at(">ConnectWise company</th>") < at(">Hive account</th>"));
    let acme = row(&page, "Acme Dental Pty Ltd");
    assert!(acme.contains("AcmeDentalPtyLtd · id 101 · Active"), "{acme}");
}

#[tokio::test]
async fn ac_25_hive_suggests_with_score_and_reason_and_one_is_accepted() {
    let world = World::new().await;
    let page = world.page("accounts").await;
    let bolt = row(&page, "Bolt Electrical");
    assert!(bolt.contains("Perhaps") && bolt.contains("Bolt Electrical Services") && bolt.contains("Score "), "{bolt}");
    let account = world.account("Bolt Electrical Services").await;
    assert!(bolt.contains(&format!("name=\"accept\" value=\"{account}.102\"")), "{bolt}");
    let said = world.said("accounts/act", &format!("rows=companies&accept={account}.102")).await;
    assert!(said.contains("account &quot;Bolt Electrical Services&quot; is linked to company 102."), "{said}");
    assert_eq!(world.links().await, ["Bolt Electrical Services=102 by person"]);
}

#[tokio::test]
async fn ac_26_ac_27_what_is_not_alike_is_paired_by_the_drop_down() {
    let world = World::new().await;
    let page = world.page("accounts").await;
    let cove = row(&page, "Cove Legal");
    assert!(cove.contains("data-combo") && cove.contains(&format!("data-url=\"{}\"", world.path("accounts/search"))));
    let found = world.page("accounts/search?q=zen").await;
    let zenith = world.account("Zenith").await;
    assert!(found.contains(&format!("\"id\":\"id:{zenith}\",\"title\":\"Zenith\"")), "{found}");
    let said = world.said("accounts/link", &format!("company=id:103&account=id:{zenith}")).await;
    assert!(said.contains("is linked to company 103") && said.contains(">Undo</button>"), "{said}");
    assert_eq!(world.links().await, ["Zenith=103 by person"]);
    let typed = world.said("accounts/link", "company=id:102&account=Bolt+Electrical+Services").await;
    assert!(typed.contains("is linked to company 102"), "without JavaScript a name is typed: {typed}");
    let unclear = world.said("accounts/link", "company=id:102&account=Cove").await;
    assert!(unclear.contains("fits 2 of them: choose one from the list"), "{unclear}");
}

#[tokio::test]
async fn ac_28_automatic_and_manual_links_read_differently_and_a_manual_one_stays() {
    let world = World::new().await;
    let zenith = world.account("Zenith").await;
    world.said("accounts/link", &format!("company=id:103&account=id:{zenith}")).await;
    world.desk.match_unmistakable(&world.by(), true).await.unwrap();
    world.sync(&super::world::town(world.door.now())).await;
    let page = world.page("accounts").await;
    assert!(row(&page, "Acme Dental Pty Ltd").contains("matched by Hive"), "{page}");
    let cove = row(&page, "Cove Legal");
    assert!(cove.contains("by hand, jo@northwind.example") && !cove.contains("matched by Hive"), "{cove}");
    assert!(world.links().await.contains(&"Zenith=103 by person".to_owned()));
}

#[tokio::test]
async fn ac_29_a_link_is_changed_removed_and_the_last_action_undone() {
    let world = World::new().await;
    let acme = world.account("Acme Dental").await;
    world.said("accounts/link", &format!("company=id:101&account=id:{acme}")).await;
    let moved = world.said("accounts/link", &format!("company=id:103&account=id:{acme}")).await;
    assert!(moved.contains("It was linked to company 101 &quot;Acme Dental Pty Ltd&quot; before"), "{moved}");
    let back = world.said("links/undo", &format!("undo={}", World::undo_of(&moved))).await;
    assert!(back.contains("Undone: account &quot;Acme Dental&quot; is linked to company 101 again."), "{back}");
    let removed = world.said("accounts/act", &format!("rows=companies&unlink={acme}")).await;
    assert!(removed.contains("is linked to nothing now"), "{removed}");
    assert!(world.links().await.is_empty());
    let plan = world.desk.plan(&world.msp, world.door.now()).await.unwrap();
    assert!(plan.changes.is_empty(), "an account without a link is out of the next Update");
    // The undo of an older action does not touch what was changed since.
    let late = world.said("links/undo", &format!("undo={}", World::undo_of(&moved))).await;
    assert!(late.contains("was changed since, and stays as it is."), "{late}");
    world.said("links/undo", &format!("undo={}", World::undo_of(&removed))).await;
    assert_eq!(world.links().await, ["Acme Dental=101 by person"]);
}

#[tokio::test]
async fn an_undone_link_is_suggested_again_and_nobody_undoes_anothers() {
    let world = World::new().await;
    let account = world.account("Bolt Electrical Services").await;
    let said = world.said("accounts/act", &format!("rows=companies&accept={account}.102")).await;
    let kim = world.door.person("kim@northwind.example", Role::Mapper, Some(world.msp.id)).await;
    let kim = world.door.come_in(kim).await;
    let undo = format!("undo={}", World::undo_of(&said));
    world.door.post(&world.path("links/undo"), &kim, &undo).await;
    assert_eq!(world.links().await.len(), 1, "it was not Kim's action");
    world.said("links/undo", &undo).await;
    assert!(world.links().await.is_empty());
    assert!(row(&world.page("accounts").await, "Bolt Electrical").contains("Perhaps"), "an undo is no rejection");
}

#[tokio::test]
async fn ac_30_two_accounts_on_one_company_are_told_and_shown_as_a_sum() {
    let world = World::new().await;
    let (cove, perth) = (world.account("Cove Legal").await, world.account("Cove Legal (Perth)").await);
    world.said("accounts/link", &format!("company=id:103&account=id:{cove}")).await;
    let offered = world.page("companies/search?q=cove").await;
    assert!(offered.contains("has Cove Legal already: it would add up"), "{offered}");
    let said = world.said("accounts/link", &format!("company=id:103&account=id:{perth}")).await;
    assert!(said.contains("It shares this with &quot;Cove Legal&quot;: their usage adds up on one addition"), "{said}");
    let page = world.page("accounts").await;
    assert!(row(&page, "Cove Legal").contains("2 accounts on one company: their usage adds up on one addition."));
    let many = format!("rows=accounts&many=accept&row={}.103", world.account("Zenith").await);
    let said = world.said("accounts/act", &many).await;
    assert!(said.contains("Their usage adds up with others' on one addition: &quot;Zenith&quot;."), "{said}");
}

#[tokio::test]
async fn ac_31_equal_candidates_are_left_and_the_unmistakable_are_listed_first() {
    let twins = |mirror: &mut Mirror| mirror.companies.push(company(107, "Cove Legal Inc", "Customer"));
    let world = World::of("acme dental PTY. LTD.,Hot,1,GB\nCove Legal,Hot,1,GB", twins).await;
    let page = world.page("accounts").await;
    assert!(page.contains("Link all 1 unmistakable…"), "{page}");
    let list = world.page("accounts/unmistakable").await;
    assert!(
        list.contains("acme dental PTY. LTD.") && list.contains("Acme Dental Pty Ltd") && !list.contains("<td>Cove")
    );
    let seal = list.split("name=\"seal\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let stale = world.said("accounts/unmistakable", "seal=0000").await;
    assert!(stale.contains("the matches changed since they were listed"), "{stale}");
    let said = world.said("accounts/unmistakable", &format!("seal={seal}")).await;
    assert!(said.contains("1 account is linked, matched by Hive."), "{said}");
    assert_eq!(world.links().await, ["acme dental PTY. LTD.=101 by match"]);
    world.said("links/undo", &format!("undo={}", World::undo_of(&said))).await;
    assert!(world.links().await.is_empty(), "linking all is one action, and undone as one");
}

#[tokio::test]
async fn ac_32_what_is_gone_deleted_or_inactive_is_marked_and_stays() {
    let world = World::new().await;
    for (name, company) in [("Acme Dental", 101), ("Cove Legal", 103), ("Zenith", 102), ("Cove Legal (Perth)", 106)] {
        let account = world.account(name).await;
        world.said("accounts/link", &format!("company=id:{company}&account=id:{account}")).await;
    }
    let mut after = super::world::town(world.door.now());
    after.companies.retain(|company| company.id.0 != 101);
    after.companies.iter_mut().filter(|company| company.id.0 == 103).for_each(|company| company.deleted = true);
    world.sync(&after).await;
    let page = world.page("accounts?show=broken").await;
    assert!(page.contains("Broken <span class=\"tally\">3</span>"), "{page}");
    assert!(row(&page, "Company 101").contains("Not visible in ConnectWise any more") && page.contains("Acme Dental"));
    assert!(row(&page, "Cove Legal").contains(">deleted</span>"));
    assert!(row(&page, "Fern Florists").contains(">inactive</span>"));
    let other = world.page("accounts?view=accounts&show=broken").await;
    assert!(row(&other, "Acme Dental").contains("The company is not visible in ConnectWise any more."), "{other}");
}

#[tokio::test]
async fn the_other_side_puts_unbilled_accounts_first_and_ignores_many() {
    let world = World::new().await;
    let page = world.page("accounts?view=accounts").await;
    let first = page.split("<tbody>").nth(1).unwrap();
    assert!(row(first, "Bolt Electrical Services").contains("2 products"), "{first}");
    let (zenith, perth) = (world.account("Zenith").await, world.account("Cove Legal (Perth)").await);
    let form = format!("rows=accounts&many=ignore&row={zenith}&row={perth}.103&row=999");
    let said = world.said("accounts/act", &form).await;
    assert!(said.contains("2 ignored: &quot;Zenith&quot;, &quot;Cove Legal (Perth)&quot;."), "{said}");
    assert!(said.contains("1 not ignored: &quot;999&quot; (there is no account with this id)."), "{said}");
    let page = world.page("accounts?view=accounts&show=ignored").await;
    assert!(
        page.contains("Ignored <span class=\"tally\">2</span>") && row(&page, "Zenith").contains("Take it up again")
    );
    assert!(world.page("accounts").await.contains("Ignored accounts <span class=\"tally\">2</span>"));
    world.said("links/undo", &format!("undo={}", World::undo_of(&said))).await;
    assert!(world.links().await.is_empty(), "many are undone together");
    let none = world.said("accounts/act", "rows=accounts&many=unlink").await;
    assert!(none.contains("no row is ticked"), "{none}");
}

#[tokio::test]
async fn search_finds_by_company_account_identifier_and_id() {
    let world = World::new().await;
    let bolt = world.account("Bolt Electrical Services").await;
    world.said("accounts/link", &format!("company=id:103&account=id:{bolt}")).await;
    for (typed, found) in
        [("acmedental", "Acme Dental Pty Ltd"), ("102", "Bolt Electrical"), ("electrical+SERVICES", "Cove Legal")]
    {
        let page = world.page(&format!("accounts?q={typed}")).await;
        row(&page, found);
        assert_eq!(page.matches("<th scope=\"row\">").count(), 1, "{typed}: {page}");
    }
    assert!(world.page("accounts?q=nobody").await.contains("No company is like this"));
}

#[tokio::test]
async fn who_may_not_map_sees_and_changes_nothing() {
    let world = World::new().await;
    let kim = world.door.person("kim@northwind.example", Role::ReadOnly, Some(world.msp.id)).await;
    let kim = world.door.come_in(kim).await;
    for page in ["accounts", "accounts?view=accounts", "products", "links"] {
        let shown = world.door.get(&world.path(page), &kim).await.text;
        assert!(!shown.contains("data-combo") && !shown.contains("form=\"act\""), "{page}: {shown}");
        assert!(shown.contains("needs the role mapper or admin at Northwind IT; yours is read-only"), "{page}");
    }
    let account = world.account("Zenith").await;
    let undo = "undo=1-99".to_owned();
    for (rest, form) in [
        ("accounts/link", format!("company=id:103&account=id:{account}")),
        ("accounts/act", format!("rows=accounts&ignore={account}")),
        ("accounts/unmistakable", "seal=0".to_owned()),
        ("products/map", "product=1&item=id:1003".to_owned()),
        ("products/act", "many=ignore&row=1".to_owned()),
        ("links/undo", undo),
    ] {
        let answer = world.door.post(&world.path(rest), &kim, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{rest}");
    }
    assert!(world.links().await.is_empty());
}

fn upload(world: &World, text: &str) -> Request<Body> {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"links.csv\"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n--x--\r\n"
    );
    Request::post(world.path("links"))
        .header(header::COOKIE, &world.jo)
        .header(header::HOST, "127.0.0.1:7400")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn ac_01_links_go_out_and_come_in_as_a_file_whole_or_not_at_all() {
    let world = World::new().await;
    let bad = "kind,hive,connectwise\naccount,Zenith,103\naccount,Nobody,101\naccount,Acme Dental,999";
    let page = world.door.send(upload(&world, bad)).await.text;
    assert!(page.contains("links.csv: nothing was taken, because of 2 bad rows"), "{page}");
    assert!(page.contains("no account is called &quot;Nobody&quot;") && page.contains("<td class=\"figure\">4</td>"));
    assert!(world.links().await.is_empty(), "nothing of a file with a bad row is taken");
    let good = "kind,hive,connectwise,unit,size\naccount,Zenith,103,,\nproduct,Cold storage,STO-TB,TB,1\naccount,Cove Legal,-,,";
    let answer = world.door.send(upload(&world, good)).await;
    let said = world.said_of(&answer).await;
    assert!(said.contains("links.csv: 3 rows read: 2 linked, 0 unlinked, 1 ignored."), "{said}");
    let csv = world.door.get(&world.path("links.csv"), &world.jo).await;
    assert!(csv.header("content-disposition").contains("links.csv"));
    assert!(
        csv.text.contains("account,Zenith,103,,") && csv.text.contains("product,Cold storage,1002,TB,1"),
        "{}",
        csv.text
    );
    let again = world.door.send(upload(&world, &csv.text)).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "what goes out comes in: {}", again.text);
    world.said("links/undo", &format!("undo={}", World::undo_of(&said))).await;
    assert!(world.links().await.is_empty());
}

#[tokio::test]
async fn without_a_sync_or_usage_the_pages_say_what_to_do() {
    let world = World::bare().await;
    assert!(world.page("accounts").await.contains("Nothing was synced yet"));
    assert!(world.page("accounts?view=accounts").await.contains("Accounts come with usage"));
    assert!(world.page("products").await.contains("Products come with usage"));
}

#[tokio::test]
async fn thousands_of_names_some_hostile_fit_on_a_page() {
    let evil = format!("<script>alert(1)</script>{}", "x".repeat(2000));
    let usage: String = (0..1500).map(|n| format!("Account {n} of many,Hot,1,GB\n")).collect();
    let world = World::of(usage.trim_end(), |mirror| {
        mirror.companies.extend((0..3000).map(|n| company(10_000 + n, &format!("Account {n} of many"), "Customer")));
        mirror.companies.push(company(9_999, &evil, "Customer"));
        mirror.items.push(super::item(9_999, &evil, &evil));
    })
    .await;
    for page in
        ["accounts", "accounts?view=accounts", "accounts?scope=all&q=script", "accounts/unmistakable", "products"]
    {
        let shown = world.page(page).await;
        assert!(shown.len() < 300_000, "{page}: {} bytes", shown.len());
    }
    let found = world.page("accounts?q=alert").await;
    assert!(found.contains("&lt;script&gt;alert(1)") && found.contains('…'));
}
