//! Each fault, done and healed.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use nix::sys::signal::Signal;
use rand::RngExt;
use rand::seq::SliceRandom;
use tokio::time::{sleep, timeout};

use super::{ACTIONS_BETWEEN, ASKED_WITHIN, Kept, LOOK_EVERY, Nemesis, PLAY_WITHIN, Wound};
use crate::backup::Backup;
use crate::bus;
use crate::damage::Damage;
use crate::history::Counts;
use crate::node::CRASH_AT;
use crate::plan::Fault;
use crate::proxy::{Cut, Link, Mode};
use crate::skew;
use crate::slow::SlowReaders;

/// How long PostgreSQL says nothing to a node until it has nothing more to say.
const SETTLED_AFTER: Duration = Duration::from_millis(10);

/// How long after it is healed a fault may show.
const FELT_WITHIN: Duration = Duration::from_millis(1_500);

/// How long it may take until a node that no longer answers is seen to have died.
const DEAD_WITHIN: Duration = Duration::from_secs(1);

/// How wrong a wrong clock is, in seconds.
const WRONG_BY: i64 = 600;

impl Nemesis {
    pub(super) fn reset_some(&mut self) {
        let links: Vec<Arc<Link>> = self.links().collect();
        let link = &links[self.random.random_range(0..links.len())];
        match self.random.random_range(0..4) {
            0 => link.cut_some(Cut::Finish, 0.3),
            1 => link.cut_some(Cut::HalfClose, 0.2),
            _ => link.cut_some(Cut::Reset, 0.4),
        };
    }

    /// Returns `None` if there is nothing to heal.
    pub(super) async fn inject(&mut self, fault: Fault, node: usize) -> anyhow::Result<Option<Wound>> {
        let before = self.counts();
        let name = format!("node {}", self.scene.nodes[node].name());
        let database = || "postgres".to_owned();
        let mut kept = Kept::default();
        let (target, detail, bit) = match fault {
            Fault::K1 => return self.kill_node(node).await,
            Fault::K2 => {
                let state = self.scene.postgres.kill_session().await?;
                self.outcome.kills += u32::from(state.is_some());
                let detail = state.as_ref().map_or("no session".to_owned(), |state| format!("a session, {state}"));
                (database(), detail, state.is_none().then_some(false))
            }
            Fault::K3 => {
                self.scene.postgres.kill_all().await?;
                self.outcome.kills += 1;
                (database(), "all processes".to_owned(), None)
            }
            Fault::K4 => {
                kept.bus = bus::figures(&self.scene.nodes, node).await.ok();
                self.scene.bus.as_mut().context("there is no bus")?.kill();
                self.outcome.kills += 1;
                ("nats".to_owned(), "killed".to_owned(), None)
            }
            Fault::K5 => (name, "in turn".to_owned(), None),
            Fault::P1 => {
                let inside = self.random.random_bool(0.7) && self.freeze_in_transaction(node).await;
                self.scene.nodes[node].freeze();
                (name, if inside { "frozen in a transaction" } else { "frozen" }.to_owned(), None)
            }
            Fault::P2 => {
                self.scene.postgres.freeze();
                (database(), "frozen".to_owned(), None)
            }
            Fault::P3 => {
                let sockets = SlowReaders::open(&self.scene.world, 4).await;
                let detail = format!("{} readers that never read", sockets.len());
                kept.readers = Some(sockets);
                ("clients".to_owned(), detail, None)
            }
            Fault::N1 => {
                let one_way = self.random.random_bool(0.5);
                let mode = if one_way { Mode::DropToClient } else { Mode::Stall };
                self.scene.bus.as_ref().context("there is no bus")?.links()[node].set(mode);
                // What was on its way has arrived by now.
                sleep(LOOK_EVERY).await;
                kept.bus = bus::figures(&self.scene.nodes, node).await.ok();
                (name, if one_way { "hears nothing from nats" } else { "no way to nats and back" }.to_owned(), None)
            }
            Fault::N2 => {
                self.scene.database_links[node].set(Mode::Stall);
                (name, "no way to postgres and back".to_owned(), None)
            }
            Fault::N3 => {
                self.scene.database_links[node].set(Mode::DropToClient);
                (name, "hears nothing from postgres".to_owned(), None)
            }
            Fault::N4 => ("links".to_owned(), self.clog().await, None),
            Fault::N5 => {
                let mean = Duration::from_millis(self.random.random_range(5..=100));
                let mode = Mode::Delay { mean, jitter: mean.mul_f64(0.8) };
                self.links().for_each(|link| link.set(mode));
                ("links".to_owned(), format!("late by {} ms", mean.as_millis()), None)
            }
            Fault::N6 => ("links".to_owned(), "connections are cut".to_owned(), None),
            Fault::D1 | Fault::D2 => {
                let room = self.scene.postgres.fill_disk()?;
                (database(), format!("{} KiB of disk filled", room / 1024), None)
            }
            Fault::D3 => {
                let damage = Damage::inflict(&self.scene.postgres, &mut self.random).await?;
                let (room, what) = (format!("room {}", damage.room), damage.what.to_owned());
                kept.damage = Some(damage);
                (room, what, None)
            }
            Fault::D4 => {
                let (clock, out) = (self.scene.world.clock, &self.scene.out);
                kept.backup = Some(Backup::make(&self.scene.postgres, clock, out).await?);
                (database(), "a backup is made".to_owned(), None)
            }
            Fault::C1 | Fault::C2 => {
                let by = if self.random.random_bool(0.5) { WRONG_BY } else { -WRONG_BY };
                self.set_clock(fault, by)?;
                let target = if fault == Fault::C1 { "all nodes".to_owned() } else { database() };
                (target, format!("{by:+} s"), None)
            }
            Fault::C3 => {
                let wrong = self.show_wrong_tokens().await?;
                let bit = Some(wrong.is_empty());
                self.outcome.problems.extend(wrong);
                ("clients".to_owned(), "tokens that are early or late by 4 s and by 120 s".to_owned(), bit)
            }
            Fault::X1 => return Ok(None),
        };
        self.note(fault, "inject", &target, &detail, before.in_flight, bit)?;
        Ok(Some(Wound { fault, node, target, before, bit, kept }))
    }

