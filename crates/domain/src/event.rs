//! All that can have happened in a room.
//!
//! An event is a public part, [`Happened`], that can't hold anything hidden, and a [`Secret`] for its owners. What a
//! reader gets of it is decided in [`crate::view::event`].

use crate::card::Card;
use crate::card::deck::HoleCards;
use crate::card::rank::HandRank;
use crate::card::seed::Commitment;
use crate::chips::Chips;
use crate::hand::{ActionKind, Half, HandKind, HandRules, LegalActions, Post, Pot, Shown, Street, UncalledBet};
use crate::ids::{GameId, HandId, SeatIndex, TokenId, UserId};
use crate::name::Name;
use crate::rules::Variant;
use crate::seat::FreedReason;
use crate::settings::Settings;
use crate::time::{Millis, Timestamp};

/// One event, before it has its number in the room's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What everybody in the room may know.
    pub what: Happened,
    /// What only its owners may know.
    pub secret: Secret,
    /// What only the player may know whose turn it tells of. Absent in events from before it was kept.
    pub turn: Option<OwnTurn>,
}

impl From<Happened> for Event {
    fn from(what: Happened) -> Self {
        Self { what, secret: Secret::None, turn: None }
    }
}

/// A turn as the player sees it who is to act: as it is right after the event that tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTurn {
    /// Who is to act.
    pub of: UserId,
    /// What they may do.
    pub legal: LegalActions,
    /// What their cards make with the board so far.
    pub rank: HandRank,
}

/// An event in the room's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its number in the room: dense, from 1.
    pub seq: u64,
    /// When it was committed, by the database's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Committed {
    /// The events of one change, numbered from `first` on.
    pub fn number(first: u64, at: Timestamp, events: Vec<Event>) -> Vec<Self> {
        (first..).zip(events).map(|(seq, event)| Self { seq, at, event }).collect()
    }
}

/// The hidden part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Nothing is hidden.
    None,
    /// Each player's own cards.
    Cards(Vec<(UserId, HoleCards)>),
    /// The most runs that a player accepts: for nobody's eyes until the question is settled, nor after it.
    Runs(u8),
    /// What would have come on each board, for the player who asked.
    Boards {
        /// Who asked.
        of: UserId,
        /// Each whole board.
        boards: Vec<Vec<Card>>,
    },
    /// A rejoin token, for its owner.
    Token {
        /// The owner.
        of: UserId,
        /// The token's row.
        id: TokenId,
    },
}

/// Whose turn it is and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Who is to act.
    pub actor: SeatIndex,
    /// The number of the turn, counted through the whole game.
    pub turn: u64,
    /// When the turn began.
    pub started_at: Timestamp,
    /// When the normal time for the decision ends; `None` without a clock, or while it stands still.
    pub deadline: Option<Timestamp>,
    /// When the time bank is used up too and the clock decides.
    pub expires: Option<Timestamp>,
    /// What is left in the actor's time bank.
    pub timebank: Millis,
}

/// A player at the start of a hand, blinds and antes posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DealtIn {
    /// The seat.
    pub seat: SeatIndex,
    /// Who sits there.
    pub user: UserId,
    /// Chips before the hand.
    pub stack: Chips,
    /// Chips behind, after posting.
    pub chips: Chips,
    /// This street's bet.
    pub bet: Chips,
}

/// A share of one pot, or of all pots of a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The seat.
    pub seat: SeatIndex,
    /// Who sits there.
    pub user: UserId,
    /// Chips won.
    pub amount: Chips,
    /// With what, when hands were compared.
    pub rank: Option<HandRank>,
}

/// A part of a pot, compared for by itself: see [`Part`](crate::hand::Part).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartShare {
    /// The board's or the run's number, from 0.
    pub board: u8,
    /// Which half of it.
    pub half: Half,
    /// How many chips.
    pub amount: Chips,
    /// Who gets how many; without ranks.
    pub winners: Vec<Share>,
}

/// A stack at the end of a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalStack {
    /// The seat.
    pub seat: SeatIndex,
    /// Who sits there.
    pub user: UserId,
    /// Chips after the hand.
    pub chips: Chips,
    /// Chips won or lost in it.
    pub net: i64,
}

