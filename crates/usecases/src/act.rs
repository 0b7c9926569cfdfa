//! A player acts.

use domain::hand::Action;
use domain::ids::{GameId, RoomId, UserId};
use domain::room::{Room, RoomError};
use ports::Ports;
use ports::store::{Answer, CommandId, Reply};
use uuid::Uuid;

use crate::CommandError;
use crate::command::{announce, decide_on, finish, game_not_found};

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
    fn id(&self) -> Option<CommandId> {
        self.action_id.map(|id| CommandId { by: self.by, id })
    }

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
/// - [`CommandError::GameNotFound`]; [`CommandError::ActionIdReused`]; [`CommandError::StaleTurn`] with the room's current `seq`.
/// - The rules' own: [`domain::room::Room::act`].
pub async fn act(ports: &Ports, cmd: Act) -> Result<u64, CommandError> {
    match act_from_memory(ports, &cmd).await? {
        Some(seq) => Ok(seq),
        None => act_under_lock(ports, cmd).await,
    }
}

/// Decides on the room as it is remembered, which the database has to confirm. `None` if it doesn't, and for every refusal:
/// what is refused may be so by a room that has moved on.
async fn act_from_memory(ports: &Ports, cmd: &Act) -> Result<Option<u64>, CommandError> {
    let known = match ports.store.recall(cmd.game) {
        None => ports.store.catch_up(cmd.game, &ports.lifetimes).await?,
        known => known,
    };
    let Some(known) = known else { return Ok(None) };
    // Where the normal time is used up, an outage may have used it up: that is settled under the lock.
    if known.room.game.turn.is_some_and(|turn| turn.is_past_deadline(known.at)) {
        return Ok(None);
    }
    if cmd.only_room.is_some_and(|only| only != known.room.id) {
        return Ok(None);
    }
    let mut after = Room::clone(&known.room);
    let Ok(events) = after.act(cmd.by, cmd.action, cmd.turn, known.at, &ports.lifetimes) else { return Ok(None) };
    let seq = known.seq + events.len() as u64;
    let (room, wake_at) = (after.id, after.game.wake_at());
    let reply = Reply { fingerprint: cmd.fingerprint(), answer: Answer::Acted { room, seq } };
    let reply = cmd.id().map(|id| (id, reply));
    let Some(committed) = ports.store.save_action(&known, after, events, reply).await? else { return Ok(None) };
    announce(ports, room, wake_at, &committed).await;
    Ok(Some(seq))
}

async fn act_under_lock(ports: &Ports, cmd: Act) -> Result<u64, CommandError> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_game(cmd.game).await.map_err(game_not_found)?;
    if cmd.only_room.is_some_and(|only| only != locked.room.id) {
        return Err(CommandError::OtherRoom);
    }
    let fingerprint = cmd.fingerprint();
    let room = locked.room.id;
    if let Some(id) = cmd.id()
        && let Some(reply) = tx.find_reply(id).await?
    {
        return match reply.answer {
            Answer::Acted { room: of, seq } if of == room && reply.fingerprint == fingerprint => Ok(seq),
            Answer::Acted { .. } | Answer::Given { .. } => Err(CommandError::ActionIdReused),
        };
    }

    let seq = locked.seq;
    let decided = decide_on(ports, &locked, |room, context| {
        room.act(cmd.by, cmd.action, cmd.turn, context.at, context.lifetimes).map(|events| ((), events))
    });
    let ((), events, after) = decided.map_err(|refusal| {
        if matches!(refusal, CommandError::Room(RoomError::StaleTurn)) {
            CommandError::StaleTurn { seq }
        } else {
            refusal
        }
    })?;

    if let Some(id) = cmd.id() {
        let answer = Answer::Acted { room, seq: seq + events.len() as u64 };
        tx.save_reply(id, &Reply { fingerprint, answer }).await?;
    }
    match finish(ports, tx, locked, after, events, ()).await {
        Ok(done) => Ok(done.seq),
        // Another call of theirs, elsewhere, at the same instant: one like this would have waited for the room.
        Err(CommandError::Store(err)) if err.is_repeated() => Err(CommandError::ActionIdReused),
        Err(refusal) => Err(refusal),
    }
}
