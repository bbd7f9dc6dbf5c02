//! What the suites need besides cargo: got with apt-get, pip and npm, by package name.
//!
//! **Owns:** when something may be installed (with --install, or as root), and where the witnesses'
//! clients and axe-core live (`.tools/`).
//! **Does not own:** which versions: `witnesses/requirements.txt`, `witnesses/package-lock.json`,
//! `crates/hive/tests/browser/package-lock.json`.
//! **Limits on purpose:** Debian and its children only; elsewhere one installs by hand. Whoever
//! fails says why as `Err`, which becomes a skip.

use super::Workshop;
use crate::process;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) type Got<T> = Result<T, String>;

const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";
const NO_CLUSTER: &str = "create_main_cluster = false";

impl Workshop {
    /// The PostgreSQL server, without the cluster that Debian would make and start.
    pub(super) fn install_postgres(&self) -> Got<()> {
        self.may_install("postgresql")?;
        self.apt(&["postgresql-common"])?;
        let settings = fs::read_to_string(CLUSTER_SETTINGS).unwrap_or_default();
        let append = format!("echo '{NO_CLUSTER}' >> {CLUSTER_SETTINGS}");
        if !settings.lines().any(|line| line == NO_CLUSTER) && !process::run(&mut as_root("sh", &["-c", &append])) {
            return Err(format!("{CLUSTER_SETTINGS} cannot be written"));
        }
        self.apt(&["postgresql"])
    }

    /// The python of a virtual environment that holds the pinned clients.
    pub(super) fn python(&self) -> Got<PathBuf> {
        let venv = self.root.join(".tools/venv");
        let python = venv.join("bin/python");
        let wanted = self.root.join("witnesses/requirements.txt");
        let stamp = venv.join("hive-witnesses.txt");
        if same(&wanted, &stamp) && process::works(&python, &["--version"]) {
            return Ok(python);
        }
        self.make_venv(&venv)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&wanted);
        if !process::run(&mut pip) {
            return Err("pip cannot install witnesses/requirements.txt".to_owned());
        }
        copy(&wanted, &stamp)?;
        Ok(python)
    }

    fn make_venv(&self, venv: &Path) -> Got<()> {
        let make = || process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv));
        if process::works("python3", &["-m", "ensurepip", "--version"]) && make() {
            return Ok(());
        }
        self.apt(&["python3", "python3-venv"])?;
        if make() { Ok(()) } else { Err("python3 cannot make a virtual environment".to_owned()) }
    }

    /// The folder of node modules that holds the pinned client.
    pub(super) fn node_modules(&self) -> Got<PathBuf> {
        if !process::works("node", &["--version"]) {
            self.apt(&["nodejs", "npm"])?;
        }
        self.npm("witnesses", "node")
    }

    /// The driver of Debian's chromium, with the browser beside it.
    pub(super) fn chromedriver(&self) -> Got<PathBuf> {
        let both = || process::in_path("chromium").and_then(|_| process::in_path("chromedriver"));
        if let Some(driver) = both() {
            return Ok(driver);
        }
        self.apt(&["chromium", "chromium-driver"])?;
        both().ok_or_else(|| "chromium and chromedriver are still missing after the installation".to_owned())
    }

    /// axe-core, as one script for a page.
    pub(super) fn axe(&self) -> Got<PathBuf> {
        let axe = self.npm("crates/hive/tests/browser", "browser")?.join("axe-core/axe.min.js");
        if axe.is_file() { Ok(axe) } else { Err(format!("{} is missing", axe.display())) }
    }

    /// The node modules that the lock file of a folder pins, in `.tools/NAME`.
    fn npm(&self, folder: &str, name: &str) -> Got<PathBuf> {
        let (folder, tools) = (self.root.join(folder), self.root.join(".tools").join(name));
        let (modules, stamp) = (tools.join("node_modules"), tools.join("hive-lock.json"));
        let wanted = folder.join("package-lock.json");
        if same(&wanted, &stamp) && modules.is_dir() {
            return Ok(modules);
        }
        if !process::works("npm", &["--version"]) {
            self.apt(&["nodejs", "npm"])?;
        }
        fs::create_dir_all(&tools).map_err(|error| format!("{}: {error}", tools.display()))?;
        for file in ["package.json", "package-lock.json"] {
            copy(&folder.join(file), &tools.join(file))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--prefix"]).arg(&tools);
        if !process::run(&mut npm) {
            return Err(format!("npm cannot install {}", wanted.display()));
        }
        copy(&wanted, &stamp)?;
        Ok(modules)
    }

    fn may_install(&self, names: &str) -> Got<()> {
        if process::in_path("apt-get").is_none() {
            return Err(format!("{names} is missing and there is no apt-get here"));
        }
        if self.install || process::is_root() {
            return Ok(());
        }
        Err(format!("{names} is missing (--install gets it, or: apt-get install {names})"))
    }

    /// Installs Debian packages, where that is allowed.
    fn apt(&self, packages: &[&str]) -> Got<()> {
        let names = packages.join(" ");
        self.may_install(&names)?;
        let options =
            ["install", "-y", "--no-install-recommends", "--no-upgrade", "-o", "Dpkg::Options::=--force-confold"];
        let well = process::run(&mut as_root("apt-get", &["update", "-q"]))
            && process::run(&mut as_root("apt-get", &[&options, packages].concat()));
        if well { Ok(()) } else { Err(format!("apt-get cannot install {names}")) }
    }
}

/// Asks nothing: neither apt-get for answers nor sudo for a password.
fn as_root(program: &str, arguments: &[&str]) -> Command {
    let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", program];
    words.extend(arguments);
    if !process::is_root() {
        words.splice(0..0, ["sudo", "-n"]);
    }
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

fn copy(from: &Path, to: &Path) -> Got<()> {
    fs::copy(from, to).map(|_| ()).map_err(|error| format!("{} cannot be copied: {error}", from.display()))
}