/// Who changed a stack between hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustedBy {
    /// The player, buying more chips.
    TopUp,
    /// The host.
    Host {
        /// What the host says about it.
        reason: Option<String>,
    },
}

/// The public part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Somebody asks to be let in.
    JoinRequested {
        /// The user.
        user: UserId,
        /// The name they go by in the room.
        name: Name,
    },
    /// The host let somebody in, or the room lets in everybody.
    Approved {
        /// The user.
        user: UserId,
        /// The name they go by in the room.
        name: Name,
    },
    /// The host refused somebody.
    Rejected {
        /// The user.
        user: UserId,
        /// The name they go by in the room.
        name: Name,
    },
    /// Somebody sat down.
    Seated {
        /// The seat.
        seat: SeatIndex,
        /// The user.
        user: UserId,
        /// The name they go by in the room.
        name: Name,
        /// Chips they sit down with.
        chips: Chips,
    },
    /// A member watches.
    SpectatorJoined {
        /// The user.
        user: UserId,
        /// The name they go by in the room.
        name: Name,
    },
    /// A member doesn't watch any more.
    SpectatorLeft {
        /// The user.
        user: UserId,
        /// The name they go by in the room.
        name: Name,
    },
    /// A seat is empty again.
    SeatFreed {
        /// The seat.
        seat: SeatIndex,
        /// The user.
        user: UserId,
        /// Why they left the seat.
        reason: FreedReason,
        /// The stack that leaves the table with them.
        chips: Chips,
    },
    /// A player wasn't heard of for a while; the seat is held.
    Disconnected {
        /// The user.
        user: UserId,
        /// The seat.
        seat: SeatIndex,
    },
    /// A player who was disconnected is back.
    Reconnected {
        /// The user.
        user: UserId,
        /// The seat.
        seat: SeatIndex,
    },
    /// A player keeps the seat and isn't dealt in.
    SatOut {
        /// The user.
        user: UserId,
        /// The seat.
        seat: SeatIndex,
    },
    /// A player is dealt in again.
    SatIn {
        /// The user.
        user: UserId,
        /// The seat.
        seat: SeatIndex,
    },
    /// A member left the room.
    MemberLeft {
        /// The user.
        user: UserId,
    },
    /// The host removed a member.
    Kicked {
        /// The user.
        user: UserId,
    },
    /// Somebody else is the host.
    HostChanged {
        /// The new host.
        user: UserId,
    },
    /// The host changed the settings.
    SettingsChanged {
        /// All settings, as they are now.
        settings: Settings,
    },
    /// A stack changed between hands.
    ChipsAdjusted {
        /// The user.
        user: UserId,
        /// Chips added, or taken where it is negative.
        delta: i64,
        /// Their chips afterwards.
        chips: Chips,
        /// By which right.
        by: AdjustedBy,
    },
    /// Hands follow each other from now on.
    GameStarted {
        /// The game.
        game: GameId,
    },
    /// The clock stands still.
    GamePaused {
        /// The game.
        game: GameId,
    },
    /// The clock runs again.
    GameResumed {
        /// The game.
        game: GameId,
    },
    /// No hand follows.
    GameEnded {
        /// The game.
        game: GameId,
    },
    /// The next hand is a bomb pot.
    BombPotQueued {
        /// Who asked for it.
        by: UserId,
    },
    /// The next hand isn't one after all.
    BombPotCancelled {
        /// Who took it back.
        by: UserId,
    },
    /// Cards were dealt.
    HandStarted(HandStarted),
    /// A player acted, or the clock did for them.
    Acted(Acted),
    /// `boards`: all of them, one or two.
    StreetAdvanced {
        /// In which hand.
        hand: HandId,
        /// The street that begins.
        street: Street,
        /// Each whole board so far.
        boards: Vec<Vec<Card>>,
        /// The pots of the streets before it.
        pots: Vec<Pot>,
        /// The turn that follows; null where there is none.
        timer: Option<Timer>,
    },
    /// The betting is over, and those still in are asked how often to run the missing cards.
    RunsAsked(RunsAsked),
    /// One of them has answered. What is hidden, until it is settled and after.
    RunsAnswered {
        /// In which hand.
        hand: HandId,
        /// Who.
        seat: SeatIndex,
        /// Who sits there.
        user: UserId,
    },
    /// It is settled.
    RunsDecided {
        /// In which hand.
        hand: HandId,
        /// How often the missing cards are run.
        runs: u8,
    },
    /// The missing cards came, for one run.
    RunDealt {
        /// In which hand.
        hand: HandId,
        /// Which run, from 0.
        run: u8,
        /// The whole board.
        board: Vec<Card>,
    },
    /// A pot was won.
    PotDistributed(PotDistributed),
    /// A hand is over.
    HandCompleted(HandCompleted),
    /// A bounty was paid.
    BountyPaid(BountyPaid),
    /// A player showed cards of their own will, when the hand was over.
    CardsShown {
        /// Of which hand.
        hand: HandId,
        /// Whose.
        seat: SeatIndex,
        /// Who sat there.
        user: UserId,
        /// The cards.
        cards: Vec<Card>,
    },
    /// A player asked what would have come. `boards`: where everybody may see it; else it is hidden from all but the asker.
    RabbitShown {
        /// Of which hand.
        hand: HandId,
        /// Who asked.
        user: UserId,
        /// Each whole board.
        boards: Option<Vec<Vec<Card>>>,
    },
    /// An event of a later version: only its number, its time and its name are known here. It is read and passed on, never
    /// written.
    Foreign {
        /// Its type, as it is stored.
        kind: String,
    },
}

