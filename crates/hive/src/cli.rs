//! The command line, exactly as the contract has it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Hive keeps the quantities on ConnectWise agreements true.
#[derive(Debug, Parser)]
#[command(name = "hive", version, about, long_about = None)]
pub(crate) struct Cli {
    /// How to show data: a table for people, json or csv for programs.
    #[arg(long, value_enum, global = true, default_value_t = Format::Table)]
    pub(crate) format: Format,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How data is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    /// A spreadsheet; not onto a terminal.
    Xlsx,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try the whole of Hive on made-up data: nothing to configure, nothing real is touched.
    Demo(Demo),
    /// Run a living ConnectWise to try Hive with.
    Simulate(Simulate),
    /// Add or list MSPs.
    Msp {
        #[command(subcommand)]
        command: Msp,
    },
    /// Connect an MSP to its ConnectWise: tests first, saves then.
    Connect(Connect),
    /// Import a usage or a links file: all rows or none.
    Import {
        #[command(subcommand)]
        command: Import,
    },
    /// What is linked, suggested, ignored, broken; csv is the file that `import links` reads.
    Links { msp: String },
    /// Show which accounts match a company; --apply links the unmistakable ones.
    Match {
        msp: String,
        #[arg(long)]
        apply: bool,
    },
    /// Link an account to a company, or a product to an item.
    Link(Link),
    /// Take a link away; the pair is remembered and never linked automatically again.
    Unlink(Side),
    /// Decide that an account or a product is not billed.
    Ignore(Side),
    /// Exclude an account, a product or (with both) a line, with a reason and optionally through a day.
    Exclude(Exclude),
    /// Take an exclusion back.
    Include(Include),
    /// Every exclusion: who, when, through when, why, and whether it acts today.
    Exclusions { msp: String },
    /// Adjust one account's part of a product in units of the item: plus, minus or fixed.
    Adjust(Adjust),
    /// Every adjustment: who, when, through when, why, and whether it acts today.
    Adjustments { msp: String },
    /// Pull the MSP's ConnectWise data. Writes nothing there.
    Sync { msp: String },
    /// Plan: every line with its mark and issues. Stores what it shows.
    Plan {
        msp: String,
        /// Show what these settings would change, and store nothing.
        #[arg(long = "with", num_args = 1.., value_name = "KEY=VALUE")]
        with: Vec<String>,
        /// The settings are this product's.
        #[arg(long, requires = "with")]
        product: Option<String>,
        /// The settings are this account's.
        #[arg(long, requires = "with")]
        account: Option<String>,
    },
    /// What past months would have billed, with other settings too.
    Backtest {
        msp: String,
        /// Whole months before this one.
        #[arg(long, default_value_t = hive_desk::back_test::MONTHS)]
        months: u16,
        #[arg(value_name = "KEY=VALUE")]
        with: Vec<String>,
        /// Only this product; the settings are its own.
        #[arg(long)]
        product: Option<String>,
    },
    /// Write links, units, settings and pins to standard output, as one document (TOML).
    Export { msp: String },
    /// Apply such a document: shows what differs, then takes all of it or nothing.
    Apply {
        msp: String,
        /// The document; - reads it from standard input.
        file: PathBuf,
        /// Only show what differs.
        #[arg(long)]
        dry_run: bool,
    },
    /// Explain one number, from samples to quantity.
    Explain {
        msp: String,
        #[command(flatten)]
        pair: Pair,
        /// What this run planned and did about it, instead of the next Update.
        #[arg(long)]
        run: Option<i64>,
    },
    /// Choose the one addition for a line.
    Pin(Pin),
    /// Set an account's quota of a storage product: rounded up to the ladder, never below what is used.
    Quota(Quota),
    /// Approve held changes of the plan last stored.
    Approve(Approve),
    /// Answer a question about held lines.
    Answer(Answer),
    /// Write the planned quantities to ConnectWise.
    Update(Update),
    /// What an Update did; --run next: what the next one will do.
    Report {
        msp: String,
        /// A run's id, or next; without it the newest Update's.
        #[arg(long)]
        run: Option<String>,
        /// What pushed changes did not bill until the next invoice, where a cycle is longer than a month.
        #[arg(long)]
        true_up: bool,
        /// With --true-up: of every run from this day on.
        #[arg(long, value_name = "D", requires_all = ["true_up", "to"], conflicts_with = "run")]
        from: Option<String>,
        /// With --true-up: through this day.
        #[arg(long, value_name = "D", requires_all = ["true_up", "from"])]
        to: Option<String>,
        /// Write into this file instead of onto standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The runs of an MSP, newest first.
    Runs { msp: String },
    /// Take back what a run wrote, where nobody changed it since.
    Undo {
        msp: String,
        #[arg(long)]
        run: i64,
        /// Only show what would be written.
        #[arg(long)]
        dry_run: bool,
    },
    /// Show or change settings: KEY=VALUE; KEY= takes one back.
    Settings {
        msp: String,
        #[arg(value_name = "KEY=VALUE")]
        changes: Vec<String>,
        #[arg(long)]
        product: Option<String>,
        #[arg(long)]
        account: Option<String>,
        /// Only show what agreement_rule, agreement or target_date would do; nothing is saved.
        #[arg(long = "try", requires = "changes")]
        tried: bool,
    },
    /// The sources of usage: their last batches, their rhythm, what is missing.
    Sources(Sources),
    /// Serve the console and start the scheduled Syncs and Updates.
    Serve,
    /// The people who may sign in to the console.
    User {
        #[command(subcommand)]
        command: User,
    },
    /// The process settings in force, and where each comes from. Secrets are never shown.
    Config,
    /// Look for what is wrong: database, key, connection, rights, runs.
    Doctor { msp: Option<String> },
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Tell the story as text, act as the person, and end.
    #[arg(long)]
    pub(crate) exit: bool,
    /// Where the console listens: 127.0.0.1:7400, or a free port where that is taken.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// Keep the demo's database in this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    #[arg(long, default_value = "127.0.0.1:8018")]
    pub(crate) listen: SocketAddr,
    #[arg(long, default_value = "S", ignore_case = true, value_parser = ["XS", "S", "M", "L"])]
    pub(crate) size: String,
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// 0 = no limit.
    #[arg(long, default_value_t = 0)]
    pub(crate) requests_per_minute: u32,
    /// Serve https with a certificate made for this run; its PEM is written to this file.
    #[arg(long, value_name = "PEM")]
    pub(crate) tls: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Msp {
    /// Add an MSP.
    Add { name: String },
    /// List the MSPs.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person, or give one a role; prints a one-time link to set the password.
    Add {
        email: String,
        #[arg(long, value_enum)]
        role: Role,
        /// Only for this MSP; without it the role holds for every one.
        #[arg(long)]
        msp: Option<String>,
    },
}

/// What a person may do in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Admin,
    Approver,
    Mapper,
    ReadOnly,
}

#[derive(Args, Debug)]
pub(crate) struct Connect {
    pub(crate) msp: String,
    /// The Site URL, as copied from System > My Company > Miscellaneous Options.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// The name on the login screen, under Company.
    #[arg(long)]
    pub(crate) company: Option<String>,
    #[arg(long)]
    pub(crate) public_key: Option<String>,
    /// A file with the private key; - reads it from standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) private_key_file: Option<String>,
    /// Overrides the operator's clientId.
    #[arg(long)]
    pub(crate) client_id: Option<String>,
    /// Accept what will not work without the missing rights.
    #[arg(long)]
    pub(crate) accept: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// A usage file: account,product,quantity,unit,measured_at.
    Usage {
        msp: String,
        file: PathBuf,
        /// The name of the source, if there is more than one.
        #[arg(long)]
        source: Option<String>,
        /// This file lists everyone.
        #[arg(long)]
        complete: bool,
        /// Check every row and import nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// A links file: kind,hive,connectwise.
    Links { msp: String, file: PathBuf },
}

#[derive(Args, Debug)]
pub(crate) struct Link {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) one: One,
    /// The company's id or identifier.
    #[arg(long, requires = "account")]
    pub(crate) company: Option<String>,
    /// The item's id or identifier.
    #[arg(long, requires = "product")]
    pub(crate) item: Option<String>,
    /// What one unit of the item is counted in: GB, TB, user ...
    #[arg(long, requires = "product", requires = "size")]
    pub(crate) unit: Option<String>,
    /// How many of --unit one unit of the item holds.
    #[arg(long, requires = "unit")]
    pub(crate) size: Option<String>,
}

/// One account, one product, or one account's product.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(crate) struct One {
    #[arg(long)]
    pub(crate) account: Option<String>,
    #[arg(long)]
    pub(crate) product: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Side {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) one: One,
}

