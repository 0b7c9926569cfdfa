//! Events on the wire: the same bytes live, replayed and over HTTP.

use domain::card;
use domain::card::seed::{ALGORITHM, Commitment, hex};
use domain::chips::Chips;
use domain::event::{Acted, HandCompleted, HandStarted, Happened, OwnTurn, PartShare, PotDistributed, Share, Timer};
use domain::hand::{LegalActions, Made, Pot};
use domain::ids::{RoomId, TokenId};
use domain::view::event::{EventView, Own};
use serde::Serialize;
use uuid::Uuid;

use crate::hidden::{missing, missing_of_label, pad};
use crate::names::{ActionName, AdjustedBy, Card, FreedReason, Half, HandKind, PostKind, Street, Variant};
use crate::settings::WireSettings;

/// One event of a room's log, as one reader sees it. Flat: the fields of its `type` beside the common ones.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct WireEvent {
    /// What happened.
    #[serde(flatten)]
    pub body: EventBody,
    /// The event's number in the room: dense, from 1, the same for every reader.
    pub seq: u64,
    /// The room.
    pub room_id: Uuid,
    /// When it was committed, in milliseconds since the Unix epoch.
    pub at: i64,
}

/// The fields of an event beyond the common ones, by type.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    /// Somebody asks to come in.
    PlayerJoinRequested(Person),
    /// Somebody was let in. Their own copy has their rejoin token.
    #[serde(rename_all = "camelCase")]
    PlayerApproved {
        /// The user.
        user_id: Uuid,
        /// The name they go by in the room.
        display_name: String,
        /// Lets its owner back in without signing in. Null for everybody else.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        rejoin_token: Option<String>,
    },
    /// Somebody was refused.
    PlayerRejected(Person),
    /// Somebody sat down.
    #[serde(rename_all = "camelCase")]
    PlayerSeated {
        /// The seat, from 0.
        seat_index: u8,
        /// The user.
        user_id: Uuid,
        /// The name they go by in the room.
        display_name: String,
        /// Chips they sit down with.
        chips: Amount,
    },
    /// Somebody watches.
    SpectatorJoined(Person),
    /// Somebody stopped watching.
    SpectatorLeft(Person),
    /// A seat became empty; its stack waits for its owner.
    #[serde(rename_all = "camelCase")]
    SeatFreed {
        /// The seat, from 0.
        seat_index: u8,
        /// The user.
        user_id: Uuid,
        /// `left`, `kicked`, `disconnected` or `ended`.
        reason: FreedReason,
        /// The stack that leaves the table with them.
        chips: Amount,
    },
    /// A player hasn't been heard of for a while.
    PlayerDisconnected(SeatOf),
    /// A player was heard of again.
    PlayerReconnected(SeatOf),
    /// A player isn't dealt in any more.
    PlayerSatOut(SeatOf),
    /// A player is dealt in again.
    PlayerSatIn(SeatOf),
    /// A member went.
    #[serde(rename_all = "camelCase")]
    MemberLeft {
        /// The user.
        user_id: Uuid,
    },
    /// The host removed a member.
    #[serde(rename_all = "camelCase")]
    PlayerKicked {
        /// The user.
        user_id: Uuid,
    },
    /// Somebody else is the host.
    #[serde(rename_all = "camelCase")]
    HostChanged {
        /// The new host.
        user_id: Uuid,
    },
    /// The settings changed, from the next hand.
    #[serde(rename_all = "camelCase")]
    SettingsChanged {
        /// All settings, as they are now.
        settings: WireSettings,
    },
    /// A stack changed between hands: by its owner's top-up, or by the host.
    #[serde(rename_all = "camelCase")]
    ChipsAdjusted {
        /// The user.
        user_id: Uuid,
        /// Chips added, or taken where it is negative.
        delta: i64,
        /// Their chips afterwards.
        chips: Amount,
        /// `top_up` or `host`.
        by: AdjustedBy,
        /// What the host said about it.
        reason: Option<String>,
    },
    /// The game began.
    #[serde(rename_all = "camelCase")]
    GameStarted {
        /// The game.
        game_id: Uuid,
    },
    /// The clock stands still, and no hand is dealt.
    #[serde(rename_all = "camelCase")]
    GamePaused {
        /// The game.
        game_id: Uuid,
    },
    /// The game goes on.
    #[serde(rename_all = "camelCase")]
    GameResumed {
        /// The game.
        game_id: Uuid,
    },
    /// The game is over and the room closed.
    #[serde(rename_all = "camelCase")]
    GameEnded {
        /// The game.
        game_id: Uuid,
    },
    /// The host asked for a bomb pot: the next hand is one.
    #[serde(rename_all = "camelCase")]
    BombPotQueued {
        /// Who asked for it.
        by_user_id: Uuid,
    },
    /// The next hand isn't a bomb pot after all.
    #[serde(rename_all = "camelCase")]
    BombPotCancelled {
        /// Who took it back.
        by_user_id: Uuid,
    },
    /// A hand was dealt, antes and blinds posted. A player's own copy has their cards.
    #[serde(rename_all = "camelCase")]
    HandStarted {
        /// The hand.
        hand_id: Uuid,
        /// Its number, from 1.
        hand_number: u64,
        /// The game that is played.
        variant: Variant,
        /// The revision of its rules, by which the hand is played to its end and for ever after.
        rules: u16,
        /// How it begins.
        kind: HandKind,
        /// How many boards there are, 1 or 2.
        board_count: u8,
        /// The seat with the button.
        button_seat: u8,
        /// Whether nobody has the button: then it lies at a place where nobody was dealt in.
        button_dead: bool,
        /// Who posted the small blind; `null` where nobody did.
        small_blind_seat: Option<u8>,
        /// Who posted the big blind; `null` where nobody did.
        big_blind_seat: Option<u8>,
        /// The small blind, in chips.
        small_blind: Amount,
        /// The big blind, in chips.
        big_blind: Amount,
        /// The ante, in chips; 0 for none.
        ante: Amount,
        /// What the button posts in place of blinds; 0 where blinds are posted.
        button_blind: Amount,
        /// Antes and blinds, in the order in which they are posted.
        blinds: Vec<WirePost>,
        /// Each player who was dealt in, by seat.
        seats: Vec<WireDealtIn>,
        /// Every chip in the middle.
        pot: Amount,
        /// The turn that follows; null where there is none.
        timer: Option<WireTimer>,
        /// To which deck the room is committed; `null` in hands from before there were proofs.
        commitment: Option<WireCommitment>,
        /// In the copy of a player who is dealt in: their cards.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        your_cards: Option<Vec<Card>>,
        /// The hand in words, in the copy of the player who is to act.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        hand_label: Option<String>,
    },
    /// A player acted.
    #[serde(rename_all = "camelCase")]
    PlayerAction {
        /// The user.
        user_id: Uuid,
        /// The seat, from 0.
        seat_index: u8,
        /// The street.
        street: Street,
        /// `FOLD CHECK CALL BET RAISE ALL_IN`.
        action: ActionName,
        /// The total on this street for a bet, a raise or an all-in; what was added for a call; else 0.
        amount: Amount,
        /// Chips behind after it.
        chips: Amount,
        /// This street's bet after it.
        bet: Amount,
        /// Every chip in the middle after it, before any go back.
        pot: Amount,
        /// Decided by the clock or a departure.
        auto: bool,
        /// The turn that it answers; `null` for a fold out of turn.
        turn: Option<u64>,
        /// Chips that nobody called, going back right after this action.
        returned: Option<WireReturned>,
        /// The turn that follows; null where there is none.
        timer: Option<WireTimer>,
        /// The hand in words, in the copy of the player who is to act.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        hand_label: Option<String>,
    },
    /// The next street's cards.
    #[serde(rename_all = "camelCase")]
    StreetAdvanced {
        /// The street that begins.
        street: Street,
        /// The first board.
        board: Vec<Card>,
        /// All boards, the first one too.
        boards: Vec<Vec<Card>>,
        /// The pots so far, the main pot first.
        pots: Vec<WirePot>,
        /// The turn that follows; null where there is none.
        timer: Option<WireTimer>,
        /// The hand in words, in the copy of the player who is to act.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        hand_label: Option<String>,
    },
    /// The betting is over with board cards to come, and those still in are asked how many runs they accept at most:
    /// `POST /api/games/{gameId}/runs`.
    #[serde(rename_all = "camelCase")]
    RunsAsked {
        /// The hand.
        hand_id: Uuid,
        /// Who is asked.
        seats: Vec<u8>,
        /// The most that can be answered, 2 or 3.
        max_runs: u8,
        /// The number of the turn.
        turn: u64,
        /// When a player who hasn't answered counts as 1; `null` while the game is paused.
        expires_at: Option<i64>,
    },
    /// A player has answered. What is told to nobody.
    #[serde(rename_all = "camelCase")]
    RunsAnswered {
        /// The hand.
        hand_id: Uuid,
        /// The seat that answered.
        seat_index: u8,
    },
    /// How often the missing cards are run: the smallest number that was answered, or what the room always plays.
    #[serde(rename_all = "camelCase")]
    RunsDecided {
        /// The hand.
        hand_id: Uuid,
        /// How often the missing cards are run, 1 to 3.
        runs: u8,
    },
    /// The missing cards came.
    #[serde(rename_all = "camelCase")]
    RunDealt {
        /// The hand.
        hand_id: Uuid,
        /// Which run, from 0.
        run: u8,
        /// Its whole board.
        board: Vec<Card>,
    },
    /// A pot was paid.
    #[serde(rename_all = "camelCase")]
    PotDistributed {
        /// 0 for the main pot, then the side pots.
        pot_index: usize,
        /// How many chips.
        amount: Amount,
        /// Who won, and how much.
        winners: Vec<WireShare>,
        /// What that is made of, by board or run and by high and low. Empty without a showdown, and in hands from before it was
        /// kept.
        parts: Vec<WirePart>,
    },
    /// The hand is over.
    #[serde(rename_all = "camelCase")]
    HandComplete {
        /// The hand.
        hand_id: Uuid,
        /// The first board.
        board: Vec<Card>,
        /// All boards, or the board of each run.
        boards: Vec<Vec<Card>>,
        /// Who won, and how much.
        winners: Vec<WireWinner>,
        /// Hands that were turned over, in the order in which they were.
        shown: Vec<WireShown>,
        /// Everybody's chips at the end.
        chips: Vec<WireStack>,
        /// When the next hand is due, if one can be dealt.
        next_hand_at: Option<i64>,
    },
    /// A player showed some of their cards after the hand.
    #[serde(rename_all = "camelCase")]
    CardsShown {
        /// The hand, which is over.
        hand_id: Uuid,
        /// The seat that the player was dealt in on.
        seat_index: u8,
        /// The player.
        user_id: Uuid,
        /// What is shown now, of one to five own cards.
        cards: Vec<Card>,
    },
    /// A player asked what would have come.
    #[serde(rename_all = "camelCase")]
    RabbitShown {
        /// The hand, which is over.
        hand_id: Uuid,
        /// The player who asked.
        user_id: Uuid,
        /// Each whole board: in the copy of the player who asked, or in everybody's where the room shows it to all.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))]
        boards: Option<Vec<Vec<Card>>>,
    },
    /// The others paid the bounty for a main pot that was won alone with a seven and a deuce, once both were shown. It is in no pot.
    #[serde(rename_all = "camelCase")]
    BountyPaid {
        /// The hand.
        hand_id: Uuid,
        /// Who gets it.
        user_id: Uuid,
        /// Their seat.
        seat_index: u8,
        /// How many chips in all.
        amount: Amount,
        /// Who pays how many.
        from: Vec<WireShare>,
    },
    /// Something that a later version of the server did, and this one doesn't know. Only its number counts.
    Unknown,
}

