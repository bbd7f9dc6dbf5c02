//! Where the demo stops before anything is written: how to go on, and waiting for Ctrl-C.

use super::data::{ARCHIVE, ENDPOINTS, NEVER_LINKED, PER_TB, TWO_ADDITIONS};
use super::stage::{CLIENT_ID, MSP, Stage};
use super::words::{heading, say};
use crate::failure::Failure;
use crate::show::print;
use hive_core::plan::Plan;

/// The commands that go on from here, ready to be pasted.
pub(crate) async fn offer(stage: &Stage, plan: &Plan) -> Result<(), Failure> {
    let link = stage.console().await?;
    let url = stage.running.url();
    heading(6, "Go on, in a browser");
    say("Nothing is written yet. The console is open for you; this link signs you in once:");
    print(&format!("\n   {link}\n"));
    say("Beside it stands the sample ConnectWise, where you can be the human and break things:");
    print(&format!("\n   {url}/  its agreements, and its log of writes"));
    print(&format!(
        "   {url}/_sim/agreements/{}  Juniper Law: be Priya, set 25 seats before the Update\n",
        stage.built.priya.agreement
    ));
    say("Or go on in another terminal. These lines point hive at this demo:");
    let directory = stage.directory();
    let hive = std::env::current_exe().map_or_else(|_| "hive".to_owned(), |path| path.display().to_string());
    print("");
    print(&format!("   alias hive={}", quoted(&hive)));
    for (name, value) in [
        ("HIVE_DATABASE_URL", stage.house.process.database_url.clone()),
        ("HIVE_KEY_FILE", directory.join("hive.key").display().to_string()),
        ("HIVE_PRIVATE_HOSTS", stage.running.addr().to_string()),
        ("HIVE_CONNECTWISE_CLIENT_ID", CLIENT_ID.to_owned()),
    ] {
        print(&format!("   export {name}={}", quoted(&value)));
    }
    let company = stage
        .customers
        .iter()
        .find(|customer| customer.account == NEVER_LINKED)
        .and_then(|customer| stage.built.companies.get(customer.company));
    let company = company.map_or_else(|| "ID".to_owned(), i64::to_string);
    print("\n   Look closer:\n");
    print(&format!("   hive plan \"{MSP}\""));
    print(&format!("   hive explain \"{MSP}\" --account \"{PER_TB}\" --product \"{ARCHIVE}\""));
    print(&format!("   hive explain \"{MSP}\" --account \"{TWO_ADDITIONS}\" --product \"{ENDPOINTS}\""));
    print("\n   Write exactly the plan above, read the report, take it back:\n");
    print(&format!("   hive update \"{MSP}\" --plan {}", plan.id));
    print(&format!("   hive report \"{MSP}\""));
    print(&format!("   hive runs   \"{MSP}\""));
    print(&format!("   hive undo   \"{MSP}\" --run ID"));
    print("\n   Mend one, and plan again (the new plan has a new id):\n");
    print(&format!("   hive link \"{MSP}\" --account \"{NEVER_LINKED}\" --company {company}"));
    print(&format!("   hive plan \"{MSP}\""));
    print("");
    say(if stage.is_kept() {
        "Ctrl-C ends the demo; its directory stays, the sample ConnectWise does not."
    } else {
        "Ctrl-C ends the demo and removes its directory."
    });
    print(&format!("\n   {link}"));
    Ok(())
}

/// For a shell: in single quotes where it needs them.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/:._-".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