crate::named! {
    /// The events that this version knows, by their names in the log.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum EventKind {
        /// [`Happened::JoinRequested`]
        JoinRequested = "join_requested",
        /// [`Happened::Approved`]
        Approved = "approved",
        /// [`Happened::Rejected`]
        Rejected = "rejected",
        /// [`Happened::Seated`]
        Seated = "seated",
        /// [`Happened::SpectatorJoined`]
        SpectatorJoined = "spectator_joined",
        /// [`Happened::SpectatorLeft`]
        SpectatorLeft = "spectator_left",
        /// [`Happened::SeatFreed`]
        SeatFreed = "seat_freed",
        /// [`Happened::Disconnected`]
        Disconnected = "disconnected",
        /// [`Happened::Reconnected`]
        Reconnected = "reconnected",
        /// [`Happened::SatOut`]
        SatOut = "sat_out",
        /// [`Happened::SatIn`]
        SatIn = "sat_in",
        /// [`Happened::MemberLeft`]
        MemberLeft = "member_left",
        /// [`Happened::Kicked`]
        Kicked = "kicked",
        /// [`Happened::HostChanged`]
        HostChanged = "host_changed",
        /// [`Happened::SettingsChanged`]
        SettingsChanged = "settings_changed",
        /// [`Happened::ChipsAdjusted`]
        ChipsAdjusted = "chips_adjusted",
        /// [`Happened::GameStarted`]
        GameStarted = "game_started",
        /// [`Happened::GamePaused`]
        GamePaused = "game_paused",
        /// [`Happened::GameResumed`]
        GameResumed = "game_resumed",
        /// [`Happened::GameEnded`]
        GameEnded = "game_ended",
        /// [`Happened::BombPotQueued`]
        BombPotQueued = "bomb_pot_queued",
        /// [`Happened::BombPotCancelled`]
        BombPotCancelled = "bomb_pot_cancelled",
        /// [`Happened::HandStarted`]
        HandStarted = "hand_started",
        /// [`Happened::Acted`]
        Acted = "acted",
        /// [`Happened::StreetAdvanced`]
        StreetAdvanced = "street_advanced",
        /// [`Happened::RunsAsked`]
        RunsAsked = "runs_asked",
        /// [`Happened::RunsAnswered`]
        RunsAnswered = "runs_answered",
        /// [`Happened::RunsDecided`]
        RunsDecided = "runs_decided",
        /// [`Happened::RunDealt`]
        RunDealt = "run_dealt",
        /// [`Happened::PotDistributed`]
        PotDistributed = "pot_distributed",
        /// [`Happened::HandCompleted`]
        HandCompleted = "hand_completed",
        /// [`Happened::BountyPaid`]
        BountyPaid = "bounty_paid",
        /// [`Happened::CardsShown`]
        CardsShown = "cards_shown",
        /// [`Happened::RabbitShown`]
        RabbitShown = "rabbit_shown",
    }
}

