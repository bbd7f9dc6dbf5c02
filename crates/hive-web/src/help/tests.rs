//! Whether the Help says what it must, and whether every link leads somewhere.

use super::*;
use hive_core::issue::Code;
use hive_core::rights::NEEDED;
use std::collections::BTreeSet;

fn html_of(slug: &str) -> String {
    topic(slug).unwrap_or_else(|| panic!("no topic {slug}")).0
}

/// What a reader sees: without tags.
fn text_of(slug: &str) -> String {
    let html = html_of(slug);
    let mut text = String::new();
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => text.push(letter),
            _ => {}
        }
    }
    text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&").replace("&quot;", "\"")
}

fn says(slug: &str, words: &[&str]) {
    let text = text_of(slug);
    for words in words {
        assert!(text.contains(words), "{slug} does not say \"{words}\"");
    }
}

/// The values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn ac_06_the_guide_on_storage_quotas_has_its_name() {
    let quotas = topics().iter().find(|topic| topic.slug == link::QUOTAS).unwrap();
    assert_eq!(quotas.title, "How to set storage quotas");
}

#[test]
fn ac_07_keys_for_an_existing_a_new_and_an_api_member() {
    says("connect", &["An API member (recommended)", "A new member", "An existing member", "New Member"]);
}

#[test]
fn ac_08_the_exact_clicks_to_the_keys() {
    says(
        "connect",
        &[
            "System > Members > API Members > API Keys > New Item > Description > Save",
            "Select the System tab and hit Members",
            "open the API Members tab; for a person stay on the Regular tab",
            "click the API Keys tab",
            "Click the New Item button",
            "Hive Integration",
            "Click the Save button",
        ],
    );
}

#[test]
fn ac_09_the_private_key_can_be_read_only_when_saved() {
    says("connect", &["The private key can be read only at the time of saving"]);
    let html = html_of("connect");
    assert!(
        html.contains("<aside class=\"note warning\" role=\"note\"><strong>The private key"),
        "a warning, not a remark"
    );
}

#[test]
fn ac_10_where_the_url_is() {
    says(
        "connect",
        &["System > My Company > Miscellaneous Options > Site URL for Manage*", "under the heading Company"],
    );
}

#[test]
fn ac_12_full_rights_and_why_less_is_better() {
    says(
        "connect",
        &[
            "the member will need full rights to all the relevant customer information stored in ConnectWise",
            "We recommend the least-privilege path",
        ],
    );
}

#[test]
fn ac_13_the_articles_role() {
    says(
        "least-privilege",
        &[
            "LeastPriv_Probax",
            "Create New Role",
            "select Security Roles",
            "Expand the Finance menu, navigate to Agreements and set Edit Level and Inquire Level to All",
            "Expand the Company menu, navigate to Company Maintenance and set Add Level and Inquire Level to All",
        ],
    );
}

#[test]
fn ac_14_what_waiting_for_an_admin_means() {
    says("least-privilege", &["waiting for an admin", "Syncs run", "No Update writes", "accepts what will not work"]);
}

#[test]
fn ac_15_every_right_is_named_with_what_it_is_for_and_what_stops_without_it() {
    let text = text_of("least-privilege").to_lowercase();
    for needed in &NEEDED {
        assert!(!role::purpose(needed).is_empty(), "{} {}: no purpose", needed.function, needed.action);
        assert!(text.contains(&needed.stops.to_lowercase()), "{} is not said", needed.stops);
        assert!(text.contains(&format!("{} > {}", needed.module, needed.function).to_lowercase()));
    }
}

#[test]
fn ac_16_the_fields_of_an_api_member() {
    says("least-privilege", &["Fill in Member ID and Member Name, and set Role ID", "API Keys", "API Members"]);
}

#[test]
fn ac_44_45_the_marks_have_their_words() {
    says(
        "product-usages",
        &[
            "Green check",
            "will be pushed on the next Update",
            "Hollow check",
            "after go-live",
            "Red exclamation mark",
            "waits for approval",
        ],
    );
}

#[test]
fn ac_51_52_67_69_the_schedules_and_how_to_stop_them() {
    says("syncing-updating", &["every 3 days", "every 5 days", "Force a Sync", "Automatic", "Manual only", "Off"]);
}

