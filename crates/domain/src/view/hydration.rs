//! The whole room as one reader sees it.

use crate::button::WaitsFor;
use crate::card::Card;
use crate::card::deck::HoleCards;
use crate::card::rank::HandRank;
use crate::chips::Chips;
use crate::event::Timer;
use crate::game::{Dealt, GameStatus, Question};
use crate::hand::{ActionKind, HandKind, HandRules, LegalActions, Pot, Street};
use crate::ids::{GameId, HandId, SeatIndex, TokenId, UserId};
use crate::member::{Member, MembershipStatus, Role};
use crate::name::Name;
use crate::room::{Room, RoomError, RoomStatus};
use crate::rules::Variant;
use crate::settings::{Preferences, Settings};
use crate::time::Timestamp;

crate::named! {
    /// The role that a reader asks a document for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum DocumentRole {
        /// With own cards.
        Player = "player",
        /// Nothing but what is public.
        Spectator = "spectator",
        /// With requests and controls.
        Host = "host",
    }
}

/// An action that was taken, as the log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastAction {
    /// Its event's number.
    pub seq: u64,
    /// In which hand.
    pub hand: HandId,
    /// Whose.
    pub user: UserId,
    /// Whose seat.
    pub seat: SeatIndex,
    /// On which street.
    pub street: Street,
    /// What.
    pub kind: ActionKind,
    /// As in the event.
    pub amount: Chips,
    /// When.
    pub at: Timestamp,
}

/// One seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatView {
    /// The seat, from 0.
    pub seat: SeatIndex,
    /// By its name on the wire.
    pub status: &'static str,
    /// `None` for an empty seat.
    pub occupant: Option<OccupantView>,
}

/// Who sits there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccupantView {
    /// The user.
    pub user: UserId,
    /// The name they go by in the room.
    pub name: Name,
    /// Chips in front of them.
    pub chips: Chips,
    /// Their total on this street.
    pub bet: Chips,
    /// Whether they were dealt into the hand that is shown.
    pub in_hand: bool,
    /// Whether they have folded it.
    pub has_folded: bool,
    /// Whether they have no chips left to bet in it.
    pub is_all_in: bool,
    /// Whether a socket of theirs is open.
    pub online: bool,
    /// When they were last heard of.
    pub last_seen: Timestamp,
    /// What everybody has seen of their cards in the last hand.
    pub shown: Option<Vec<Card>>,
    /// Their last action in this hand, with its amount.
    pub last_action: Option<(ActionKind, Chips)>,
    /// The names of the blinds that they owe.
    pub owes: Vec<&'static str>,
    /// Why they aren't dealt in, though they would play.
    pub waits_for: Option<WaitsFor>,
}

/// The hand being played, or the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandView {
    /// Its id.
    pub id: HandId,
    /// Its number, from 1.
    pub number: u64,
    /// When it was dealt.
    pub started_at: Timestamp,
    /// By its name on the wire.
    pub phase: &'static str,
    /// Each board so far; one but on two boards.
    pub boards: Vec<Vec<Card>>,
    /// Every chip in the pot, bets of this street included.
    pub pot: Chips,
    /// The pots of the streets before this one.
    pub pots: Vec<Pot>,
    /// The highest bet of this street.
    pub current_bet: Chips,
    /// The smallest total that a raise may have; none where nobody may raise.
    pub min_raise_to: Option<Chips>,
    /// The place of the button.
    pub button: SeatIndex,
    /// Whether nobody has it.
    pub button_dead: bool,
    /// The small blind's seat; none where it is dead, or where no blinds are.
    pub small_blind_seat: Option<SeatIndex>,
    /// Who posted the big blind.
    pub big_blind_seat: Option<SeatIndex>,
    /// The rule book and the stakes.
    pub rules: HandRules,
    /// Ordinary, or a bomb pot.
    pub kind: HandKind,
    /// How often the missing cards were run, if that was decided.
    pub runs: Option<u8>,
    /// What the players are asked, beside actions.
    pub question: Option<Question>,
    /// After the end: who won how much with what.
    pub winners: Vec<WinnerView>,
}

