//! A player acts.

use domain::hand::Action;
use domain::ids::{GameId, RoomId, UserId};
use domain::room::{Room, RoomError};
use ports::Ports;
use ports::store::{ActionReply, StoreError};
use uuid::Uuid;

use crate::Refusal;
use crate::command::{announce, decide_on, finish};

/// What a player does.
#[derive(Clone, Debug)]
pub struct Act {
    /// Who.
    pub by: UserId,
    /// The only room that the caller's credential is good for, if there is one.
    pub only_room: Option<RoomId>,
    /// In which game.
    pub game: GameId,
    /// What.
    pub action: Action,
    /// The same id again gets the first answer and changes nothing.
    pub action_id: Option<Uuid>,
    /// The number of the turn that is answered.
    pub turn: Option<u64>,
}

impl Act {
    /// What two requests with the same id must have in common.
    fn fingerprint(&self) -> String {
        let amount = match self.action {
            Action::Bet(amount) | Action::Raise(amount) => amount.get(),
            Action::Fold | Action::Check | Action::Call | Action::AllIn => 0,
        };
        format!("{} {amount} {:?}", self.action.kind().name(), self.turn)
    }
}

/// Returns the number of the last event that the action caused.
///
/// # Errors
///
/// - [`Refusal::GameNotFound`]; [`Refusal::ActionIdReused`]; [`Refusal::StaleTurn`] with the room's current `seq`.
/// - The rules' own: [`domain::room::Room::act`].
pub async fn act(ports: &Ports, cmd: Act) -> Result<u64, Refusal> {
    match act_from_memory(ports, &cmd).await? {
        Some(seq) => Ok(seq),
        None => act_under_lock(ports, cmd).await,
    }
}

/// Decides on the room as it is remembered, which the database has to confirm. `None` if it doesn't, and for every refusal:
/// what is refused may be so by a room that has moved on.
async fn act_from_memory(ports: &Ports, cmd: &Act) -> Result<Option<u64>, Refusal> {
    let known = match ports.store.recall(cmd.game) {
        None => ports.store.catch_up(cmd.game, &ports.lifetimes).await?,
        known => known,
    };
    let Some(known) = known else { return Ok(None) };
    if cmd.only_room.is_some_and(|only| only != known.room.id) {
        return Ok(None);
    }
    let mut after = Room::clone(&known.room);
    let Ok(events) = after.act(cmd.by, cmd.action, cmd.turn, known.at, &ports.lifetimes) else { return Ok(None) };
    let seq = known.seq + events.len() as u64;
    let reply = cmd.action_id.map(|id| (id, ActionReply { user: cmd.by, fingerprint: cmd.fingerprint(), seq }));
    let (room, wake_at) = (after.id, after.game.wake_at());
    let Some(committed) = ports.store.save_action(&known, after, events, reply).await? else { return Ok(None) };
    announce(ports, room, wake_at, &committed).await;
    Ok(Some(seq))
}

async fn act_under_lock(ports: &Ports, cmd: Act) -> Result<u64, Refusal> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_game(cmd.game).await.map_err(|err| match err {
        StoreError::Missing(_) => Refusal::GameNotFound,
        err => err.into(),
    })?;
    if cmd.only_room.is_some_and(|only| only != locked.room.id) {
        return Err(Refusal::OtherRoom);
    }
    let fingerprint = cmd.fingerprint();
    if let Some(id) = cmd.action_id
        && let Some(reply) = tx.find_reply(id).await?
    {
        let same = reply.user == cmd.by && reply.fingerprint == fingerprint;
        return if same { Ok(reply.seq) } else { Err(Refusal::ActionIdReused) };
    }

    let seq = locked.seq;
    let decided = decide_on(ports, &locked, |room, context| {
        room.act(cmd.by, cmd.action, cmd.turn, context.at, context.lifetimes).map(|events| ((), events))
    });
    let ((), events, after) = decided.map_err(|refusal| match refusal {
        Refusal::Room(RoomError::StaleTurn) => Refusal::StaleTurn { seq },
        refusal => refusal,
    })?;

    if let Some(id) = cmd.action_id {
        let reply = ActionReply { user: cmd.by, fingerprint, seq: seq + events.len() as u64 };
        tx.save_reply(id, &reply).await?;
    }
    Ok(finish(ports, tx, locked, after, events, ()).await?.seq)
}