/// A number of chips.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Amount(u64);

impl From<Chips> for Amount {
    fn from(chips: Chips) -> Self {
        Self(chips.get())
    }
}

macro_rules! wire {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$attr])* pub $field: $type,)* }
    )*};
}

wire! {
    /// Somebody.
    pub struct Person {
        /// The user.
        user_id: Uuid,
        /// The name they go by in the room.
        display_name: String,
    }
    /// A player and their seat.
    pub struct SeatOf {
        /// The user.
        user_id: Uuid,
        /// The seat, from 0.
        seat_index: u8,
    }
    /// What was posted before the cards. An `ante` and a `dead_small_blind` are not part of the street's bet.
    pub struct WirePost {
        /// The seat, from 0.
        seat_index: u8,
        /// What for.
        kind: PostKind,
        /// In chips.
        amount: Amount,
    }
    /// A player at the start of a hand: chips behind and this street's bet, after posting.
    pub struct WireDealtIn {
        /// The seat, from 0.
        seat_index: u8,
        /// The user.
        user_id: Uuid,
        /// Chips in front of them.
        chips: Amount,
        /// Their total on this street.
        bet: Amount,
    }
    /// What the deck was before anybody saw a card, as SHA-256 hashes in hexadecimal: of the seed that it follows from, and the
    /// root over its 52 places. `GET /api/hands/{handId}/proofs` proves cards against it.
    pub struct WireCommitment {
        /// How seed, deck and root follow from each other: see docs/fairness.md.
        algorithm: &'static str,
        /// The hash of the seed.
        seed_hash: String,
        /// The root over the places of the deck.
        root: String,
    }
    /// A pot and who can win it.
    pub struct WirePot {
        /// In chips.
        amount: Amount,
        /// Who can win it.
        eligible_seats: Vec<u8>,
    }
    /// Chips that went back to their owner, who has `chips` now.
    pub struct WireReturned {
        /// The seat, from 0.
        seat_index: u8,
        /// In chips.
        amount: Amount,
        /// Chips in front of them.
        chips: Amount,
    }
    /// A share of a pot.
    pub struct WireShare {
        /// The user.
        user_id: Uuid,
        /// The seat, from 0.
        seat_index: u8,
        /// In chips.
        amount: Amount,
    }
    /// A part of a pot, compared for by itself: that of one board or run (from 0), or the high or low half of it.
    pub struct WirePart {
        /// The board or run, from 0.
        board: u8,
        /// Which half of it.
        half: Half,
        /// In chips.
        amount: Amount,
        /// Who gets how many chips of it.
        winners: Vec<WireShare>,
    }
    /// What somebody's cards make with one board or run, in words; `low` is `null` where there is no low hand.
    pub struct WireRanks {
        /// The board or run, from 0.
        board: u8,
        /// The high hand.
        high: String,
        /// The low hand.
        low: Option<String>,
    }
    /// What somebody won in a hand; `handRank` in words, on several boards the best; `null` if hands were not compared.
    pub struct WireWinner {
        /// The user.
        user_id: Uuid,
        /// The seat, from 0.
        seat_index: u8,
        /// In chips.
        amount: Amount,
        /// With what.
        hand_rank: Option<String>,
    }
    /// A hand that was shown.
    pub struct WireShown {
        /// The seat, from 0.
        seat_index: u8,
        /// All their hole cards.
        cards: Vec<Card>,
        /// With what.
        hand_rank: String,
        /// What they make with each board or run.
        ranks: Vec<WireRanks>,
    }
    /// A stack at the end of a hand.
    pub struct WireStack {
        /// The seat, from 0.
        seat_index: u8,
        /// Chips in front of them.
        chips: Amount,
    }
    /// Whose turn it is. `deadlineAt` ends the normal time, `expiresAt` the time bank, when the server decides; both are
    /// `null` without a clock. `timebankRemaining` in whole seconds.
    pub struct WireTimer {
        /// Who is to act.
        actor_seat: u8,
        /// Its number in the game.
        turn: u64,
        /// When it began, in Unix milliseconds.
        started_at: i64,
        /// When the normal time ends, in Unix milliseconds.
        deadline_at: Option<i64>,
        /// What is left of the time bank, in seconds.
        timebank_remaining: i64,
        /// When the time bank ends too, in Unix milliseconds.
        expires_at: Option<i64>,
        /// In the copy of the player who is to act: what they may do, as it is right after the event.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        #[cfg_attr(feature = "typescript", ts(optional))] legal_actions: Option<LegalActionsResponse>,
    }
    /// What a player may do.
    pub struct LegalActionsResponse {
        /// What may be done.
        actions: Vec<ActionName>,
        /// What a call adds, in chips.
        call_amount: Amount,
        /// The smallest total that a bet or raise may have; null where none is allowed.
        min_raise_to: Option<Amount>,
        /// The greatest total that a bet or raise may have; null where none is allowed.
        max_raise_to: Option<Amount>,
    }
}

