//! A room, read from its tables. What is read is bounded by its members and the hand it plays, never by its past.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::event::EventKind;
use domain::game::Game;
use domain::ids::{Epoch, GameId, RoomId, UserId};
use domain::member::{Member, Members};
use domain::room::Room;
use domain::time::Timestamp;
use futures_util::try_join;
use ports::store::StoreError;
use uuid::Uuid;

use crate::event_row::EventRow;
use crate::rows::{
    ActionRow, GameRow, HandRow, MemberRow, PlayerRow, RoomRow, SeatRow, StateRow, TokenRow, name, signed,
};
use crate::schema::{
    actions, clock_timestamp, game_states, games, hands, players, rejoin_tokens, room_events, room_players, room_seats,
    room_spectators, rooms,
};
use crate::seal::Seal;
use crate::statement::statement;

/// One person's rows: what they are in the room, their current token, and when they were heard of as a spectator, if they are
/// one.
type PersonRows = (MemberRow, Option<TokenRow>, Option<PgTimestamp>);

/// People of a room, and the signs of life that are kept with the seats.
pub(crate) struct Heard {
    members: Vec<PersonRows>,
    seats: Vec<SeatRow>,
}

impl Heard {
    /// Brings what is known of a room's members up to date.
    pub(crate) fn refresh(self, known: &mut Members) -> Result<(), StoreError> {
        for member in persons(self.members, &self.seats) {
            let member = member?;
            if known.get(&member.user) != Some(&member) {
                known.insert(member.user, member);
            }
        }
        Ok(())
    }
}

fn persons(rows: Vec<PersonRows>, seats: &[SeatRow]) -> impl Iterator<Item = Result<Member, StoreError>> {
    let signs: BTreeMap<UserId, Timestamp> = seats.iter().filter_map(SeatRow::sign).collect();
    rows.into_iter().map(move |(member, token, watching)| {
        let mut member = member.member(token, watching)?;
        if let Some(seen) = signs.get(&member.user) {
            member.last_seen = member.last_seen.max(*seen);
        }
        Ok(member)
    })
}

/// The rows of one room.
pub(crate) struct Parts {
    state: StateRow,
    room: (RoomRow, bool, GameRow),
    members: Vec<PersonRows>,
    seats: Vec<SeatRow>,
    hand: Option<HandRow>,
    players: Vec<PlayerRow>,
    actions: Vec<ActionRow>,
    /// What the log alone has of the hand; none while somebody is to act.
    beside: Vec<EventRow>,
    service: Service,
}

/// The database's clock, and what is known of outages: when a node last noted that it serves, how many outages there were, and
/// when the first and the last of those that the room hasn't been forgiven began and ended.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    pub(crate) clock: PgTimestamp,
    pub(crate) alive_at: Option<PgTimestamp>,
    pub(crate) outages: i64,
    pub(crate) unserved: Option<(PgTimestamp, PgTimestamp)>,
}

type ServiceRow = (PgTimestamp, Option<PgTimestamp>, Option<i64>, Option<PgTimestamp>, Option<PgTimestamp>);

/// The clock is a statement of its own: in the one that locks, it could show when the wait began.
async fn service(mut conn: &AsyncPgConnection, forgiven: i64) -> QueryResult<Service> {
    let row = statement::<(
        Timestamptz,
        Nullable<Timestamptz>,
        Nullable<BigInt>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
    )>(
        "SELECT clock_timestamp(), pulse.alive_at, pulse.outages, first.began_at, last.ended_at \
         FROM (SELECT) AS one LEFT JOIN service_pulse AS pulse ON true \
         LEFT JOIN LATERAL (SELECT began_at FROM outages WHERE number > $1 ORDER BY number LIMIT 1) AS first ON true \
         LEFT JOIN LATERAL (SELECT ended_at FROM outages WHERE number > $1 ORDER BY number DESC LIMIT 1) AS last ON true",
    );
    let (clock, alive_at, outages, from, until): ServiceRow = row.bind(forgiven).get_result(&mut conn).await?;
    Ok(Service { clock, alive_at, outages: outages.unwrap_or_default(), unserved: from.zip(until) })
}

/// The state of a room, read without waiting.
pub(crate) async fn state(mut conn: &AsyncPgConnection, room: RoomId) -> QueryResult<Option<StateRow>> {
    game_states::table.find(room.0).select(StateRow::as_select()).first(&mut conn).await.optional()
}

/// The state of a room, once nobody else writes to it.
pub(crate) async fn lock_room(mut conn: &AsyncPgConnection, room: RoomId) -> QueryResult<Option<StateRow>> {
    game_states::table.find(room.0).for_update().select(StateRow::as_select()).first(&mut conn).await.optional()
}

