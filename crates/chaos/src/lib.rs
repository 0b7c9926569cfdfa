//! Starts a whole system, uses it as people do, breaks it in every way that can be thought of, and asks whether it kept its
//! promises.
//!
//! ```text
//!  bots ──▶ proxy ──▶ node a, node b ──▶ proxy ──▶ PostgreSQL          run.json  client-N.jsonl  nemesis.jsonl
//!    ╰ logs          ╰ killed, frozen    ╰ cut     ╰ killed, full      logs/  dump/        ──▶ chaos-check
//!                         ╰──▶ proxy ──▶ NATS
//! ```
//! [`run`] is one run; [`plan`] decides by its seed what goes wrong, [`nemesis`] does it. [`bot`] and [`tab`] are what clients
//! do, [`history`] is what they note, and [`verdict`] has it judged.
//! [`smoke`] has series of runs, [`measure`] takes the times that are promised.

pub mod backup;
pub mod bot;
pub mod bugs;
pub mod bus;
pub mod client;
pub mod damage;
pub mod dump;
pub mod history;
mod lab;
pub mod measure;
pub mod nemesis;
pub mod node;
pub mod plan;
pub mod postgres;
pub mod proxy;
pub mod run;
pub mod skew;
pub mod slow;
pub mod smoke;
pub mod tab;
pub mod table;
pub mod verdict;