/// An account, a product, or with both a line.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(crate) struct What {
    #[arg(long)]
    pub(crate) account: Option<String>,
    #[arg(long)]
    pub(crate) product: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Exclude {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) what: What,
    /// Why: whoever finds it later must know.
    #[arg(long)]
    pub(crate) reason: String,
    /// The last day on which it acts.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Include {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) what: What,
}

/// How an adjustment changes what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Adjusting {
    Plus,
    Minus,
    Fixed,
}

#[derive(Args, Debug)]
pub(crate) struct Adjust {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) pair: Pair,
    #[arg(value_enum, required_unless_present = "none", conflicts_with = "none", requires = "quantity")]
    pub(crate) how: Option<Adjusting>,
    /// In units of the item.
    #[arg(value_name = "N")]
    pub(crate) quantity: Option<String>,
    /// Why: whoever finds it later must know.
    #[arg(long, required_unless_present = "none", conflicts_with = "none")]
    pub(crate) reason: Option<String>,
    /// The last day on which it acts.
    #[arg(long, value_name = "DATE", conflicts_with = "none")]
    pub(crate) until: Option<String>,
    /// Take the adjustment back.
    #[arg(long)]
    pub(crate) none: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Pair {
    #[arg(long)]
    pub(crate) account: String,
    #[arg(long)]
    pub(crate) product: String,
}