/// Who won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WinnerView {
    /// The user.
    pub user: UserId,
    /// The seat, from 0.
    pub seat: SeatIndex,
    /// Chips from all the pots.
    pub amount: Chips,
    /// With what; none without a showdown.
    pub rank: Option<HandRank>,
}

/// What is the reader's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeView {
    /// The reader.
    pub user: UserId,
    /// By its name on the wire.
    pub role: &'static str,
    /// The name they go by in the room.
    pub name: Name,
    /// Whether the reader is the host.
    pub is_host: bool,
    /// The reader's rejoin token.
    pub token: Option<TokenId>,
    /// A stack that waits for the reader from an earlier seat.
    pub reserved: Chips,
    /// The reader's standing choices.
    pub preferences: Preferences,
    /// Only in a player's document.
    pub player: Option<PlayerView>,
}

/// What is a player's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerView {
    /// The seat, from 0.
    pub seat: SeatIndex,
    /// The reader's own hole cards.
    pub cards: Option<HoleCards>,
    /// What they make with the board.
    pub rank: Option<HandRank>,
    /// What the reader may do; none while it isn't their turn.
    pub legal: Option<LegalActions>,
    /// In milliseconds.
    pub timebank_remaining: i64,
}

/// What is the host's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostView {
    /// Who asks to be let in, and since when.
    pub requests: Vec<(UserId, Name, Timestamp)>,
    /// Each member, what they do, and whether a socket of theirs is open.
    pub members: Vec<(UserId, Name, Role, bool)>,
    /// Who may not ask to join until the ban is lifted.
    pub banned: Vec<(UserId, Name)>,
    /// Whether the game can be paused now.
    pub can_pause: bool,
}

/// The document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hydration {
    /// The room.
    pub room: RoomView,
    /// Its game.
    pub game: GameView,
    /// The hand being played, or the last one.
    pub hand: Option<HandView>,
    /// Every seat, in order.
    pub seats: Vec<SeatView>,
    /// What is about the reader alone.
    pub me: MeView,
    /// The turn that is waited for.
    pub timer: Option<Timer>,
    /// How many watch.
    pub spectator_count: usize,
    /// What the host alone sees.
    pub host: Option<HostView>,
}

/// The room itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomView {
    /// Its id.
    pub id: crate::ids::RoomId,
    /// By which people find it.
    pub code: String,
    /// What it is called.
    pub name: Name,
    /// Its host.
    pub host: UserId,
    /// Open or closed.
    pub status: RoomStatus,
    /// Whether newcomers need a password.
    pub has_password: bool,
    /// What the host has chosen.
    pub settings: Settings,
}

/// The game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameView {
    /// Its id.
    pub id: GameId,
    /// Where it stands.
    pub status: GameStatus,
    /// Whether it ends with the hand that is being played.
    pub ending: bool,
    /// The hand being played.
    pub current_hand: Option<HandId>,
    /// Hands dealt so far.
    pub hand_number: u64,
    /// When the next hand is due.
    pub next_hand_at: Option<Timestamp>,
    /// What is played, or was played last.
    pub variant: Variant,
    /// In a rotation: what is played after it, and in how many more hands.
    pub next_variant: Option<(Variant, u16)>,
    /// In how many hands the next bomb pot comes, where that is known: 1 for the next hand.
    pub next_bomb_pot: Option<u64>,
}

