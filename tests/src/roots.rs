//! A root of this machine's distribution with its smallest set of packages, Rust and a C compiler; and how a program is
//! started there.
//!
//! Made by `debootstrap`, entered by `bwrap`. Both see file systems of their own: no mount is ever visible outside, so
//! that folders may be removed as any other.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::alone::alone;
use crate::packages;
use crate::verify::has;
use crate::{run, target_dir, try_run};

/// A copy of it, which goes with the value.
#[derive(Debug)]
pub struct Root {
    folder: PathBuf,
}

/// What a page's reader has before it begins: a C compiler, and what downloads are verified with.
const PACKAGES: &str = "ca-certificates,gcc,libc6-dev";

/// Settings of this machine by which clients of registries reach them.
const NETWORK: [&str; 6] =
    ["PIP_INDEX", "PIP_DEFAULT", "PIP_CERT", "CARGO_HTTP_", "CARGO_REGISTR", "SSL_CERT_"];
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];

/// What apt downloads, once for all copies: its lists, and packages.
const SHARED: [&str; 2] = ["var/lib/apt/lists", "var/cache/apt/archives"];

impl Root {
    /// Where the reader is at home.
    pub const HOME: &str = "/srv/reader";
    /// Where Rust is.
    pub const RUST: &str = "/opt/rust";

    /// A copy of the root. None, and said, where it cannot be made.
    ///
    /// # Panics
    ///
    /// When `debootstrap` fails.
    #[must_use]
    pub fn new(name: &str) -> Option<Root> {
        if !["debootstrap", "bwrap"].into_iter().all(has) {
            return None;
        }
        let unshared = try_run(Command::new("unshare").args(["--mount", "true"]));
        if !unshared.status.success() || run(Command::new("id").arg("-u")).trim() != "0" {
            println!("skipped: debootstrap needs root, who is not here");
            return None;
        }
        let root = Root { folder: target_dir("roots").join(format!("copy-{name}")) };
        root.empty();
        for path in SHARED {
            fs::create_dir_all(shared(path)).expect("a folder can be made");
        }
        run(root.command("apt-get", &target_dir("roots"), "").args(["--quiet", "update"]));
        Some(root)
    }

    /// Takes everything away that was installed.
    ///
    /// # Panics
    ///
    /// When `debootstrap` fails.
    pub fn empty(&self) {
        let _alone = alone("roots");
        remove(&self.folder);
        run(Command::new("cp").args(["--archive", "--reflink=auto"]).arg(base()).arg(&self.folder));
    }

    /// The crates as they are uploaded, in a home: their names, and where they are as it is seen in the root.
    #[must_use]
    pub fn publish(&self, home: &Path) -> Vec<(String, PathBuf)> {
        let seen = |(name, folder)| (name, Path::new(Root::HOME).join("crates").join(folder));
        packages::unpack(&home.join("crates")).into_iter().map(seen).collect()
    }

    /// Installs packages, as the page says.
    ///
    /// # Panics
    ///
    /// When `apt-get` does not.
    pub fn install(&self, packages: &[&str], home: &Path) {
        if !packages.is_empty() {
            let mut install = self.command("apt-get", home, "");
            run(install.args(["--quiet", "--yes", "--no-install-recommends", "install"]).args(packages));
        }
    }

