//! The Help: the article's guide in words for a billing clerk and an MSP's owner.
//!
//! **Owns:** the topics, their words, and the anchors that other pages link to ([`link`]).
//! **Does not own:** the frame around a topic (title, navigation), looks, any rule: what can be read
//! from the rules themselves (rights, ladder, limits, issue codes) is generated from them.
//! **Limits on purpose:** nothing outside is linked; screens of ConnectWise are named in words.

use maud::{Markup, html};
use part::Section;

mod codes;
mod connect;
mod golive;
mod holds;
pub mod link;
mod linking;
mod part;
mod quotas;
mod role;
mod sending;
mod syncing;
#[cfg(test)]
mod tests;
mod usages;

/// A page of the Help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its place: `/m/{msp}/help/{slug}`.
    pub slug: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What one finds there, in one sentence.
    pub summary: &'static str,
}

/// What a topic says.
struct Guide {
    lead: Markup,
    sections: Vec<Section>,
}

/// A topic, and what makes its inside.
type Entry = (Topic, fn() -> Guide);

/// Headings from which on a topic begins with a list of them.
const SECTIONS_LISTED_MIN: usize = 3;

/// Each topic with what makes it, in the order in which a new reader needs them.
const ALL: &[Entry] = &[
    (connect::TOPIC, connect::guide),
    (role::TOPIC, role::guide),
    (linking::TOPIC, linking::guide),
    (linking::UNITS, linking::units),
    (usages::TOPIC, usages::guide),
    (golive::TOPIC, golive::guide),
    (syncing::TOPIC, syncing::guide),
    (quotas::TOPIC, quotas::guide),
    (holds::TOPIC, holds::guide),
    (codes::TOPIC, codes::guide),
    (sending::TOPIC, sending::guide),
    (golive::NEVER, golive::never),
];

/// The topics, in reading order.
pub fn topics() -> &'static [Topic] {
    const TOPICS: [Topic; ALL.len()] = {
        let mut topics = [ALL[0].0; ALL.len()];
        let mut place = 1;
        while place < ALL.len() {
            topics[place] = ALL[place].0;
            place += 1;
        }
        topics
    };
    &TOPICS
}

/// The inside of a topic's page, below its title (the frame has the h1); `None` where there is no such
/// topic. Its links are relative to `/m/{msp}/help/{slug}`, so that is where it must stand.
pub fn topic(slug: &str) -> Option<Markup> {
    let (_, guide) = ALL.iter().find(|(topic, _)| topic.slug == slug)?;
    let Guide { lead, sections } = guide();
    Some(html! {
        div.help {
            p.lead { (lead) }
            @if sections.len() >= SECTIONS_LISTED_MIN {
                nav.on-this-page aria-label="On this page" {
                    ul { @for section in &sections { li { a href={ "#" (section.id) } { (section.title) } } } }
                }
            }
            @for section in &sections {
                section aria-labelledby=(section.id) {
                    h2 id=(section.id) { (section.title) }
                    (section.body)
                }
            }
        }
    })
}
