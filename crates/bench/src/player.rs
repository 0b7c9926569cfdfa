//! People in a room: everybody reads, and whoever's turn it is acts.

use std::fmt::Write;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use rand::RngExt;
use tokio::sync::Mutex;
use tokio::task::spawn_local;
use tokio::time::{Duration, Instant, interval_at, sleep};
use uuid::Builder;

use crate::frame::{self, Timer};
use crate::http::Caller;
use crate::room::{Room, World};
use crate::setup::{Person, Place};
use crate::socket::{HEARTBEAT_EVERY, Socket, Ticket};
use crate::table::Choice;

/// Sockets that are opened at once.
const AT_ONCE: usize = 64;

/// How often an action that the server could not take is sent again, and after which pause.
const TRIES: u32 = 20;
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Who reads in a room.
#[derive(Clone, Debug)]
struct Reader {
    room: Rc<Room>,
    ticket: Ticket,
    /// Who acts for the reader, and in which seat.
    player: Option<(u8, Rc<Mutex<Caller>>)>,
}

/// Everybody takes their place; nobody acts yet. Each room's first hand is dealt when all its readers listen.
///
/// # Errors
///
/// - The server refuses something.
pub async fn gather(world: &Rc<World>, places: Vec<Place>, sockets_each: u16) -> anyhow::Result<Vec<Rc<Room>>> {
    let seated = places.into_iter().map(|place| sit_down(world, place, sockets_each));
    stream::iter(seated).buffer_unordered(4).try_collect().await
}

async fn sit_down(world: &Rc<World>, mut place: Place, spectators: u16) -> anyhow::Result<Rc<Room>> {
    let room = Rc::new(Room::new(&place.room, &place.game));
    let ticket = |person: &Person| ticket(&place.room, person);
    let mut readers = Vec::new();
    for (seat, person) in (0_u8..).zip(&place.players) {
        let caller = Rc::new(Mutex::new(Caller::new(person.address, Some(&person.token))?));
        readers.push(Reader { room: Rc::clone(&room), ticket: ticket(person), player: Some((seat, caller)) });
    }
    for person in place.watchers.iter().cycle().take(spectators.into()) {
        readers.push(Reader { room: Rc::clone(&room), ticket: ticket(person), player: None });
    }
    let opened = readers.into_iter().map(|reader| async move {
        let (socket, seq) = Socket::open(&reader.ticket, None).await?;
        anyhow::Ok((reader, socket, seq))
    });
    let opened: Vec<_> = stream::iter(opened).buffer_unordered(AT_ONCE).try_collect().await?;
    // Everybody who comes in may leave a trace in the log, so the room's number is that of the last one in.
    let last = opened.iter().map(|(_, _, seq)| *seq).max().unwrap_or(0);
    room.table.borrow_mut().seq = last;
    for (reader, socket, seq) in opened {
        world.readers.borrow_mut().spawn_local(listen(Rc::clone(world), reader, socket, seq));
    }
    place.start().await?;
    Ok(room)
}

fn ticket(room: &str, person: &Person) -> Ticket {
    Ticket { address: person.address, room: room.to_owned(), token: person.token.clone() }
}

async fn listen(world: Rc<World>, reader: Reader, mut socket: Socket, mut last: u64) {
    // Not all at the same instant.
    let first = HEARTBEAT_EVERY.mul_f64(rand::rng().random());
    let mut alive = interval_at(Instant::now() + first, HEARTBEAT_EVERY);
    loop {
        let heard = tokio::select! {
            heard = socket.hear() => heard,
            _ = alive.tick() => {
                if socket.heartbeat().await.is_err() {
                    return world.error("SOCKET_BROKEN");
                }
                continue;
            }
        };
        let text = match heard {
            Ok(Some(text)) => text,
            Ok(None) => return world.error("SOCKET_CLOSED"),
            Err(_) => return world.error("SOCKET_BROKEN"),
        };
        let Ok(frame) = frame::parse(&text) else {
            world.error("UNREADABLE");
            continue;
        };
        if let Some(code) = frame.code {
            world.error(code);
        }
        let Some(seq) = frame.event() else { continue };
        reader.room.heard(&world, &frame, (seq, last));
        last = seq;
        if let (Some(timer), Some((seat, caller))) = (frame.timer, &reader.player)
            && timer.actor_seat == *seat
        {
            spawn_local(act(Rc::clone(&world), Rc::clone(&reader.room), Rc::clone(caller), timer));
        }
    }
}

async fn act(world: Rc<World>, room: Rc<Room>, caller: Rc<Mutex<Caller>>, timer: Timer) {
    let since = room.may_act(&world, timer.turn).await;
    let choice = room.table.borrow().choose(timer.actor_seat, world.style, rand::rng().random());
    let body = Bytes::from(body(choice, timer.turn));
    let mut caller = caller.lock().await;
    for _ in 0..TRIES {
        match caller.send(Method::POST, &room.actions_path, body.clone()).await {
            Ok(answer) if answer.is_ok() => {
                let mut tally = world.tally.borrow_mut();
                tally.actions += 1;
                tally.answers.record(since.elapsed());
                return;
            }
            Ok(answer) => {
                world.error(answer.code());
                if answer.status < 500 && answer.status != 429 {
                    return;
                }
            }
            Err(_) => world.error("NO_ANSWER"),
        }
        sleep(TRY_AGAIN_AFTER).await;
    }
}

fn body(choice: Choice, turn: u64) -> String {
    let id = Builder::from_random_bytes(rand::random()).into_uuid();
    let mut body = String::with_capacity(128);
    let named = write!(body, r#"{{"action":"{}","turn":{turn},"actionId":"{id}""#, choice.name());
    let amounted = choice.amount().map_or(Ok(()), |amount| write!(body, r#","amount":{amount}"#));
    named.and(amounted).expect("text can be written to");
    body.push('}');
    body
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_action_is_json_with_a_new_id_each_time() {
        let bodies = [body(Choice::Raise(40), 7), body(Choice::Fold, 7)];
        let read = bodies.map(|body| serde_json::from_str::<Value>(&body).expect("JSON"));
        assert_eq!(
            (&read[0]["action"], &read[0]["amount"], &read[0]["turn"]),
            (&"RAISE".into(), &40.into(), &7.into())
        );
        assert_eq!((&read[1]["action"], &read[1]["amount"]), (&"FOLD".into(), &Value::Null));
        assert_ne!(read[0]["actionId"], read[1]["actionId"]);
    }
}
