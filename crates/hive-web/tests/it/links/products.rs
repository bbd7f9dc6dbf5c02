//! Show Products: what each Hive product is billed as, and how an item is found.

use super::{World, item, row};
use hive_core::mirror::ItemsFrom;
use std::time::Instant;

#[tokio::test]
async fn ac_33_ac_34_the_tab_is_at_the_top_and_the_items_to_pick_from_are_on_the_left() {
    let world = World::new().await;
    let page = world.page("products").await;
    let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(at(">Show Products</a>") < at("<table"));
    assert!(at(">Hive product</th>") < at(">ConnectWise item</th>"));
    let cold = row(&page, "Cold storage");
    assert!(
        cold.contains("name=\"row\"") && cold.contains("2,000</span> GB") && cold.contains("by 2 accounts"),
        "{cold}"
    );
    let (seats, cold, hot) =
        (world.product("M365 seats").await, world.product("Cold storage").await, world.product("Hot storage").await);
    let form = format!("many=ignore-rest&row={seats}&shown={seats}&shown={cold}&shown={hot}");
    let said = world.said("products/act", &form).await;
    assert!(said.contains("2 ignored"), "{said}");
    let page = world.page("products").await;
    assert!(page.contains("Ignored <span class=\"tally\">2</span>") && !row(&page, "M365 seats").contains(">ignored<"));
    world.said("links/undo", &format!("undo={}", World::undo_of(&said))).await;
    assert!(world.links().await.is_empty());
}

#[tokio::test]
async fn ac_35_ac_36_search_for_product_maps_what_is_chosen() {
    let world = World::new().await;
    let page = world.page("products").await;
    let seats_row = row(&page, "M365 seats");
    assert!(seats_row.contains("placeholder=\"Search for product...\""), "{seats_row}");
    assert!(seats_row.contains(&format!("data-url=\"{}\"", world.path("products/search"))));
    let seats = world.product("M365 seats").await;
    let said = world.said("products/map", &format!("product={seats}&item=id:1003")).await;
    assert!(said.contains("product &quot;M365 seats&quot; is mapped to item 1003"), "{said}");
    assert_eq!(world.links().await, ["M365 seats=1003 by person"]);
    let typed = world.said("products/map", &format!("product={seats}&item=sto")).await;
    assert!(typed.contains("fits 3 items: choose one from the list"), "{typed}");
}

#[tokio::test]
async fn unit_and_size_of_storage_are_confirmed_with_what_they_were_read_from() {
    let world = World::new().await;
    let (cold, hot) = (world.product("Cold storage").await, world.product("Hot storage").await);
    let ask = world.post("products/map", &format!("product={cold}&item=id:1002")).await;
    assert!(ask.header("location").ends_with(&format!("products/{cold}/map?item=1002")), "{}", ask.header("location"));
    assert!(world.links().await.is_empty(), "nothing is mapped before the unit is said");
    let page = world.page(&format!("products/{cold}/map?item=1002")).await;
    assert!(page.contains("Read from the item's product ID: 1 TB. Only you know whether that is right."), "{page}");
    assert!(page.contains("name=\"size\" value=\"1\"") && page.contains("<option value=\"TB\" selected>"));
    let read = world.page(&format!("products/{hot}/map?item=1001")).await;
    assert!(read.contains("Read from the item's unit of measure: 1 GB."), "{read}");
    let tried = world.page(&format!("products/{cold}/map?item=id:1002&size=1000&unit=GB&try=1,234")).await;
    assert!(tried.contains("<span class=\"quantity\">1,234</span> GB in Hive would be <strong><span class=\"quantity\">2</span> units</strong> of STO-TB."), "{tried}");
    let none = world.said("products/map", &format!("product={cold}&item=id:1002&unit=TB&size=0")).await;
    assert!(none.contains("the size must be over 0"), "{none}");
    world.said("products/map", &format!("product={cold}&item=id:1002&unit=TB&size=1")).await;
    let page = world.page("products").await;
    assert!(row(&page, "Cold storage").contains("One unit of the item is 1 TB."), "{page}");
}

#[tokio::test]
async fn inactive_items_and_bundles_warn_before_they_are_mapped() {
    let world = World::new().await;
    let found = world.page("products/search?q=bun").await;
    assert!(found.contains("\"state\":\"bundle\""), "{found}");
    let found = world.page("products/search?q=sto").await;
    assert!(found.find("STO-GB") < found.find("OLD-STO") && found.contains("\"state\":\"inactive\""), "{found}");
    let seats = world.product("M365 seats").await;
    for (item, words) in [(1004, "This item is inactive in ConnectWise"), (1005, "A bundle cannot be on an agreement")]
    {
        let ask = world.post("products/map", &format!("product={seats}&item=id:{item}")).await;
        assert!(ask.header("location").contains("/map?item="), "{item}");
        assert!(world.page(&format!("products/{seats}/map?item={item}")).await.contains(words));
    }
    assert!(world.links().await.is_empty());
    world.said("products/map", &format!("product={seats}&item=id:1005&unit=user&size=1")).await;
    let page = world.page("products?show=broken").await;
    assert!(row(&page, "M365 seats").contains("The item is a bundle, which cannot be on an agreement."), "{page}");
}

