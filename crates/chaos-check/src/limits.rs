//! The bounds that the promises name, and how much the checker forgives.

/// Bounds and tolerances. The defaults are the promises' own.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Limits {
    /// How far the rig's clock and the database's may be apart, in milliseconds.
    #[arg(long, default_value_t = 100)]
    pub clock_tolerance_ms: i64,
    /// How long the clock's decision may be late after a fault, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    pub late_after_fault_ms: i64,
    /// How long the clock's decision may be late with nothing wrong, in milliseconds: on a machine that does much else.
    #[arg(long, default_value_t = 5000)]
    pub late_clock_ms: i64,
    /// The shortest time without service that counts as an outage, in milliseconds.
    #[arg(long, default_value_t = 2000)]
    pub outage_ms: i64,
    /// What the player to act has at least after an outage, in milliseconds.
    #[arg(long, default_value_t = 15_000)]
    pub after_outage_ms: i64,
    /// How long a call counts as being there, in milliseconds.
    #[arg(long, default_value_t = 15_000)]
    pub call_ms: i64,
    /// How long a socket counts after its last heartbeat, if nobody says that it is closed, in milliseconds.
    #[arg(long, default_value_t = 90_000)]
    pub line_ms: i64,
    /// How exactly the rig knows when a fault began and ended, in milliseconds.
    #[arg(long, default_value_t = 1000)]
    pub fault_edge_ms: i64,
    /// How long after its commit an event may come to a connection that was open, in milliseconds: a
    /// look for missed events, which is one a second, and some slack.
    #[arg(long, default_value_t = 1500)]
    pub late_event_ms: i64,
    /// How long after its commit an event counts as lost to a connection that is open, in milliseconds.
    #[arg(long, default_value_t = 5000)]
    pub delivery_ms: i64,
    /// How long after the last fault every client is back, in milliseconds.
    #[arg(long, default_value_t = 15_000)]
    pub reconnect_ms: i64,
    /// How long after the last fault every room takes an action, in milliseconds.
    #[arg(long, default_value_t = 30_000)]
    pub progress_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clock_tolerance_ms: 100,
            late_after_fault_ms: 3000,
            late_clock_ms: 5000,
            outage_ms: 2000,
            after_outage_ms: 15_000,
            call_ms: 15_000,
            line_ms: 90_000,
            fault_edge_ms: 1000,
            late_event_ms: 1500,
            delivery_ms: 5000,
            reconnect_ms: 15_000,
            progress_ms: 30_000,
        }
    }
}