/// A hand was dealt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandStarted {
    /// Its id.
    pub hand: HandId,
    /// Its number in the game, from 1.
    pub number: u64,
    /// The place of the button.
    pub button: SeatIndex,
    /// The rule book and the stakes.
    pub rules: HandRules,
    /// Ordinary, or a bomb pot.
    pub kind: HandKind,
    /// How many boards there are.
    pub boards: u8,
    /// Antes and blinds, in the order in which they are posted.
    pub posts: Vec<Post>,
    /// Who is dealt in, by ascending seat.
    pub seats: Vec<DealtIn>,
    /// All that was posted.
    pub pot: Chips,
    /// The turn that follows; null where there is none.
    pub timer: Option<Timer>,
    /// To which deck the room is committed; none in hands from before there were proofs.
    pub commitment: Option<Commitment>,
}

/// A player acted, or the clock or the host did it for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// In which hand.
    pub hand: HandId,
    /// The user.
    pub user: UserId,
    /// The seat.
    pub seat: SeatIndex,
    /// The street.
    pub street: Street,
    /// Which action.
    pub kind: ActionKind,
    /// Fold and check: 0. Call: the chips added. Bet, raise and all-in: the total on this street.
    pub amount: Chips,
    /// Their stack right after it, before an uncalled bet returns.
    pub chips: Chips,
    /// Their total on this street right after it, before an uncalled bet returns.
    pub bet: Chips,
    /// Every chip in the pot right after it, before an uncalled bet returns.
    pub pot: Chips,
    /// Not the player's own decision.
    pub auto: bool,
    /// The turn that this answers; `None` for a fold out of turn.
    pub turn: Option<u64>,
    /// Chips that nobody called and that go back right after this action.
    pub returned: Option<UncalledBet>,
    /// The turn that follows; null where there is none.
    pub timer: Option<Timer>,
}

/// Those still in are asked how often to run the missing cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunsAsked {
    /// In which hand.
    pub hand: HandId,
    /// Who is asked, ascending.
    pub seats: Vec<SeatIndex>,
    /// The most that can be answered: what the room allows and the deck has cards for.
    pub max_runs: u8,
    /// The turn's number.
    pub turn: u64,
    /// When a player who hasn't answered counts as 1; `None` while the game is paused.
    pub expires: Option<Timestamp>,
}

/// A pot was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PotDistributed {
    /// In which hand.
    pub hand: HandId,
    /// 0 for the main pot, then the side pots.
    pub index: usize,
    /// How many chips.
    pub amount: Chips,
    /// Who gets how many, in seat order from the left of the button.
    pub winners: Vec<Share>,
    /// What that is made of. None without a showdown, and in events from before it was kept.
    pub parts: Vec<PartShare>,
}

/// A hand is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandCompleted {
    /// Which hand.
    pub hand: HandId,
    /// Which game it was.
    pub variant: Variant,
    /// The cards that came, on each board or in each run.
    pub boards: Vec<Vec<Card>>,
    /// Who won, over all pots.
    pub winners: Vec<Share>,
    /// Hands that were turned over, in the order in which they were.
    pub shown: Vec<Shown>,
    /// Everybody's chips at the end.
    pub stacks: Vec<FinalStack>,
    /// When the next hand is due, if one can be dealt.
    pub next_hand_at: Option<Timestamp>,
}

/// The others paid a bounty, after the hand, to who won its main pot with a seven and a deuce and has shown them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BountyPaid {
    /// For which hand.
    pub hand: HandId,
    /// The winner's seat.
    pub seat: SeatIndex,
    /// The winner.
    pub user: UserId,
    /// How many chips in all.
    pub amount: Chips,
    /// Who paid how many, in seat order from the left of the button; without ranks.
    pub from: Vec<Share>,
}