#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub(crate) struct Pin {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) pair: Pair,
    #[arg(long, group = "which")]
    pub(crate) addition: Option<i64>,
    /// Take the pin back.
    #[arg(long, group = "which")]
    pub(crate) none: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Quota {
    pub(crate) msp: String,
    #[command(flatten)]
    pub(crate) pair: Pair,
    #[arg(required_unless_present = "none", conflicts_with = "none", requires = "unit")]
    pub(crate) size: Option<String>,
    pub(crate) unit: Option<String>,
    /// Never rises by itself; without it the quota rises when usage passes it.
    #[arg(long, conflicts_with = "none")]
    pub(crate) hard: bool,
    /// Take the quota away.
    #[arg(long)]
    pub(crate) none: bool,
}

#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
pub(crate) struct Approve {
    pub(crate) msp: String,
    /// Everything that is held.
    #[arg(long, group = "what")]
    pub(crate) all: bool,
    #[arg(long, group = "what", num_args = 1.., value_name = "ID")]
    pub(crate) line: Vec<String>,
    #[arg(long, group = "what", value_name = "ID")]
    pub(crate) cause: Option<String>,
    /// Only if this is still the plan last stored.
    #[arg(long)]
    pub(crate) plan: Option<String>,
}

#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
pub(crate) struct Answer {
    pub(crate) msp: String,
    #[arg(long, group = "what", num_args = 1.., value_name = "ID")]
    pub(crate) line: Vec<String>,
    #[arg(long, group = "what", value_name = "ID")]
    pub(crate) cause: Option<String>,
    /// overwrite, minimum or lock=DATE; left, keep or later; accept.
    #[arg(value_name = "ANSWER")]
    pub(crate) answer: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Sources {
    pub(crate) msp: String,
    /// The source whose rhythm is declared.
    #[arg(long, requires = "rhythm_days")]
    pub(crate) source: Option<String>,
    /// Days from one batch to the next, or learned.
    #[arg(long, value_name = "N|learned", requires = "source")]
    pub(crate) rhythm_days: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Update {
    pub(crate) msp: String,
    /// Push exactly this plan; its links go live.
    #[arg(long, value_name = "ID")]
    pub(crate) plan: Option<String>,
    /// Only these products.
    #[arg(long, num_args = 1.., value_name = "P")]
    pub(crate) product: Vec<String>,
    /// Only these accounts: additions all of whose parts are theirs. No product goes live by it.
    #[arg(long, num_args = 1.., value_name = "A")]
    pub(crate) account: Vec<String>,
}
