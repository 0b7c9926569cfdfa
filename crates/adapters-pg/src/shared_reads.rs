//! Reads of a room that are shared by those who ask at the same time: after a failure of the network everybody at a table asks
//! for the same room at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::RoomId;
use ports::store::{Snapshot, StoreError};

/// Rooms that are being read.
#[derive(Default)]
pub(crate) struct SharedReads(Mutex<HashMap<RoomId, Arc<Gate>>>);

/// One read of a room at a time. What it finds is for whoever asked before it began, and never for anybody later: an answer is
/// at least as new as its question.
#[derive(Default)]
struct Gate {
    /// Reads that have begun.
    begun: AtomicU64,
    /// The last one that found something, and which one it was.
    found: tokio::sync::Mutex<Option<(u64, Snapshot)>>,
}

impl SharedReads {
    /// What `read` finds, or what another has found that began since this was called.
    pub(crate) async fn read(
        &self,
        room: RoomId,
        read: impl Future<Output = Result<Snapshot, StoreError>>,
    ) -> Result<Snapshot, StoreError> {
        let gate = self.gate(room);
        let asked = gate.begun.load(Ordering::SeqCst);
        let answer = async {
            let mut found = gate.found.lock().await;
            if let Some((began, snapshot)) = &*found
                && *began > asked
            {
                return Ok(snapshot.clone());
            }
            let began = gate.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let snapshot = read.await?;
            *found = Some((began, snapshot.clone()));
            Ok(snapshot)
        };
        let answer = answer.await;
        self.leave(room, gate);
        answer
    }

    fn gate(&self, room: RoomId) -> Arc<Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(room).or_default().clone()
    }

    fn leave(&self, room: RoomId, gate: Arc<Gate>) {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(gate);
        // Whoever gave up while waiting has left theirs behind: then the next one clears it away.
        if gates.get(&room).is_some_and(|gate| Arc::strong_count(gate) == 1) {
            gates.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use domain::ids::{GameId, UserId};
    use domain::name::Name;
    use domain::room::{Lifetimes, NewRoom, Room};
    use domain::time::Timestamp;
    use futures_util::future::join_all;
    use tokio::task::yield_now;
    use uuid::Uuid;

    use super::*;

    const ROOM: RoomId = RoomId(Uuid::nil());

    struct NoChance;

    impl domain::room::Chance for NoChance {
        fn id(&mut self) -> Uuid {
            Uuid::nil()
        }
        fn seed(&mut self) -> domain::card::seed::Seed {
            domain::card::seed::Seed([0; 32])
        }
    }

    fn snapshot(seq: u64) -> Snapshot {
        let name = Name::new("Friday").unwrap();
        let new = NewRoom {
            id: ROOM,
            game: GameId(Uuid::nil()),
            code: "ABCD1234".to_owned(),
            name: name.clone(),
            has_password: false,
            host: UserId(Uuid::nil()),
            host_name: name,
            settings: domain::settings::Settings::default(),
        };
        let room = Room::create(new, Timestamp(0), &Lifetimes::default(), &mut NoChance);
        Snapshot { room, epoch: domain::ids::Epoch(Uuid::nil()), seq, at: Timestamp(0), recent: Vec::new() }
    }

    /// A room whose number goes up while it is read: a read finds the number that was there when it began.
    struct World {
        seq: AtomicU64,
        reads: AtomicUsize,
        shared: SharedReads,
    }

    impl World {
        async fn read(&self) -> Result<Snapshot, StoreError> {
            let seq = self.seq.load(Ordering::SeqCst);
            self.reads.fetch_add(1, Ordering::SeqCst);
            for _ in 0..20 {
                yield_now().await;
            }
            Ok(snapshot(seq))
        }

        /// Asks after `turns` of the others; returns the number when it asked and the one it was answered.
        async fn ask(&self, turns: usize) -> (u64, u64) {
            for _ in 0..turns {
                yield_now().await;
                self.seq.fetch_add(1, Ordering::SeqCst);
            }
            let before = self.seq.load(Ordering::SeqCst);
            (before, self.shared.read(ROOM, self.read()).await.unwrap().seq)
        }
    }

    /// T-F5, I-12.
    #[tokio::test]
    async fn many_questions_take_few_reads_and_no_answer_is_older_than_its_question() {
        let world = World { seq: AtomicU64::new(1), reads: AtomicUsize::new(0), shared: SharedReads::default() };
        let answers = join_all((0..50).map(|asker| world.ask(asker % 7))).await;
        for (asked, answered) in answers {
            assert!(answered >= asked, "asked at {asked}, answered {answered}");
        }
        let reads = world.reads.load(Ordering::SeqCst);
        assert!((2..=4).contains(&reads), "{reads} reads");
        assert!(world.shared.0.lock().unwrap().is_empty(), "nothing is kept");
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_or_fails_leaves_the_others_alone() {
        let world = World { seq: AtomicU64::new(1), reads: AtomicUsize::new(0), shared: SharedReads::default() };
        let given_up = async {
            tokio::select! {
                _ = world.ask(0) => unreachable!("it takes longer"),
                () = yield_now() => {}
            }
        };
        let failing = world.shared.read(ROOM, async { Err(StoreError::Missing("room")) });
        let ((), failed, (_, answered)) = tokio::join!(given_up, failing, world.ask(0));
        assert!(matches!(failed, Err(StoreError::Missing("room"))));
        assert_eq!(answered, 1);
    }
}
