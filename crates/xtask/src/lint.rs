//! What can be checked without running anything.

use crate::shell::{cargo, find, run};
use crate::{fences, tidy, web};

/// The fences between the crates, pages and ids, formatting, clippy, documentation, the web client, licences and bans.
pub fn run_all() -> anyhow::Result<()> {
    fences::check()?;
    tidy::check()?;
    run(cargo().args(["fmt", "--all", "--check"]))?;
    web::lint()?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run(cargo()
        .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings"))?;
    // What only a sabotaged server has.
    run(cargo().args(["clippy", "--package", "app", "--lib", "--features", "sabotage", "--", "-D", "warnings"]))?;
    if find("cargo-deny").is_none() {
        println!("skipped: licences and bans of dependencies (cargo install --locked cargo-deny)");
        return Ok(());
    }
    // Not its advisories: they change without us, and are fetched. `just audit` looks at them.
    run(cargo().args(["deny", "check", "bans", "licenses", "sources"]))
}
