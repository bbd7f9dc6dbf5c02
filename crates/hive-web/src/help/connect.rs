//! Connect ConnectWise: the keys, the URL, the form, and what its messages mean.

use super::part::{
    Head, Section, clicks, crumbs, list, note, p, page, row, section, see, table, typed, ui, warning, words,
};
use super::{Guide, Topic, link};
use maud::{Markup, html};

pub(super) const TOPIC: Topic = Topic {
    slug: "connect",
    title: "Connect ConnectWise",
    summary: "Make a public and a private key, find your URL, and enter both in Hive: the exact clicks.",
};

pub(super) fn guide() -> Guide {
    Guide {
        lead: html! {
            "Hive needs four things from you: your company name, a public key, a private key and a URL. An administrator of "
            "your ConnectWise makes them in about ten minutes. Nothing is written to ConnectWise when you connect."
        },
        sections: vec![
            section("need", "What to have at hand", need()),
            section("three-ways", "Whose keys: three ways", three_ways()),
            section("keys", "Make the keys", keys()),
            section("private-key", "Write the private key down at once", private_key()),
            section("site-url", "Find the URL", site_url()),
            section("company", "What Company is", company()),
            section("form", "Enter them in Hive", form()),
            section("full-rights", "A member with full rights, and why less is better", full_rights()),
            trouble(),
            section("change", "Change it later", change()),
            section("client-id", "For who runs Hive: the clientId", client_id()),
        ],
    }
}

fn need() -> Markup {
    table(
        "The four fields of the form and where each comes from",
        &[Head::Words("Field"), Head::Words("Where it comes from")],
        &[
            row(words("Company"), [html! { "The name on your ConnectWise login screen, under " (ui("Company")) "." }]),
            row(
                words("Public Key"),
                [html! { "The " (ui("API Keys")) " tab of a member: " (see("#keys", "make the keys")) "." }],
            ),
            row(
                words("Private Key"),
                [html! { "The same tab, shown once: " (see("#private-key", "write it down")) "." }],
            ),
            row(words("URL"), [crumbs(&["System", "My Company", "Miscellaneous Options", "Site URL for Manage*"])]),
        ],
    )
}

fn three_ways() -> Markup {
    html! {
        (p("Keys belong to a member of your ConnectWise, and can do what that member may do. There are three ways to have one."))
        (table(
            "Three ways to have a member for Hive",
            &[Head::Words("Member"), Head::Words("Where"), Head::Words("What speaks for it")],
            &[
                row(html! { "An API member " strong { "(recommended)" } }, [
                    crumbs(&["System", "Members", "API Members"]),
                    html! {
                        "It can do nothing but use keys, and it needs no licence of a person. With a role of its own it sees "
                        "no more than Hive needs: " (see(link::LEAST_PRIVILEGE, "a least-privilege role")) "."
                    },
                ]),
                row(words("A new member"), [
                    crumbs(&["System", "Members", "Regular", "New Member"]),
                    words("Kept apart from people, so that nobody's leaving stops the billing."),
                ]),
                row(words("An existing member"), [
                    crumbs(&["System", "Members", "Regular"]),
                    words("The quickest. What Hive writes then bears that person's name, and ends when the person is made inactive."),
                ]),
            ],
        ))
    }
}

fn keys() -> Markup {
    html! {
        (p("In ConnectWise:"))
        (clicks(&[
            html! { "Select the " (ui("System")) " tab and hit " (ui("Members")) "." },
            html! {
                "For an API member open the " (ui("API Members")) " tab; for a person stay on the " (ui("Regular")) " tab. "
                "Select an existing member by clicking its name in the list, or make one to use for this link: "
                (ui("New Item")) " under " (ui("API Members")) ", " (ui("New Member")) " under " (ui("Regular")) "."
            },
            html! { "On the Member Maintenance screen click the " (ui("API Keys")) " tab." },
            html! { "Click the " (ui("New Item")) " button." },
            html! { "In " (ui("Description")) " type what the keys are for, for example " (typed("Hive Integration")) "." },
            html! { "Click the " (ui("Save")) " button." },
            html! { "Copy the public key and the private key before you leave the screen." },
        ]))
        (p("In short:"))
        p { (crumbs(&["System", "Members", "API Members", "API Keys", "New Item", "Description", "Save"])) }
    }
}

fn private_key() -> Markup {
    warning(
        "The private key can be read only at the time of saving",
        html! {
            (p("ConnectWise shows it when you hit Save and not again. Leave the screen without it, and it is lost: nobody can look it up, neither you nor ConnectWise nor Hive. Delete those keys then, and make new ones."))
            (p("Keep it in a password manager, not in an e-mail. Hive stores it encrypted and never shows it again."))
        },
    )
}

fn site_url() -> Markup {
    html! {
        (clicks(&[
            html! { "In ConnectWise select the " (ui("System")) " tab, and then " (ui("My Company")) "." },
            html! { "Under " (ui("Miscellaneous Options")) " find " (ui("Site URL for Manage*")) ". This is your URL." },
        ]))
        (p("Paste it as you copied it. With or without https://, with a path or a slash behind it: Hive finds its way, for a ConnectWise that is hosted (such as na.myconnectwise.net) and for one on your own server. Hive also finds the address and the release that programs must use; you need not look for an address that begins with api-."))
    }
}