impl From<&LegalActions> for LegalActionsResponse {
    fn from(legal: &LegalActions) -> Self {
        Self {
            actions: legal.actions.iter().copied().map(ActionName::from).collect(),
            call_amount: legal.call_amount.into(),
            min_raise_to: legal.min_raise_to.map(Amount::from),
            max_raise_to: legal.max_raise_to.map(Amount::from),
        }
    }
}

impl WireTimer {
    fn new(timer: Timer, own: Option<&OwnTurn>) -> Self {
        Self {
            actor_seat: timer.actor.0,
            turn: timer.turn,
            started_at: timer.started_at.0,
            deadline_at: timer.deadline.map(|at| at.0),
            timebank_remaining: timer.timebank.0 / 1000,
            expires_at: timer.expires.map(|at| at.0),
            legal_actions: own.map(|own| (&own.legal).into()),
        }
    }
}

impl From<&Commitment> for WireCommitment {
    fn from(commitment: &Commitment) -> Self {
        Self { algorithm: ALGORITHM, seed_hash: hex(&commitment.seed), root: hex(&commitment.root) }
    }
}

impl From<&Pot> for WirePot {
    fn from(pot: &Pot) -> Self {
        Self { amount: pot.amount.into(), eligible_seats: pot.eligible.iter().map(|seat| seat.0).collect() }
    }
}

