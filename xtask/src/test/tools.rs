//! What the suites need besides cargo: got with apt-get, pip and npm, by package name.
//!
//! **Owns:** when something may be installed (with --install, or as root), and where the witnesses'
//! clients live (`.tools/`).
//! **Does not own:** which versions: `witnesses/requirements.txt`, `witnesses/package-lock.json`.
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
        let node = self.root.join(".tools/node");
        let modules = node.join("node_modules");
        let stamp = node.join("hive-witnesses.json");
        let wanted = self.root.join("witnesses/package-lock.json");
        if !(process::works("node", &["--version"]) && process::works("npm", &["--version"])) {
            self.apt(&["nodejs", "npm"])?;
        }
        if same(&wanted, &stamp) && modules.is_dir() {
            return Ok(modules);
        }
        fs::create_dir_all(&node).map_err(|error| format!("{}: {error}", node.display()))?;
        for file in ["package.json", "package-lock.json"] {
            copy(&self.root.join("witnesses").join(file), &node.join(file))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--prefix"]).arg(&node);
        if !process::run(&mut npm) {
            return Err("npm cannot install witnesses/package-lock.json".to_owned());
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
