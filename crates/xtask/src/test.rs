//! All tests. Cargo's come last, so that their closing lines are the last thing to be seen.

use std::path::PathBuf;

use anyhow::bail;

use crate::shell::{built, cargo, run};
use crate::{setup, web};

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    web: bool,
    cargo_args: Vec<String>,
}

impl Options {
    /// From the arguments after `test`.
    pub fn parse(args: &[&str]) -> anyhow::Result<Self> {
        let mut groups = args.splitn(2, |arg| *arg == "--");
        let ours = groups.next().unwrap_or_default();
        let cargos = groups.next().unwrap_or_default();

        let mut options = Self { web: true, cargo_args: cargos.iter().map(ToString::to_string).collect() };
        for arg in ours {
            match *arg {
                "--no-web" => options.web = false,
                _ => bail!("unknown option `{arg}` of `cargo xtask test` (arguments of cargo test go after `--`)"),
            }
        }
        Ok(options)
    }

    fn chooses_packages(&self) -> bool {
        let cargos = self.cargo_args.iter().take_while(|arg| *arg != "--");
        cargos.into_iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
    }
}

/// Sets up what is missing, then runs all tests.
pub fn run_all(options: &Options) -> anyhow::Result<()> {
    setup::postgres()?;
    setup::nats()?;
    setup::pgbouncer()?;
    setup::proxies()?;
    if options.web {
        web::test(built_server)?;
    }
    let mut tests = cargo();
    tests.arg("test");
    if !options.chooses_packages() {
        tests.arg("--workspace");
    }
    run(tests.args(&options.cargo_args))
}

/// The server as the browser tests start it: built like the tests, which share most of the work.
fn built_server() -> anyhow::Result<PathBuf> {
    run(cargo().args(["build", "--package", "app", "--bin", "holdfast"]))?;
    built("holdfast")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_dashes_is_cargos() {
        let options =
            Options::parse(&["--no-web", "--", "-p", "domain", "--", "--nocapture"]).expect("all of it is known");
        let cargo_args = ["-p", "domain", "--", "--nocapture"].map(str::to_owned).into();
        assert_eq!(options, Options { web: false, cargo_args });
        assert!(options.chooses_packages());
    }

    #[test]
    fn all_crates_are_tested_unless_some_are_chosen() {
        for args in [&[][..], &["--", "a_rule"], &["--", "--", "-p"]] {
            assert!(!Options::parse(args).expect("all of it is known").chooses_packages(), "{args:?}");
        }
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(Options::parse(&["--fast"]).is_err());
    }
}