    /// Shows tokens of a wrong clock to the first node. One that has just died where it was told to is brought back, and
    /// asked again.
    async fn show_wrong_tokens(&mut self) -> anyhow::Result<Vec<String>> {
        loop {
            match skew::try_all(&self.scene.world, &self.scene.foreign_secret).await {
                Ok(wrong) => return Ok(wrong),
                Err(err) => match self.died_where_told(0, DEAD_WITHIN).await? {
                    Some(wound) => self.heal(wound).await?,
                    None => return Err(err),
                },
            };
        }
    }

    /// Returns whether it bit.
    pub(super) async fn heal(&mut self, wound: Wound) -> anyhow::Result<bool> {
        let Wound { fault, node, target, before, mut bit, kept } = wound;
        let mut detail = String::new();
        // A node that something else has hurt as well says nothing: then it is for the clients to tell.
        if let Some(said) = kept.bus
            && let Ok(figures) = bus::figures(&self.scene.nodes, node).await
        {
            bit = Some(figures.show_harm_since(&said));
        }
        match fault {
            // It died while nodes were restarted in turn: that has brought it back.
            Fault::K1 if self.scene.nodes[node].pid().is_some() => {}
            Fault::K1 => {
                let point = self.next_point();
                let env = point.map(|point| (CRASH_AT, self.how_often(point)));
                self.scene.nodes[node].start(env.as_slice()).await?;
                self.armed[node] = point;
                detail = point.map(|point| format!("to die at {point}")).unwrap_or_default();
            }
            Fault::K2 | Fault::K3 => self.scene.postgres.bring_back().await?,
            Fault::K5 => {
                for index in 0..self.scene.nodes.len() {
                    self.stop_in_turn(index).await;
                    self.scene.nodes[index].start(&[]).await?;
                }
            }
            Fault::K4 => {
                let bus = self.scene.bus.as_mut().context("there is no bus")?;
                // Or it stays away until it is to be killed again, or for good.
                if self.random.random_bool(0.6) {
                    bus.bring_back();
                }
            }
            Fault::N1 => {
                let link = &self.scene.bus.as_ref().context("there is no bus")?.links()[node];
                link.set(Mode::Pass);
                if self.random.random_bool(0.5) {
                    detail = format!("{} connections reset", link.cut_all(Cut::Reset));
                }
            }
            Fault::P1 => self.scene.nodes[node].thaw(),
            Fault::P2 => self.scene.postgres.thaw(),
            Fault::P3 => {
                let unread = match kept.readers {
                    Some(readers) => readers.close().await,
                    None => 0,
                };
                detail = format!("{unread} of them had something to read");
                bit = Some(unread > 0);
            }
            Fault::N2 | Fault::N3 => {
                let link = &self.scene.database_links[node];
                link.set(Mode::Pass);
                if self.random.random_bool(0.5) {
                    detail = format!("{} connections reset", link.cut_all(Cut::Reset));
                }
            }
            Fault::N4 | Fault::N5 | Fault::N6 => {
                let mut links: Vec<Arc<Link>> = self.links().collect();
                links.shuffle(&mut self.random);
                for link in links {
                    link.set(Mode::Pass);
                    if fault == Fault::N4 {
                        sleep(Duration::from_millis(self.random.random_range(50..300))).await;
                    }
                }
            }
            Fault::D1 | Fault::D2 => {
                let survived = self.scene.postgres.is_running();
                self.scene.postgres.empty_disk()?;
                self.scene.postgres.bring_back().await?;
                detail = if survived { "it lived on" } else { "it was down" }.to_owned();
            }
            Fault::D3 => detail = self.mend(kept.damage.context("nothing is damaged")?).await?,
            Fault::D4 => {
                let lost = self.restore(kept.backup.context("there is no backup")?, node, &before).await?;
                (detail, bit) = (format!("restored: {lost} events are lost"), Some(lost > 0));
            }
            Fault::C1 | Fault::C2 => {
                // Whoever has just died shows no time.
                bit = self.clock_is_wrong(fault).await.ok();
                self.set_clock(fault, 0)?;
            }
            Fault::C3 | Fault::X1 => {}
        }
        let bit = match bit {
            Some(bit) => bit,
            None => fault == Fault::K1 && before.in_flight > 0 || self.hurt_since(&before).await,
        };
        self.count(fault, bit);
        self.note(fault, "heal", &target, &detail, self.counts().in_flight, Some(bit))?;
        Ok(bit)
    }