/// Cards by the contract's names.
pub fn cards(cards: &[card::Card]) -> Vec<Card> {
    cards.iter().map(Card::from).collect()
}

fn first_board(boards: &[Vec<card::Card>]) -> Vec<Card> {
    boards.first().map_or_else(Vec::new, |board| cards(board))
}

/// All boards by the contract's names.
pub fn all_boards(boards: &[Vec<card::Card>]) -> Vec<Vec<Card>> {
    boards.iter().map(|board| cards(board)).collect()
}

/// The parts of a pot. One that nobody contested is one part.
fn parts(paid: &PotDistributed) -> Vec<WirePart> {
    if paid.parts.is_empty() {
        let (amount, winners) = (paid.amount.into(), shares(&paid.winners));
        return vec![WirePart { board: 0, half: domain::hand::Half::Whole.into(), amount, winners }];
    }
    paid.parts.iter().map(WirePart::from).collect()
}

fn shares(shares: &[Share]) -> Vec<WireShare> {
    let share = |w: &Share| WireShare { user_id: w.user.0, seat_index: w.seat.0, amount: w.amount.into() };
    shares.iter().map(share).collect()
}

impl From<&PartShare> for WirePart {
    fn from(part: &PartShare) -> Self {
        Self { board: part.board, half: part.half.into(), amount: part.amount.into(), winners: shares(&part.winners) }
    }
}