/// Builds the document for `user`, in the largest role that they have or the smaller one that they `ask` for.
///
/// # Errors
///
/// - [`RoomError::NotApproved`]: isn't let in.
/// - [`RoomError::RoleForbidden`]: asks for more than they have, or, without a seat, to watch where the room allows no
///   spectators.
pub fn hydrate(
    room: &Room,
    user: UserId,
    ask: Option<DocumentRole>,
    recent: &[PastAction],
    now: Timestamp,
) -> Result<Hydration, RoomError> {
    let member = room.members.get(&user).filter(|member| member.is_approved()).ok_or(RoomError::NotApproved)?;
    let seat = room.seat_of(user);
    let is_host = room.is_host(user);
    match ask {
        Some(DocumentRole::Player) if seat.is_none() => return Err(RoomError::RoleForbidden),
        Some(DocumentRole::Host) if !is_host => return Err(RoomError::RoleForbidden),
        // Players and the host have more than a spectator, and may ask for less.
        Some(DocumentRole::Spectator) if !room.settings.spectators_allowed && seat.is_none() && !is_host => {
            return Err(RoomError::RoleForbidden);
        }
        None | Some(DocumentRole::Player | DocumentRole::Spectator | DocumentRole::Host) => {}
    }
    let as_player = seat.filter(|_| ask != Some(DocumentRole::Spectator));
    let as_host = is_host && matches!(ask, None | Some(DocumentRole::Host));
    Ok(Hydration {
        room: RoomView {
            id: room.id,
            code: room.code.clone(),
            name: room.name.clone(),
            host: room.host,
            status: room.status,
            has_password: room.has_password,
            settings: room.settings.clone(),
        },
        game: GameView {
            id: room.game.id,
            status: room.game.status,
            ending: room.game.ending,
            current_hand: room.game.dealt.as_ref().map(|dealt| dealt.id),
            hand_number: room.game.hand_number,
            next_hand_at: room.game.next_hand_at,
            variant: room.settings.game_at(room.game.rotation).0,
            next_variant: next_variant(room),
            next_bomb_pot: room.settings.hands_to_bomb_pot(room.game.hand_number, room.game.bomb_pot_queued),
        },
        hand: room.game.dealt.as_ref().map(|dealt| hand_view(dealt, room.game.question())),
        seats: (0..room.seats.len()).map(|index| seat_view(room, SeatIndex(index as u8), recent, now)).collect(),
        me: MeView {
            user,
            role: ask.map_or_else(|| role_name(room, user), DocumentRole::name),
            name: member.name.clone(),
            is_host,
            token: member.token.map(|token| token.id),
            reserved: member.reserved,
            preferences: member.preferences,
            player: as_player.map(|seat| player_view(room, seat, user, now)),
        },
        timer: timer(room, now),
        spectator_count: room.spectators().count(),
        host: as_host.then(|| host_view(room, now)),
    })
}

/// What a member is called: by their seat, else by the host's power, else by what they do.
pub fn role_name(room: &Room, user: UserId) -> &'static str {
    match room.role_of(user) {
        Some(Role::Player) => Role::Player.name(),
        Some(_) | None if room.is_host(user) => DocumentRole::Host.name(),
        Some(role) => role.name(),
        None => "guest",
    }
}

/// Whose turn it is. Once the time bank runs, its end is the deadline.
pub fn timer(room: &Room, now: Timestamp) -> Option<Timer> {
    let timer = room.timer()?;
    let turn = room.game.turn?;
    let in_bank = timer.deadline.is_some_and(|deadline| deadline <= now);
    Some(Timer {
        deadline: if in_bank { timer.expires } else { timer.deadline },
        timebank: turn.bank_left(now, timer.timebank),
        ..timer
    })
}

/// In a rotation: what is played next, and after how many more hands; before the first one, as if everybody who plays stayed.
fn next_variant(room: &Room) -> Option<(Variant, u16)> {
    let (_, next) = room.settings.game_at(room.game.rotation);
    let players = room.seats.iter().filter(|seat| seat.plays()).count();
    let left = room.game.rotation.map_or_else(|| room.settings.hands_each(players), |place| place.left);
    next.map(|next| (next, left))
}

