//! Which crate may depend on which: design section 4, kept against the manifests.

use super::{House, Plain, Refusal};

/// Every allowed arrow, in the design's words.
const ARROWS: &str = "store→core · connectwise→core · desk→{core, store} · web→{core, store, desk} · hive→{core, store, connectwise, desk, web, simulator}";

/// Allowed in tests besides.
const ARROWS_OF_TESTS: [(&str, &str); 1] = [("hive-connectwise", "hive-simulator")];

const ROOMS: [&str; 7] =
    ["hive", "hive-core", "hive-connectwise", "hive-desk", "hive-simulator", "hive-store", "hive-web"];

pub(super) fn refused(house: &House) -> Vec<Refusal> {
    let rooms = house.manifests.iter().filter(|manifest| manifest.path.starts_with("crates/"));
    rooms.flat_map(|manifest| in_manifest(manifest, house.architecture.as_ref())).collect()
}

fn in_manifest(manifest: &Plain, architecture: Option<&Plain>) -> Vec<Refusal> {
    let from = manifest.path.split('/').nth(1).unwrap_or_default();
    if !ROOMS.contains(&from) {
        return vec![Refusal::new(
            manifest.path.as_str(),
            0,
            format!("{from} is not a room of the design (section 4)"),
        )];
    }
    let mut refused = Vec::new();
    if let Some(Plain { path, text }) = architecture
        && !text.lines().any(|line| rooms_in(line).any(|room| room == from))
    {
        refused.push(Refusal::new(path.as_str(), 0, format!("its code map does not name {from}")));
    }
    let mut section = "";
    for (nth, line) in manifest.text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        section = if line.starts_with('[') { line } else { section };
        for to in rooms_in(line).filter(|_| section.contains("dependencies")) {
            if !allowed(from, to, section.contains("dev-dependencies")) {
                refused.push(Refusal::new(
                    manifest.path.as_str(),
                    nth + 1,
                    format!("{from} → {to} is not an allowed arrow: {ARROWS}"),
                ));
            }
        }
    }
    refused
}

/// Every room a line names: as a key, a renamed package, a path.
fn rooms_in(line: &str) -> impl Iterator<Item = &'static str> {
    let words: Vec<&str> = line.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).collect();
    ROOMS.into_iter().filter(move |room| words.contains(room))
}

fn allowed(from: &str, to: &str, in_tests: bool) -> bool {
    let short = |room: &str| room.strip_prefix("hive-").unwrap_or(room).to_owned();
    let mut arrows = ARROWS.split(" · ").filter_map(|arrow| arrow.split_once('→'));
    let targets = arrows.find(|(start, _)| *start == short(from)).map(|(_, targets)| targets.trim_matches(['{', '}']));
    let listed = targets.is_some_and(|targets| targets.split(", ").any(|target| target == short(to)));
    listed || in_tests && ARROWS_OF_TESTS.contains(&(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_in(room: &str, text: &str) -> usize {
        let path = format!("crates/{room}/Cargo.toml");
        refused(&House { manifests: vec![Plain { path, text: text.to_owned() }], ..House::default() }).len()
    }

    #[test]
    fn an_arrow_on_the_list_passes() {
        assert_eq!(
            refused_in("hive-store", "[package]\nname = \"hive-store\"\n[dependencies]\nhive-core.workspace = true"),
            0
        );
        assert_eq!(
            refused_in(
                "hive-web",
                "[dependencies]\nhive-store = { path = \"../hive-store\" }\nhive-core.workspace = true"
            ),
            0
        );
        assert_eq!(refused_in("hive", "[dependencies]\nhive-web.workspace = true\nhive-simulator.workspace = true"), 0);
        assert_eq!(refused_in("hive-connectwise", "[dev-dependencies]\nhive-simulator.workspace = true"), 0);
    }

    #[test]
    fn any_other_arrow_is_refused() {
        assert_eq!(refused_in("hive-core", "[dependencies]\nhive-store.workspace = true"), 1);
        assert_eq!(refused_in("hive-connectwise", "[dependencies]\nhive-simulator.workspace = true"), 1);
        assert_eq!(refused_in("hive-store", "[dev-dependencies]\nhive-connectwise.workspace = true"), 1);
        assert_eq!(refused_in("hive-simulator", "[dependencies.hive-core]\nworkspace = true"), 1);
        assert_eq!(
            refused_in("hive-web", "[dependencies]\nother = { package = \"hive-connectwise\", path = \"../x\" }"),
            1
        );
        assert_eq!(
            refused_in("hive-core", "[target.'cfg(unix)'.build-dependencies]\nhive = { path = \"../hive\" }"),
            1
        );
        assert_eq!(refused_in("hive-common", ""), 1);
    }

    #[test]
    fn the_architecture_names_every_room() {
        let with = |text: &str| {
            let manifests = vec![Plain { path: "crates/hive-store/Cargo.toml".into(), text: String::new() }];
            let architecture = Some(Plain { path: "ARCHITECTURE.md".into(), text: text.into() });
            refused(&House { manifests, architecture, ..House::default() }).len()
        };
        assert_eq!((with("- `hive-store`: SQL"), with("- `hive-stores`")), (0, 1));
    }
}