impl From<(u8, &Made)> for WireRanks {
    fn from((board, made): (u8, &Made)) -> Self {
        Self { board, high: made.high.to_string(), low: made.low.map(|low| low.to_string()) }
    }
}

impl WireEvent {
    /// The bytes that a reader gets, however they get them. Their length doesn't depend on hidden cards. `token` gives the owner's
    /// copy of an approval its rejoin token.
    pub fn text(room: RoomId, view: &EventView<'_>, token: &dyn Fn(TokenId) -> String) -> String {
        let event = Self { body: body(view, token), seq: view.seq, room_id: room.0, at: view.at.0 };
        let text = serde_json::to_string(&event).expect("the wire types have string keys and finite numbers only");
        let of_cards = match view.own {
            Some(Own::Cards(hole)) => missing(hole.cards()),
            Some(Own::Boards(boards)) => boards.iter().map(|board| missing(board)).sum(),
            Some(Own::Token(_)) | None => 0,
        };
        let of_label = view.turn.map_or(0, |turn| missing_of_label(&label(turn)));
        pad(text, of_cards + of_label)
    }
}

fn body(view: &EventView<'_>, token: &dyn Fn(TokenId) -> String) -> EventBody {
    match view.what {
        Happened::JoinRequested { user, name } => EventBody::PlayerJoinRequested(person(user.0, name)),
        Happened::Approved { user, name } => EventBody::PlayerApproved {
            user_id: user.0,
            display_name: name.to_string(),
            rejoin_token: match view.own {
                Some(Own::Token(id)) => Some(token(id)),
                Some(Own::Cards(_) | Own::Boards(_)) | None => None,
            },
        },
        Happened::Rejected { user, name } => EventBody::PlayerRejected(person(user.0, name)),
        Happened::Seated { seat, user, name, chips } => EventBody::PlayerSeated {
            seat_index: seat.0,
            user_id: user.0,
            display_name: name.to_string(),
            chips: (*chips).into(),
        },
        Happened::SpectatorJoined { user, name } => EventBody::SpectatorJoined(person(user.0, name)),
        Happened::SpectatorLeft { user, name } => EventBody::SpectatorLeft(person(user.0, name)),
        Happened::SeatFreed { seat, user, reason, chips } => EventBody::SeatFreed {
            seat_index: seat.0,
            user_id: user.0,
            reason: (*reason).into(),
            chips: (*chips).into(),
        },
        Happened::Disconnected { user, seat } => EventBody::PlayerDisconnected(seat_of(user.0, seat.0)),
        Happened::Reconnected { user, seat } => EventBody::PlayerReconnected(seat_of(user.0, seat.0)),
        Happened::SatOut { user, seat } => EventBody::PlayerSatOut(seat_of(user.0, seat.0)),
        Happened::SatIn { user, seat } => EventBody::PlayerSatIn(seat_of(user.0, seat.0)),
        Happened::MemberLeft { user } => EventBody::MemberLeft { user_id: user.0 },
        Happened::Kicked { user } => EventBody::PlayerKicked { user_id: user.0 },
        Happened::HostChanged { user } => EventBody::HostChanged { user_id: user.0 },
        Happened::SettingsChanged { settings } => EventBody::SettingsChanged { settings: settings.into() },
        Happened::ChipsAdjusted { user, delta, chips, by } => {
            let (by, reason) = match by {
                domain::event::AdjustedBy::TopUp => (AdjustedBy::TOP_UP, None),
                domain::event::AdjustedBy::Host { reason } => (AdjustedBy::HOST, reason.clone()),
            };
            EventBody::ChipsAdjusted { user_id: user.0, delta: *delta, chips: (*chips).into(), by, reason }
        }
        Happened::GameStarted { game } => EventBody::GameStarted { game_id: game.0 },
        Happened::GamePaused { game } => EventBody::GamePaused { game_id: game.0 },
        Happened::GameResumed { game } => EventBody::GameResumed { game_id: game.0 },
        Happened::GameEnded { game } => EventBody::GameEnded { game_id: game.0 },
        Happened::BombPotQueued { by } => EventBody::BombPotQueued { by_user_id: by.0 },
        Happened::BombPotCancelled { by } => EventBody::BombPotCancelled { by_user_id: by.0 },
        Happened::HandStarted(started) => hand_started(started, view.own, view.turn),
        Happened::Acted(acted) => player_action(acted, view.turn),
        Happened::StreetAdvanced { street, boards, pots, timer, .. } => EventBody::StreetAdvanced {
            street: (*street).into(),
            board: first_board(boards),
            boards: all_boards(boards),
            pots: pots.iter().map(WirePot::from).collect(),
            timer: timer.map(|timer| WireTimer::new(timer, view.turn)),
            hand_label: view.turn.map(label),
        },
        Happened::PotDistributed(paid) => EventBody::PotDistributed {
            pot_index: paid.index,
            amount: paid.amount.into(),
            winners: shares(&paid.winners),
            parts: parts(paid),
        },
        Happened::HandCompleted(done) => hand_complete(done),
        Happened::RunsAsked(asked) => EventBody::RunsAsked {
            hand_id: asked.hand.0,
            seats: asked.seats.iter().map(|seat| seat.0).collect(),
            max_runs: asked.max_runs,
            turn: asked.turn,
            expires_at: asked.expires.map(|at| at.0),
        },
        Happened::RunsAnswered { hand, seat, user: _ } => {
            EventBody::RunsAnswered { hand_id: hand.0, seat_index: seat.0 }
        }
        Happened::RunsDecided { hand, runs } => EventBody::RunsDecided { hand_id: hand.0, runs: *runs },
        Happened::RunDealt { hand, run, board } => {
            EventBody::RunDealt { hand_id: hand.0, run: *run, board: cards(board) }
        }
        Happened::CardsShown { hand, seat, user, cards: shown } => {
            EventBody::CardsShown { hand_id: hand.0, seat_index: seat.0, user_id: user.0, cards: cards(shown) }
        }
        Happened::RabbitShown { hand, user, boards } => EventBody::RabbitShown {
            hand_id: hand.0,
            user_id: user.0,
            boards: match (boards, view.own) {
                (Some(boards), _) => Some(all_boards(boards)),
                (None, Some(Own::Boards(boards))) => Some(all_boards(boards)),
                (None, Some(Own::Cards(_) | Own::Token(_)) | None) => None,
            },
        },
        Happened::BountyPaid(paid) => EventBody::BountyPaid {
            hand_id: paid.hand.0,
            user_id: paid.user.0,
            seat_index: paid.seat.0,
            amount: paid.amount.into(),
            from: shares(&paid.from),
        },
        Happened::Foreign { .. } => EventBody::Unknown,
    }
}