fn hand_view(dealt: &Dealt, question: Option<Question>) -> HandView {
    let hand = &dealt.hand;
    let blinds = hand.setup().blind_seats();
    HandView {
        id: dealt.id,
        number: dealt.number,
        started_at: dealt.started_at,
        phase: hand.phase().name(),
        boards: hand.boards().to_vec(),
        pot: hand.pot(),
        pots: hand.pots(),
        current_bet: hand.current_bet(),
        min_raise_to: hand.min_raise_to(),
        button: hand.setup().button,
        button_dead: hand.setup().is_button_dead(),
        small_blind_seat: blinds.and_then(|(small, _)| small),
        big_blind_seat: blinds.map(|(_, big)| big),
        rules: hand.setup().rules,
        kind: hand.setup().kind,
        runs: hand.runs(),
        question,
        winners: hand
            .winners()
            .iter()
            .map(|winner| WinnerView {
                user: dealt.players[&winner.seat],
                seat: winner.seat,
                amount: winner.amount,
                rank: winner.rank,
            })
            .collect(),
    }
}

fn seat_view(room: &Room, seat: SeatIndex, recent: &[PastAction], now: Timestamp) -> SeatView {
    let held = &room.seats[seat.index()];
    let occupant = held.occupant().map(|occupant| {
        let member = &room.members[&occupant.user];
        let dealt = room.game.dealt.as_ref().filter(|dealt| dealt.players.get(&seat) == Some(&occupant.user));
        let player = dealt.and_then(|dealt| dealt.hand.player(seat));
        let shown = dealt.map(|dealt| dealt.shown_cards(seat)).filter(|shown| !shown.is_empty());
        let last = dealt.and_then(|dealt| recent.iter().rev().find(|past| past.hand == dealt.id && past.seat == seat));
        OccupantView {
            user: occupant.user,
            name: member.name.clone(),
            chips: room.stack_of(seat),
            bet: player.map_or(Chips::ZERO, |player| player.bet),
            in_hand: player.is_some(),
            has_folded: player.is_some_and(|player| player.folded),
            is_all_in: player.is_some_and(|player| player.is_all_in()) && room.game.live().is_some(),
            online: member.is_online(now),
            last_seen: member.last_seen,
            shown,
            last_action: last.map(|past| (past.kind, past.amount)),
            owes: room.debts_of(occupant.user).names(),
            waits_for: room.waits_for(seat),
        }
    });
    SeatView { seat, status: held.status(), occupant }
}

fn player_view(room: &Room, seat: SeatIndex, user: UserId, now: Timestamp) -> PlayerView {
    let dealt = room.game.dealt.as_ref().filter(|dealt| dealt.players.get(&seat) == Some(&user));
    let player = dealt.and_then(|dealt| dealt.hand.player(seat));
    let bank = room.seats[seat.index()].occupant().map_or(0, |occupant| occupant.timebank.0);
    let running = timer(room, now).filter(|timer| timer.actor == seat);
    let may_act = room.game.status != GameStatus::Paused && running.is_some();
    PlayerView {
        seat,
        cards: player.map(|player| player.hole),
        rank: player.filter(|player| !player.folded).and(dealt).and_then(|dealt| dealt.hand.hand_rank_of(seat)),
        legal: dealt.filter(|_| may_act).and_then(|dealt| dealt.hand.legal()),
        timebank_remaining: running.map_or(bank, |timer| timer.timebank.0),
    }
}

fn host_view(room: &Room, now: Timestamp) -> HostView {
    let request = |member: &Member| {
        let MembershipStatus::Pending { since } = member.status else { return None };
        Some((member.user, member.name.clone(), since))
    };
    let mut requests: Vec<_> = room.members.values().filter_map(request).collect();
    requests.sort_by_key(|(user, _, since)| (*since, *user));
    HostView {
        requests,
        members: room
            .approved()
            .map(|m| (m.user, m.name.clone(), room.role_of(m.user).unwrap_or(Role::Approved), m.is_online(now)))
            .collect(),
        banned: room
            .members
            .values()
            .filter(|member| member.status == MembershipStatus::Banned)
            .map(|member| (member.user, member.name.clone()))
            .collect(),
        can_pause: room.game.status == GameStatus::Active,
    }
}