/// The same by the room's game.
pub(crate) async fn lock_game(mut conn: &AsyncPgConnection, game: GameId) -> QueryResult<Option<StateRow>> {
    let state = game_states::table.filter(game_states::game_id.eq(game.0));
    state.for_update().select(StateRow::as_select()).first(&mut conn).await.optional()
}

/// People of a room.
async fn members(mut conn: &AsyncPgConnection, room: Uuid, of: People) -> QueryResult<Vec<PersonRows>> {
    let current_token = rejoin_tokens::room_id
        .eq(room_players::room_id)
        .and(rejoin_tokens::user_id.eq(room_players::user_id))
        .and(rejoin_tokens::revoked_at.is_null());
    let watching =
        room_spectators::room_id.eq(room_players::room_id).and(room_spectators::user_id.eq(room_players::user_id));
    let people = room_players::table
        .left_join(rejoin_tokens::table.on(current_token))
        .left_join(room_spectators::table.on(watching))
        .filter(room_players::room_id.eq(room))
        .select((MemberRow::as_select(), Option::<TokenRow>::as_select(), room_spectators::last_seen_at.nullable()));
    match of {
        People::Seated(users) => people.filter(room_players::user_id.eq_any(users)).load(&mut conn).await,
        People::Present => people.filter(sql::<Bool>(PRESENT)).load(&mut conn).await,
        People::Gone => {
            let gone = people.filter(sql::<Bool>(GONE)).order(sql::<Bool>("gone_at DESC NULLS LAST"));
            gone.limit(MOST_GONE).load(&mut conn).await
        }
    }
}

/// Which people of a room.
enum People {
    /// Only these.
    Seated(Vec<Uuid>),
    /// Who is in, waits, or may not come back as they like; and whoever has chips waiting or owes blinds. As the index has it.
    Present,
    /// The last of those who have gone. As the index has it.
    Gone,
}

const PRESENT: &str = "(room_players.status IN ('pending', 'approved', 'kicked', 'banned') OR room_players.waiting_chips > 0 OR room_players.timebank_used_ms > 0 OR room_players.owes_small_blind OR room_players.owes_big_blind)";
const GONE: &str = "(room_players.status IN ('rejected', 'left') AND room_players.waiting_chips = 0 AND room_players.timebank_used_ms = 0 AND NOT room_players.owes_small_blind AND NOT room_players.owes_big_blind)";

/// So many of those who have gone are read with a room.
pub(crate) const MOST_GONE: i64 = 100;

/// The people who have a seat in a room that is known but for signs of life, which come without the room's lock and are
/// asked for by seat only; and the clock.
pub(crate) async fn seated(conn: &AsyncPgConnection, room: &Room, forgiven: i64) -> QueryResult<(Heard, Service)> {
    let users = room.seats.iter().filter_map(|seat| seat.occupant()).map(|occupant| occupant.user.0).collect();
    try_join!(heard(conn, room.id, People::Seated(users)), service(conn, forgiven))
}

/// Everybody who is in a room, as they were heard of; and the clock.
pub(crate) async fn everybody(conn: &AsyncPgConnection, room: RoomId) -> QueryResult<(Heard, PgTimestamp)> {
    let clock = diesel::select(clock_timestamp()).get_result(&mut { conn });
    try_join!(heard(conn, room, People::Present), clock)
}

async fn heard(conn: &AsyncPgConnection, room: RoomId, of: People) -> QueryResult<Heard> {
    let (members, seats) = try_join!(members(conn, room.0, of), seats(conn, room.0))?;
    Ok(Heard { members, seats })
}

/// Makes signs of life of whoever has a seat wait.
pub(crate) async fn lock_players(mut conn: &AsyncPgConnection, room: RoomId) -> QueryResult<Vec<Uuid>> {
    let lock = statement::<SqlUuid>(
        "SELECT user_id FROM room_seats WHERE room_id = $1 AND user_id IS NOT NULL ORDER BY seat_index FOR NO KEY UPDATE",
    );
    lock.bind(room).load(&mut conn).await
}

/// The first actions in a room after its event `seq`, in order.
pub(crate) async fn actions_after(
    mut conn: &AsyncPgConnection,
    room: RoomId,
    seq: u64,
    limit: i64,
) -> QueryResult<Vec<ActionRow>> {
    let after = actions::table.filter(actions::room_id.eq(room.0)).filter(actions::seq.gt(signed(seq)));
    after.order(actions::seq).limit(limit).select(ActionRow::as_select()).load(&mut conn).await
}

/// The seats of a room, in order.
pub(crate) async fn seats(mut conn: &AsyncPgConnection, room: Uuid) -> QueryResult<Vec<SeatRow>> {
    let seats = room_seats::table.filter(room_seats::room_id.eq(room)).order(room_seats::seat_index);
    seats.select(SeatRow::as_select()).load(&mut conn).await
}

/// What players do in a hand beside their actions.
const BESIDE: [EventKind; 4] =
    [EventKind::RunsAnswered, EventKind::RunsDecided, EventKind::CardsShown, EventKind::RabbitShown];