/// Chips that an event moved into, out of or between stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved<'a> {
    /// None; or within a hand, whose end says what became of them.
    Nothing,
    /// Somebody sat down with them.
    SatDown(UserId, Chips),
    /// Somebody left the table with them.
    GotUp(UserId, Chips),
    /// A stack changed between hands.
    Adjusted {
        /// Whose.
        user: UserId,
        /// How many chips came (positive) or went.
        delta: i64,
        /// What the stack is afterwards.
        chips: Chips,
        /// Who did it.
        by: &'a AdjustedBy,
    },
    /// What each player won or lost in a hand.
    Hand(&'a HandCompleted),
    /// From some players of a hand to another.
    Bounty(&'a BountyPaid),
}

/// The rows of a hand that are written with an event, beside the log and the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes<'a> {
    /// None.
    Nothing,
    /// The hand and its players.
    Hand(&'a HandStarted),
    /// An action.
    Action(&'a Acted),
    /// The hand's result.
    Result(&'a HandCompleted),
}

/// What all who handle events have to know of one. Each event has its row in [`Happened::facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Which event it is; `None` for one of a later version.
    pub kind: Option<EventKind>,
    /// Its name in the log.
    pub name: &'a str,
    /// The hand it belongs to.
    pub hand: Option<HandId>,
    /// Who gets it although they are not let in (yet): it is about their own request to join.
    pub request_of: Option<UserId>,
    /// Chips that it moved.
    pub moved: Moved<'a>,
    /// What is written with it.
    pub writes: Writes<'a>,
    /// The cards on each board, if it tells them.
    pub boards: Option<&'a [Vec<Card>]>,
    /// Hands that it shows.
    pub shown: &'a [Shown],
    /// Cards of a player that it shows beside those.
    pub cards: &'a [Card],
    /// Boards as they would have come, if it tells them: no board of the hand.
    pub rabbit: &'a [Vec<Card>],
    /// Whose turn it is, if it tells that.
    pub timer: Option<&'a Timer>,
}

impl<'a> Facts<'a> {
    const fn none_but(name: &'a str) -> Self {
        Self {
            kind: None,
            name,
            hand: None,
            request_of: None,
            moved: Moved::Nothing,
            writes: Writes::Nothing,
            boards: None,
            shown: &[],
            cards: &[],
            rabbit: &[],
            timer: None,
        }
    }
}

impl Happened {
    /// What there is to know of it.
    pub fn facts(&self) -> Facts<'_> {
        use EventKind as Kind;
        let of = |kind: Kind| Facts { kind: Some(kind), ..Facts::none_but(kind.name()) };
        let request = |kind: Kind, user: &UserId| Facts { request_of: Some(*user), ..of(kind) };
        let in_hand = |kind: Kind, hand: &HandId| Facts { hand: Some(*hand), ..of(kind) };
        match self {
            Self::JoinRequested { user, .. } => request(Kind::JoinRequested, user),
            Self::Approved { user, .. } => request(Kind::Approved, user),
            Self::Rejected { user, .. } => request(Kind::Rejected, user),
            Self::Seated { user, chips, .. } => Facts { moved: Moved::SatDown(*user, *chips), ..of(Kind::Seated) },
            Self::SpectatorJoined { .. } => of(Kind::SpectatorJoined),
            Self::SpectatorLeft { .. } => of(Kind::SpectatorLeft),
            Self::SeatFreed { user, chips, .. } => Facts { moved: Moved::GotUp(*user, *chips), ..of(Kind::SeatFreed) },
            Self::Disconnected { .. } => of(Kind::Disconnected),
            Self::Reconnected { .. } => of(Kind::Reconnected),
            Self::SatOut { .. } => of(Kind::SatOut),
            Self::SatIn { .. } => of(Kind::SatIn),
            Self::MemberLeft { user } => request(Kind::MemberLeft, user),
            Self::Kicked { user } => request(Kind::Kicked, user),
            Self::HostChanged { .. } => of(Kind::HostChanged),
            Self::SettingsChanged { .. } => of(Kind::SettingsChanged),
            Self::ChipsAdjusted { user, delta, chips, by } => {
                let moved = Moved::Adjusted { user: *user, delta: *delta, chips: *chips, by };
                Facts { moved, ..of(Kind::ChipsAdjusted) }
            }
            Self::GameStarted { .. } => of(Kind::GameStarted),
            Self::GamePaused { .. } => of(Kind::GamePaused),
            Self::GameResumed { .. } => of(Kind::GameResumed),
            Self::GameEnded { .. } => of(Kind::GameEnded),
            Self::BombPotQueued { .. } => of(Kind::BombPotQueued),
            Self::BombPotCancelled { .. } => of(Kind::BombPotCancelled),
            Self::HandStarted(started) => Facts {
                writes: Writes::Hand(started),
                timer: started.timer.as_ref(),
                ..in_hand(Kind::HandStarted, &started.hand)
            },
            Self::Acted(acted) => Facts {
                writes: Writes::Action(acted),
                timer: acted.timer.as_ref(),
                ..in_hand(Kind::Acted, &acted.hand)
            },
            Self::StreetAdvanced { hand, boards, timer, .. } => {
                Facts { boards: Some(boards), timer: timer.as_ref(), ..in_hand(Kind::StreetAdvanced, hand) }
            }
            Self::RunsAsked(asked) => in_hand(Kind::RunsAsked, &asked.hand),
            Self::RunsAnswered { hand, .. } => in_hand(Kind::RunsAnswered, hand),
            Self::RunsDecided { hand, .. } => in_hand(Kind::RunsDecided, hand),
            Self::RunDealt { hand, board, .. } => {
                Facts { boards: Some(std::slice::from_ref(board)), ..in_hand(Kind::RunDealt, hand) }
            }
            Self::CardsShown { hand, cards, .. } => Facts { cards, ..in_hand(Kind::CardsShown, hand) },
            Self::RabbitShown { hand, boards, .. } => {
                Facts { rabbit: boards.as_deref().unwrap_or_default(), ..in_hand(Kind::RabbitShown, hand) }
            }
            Self::PotDistributed(paid) => in_hand(Kind::PotDistributed, &paid.hand),
            Self::HandCompleted(done) => Facts {
                moved: Moved::Hand(done),
                writes: Writes::Result(done),
                boards: Some(&done.boards),
                shown: &done.shown,
                ..in_hand(Kind::HandCompleted, &done.hand)
            },
            Self::BountyPaid(paid) => Facts { moved: Moved::Bounty(paid), ..in_hand(Kind::BountyPaid, &paid.hand) },
            Self::Foreign { kind } => Facts::none_but(kind),
        }
    }

    /// Its name in the log.
    pub fn name(&self) -> &str {
        self.facts().name
    }

    /// The hand it belongs to.
    pub fn hand(&self) -> Option<HandId> {
        self.facts().hand
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::view::event::{Reader, for_reader};

    #[test]
    fn an_event_of_a_later_version_says_nothing_but_its_name() {
        let foreign = Happened::Foreign { kind: "chat_said".to_owned() };
        let facts = foreign.facts();
        assert_eq!((facts.kind, foreign.name(), foreign.hand()), (None, "chat_said", None));
        assert_eq!((facts.moved, facts.writes, facts.shown.len()), (Moved::Nothing, Writes::Nothing, 0));
        assert_eq!((facts.boards, facts.timer), (None, None));
        assert_eq!(crate::ledger::entries(&foreign), []);
    }

    #[test]
    fn an_event_of_a_later_version_is_for_those_who_are_let_in() {
        let user = UserId(Uuid::from_u128(1));
        let event = Event::from(Happened::Foreign { kind: "chat_said".to_owned() });
        let committed = Committed { seq: 7, at: Timestamp(5), event };
        let seen = for_reader(&committed, Reader::Member(user)).unwrap();
        assert_eq!((seen.seq, seen.at, seen.is_public()), (7, Timestamp(5), true));
        assert_eq!(for_reader(&committed, Reader::Applicant(user)), None);
    }
}
