//! The chores of this workspace: `cargo xtask <chore>`.

mod bench;
mod chaos;
mod documents;
mod fences;
mod lint;
mod setup;
mod shell;
mod size;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use anyhow::bail;

const USAGE: &str = "\
cargo xtask <chore>

  test [--no-web] [-- ARGS]  set up what is missing, then run all tests; ARGS go to cargo test
  lint                       formatting, clippy, the fences between the crates, pages and ids, licences and bans
  chaos [--release] [ARGS]   build a server that can be hurt, and hurt it: smoke (also without ARGS), run, long, ...;
                             `chaos help` names them all
  bench [ARGS]               build server and load generator in release and measure: the standard set (without ARGS, about
                             20 minutes), or one thing; `bench help` names them all
  web                        build the web client into web/dist, which the server embeds
  types                      write web/src/api/wire.ts, the wire's types for the web client
  documents [--check]        write docs/openapi.json and docs/asyncapi.json; --check has them read by validators, and a hand
                             played by clients that are made from them; --examples adds examples that are missing
  setup                      install what the tests need, where that may be done
  size                       count the lines of Rust code of each crate";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            // Without the backtrace that anyhow adds: it is the tool's that failed, and it has said why.
            eprintln!("error: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match *args {
        ["test", ref rest @ ..] => test::run_all(&test::Options::parse(rest)?),
        ["chaos", ref rest @ ..] => chaos::run_with(rest),
        ["bench", ref rest @ ..] => bench::run_with(rest),
        ["lint"] => lint::run_all(),
        ["web"] => web::build(),
        ["types"] => web::write_types(),
        ["documents", ref rest @ ..] => documents::run_with(rest),
        ["setup"] => setup::all(),
        ["size"] => size::print(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("unknown chore `{}`\n\n{USAGE}", args.join(" ")),
    }
}