fn person(user_id: Uuid, name: &domain::name::Name) -> Person {
    Person { user_id, display_name: name.to_string() }
}

fn seat_of(user_id: Uuid, seat_index: u8) -> SeatOf {
    SeatOf { user_id, seat_index }
}

/// The hand in words, of the player who is to act.
fn label(turn: &OwnTurn) -> String {
    turn.rank.to_string()
}

fn hand_started(started: &HandStarted, own: Option<Own<'_>>, turn: Option<&OwnTurn>) -> EventBody {
    let poster = |kind| started.posts.iter().find(|post| post.kind == kind).map(|post| post.seat.0);
    EventBody::HandStarted {
        hand_id: started.hand.0,
        hand_number: started.number,
        variant: started.rules.book.variant.into(),
        rules: started.rules.book.revision.number(),
        kind: started.kind.into(),
        board_count: started.boards,
        button_seat: started.button.0,
        button_dead: !started.seats.iter().any(|dealt| dealt.seat == started.button),
        small_blind_seat: poster(domain::hand::PostKind::SmallBlind),
        big_blind_seat: poster(domain::hand::PostKind::BigBlind),
        small_blind: started.rules.small_blind.into(),
        big_blind: started.rules.big_blind.into(),
        ante: started.rules.ante.into(),
        button_blind: started.rules.button_blind.into(),
        blinds: started
            .posts
            .iter()
            .map(|post| WirePost { seat_index: post.seat.0, kind: post.kind.into(), amount: post.amount.into() })
            .collect(),
        seats: started
            .seats
            .iter()
            .map(|seat| WireDealtIn {
                seat_index: seat.seat.0,
                user_id: seat.user.0,
                chips: seat.chips.into(),
                bet: seat.bet.into(),
            })
            .collect(),
        pot: started.pot.into(),
        timer: started.timer.map(|timer| WireTimer::new(timer, turn)),
        hand_label: turn.map(label),
        commitment: started.commitment.as_ref().map(WireCommitment::from),
        your_cards: match own {
            Some(Own::Cards(hole)) => Some(cards(hole.cards())),
            Some(Own::Token(_) | Own::Boards(_)) | None => None,
        },
    }
}