    /// A program of the root, started in a folder of a home, with nothing of this machine but its network.
    #[must_use]
    pub fn command(&self, program: &str, home: &Path, folder: &str) -> Command {
        let mut inside = Command::new("bwrap");
        inside.args(["--die-with-parent", "--unshare-pid", "--unshare-ipc"]);
        inside.arg("--bind").arg(&self.folder).arg("/").args(["--dev", "/dev", "--proc", "/proc"]);
        inside.arg("--ro-bind").arg(sysroot()).arg(Root::RUST);
        for file in ["/etc/resolv.conf", "/etc/hosts"] {
            inside.args(["--ro-bind-try", file, file]);
        }
        for path in SHARED {
            inside.arg("--bind").arg(shared(path)).arg(format!("/{path}"));
        }
        inside.arg("--bind").arg(home).arg(Root::HOME).arg("--chdir").arg(format!("{}/{folder}", Root::HOME));
        inside.arg("--").arg(program).env_clear();
        let is_network = |key: &str| {
            NETWORK.iter().any(|start| key.starts_with(start))
                || PROXIES.contains(&&*key.to_ascii_uppercase())
        };
        inside.envs(env::vars().filter(|(key, _)| is_network(key)));
        let path = format!("{0}/bin:{1}/bin:/usr/sbin:/usr/bin:/sbin:/bin", Root::HOME, Root::RUST);
        inside.env("PATH", path).env("HOME", Root::HOME).env("LANG", "C.UTF-8").env("USER", "root");
        inside.env("CARGO_TERM_COLOR", "never").env("DEBIAN_FRONTEND", "noninteractive");
        inside
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn shared(path: &str) -> PathBuf {
    target_dir("roots").join("apt").join(path)
}

/// Removes a folder: `bwrap` has ended, and with it every mount that there was.
fn remove(folder: &Path) {
    if folder.exists() {
        run(Command::new("rm").args(["--recursive", "--force", "--one-file-system"]).arg(folder));
    }
}

fn sysroot() -> PathBuf {
    PathBuf::from(
        run(Command::new(env!("CARGO").replace("/cargo", "/rustc")).args(["--print", "sysroot"])).trim(),
    )
}

/// The root that copies are made of, made once.
fn base() -> PathBuf {
    let suite = run(Command::new("sh").args(["-c", ". /etc/os-release && printf %s \"$VERSION_CODENAME\""]));
    let folder = target_dir("roots").join(&suite);
    let complete = target_dir("roots").join(format!("{suite}.complete"));
    if complete.is_file() {
        return folder;
    }
    remove(&folder);
    fs::create_dir_all(target_dir("roots")).expect("a folder can be made");
    // What it mounts goes with it, even if it is ended.
    let mut make = Command::new("unshare");
    make.args(["--mount", "--propagation", "private", "debootstrap", "--variant=minbase"]);
    make.arg(format!("--include={PACKAGES}")).arg(&suite).arg(&folder).args(mirror(&suite));
    run(&mut make);
    // Whom this machine trusts, and how its pip is set up.
    let local = "usr/local/share/ca-certificates";
    for path in ["etc/pip.conf", local, "etc/ssl/certs/ca-certificates.crt"] {
        let here = Path::new("/").join(path);
        if here.exists() {
            run(Command::new("cp")
                .args(["--archive", "--no-target-directory"])
                .arg(here)
                .arg(folder.join(path)));
        }
        if path == local {
            run(Command::new("chroot").arg(&folder).arg("update-ca-certificates"));
        }
    }
    let settings = run(Command::new("apt-config").args(["dump", "Acquire"]));
    let kept = ["Acquire::http", "Acquire::Check", "Acquire::Retries", "Acquire::ForceIPv4"];
    let is_kept = |line: &&str| kept.iter().any(|start| line.starts_with(start));
    let settings: String = settings.lines().filter(is_kept).map(|line| format!("{line}\n")).collect();
    fs::write(folder.join("etc/apt/apt.conf.d/90network"), settings).expect("it can be written");
    fs::write(complete, "").expect("it can be written");
    folder
}

/// Where this machine has its packages from, if it says so.
fn mirror(suite: &str) -> Option<String> {
    let wanted = [format!("Codename: {suite}"), "Created-By: Packages".into(), "Component: main".into()];
    let mut targets = Command::new("apt-get");
    let told = run(targets.args(["indextargets", "--format", "$(REPO_URI)"]).args(wanted));
    told.lines().next().map(str::to_owned)
}