    /// Mends a damaged room. Every other one has to have been dealt hands meanwhile.
    async fn mend(&mut self, damage: Damage) -> anyhow::Result<String> {
        let (others, dealt) = damage.dealt_elsewhere(&self.scene.postgres).await?;
        if others > 0 && dealt == 0 {
            let room = damage.room;
            self.outcome.problems.push(format!("D3: while room {room} was damaged no hand was dealt in any other"));
        }
        damage.mend(&self.scene.postgres).await?;
        Ok(format!("mended: {dealt} hands were dealt in other rooms meanwhile"))
    }

    /// Restores a backup when enough was played since to be missed. The server is told, or has to notice by itself.
    async fn restore(&mut self, backup: Backup, node: usize, before: &Counts) -> anyhow::Result<u64> {
        let until = Instant::now() + PLAY_WITHIN;
        while self.counts().acknowledged < before.acknowledged + ACTIONS_BETWEEN && Instant::now() < until {
            sleep(LOOK_EVERY).await;
        }
        let (clock, out) = (self.scene.world.clock, &self.scene.out);
        let lost = backup.restore(&self.scene.postgres, clock, out).await?;
        if self.random.random_bool(0.3) {
            self.scene.nodes[node].obey("restored").await?;
        }
        Ok(lost)
    }

    /// Asks a node to stop. One that is about to die somewhere may do so on its way.
    async fn stop_in_turn(&mut self, index: usize) {
        let (node, armed) = (&mut self.scene.nodes[index], self.armed[index].take());
        match (node.end().await, armed) {
            (Ok(Some(status)), Some(point)) if status.signal() == Some(Signal::SIGABRT as i32) => {
                self.outcome.kills += 1;
                self.outcome.points.push(point);
            }
            (Ok(Some(status)), _) if !status.success() => {
                self.outcome.problems.push(format!("K5: node {} stopped with {status}", node.name()));
            }
            (Ok(_), _) => {}
            (Err(err), _) => self.outcome.problems.push(format!("K5: {err:#}")),
        }
    }

    /// Freezes a node again and again, until it is in the middle of a transaction: what that has locked stays locked.
    ///
    /// Returns whether it is. A database that says nothing, as it is hurt too, isn't asked twice.
    pub(super) async fn freeze_in_transaction(&mut self, node: usize) -> bool {
        let until = Instant::now() + ASKED_WITHIN;
        while Instant::now() < until {
            self.scene.nodes[node].freeze();
            // What PostgreSQL was about to answer is answered.
            sleep(SETTLED_AFTER * 2).await;
            match timeout(ASKED_WITHIN, self.scene.postgres.has_idle_transaction(SETTLED_AFTER)).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => return true,
                Ok(Err(_)) | Err(_) => return false,
            }
            self.scene.nodes[node].thaw();
            sleep(Duration::from_millis(self.random.random_range(1..20))).await;
        }
        false
    }

    /// Whether clients have felt it. Requests that were held up until now show it when they are answered.
    pub(super) async fn hurt_since(&self, before: &Counts) -> bool {
        let until = Instant::now() + FELT_WITHIN;
        while !self.counts().worse_than(before) {
            if Instant::now() >= until {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    /// Stops some of the links, one by one.
    pub(super) async fn clog(&mut self) -> String {
        let mut links: Vec<Arc<Link>> = self.links().collect();
        links.shuffle(&mut self.random);
        links.truncate(self.random.random_range(1..=links.len()));
        let mut names = Vec::new();
        for link in links {
            link.set(Mode::Stall);
            names.push(link.name().to_owned());
            sleep(Duration::from_millis(self.random.random_range(50..300))).await;
        }
        format!("stopped in this order: {}", names.join(", "))
    }

    fn set_clock(&self, fault: Fault, by: i64) -> anyhow::Result<()> {
        let file = if fault == Fault::C1 { &self.scene.node_clock } else { &self.scene.database_clock };
        let file = file.as_ref().context("this clock can't be set")?;
        fs::write(file, format!("{by:+}\n")).context("can't set a clock")
    }

    /// By what the server or PostgreSQL says of the time.
    pub(super) async fn clock_is_wrong(&self, fault: Fault) -> anyhow::Result<bool> {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
        let theirs = match fault {
            Fault::C1 => skew::clock_of_node(&self.scene.world).await?,
            _ => {
                let rows = self.scene.postgres.sql("SELECT extract(epoch FROM clock_timestamp())::bigint").await?;
                rows.first().and_then(|row| row.first()?.as_deref()?.parse().ok()).context("PostgreSQL has a clock")?
            }
        };
        Ok((theirs - now).abs() > WRONG_BY / 2)
    }
}