fn player_action(acted: &Acted, turn: Option<&OwnTurn>) -> EventBody {
    EventBody::PlayerAction {
        user_id: acted.user.0,
        seat_index: acted.seat.0,
        street: acted.street.into(),
        action: acted.kind.into(),
        amount: acted.amount.into(),
        chips: acted.chips.into(),
        bet: acted.bet.into(),
        pot: acted.pot.into(),
        auto: acted.auto,
        turn: acted.turn,
        returned: acted.returned.map(|returned| WireReturned {
            seat_index: returned.seat.0,
            amount: returned.amount.into(),
            chips: returned.stack.into(),
        }),
        timer: acted.timer.map(|timer| WireTimer::new(timer, turn)),
        hand_label: turn.map(label),
    }
}

fn hand_complete(done: &HandCompleted) -> EventBody {
    EventBody::HandComplete {
        hand_id: done.hand.0,
        board: first_board(&done.boards),
        boards: all_boards(&done.boards),
        winners: done.winners.iter().map(winner).collect(),
        shown: done
            .shown
            .iter()
            .map(|shown| WireShown {
                seat_index: shown.seat.0,
                cards: cards(shown.cards.cards()),
                hand_rank: shown.rank.to_string(),
                ranks: (0..).zip(&shown.made).map(WireRanks::from).collect(),
            })
            .collect(),
        chips: done
            .stacks
            .iter()
            .map(|stack| WireStack { seat_index: stack.seat.0, chips: stack.chips.into() })
            .collect(),
        next_hand_at: done.next_hand_at.map(|at| at.0),
    }
}

/// A winner, with the hand in words.
pub fn winner(share: &Share) -> WireWinner {
    WireWinner {
        user_id: share.user.0,
        seat_index: share.seat.0,
        amount: share.amount.into(),
        hand_rank: share.rank.map(|rank| rank.to_string()),
    }
}