#[test]
fn ac_87_88_the_worked_table_is_what_the_rules_compute() {
    let q = |text: &str| hive_core::Quantity::parse_plain(text).unwrap();
    for (usage, quota, actual, bracket) in [
        ("430", None, "430", "500"),
        ("430", Some("1000"), "430", "1000"),
        ("500", None, "500", "500"),
        ("500.01", None, "501", "750"),
        ("1200", None, "1200", "2000"),
        ("620", Some("500"), "620", "750"),
        ("0", None, "0", "0"),
    ] {
        assert_eq!(quotas::worked(q(usage), quota.map(q)), Some((q(actual), q(bracket))), "{usage} of {quota:?}");
    }
    says("storage-quotas", &["620 GB500 GB, soft620750", "500.01 GBnone501750"]);
}

#[test]
fn ac_91_92_93_94_95_the_article_on_quotas() {
    says(
        "storage-quotas",
        &[
            "It is optional, and does not alter your own bill",
            "Accounts > account > Billing > storage line item > edit icon",
            "cannot be set below what is used now",
            "100 GB, 250 GB, 500 GB, 750 GB, 1 TB and upwards in increments of 1 TB",
            "rounded up to the nearest increment",
            "only when usage is strictly above it",
            "Hard",
        ],
    );
}

#[test]
fn every_issue_code_is_explained_and_has_one_anchor() {
    let html = html_of(link::ISSUES);
    let ids = values(&html, "id");
    for code in Code::ALL {
        let words = codes::of(*code).unwrap_or_else(|| panic!("nothing is said about {code}"));
        assert!(!words.weighs.is_empty() && words.means.ends_with('.') && words.todo.ends_with('.'), "{code}");
        assert_eq!(ids.iter().filter(|id| **id == code.name()).count(), 1, "{code} has one anchor");
        assert_eq!(link::issue(*code), format!("issues#{}", code.name()));
    }
    let grouped: Vec<Code> = codes::GROUPS.iter().flat_map(|(_, _, about)| codes::group(about)).collect();
    assert_eq!(grouped.len(), Code::ALL.len(), "each code stands in one group");
}

#[test]
fn every_place_and_every_link_leads_somewhere() {
    let mut places = BTreeSet::new();
    for topic in topics() {
        places.insert(topic.slug.to_owned());
        let html = html_of(topic.slug);
        let ids = values(&html, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{}: an id twice", topic.slug);
        places.extend(ids.iter().map(|id| format!("{}#{id}", topic.slug)));
    }
    for place in link::ALL {
        assert!(places.contains(*place), "{place} leads nowhere");
    }
    for topic in topics() {
        let html = html_of(topic.slug);
        assert!(!html.contains("\"></a>"), "{}: a link without words", topic.slug);
        for href in values(&html, "href").into_iter().filter(|href| !href.starts_with("../")) {
            let place = if href.starts_with('#') { format!("{}{href}", topic.slug) } else { href.to_owned() };
            assert!(places.contains(&place), "{}: {href} leads nowhere", topic.slug);
        }
    }
}

#[test]
fn no_style_no_script_nothing_from_outside() {
    for topic in topics() {
        let html = html_of(topic.slug);
        for refused in [" style=", "<script", "<style", " src=", " onclick", "href=\"http", "<h1", "<img"] {
            assert!(!html.contains(refused), "{}: {refused}", topic.slug);
        }
        assert!(!topic.title.is_empty() && topic.summary.ends_with('.'));
        // The frame's own share of a page's 300 kB stays free.
        assert!(html.len() < 60_000, "{}: {} bytes", topic.slug, html.len());
    }
}

#[test]
fn tables_have_captions_and_scopes() {
    for topic in topics() {
        let html = html_of(topic.slug);
        let tables = html.matches("<table").count();
        assert_eq!(html.matches("<caption>").count(), tables, "{}", topic.slug);
        assert_eq!(html.matches("<th").count() - html.matches("<thead").count(), html.matches(" scope=\"").count());
        let labels = values(&html, "aria-label");
        assert_eq!(
            labels.iter().collect::<BTreeSet<_>>().len(),
            labels.len(),
            "{}: two regions of one name",
            topic.slug
        );
    }
}

#[test]
fn a_topic_that_is_none_is_none() {
    assert!(topic("no-such-topic").is_none());
    assert_eq!(topics().len(), topics().iter().map(|topic| topic.slug).collect::<BTreeSet<_>>().len());
}
