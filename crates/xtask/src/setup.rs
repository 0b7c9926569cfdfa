//! Installs what the tests need, where that may be done: on Debian and its like, as root. Elsewhere it says what to install.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::bail;

use crate::shell::{find, output, program, run};

/// Everything: for a fresh machine.
pub fn all() -> anyhow::Result<()> {
    postgres()?;
    nats()?;
    pgbouncer()?;
    proxies()?;
    if find("npm").is_none() {
        println!("skipped: the web client's tests need Node.js 20.19 or later with npm (Debian: nodejs npm)");
        return Ok(());
    }
    browser()?;
    println!("all that the tests need is there");
    Ok(())
}

/// PostgreSQL's server programs, which the server's private database and the tests run.
pub fn postgres() -> anyhow::Result<()> {
    if has_postgres() {
        return Ok(());
    }
    if !may_install() {
        bail!(
            "the tests need PostgreSQL's server programs (initdb, pg_ctl, postgres), 14 or later. Install them:\n  \
             Debian, Ubuntu: sudo apt-get install postgresql\n  \
             Fedora:         sudo dnf install postgresql-server\n  \
             Arch:           sudo pacman -S postgresql\n  \
             macOS:          brew install postgresql@17"
        );
    }
    install(&["postgresql"])
}

/// NATS, for the tests of several nodes, which are skipped where there is none and none may be installed.
pub fn nats() -> anyhow::Result<()> {
    if find("nats-server").is_some() || Path::new("/usr/sbin/nats-server").is_file() {
        return Ok(());
    }
    if may_install() {
        return install(&["nats-server"]);
    }
    println!("skipped: the tests of several nodes need nats-server (Debian: nats-server; macOS: nats-server)");
    Ok(())
}

/// PgBouncer, for the tests of poolers, which are skipped where there is none and none may be installed.
pub fn pgbouncer() -> anyhow::Result<()> {
    if find("pgbouncer").is_some() || Path::new("/usr/sbin/pgbouncer").is_file() {
        return Ok(());
    }
    if may_install() {
        return install(&["pgbouncer"]);
    }
    println!("skipped: the tests of poolers need pgbouncer (Debian: pgbouncer; macOS: pgbouncer)");
    Ok(())
}

/// Reverse proxies, for the tests of their examples, which are skipped where there are none and none may be installed.
pub fn proxies() -> anyhow::Result<()> {
    for proxy in ["nginx", "caddy"] {
        if find(proxy).is_some() || Path::new("/usr/sbin").join(proxy).is_file() {
            continue;
        }
        if may_install() {
            install(&[proxy])?;
        } else {
            println!("skipped: the tests of reverse proxies' examples need {proxy} (Debian: {proxy})");
        }
    }
    Ok(())
}

/// A browser and a font for the browser tests. `false` if there is none and none may be installed.
pub fn browser() -> anyhow::Result<bool> {
    if find("chromium").is_some() {
        return Ok(true);
    }
    if may_install() {
        install(&["chromium", "fonts-dejavu-core"])?;
    }
    Ok(find("chromium").is_some())
}

fn has_postgres() -> bool {
    let versions =
        ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"].into_iter().flat_map(fs::read_dir);
    let mut bins = versions.flatten().flatten().map(|version| version.path().join("bin"));
    find("initdb").is_some()
        || bins.any(|bin| bin.join("initdb").is_file())
        || Path::new("/usr/local/pgsql/bin/initdb").is_file()
}

fn may_install() -> bool {
    find("apt-get").is_some() && output(program("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0")
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    if UPDATED.set(()).is_ok() {
        run(program("apt-get").args(["-qq", "update"]))?;
    }
    let mut install = program("apt-get");
    install.args(["-qq", "install", "-y", "--no-install-recommends"]).args(packages);
    run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}
