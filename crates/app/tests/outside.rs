//! The whole server from outside: real processes, a real PostgreSQL, HTTP and WebSocket. One database a test.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "outside/absence.rs"]
mod absence;
#[path = "outside/audit.rs"]
mod audit;
#[path = "outside/audit_columns.rs"]
mod audit_columns;
#[path = "outside/authorisation.rs"]
mod authorisation;
#[path = "outside/bad_input.rs"]
mod bad_input;
#[path = "outside/blinds.rs"]
mod blinds;
#[path = "outside/bus.rs"]
mod bus;
#[path = "outside/client_files.rs"]
mod client_files;
#[path = "outside/clients.rs"]
mod clients;
#[path = "outside/clocks.rs"]
mod clocks;
#[path = "outside/databases.rs"]
mod databases;
#[path = "outside/documents.rs"]
mod documents;
#[path = "outside/fairness.rs"]
mod fairness;
#[path = "outside/faults.rs"]
mod faults;
#[path = "outside/floods.rs"]
mod floods;
#[path = "outside/fuzz.rs"]
mod fuzz;
#[path = "outside/house_rules.rs"]
mod house_rules;
#[path = "outside/identity.rs"]
mod identity;
#[path = "outside/lengths.rs"]
mod lengths;
#[path = "outside/once.rs"]
mod once;
#[path = "outside/open_log.rs"]
mod open_log;
#[path = "outside/operations.rs"]
mod operations;
#[path = "outside/own_turn.rs"]
mod own_turn;
#[path = "outside/payloads.rs"]
mod payloads;
#[path = "outside/play.rs"]
mod play;
#[path = "outside/preferences.rs"]
mod preferences;
#[path = "outside/proxies.rs"]
mod proxies;
#[path = "outside/races.rs"]
mod races;
#[path = "outside/restored.rs"]
mod restored;
#[path = "outside/rule_books.rs"]
mod rule_books;
#[path = "outside/runs.rs"]
mod runs;
#[path = "outside/scenarios.rs"]
mod scenarios;
#[path = "outside/secrecy.rs"]
mod secrecy;
#[path = "outside/server.rs"]
mod server;
#[path = "outside/showing.rs"]
mod showing;
#[path = "outside/sign_in.rs"]
mod sign_in;
#[path = "outside/sockets.rs"]
mod sockets;
#[path = "outside/stays.rs"]
mod stays;
#[path = "outside/strangers.rs"]
mod strangers;
#[path = "outside/tokens.rs"]
mod tokens;
#[path = "outside/variants.rs"]
mod variants;