#[tokio::test]
async fn ac_38_a_map_is_removed_and_what_is_unmapped_is_never_pushed() {
    let world = World::new().await;
    let cold = world.product("Cold storage").await;
    let acme = world.account("Acme Dental").await;
    world.said("accounts/link", &format!("company=id:101&account=id:{acme}")).await;
    world.said("products/map", &format!("product={cold}&item=id:1001&unit=GB&size=1")).await;
    let plan = world.desk.plan(&world.msp, world.door.now()).await.unwrap();
    assert_eq!(plan.changes.len(), 1, "10 becomes 1,200 while it is mapped");
    let said = world.said("products/act", &format!("unmap={cold}")).await;
    assert!(said.contains("is linked to nothing now"), "{said}");
    let plan = world.desk.plan(&world.msp, world.door.now()).await.unwrap();
    assert!(plan.changes.is_empty());
    let undone = world.said("links/undo", &format!("undo={}", World::undo_of(&said))).await;
    assert!(undone.contains("is linked to item 1001, one unit is 1 GB again."), "{undone}");
    assert!(undone.contains("previewed first"), "it does not go live by itself again: {undone}");
}

#[tokio::test]
async fn ac_39_two_products_on_one_item_are_shown_as_summed() {
    let world = World::new().await;
    for name in ["Cold storage", "Hot storage"] {
        let product = world.product(name).await;
        let said = world.said("products/map", &format!("product={product}&item=id:1001&unit=GB&size=1")).await;
        if name == "Hot storage" {
            assert!(said.contains("It shares this with &quot;Cold storage&quot;: their usage adds up"), "{said}");
        }
    }
    let page = world.page("products").await;
    assert!(
        row(&page, "Hot storage")
            .contains("Summed with &quot;Cold storage&quot;: their usage adds up on one addition."),
        "{page}"
    );
}

#[tokio::test]
async fn suggestions_are_accepted_where_nothing_is_left_to_confirm() {
    let world = World::of("Acme Dental,Microsoft 365 backup seat,5,user\nAcme Dental,Cold storage,7,GB", |_| {}).await;
    let page = world.page("products").await;
    assert!(row(&page, "Microsoft 365 backup seat").contains("Score 100 of 100"), "{page}");
    let (seat, cold) = (world.product("Microsoft 365 backup seat").await, world.product("Cold storage").await);
    let form = format!("many=accept&row={seat}.1003&row={cold}.1002");
    let said = world.said("products/act", &form).await;
    assert!(said.contains("1 mapped: &quot;Microsoft 365 backup seat&quot;."), "{said}");
    assert!(said.contains("1 not mapped: &quot;Cold storage&quot; (say first what one unit of STO-TB is"), "{said}");
}

#[tokio::test]
async fn with_the_articles_own_role_the_search_box_says_what_it_knows() {
    let world = World::of(super::world::USAGE, |mirror| mirror.items_from = ItemsFrom::Additions).await;
    let words = "Hive may not read the product catalog: it knows only items that are on an agreement.";
    let page = world.page("products").await;
    assert!(page.contains(words), "{page}");
    assert!(row(&page, "M365 seats").contains("(only items that are on an agreement)"), "the box itself says it");
    assert!(!World::new().await.page("products").await.contains(words));
}

/// AC-37, and what the search takes over 50,000 items: printed, since machines differ.
#[tokio::test]
async fn ac_37_fifty_thousand_items_are_found_by_id_and_description() {
    let world = World::of("Acme Dental,Hot,1,GB", |mirror| {
        mirror.items.extend((0..50_000).map(|n| {
            item(100_000 + n, &format!("SKU-{n:05}"), &format!("Licence {n} of vendor {}, per month", n % 97))
        }));
    })
    .await;
    world.page("products/search?q=warm").await;
    for (typed, first) in [
        ("sku-31415", "SKU-31415"),
        ("licence+31415+OF", "SKU-31415"),
        ("131415", "SKU-31415"),
        ("month+cold", ""),
        ("per", "STO-TB"),
        ("", "SEAT"),
    ] {
        let begin = Instant::now();
        let found = world.page(&format!("products/search?q={typed}")).await;
        println!("search of \"{typed}\" over 50,000 items: {:?}", begin.elapsed());
        let titles: Vec<&str> = found.split("\"title\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(titles.len() <= 20, "{typed}");
        if first.is_empty() {
            assert!(titles.is_empty(), "{typed}: {titles:?}");
        } else {
            assert!(titles.contains(&first), "{typed}: {titles:?}");
        }
    }
}