fn company() -> Markup {
    html! {
        p {
            "Use the name that you log into ConnectWise Manage with. It stands on the login screen, under the heading "
            (ui("Company")) ". It is often short, such as " (typed("northwind")) ", and it is not the name on your invoices."
        }
        (p("Write it exactly as you log in: capital letters matter."))
    }
}

fn form() -> Markup {
    html! {
        (clicks(&[
            html! { "Head to the " (ui("MSP Overview")) " section of Hive by selecting the shield icon at the top left." },
            html! { "Click on " (page("psa-sync", "PSA Sync")) " on the left-hand side." },
            html! { "Select the small pencil icon: a window opens." },
            html! { "Enter " (ui("Company")) ", " (ui("Public Key")) ", " (ui("Private Key")) " and " (ui("URL")) ", and save." },
        ]))
        (p("Saving tests first: Hive asks ConnectWise who these keys are and what they may do. Only what passed is kept. If a right is missing, it is kept too, and Hive names the right, what it stops, and what goes on without it."))
        (note("What happens next", html! {
            p {
                "Hive pulls your companies, products and agreements (" (see(link::SYNC, "a Sync")) "), links the customers that cannot be "
                "mistaken, and shows a " (see(link::GO_LIVE, "preview")) ". It writes nothing until a person says so."
            }
        }))
    }
}

fn full_rights() -> Markup {
    html! {
        (p("The quick path is a member with full rights: the member will need full rights to all the relevant customer information stored in ConnectWise. It works at once, since nothing is missing."))
        p { "We recommend " (see(link::LEAST_PRIVILEGE, "the least-privilege path")) " all the same:" }
        (list(&[
            words("A key is a password that no person types. Whoever gets hold of it can do what its member may do. With full rights that is everything: read every ticket, change every price, delete a customer."),
            words("With the small role it is to read customers and agreements and to change an agreement."),
            words("ConnectWise's own record then says that a change came from Hive, and not from a person who also works there."),
        ]))
        (p("You can begin with full rights and change the member's role later: open the pencil, save, and Hive tests the rights anew. Links and maps stay."))
    }
}

fn trouble() -> Section {
    let body = table(
        "What went wrong when saving, and what to do",
        &[Head::Words("What Hive says"), Head::Words("What it means"), Head::Words("What to do")],
        &[
            row(
                words("Knows no company"),
                [
                    words("ConnectWise answers, but has no company of that name."),
                    html! { "Check " (see("#company", "Company")) ": as on the login screen, capital letters too." },
                ],
            ),
            row(
                words("Did not accept the keys"),
                [
                    words("The public or the private key is wrong, or the keys were deleted."),
                    html! { "Copy both again. If the private key is gone, " (see("#keys", "make new keys")) "." },
                ],
            ),
            row(
                words("Answers, but not as ConnectWise PSA"),
                [
                    words("There is something at that URL, and it is not ConnectWise."),
                    html! { "Copy the " (see("#site-url", "Site URL for Manage*")) " again." },
                ],
            ),
            row(
                words("Cannot be reached"),
                [
                    words("Nobody answers there: a mistyped URL, a firewall, no network."),
                    words("Check the URL. On your own server, allow the address of the machine that Hive runs on."),
                ],
            ),
            row(
                words("Needs a right"),
                [
                    words("The keys are right, but the member's role may not read that."),
                    html! { "Set the right that is named: " (see(link::RIGHTS, "every right and what it is for")) "." },
                ],
            ),
            row(
                words("Did not accept the clientId"),
                [
                    words("ConnectWise wants to know which program asks, and this Hive has not said so."),
                    html! { "Whoever runs Hive sets " (see("#client-id", "its clientId")) "." },
                ],
            ),
            row(
                words("Cannot be used as a ConnectWise URL"),
                [
                    words("The address is on a private network, or is not https."),
                    words("Whoever runs Hive can allow a server of your own: HIVE_PRIVATE_HOSTS."),
                ],
            ),
        ],
    );
    section("trouble", "When the test fails", body)
}

fn change() -> Markup {
    html! {
        (p("The pencil opens the same window again. Leave Private Key empty to keep the one that is stored."))
        (list(&[
            words("New keys for the same ConnectWise: links, maps, quotas and settings stay."),
            words("Another URL or company: enter the private key again. The stored one is never sent to another server."),
            words("Another company or another ConnectWise: Hive warns you. Its companies and items are other ones, so everything is a preview again until a person has looked."),
        ]))
    }
}

fn client_id() -> Markup {
    html! {
        (p("ConnectWise asks every program for a clientId, a GUID that names the integration. A vendor's service has one built in. A Hive that you host has none, since a clientId must not be shared."))
        (clicks(&[
            words("Register the integration at ConnectWise's developer site, with the kind Private if it is for your own use. You are given a GUID."),
            html! { "Set it for the whole server: " (typed("HIVE_CONNECTWISE_CLIENT_ID")) "." },
            words("If one MSP brings its own, set it on that connection alone; it then takes the place of the server's."),
        ]))
        (p("It is no secret, but it is yours: ConnectWise can block it if somebody else misuses it."))
    }
}
