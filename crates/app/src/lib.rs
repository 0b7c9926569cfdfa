//! Wires Holdfast together: configuration, HTTP routes, the clock, logs and metrics.

pub mod audit;
pub mod check;
pub mod config;
pub mod demo;
pub mod http;
pub mod identity;
pub mod randomness;
pub mod restored;
pub mod rounds;
pub mod serve;
pub mod state;
pub mod telemetry;
pub mod timers;
pub mod wake_up;
pub mod wiring;