/// All other rows, in one round trip.
pub(crate) async fn parts(conn: &AsyncPgConnection, state: StateRow) -> QueryResult<Parts> {
    let id = state.room_id;
    // No hand has the nil id.
    let hand_id = state.current_hand_id.unwrap_or_default();

    let room = rooms::table
        .find(id)
        .inner_join(games::table.on(games::room_id.eq(rooms::id)))
        .select((RoomRow::as_select(), rooms::password_hash.is_not_null(), GameRow::as_select()))
        .first(&mut { conn });
    let people = async {
        let (present, gone) = try_join!(members(conn, id, People::Present), members(conn, id, People::Gone))?;
        Ok(present.into_iter().chain(gone).collect::<Vec<PersonRows>>())
    };
    let seats = seats(conn, id);
    let hand = hands::table.find(hand_id).select(HandRow::as_select()).load(&mut { conn });
    let players =
        players::table.filter(players::hand_id.eq(hand_id)).select(PlayerRow::as_select()).load(&mut { conn });
    let actions =
        actions::table.filter(actions::hand_id.eq(hand_id)).select(ActionRow::as_select()).load(&mut { conn });
    let beside = async {
        if state.has_actor() {
            return Ok(Vec::new());
        }
        let of_hand = room_events::table.filter(room_events::hand_id.eq(hand_id)).order(room_events::seq);
        let of_hand = of_hand.filter(room_events::kind.eq_any(BESIDE.map(EventKind::name)));
        of_hand.select(EventRow::as_select()).load(&mut { conn }).await
    };
    let service = service(conn, state.forgiven);

    let (room, mut members, seats, mut hand, players, actions, beside, service): (
        _,
        Vec<PersonRows>,
        Vec<SeatRow>,
        Vec<HandRow>,
        _,
        _,
        _,
        _,
    ) = try_join!(room, people, seats, hand, players, actions, beside, service)?;
    // On their way out of a seat, and not of the last who have gone.
    let is_read = |user: Uuid| members.iter().any(|(member, ..)| member.user_id() == user);
    let left_out: Vec<Uuid> = seats.iter().filter_map(SeatRow::user_id).filter(|user| !is_read(*user)).collect();
    if !left_out.is_empty() {
        members.extend(self::members(conn, id, People::Seated(left_out)).await?);
    }
    Ok(Parts { state, room, members, seats, hand: hand.pop(), players, actions, beside, service })
}

impl Parts {
    /// The database's clock, and what is known of outages.
    pub(crate) const fn service(&self) -> Service {
        self.service
    }

    /// The number of the last event.
    pub(crate) fn seq(&self) -> Result<u64, StoreError> {
        self.state.seq()
    }

    /// Which log that is a number of.
    pub(crate) fn epoch(&self) -> Epoch {
        self.state.epoch()
    }

    /// Puts the room together.
    pub(crate) fn room(self, seal: &Seal) -> Result<Room, StoreError> {
        let Self {
            state,
            room: (room, has_password, game),
            members,
            seats,
            hand,
            players,
            actions,
            beside,
            service: _,
        } = self;
        let known: Members = persons(members, &seats).collect::<Result<_, _>>()?;
        for (index, seat) in (0..).zip(&seats) {
            if seat.seat_index != index {
                return Err(StoreError::Corrupt("seat"));
            }
        }
        if hand.is_none() && state.current_hand_id.is_some() {
            return Err(StoreError::Corrupt("hand"));
        }
        let seats: Vec<_> = seats.into_iter().map(SeatRow::seat).collect::<Result<_, _>>()?;
        // The domain takes it for granted that whoever has a seat is a member.
        if seats.iter().filter_map(|seat| seat.occupant()).any(|occupant| !known.contains_key(&occupant.user)) {
            return Err(StoreError::Corrupt("seat"));
        }
        let mut dealt = hand.map(|hand| hand.replay(players, actions, seal)).transpose()?;
        for row in beside {
            let told = row.committed(seal)?;
            if let Some(dealt) = &mut dealt {
                dealt.beside.recall(&told.event);
            }
        }
        Ok(Room {
            id: RoomId(room.id),
            code: room.code.clone(),
            name: name(&room.name)?,
            host: UserId(room.host_id),
            status: room.status()?,
            has_password,
            settings: room.settings.settings()?,
            members: known,
            seats,
            game: Game {
                id: GameId(state.game_id),
                status: game.status()?,
                ending: game.ending,
                hand_number: game.hand_number()?,
                turn_number: state.turn_number()?,
                turn: state.turn()?,
                next_hand_at: state.next_hand_at(),
                rotation: game.rotation()?,
                places: game.places()?,
                bomb_pot_queued: game.bomb_pot_queued,
                dealt,
            },
        })
    }
}
