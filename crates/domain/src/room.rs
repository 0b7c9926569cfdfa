//! The aggregate: one room with its people, seats and game. One method a command; each decides, changes the room and
//! returns what happened, or refuses and changes nothing.

mod blinds;
mod bomb_pots;
mod bounties;
mod hands;
mod hosting;
mod membership;
mod preferences;
mod runs;
mod seats;
mod showing;
mod straddles;
mod timers;

use crate::card::deck::Deck;
use crate::card::seed::{Chances, Seed};
use crate::chips::Chips;
use crate::event::{Event, Happened, Secret};
use crate::game::{Game, GameStatus};
use crate::hand::LegalActions;
use crate::ids::{GameId, RoomId, SeatIndex, TokenId, UserId};
use crate::member::{Member, Members, MembershipStatus, Role};
use crate::name::Name;
use crate::rules::Pack;
use crate::seat::{Occupant, Seat};
use crate::settings::{InvalidPreference, InvalidSettings, Settings};
use crate::time::{Millis, Timestamp};
use crate::token::RejoinToken;

pub use hosting::Removal;
pub use membership::Joined;
pub use seats::{Adjusted, TakeSeat};

/// Fresh randomness, given by the caller: the domain has none of its own.
pub trait Chance {
    /// A random id, never given before.
    fn id(&mut self) -> uuid::Uuid;
    /// All the chance of one hand.
    fn seed(&mut self) -> Seed;
    /// A number below `limit`, by chance of its own: nothing else follows from it.
    fn below(&mut self, limit: u32) -> u32 {
        let [a, b, c, d, e, f, g, h, ..] = self.seed().0;
        (u64::from_be_bytes([a, b, c, d, e, f, g, h]) % u64::from(limit)) as u32
    }
    /// The deck of one hand: what follows from its seed. For tests, any other.
    fn deck(&mut self, chances: &Chances, pack: Pack) -> Deck {
        chances.deck(pack)
    }
}

/// How long things last that no room setting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A rejoin token after its last use or its owner's last hand.
    pub rejoin: Millis,
    /// Silence after which a player counts as disconnected.
    pub disconnect_after: Millis,
    /// Silence after which a seat is freed.
    pub free_seat_after: Millis,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            rejoin: Millis::from_secs(300),
            disconnect_after: Millis::from_secs(300),
            free_seat_after: Millis::from_secs(600),
        }
    }
}

crate::named! {
    /// Whether people may come in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RoomStatus {
        /// Yes.
        Open = "open",
        /// Its game ended: it can only be read.
        Closed = "closed",
    }
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// What people type to find it.
    pub code: String,
    /// What people call it.
    pub name: Name,
    /// Who holds the host's powers, while they are let in. A room that all have left is still theirs when they come back.
    pub host: UserId,
    /// Whether people may come in.
    pub status: RoomStatus,
    /// Whether the door has a password as well.
    pub has_password: bool,
    /// What the host chose.
    pub settings: Settings,
    /// Everybody who ever asked to join.
    pub members: Members,
    /// The seats: as many as the settings say.
    pub seats: Vec<Seat>,
    /// The game.
    pub game: Game,
}

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoomError {
    /// Only the host may.
    #[error("only the host may do this")]
    NotHost,
    /// Only who was let in may.
    #[error("only members whom the host let in may do this")]
    NotApproved,
    /// Only who has a seat may.
    #[error("only a player in a seat may do this")]
    NotSeated,
    /// Their role doesn't allow it here.
    #[error("this role does not allow it")]
    RoleForbidden,
    /// The host banned them.
    #[error("the host has banned you from this room")]
    Banned,
    /// That user isn't in the room.
    #[error("this user is not in the room")]
    UserNotFound,
    /// The host can't be removed.
    #[error("the host can't be removed: hand the room over first")]
    HostStays,
    /// Another member's name looks the same.
    #[error("this name is too similar to another member's: please choose a different one")]
    LookalikeName,
    /// It has as many members, or requests, as it may have.
    #[error("the room is full")]
    RoomFull,
    /// They were let in before.
    #[error("you are in this room already")]
    AlreadyInRoom,
    /// Somebody has that seat.
    #[error("this seat is taken")]
    SeatTaken,
    /// They have a seat.
    #[error("you have a seat already")]
    AlreadySeated,
    /// They don't ask to be let in.
    #[error("there is no open request of this user")]
    NotPending,
    /// That user is banned.
    #[error("this user is banned: lift the ban instead")]
    UserBanned,
    /// That user isn't banned.
    #[error("this user is not banned")]
    NotBanned,
    /// Another player is to act.
    #[error("it is not your turn")]
    NotYourTurn,
    /// No hand is being played.
    #[error("no hand is being played")]
    NoHand,
    /// The turn they mean is over.
    #[error("the table has moved on since that turn, or its time is up")]
    StaleTurn,
    /// Nothing is asked of them.
    #[error("nothing is asked of you")]
    NoQuestion,
    /// They have answered this question.
    #[error("you have answered already")]
    AlreadyAnswered,
    /// Not from 1 to as many runs as are offered.
    #[error("choose between 1 and {most} runs")]
    InvalidRuns {
        /// As many as are offered.
        most: u8,
    },
    /// Not the room's last hand.
    #[error("it is not the last hand")]
    OtherHand,
    /// The hand isn't over.
    #[error("the hand is still being played")]
    HandRunning,
    /// Not dealt in, all of it is shown already, or nothing more would have come.
    #[error("there is nothing to show")]
    NothingToShow,
    /// Not their own cards, each once.
    #[error("name your own cards, each once")]
    InvalidCards,
    /// The game is paused.
    #[error("the game is paused")]
    GamePaused,
    /// A game takes two players with chips.
    #[error("two players with chips are needed")]
    NotEnoughPlayers,
    /// The room is closed.
    #[error("the room is closed")]
    RoomClosed,
    /// Settings out of range, or that don't fit together.
    #[error("{0}")]
    Settings(#[from] InvalidSettings),
    /// A preference out of range, or that doesn't exist.
    #[error("{0}")]
    Preference(#[from] InvalidPreference),
    /// There is no such seat.
    #[error("there is no such seat at this table")]
    InvalidSeat,
    /// Outside the room's limits.
    #[error("the stack must be between {min} and {max} chips")]
    InvalidBuyIn {
        /// The fewest chips.
        min: Chips,
        /// The most chips.
        max: Chips,
    },
    /// Who comes back brings the stack they left with.
    #[error("a stack that left the table comes back whole: the buy-in must be between {whole} and {max} chips")]
    StackComesBack {
        /// The stack they left with, as far as the limit lets it.
        whole: Chips,
        /// The most chips.
        max: Chips,
    },
    /// No stack can be that large, or negative.
    #[error("a stack can't go below zero or above 1,000,000,000,000 chips")]
    StackOutOfRange,
    /// The rules don't allow it now.
    #[error("this action is not legal now")]
    IllegalAction {
        /// What they may do.
        legal: LegalActions,
    },
    /// The rules don't allow that amount.
    #[error("this amount is not legal now")]
    IllegalAmount {
        /// What they may do.
        legal: LegalActions,
    },
}

/// What a new room is made of.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// Its id.
    pub id: RoomId,
    /// Its game's id.
    pub game: GameId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Name,
    /// Whether the door has a password.
    pub has_password: bool,
    /// Who makes it.
    pub host: UserId,
    /// What they are called.
    pub host_name: Name,
    /// What they chose.
    pub settings: Settings,
}

impl Room {
    /// A new room: its maker is the host and let in. Its log is empty.
    pub fn create(new: NewRoom, at: Timestamp, lifetimes: &Lifetimes, chance: &mut dyn Chance) -> Self {
        let status = MembershipStatus::Approved { since: at, watching: false };
        let mut host = Member::new(new.host, new.host_name, status, at);
        host.token = Some(RejoinToken::mint(TokenId(chance.id()), at, lifetimes.rejoin));
        Self {
            id: new.id,
            code: new.code,
            name: new.name,
            host: new.host,
            status: RoomStatus::Open,
            has_password: new.has_password,
            seats: vec![Seat::Empty; usize::from(new.settings.seats)],
            settings: new.settings,
            members: Members::from_iter([host]),
            game: Game::new(new.game),
        }
    }

    /// The seat that `user` holds and is not about to leave.
    pub fn seat_of(&self, user: UserId) -> Option<SeatIndex> {
        self.occupied_seat_of(user).filter(|seat| !self.seats[seat.index()].is_leaving())
    }

    /// The seat that `user` holds, even if they are about to leave it.
    pub fn occupied_seat_of(&self, user: UserId) -> Option<SeatIndex> {
        self.seats.iter().position(|seat| seat.is_of(user)).map(|index| SeatIndex(index as u8))
    }

    /// What `user` does in the room, if they are let in.
    pub fn role_of(&self, user: UserId) -> Option<Role> {
        let member = self.members.get(&user).filter(|member| member.is_approved())?;
        Some(match self.seat_of(user) {
            Some(_) => Role::Player,
            None if member.is_watching() => Role::Spectator,
            None => Role::Approved,
        })
    }

    /// What the rejoin token of `user` names them: the host whatever else they do, else by their role.
    pub fn token_role(&self, user: UserId) -> &'static str {
        if self.is_host(user) { "host" } else { self.role_of(user).unwrap_or(Role::Approved).name() }
    }

    /// Members who are let in.
    pub fn approved(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|member| member.is_approved())
    }

    /// Whether `user` has the host's powers: nobody has who isn't in the room.
    pub fn is_host(&self, user: UserId) -> bool {
        self.host == user && self.members.get(&user).is_some_and(Member::is_approved)
    }

    /// Who watches without a seat.
    pub fn spectators(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|member| self.role_of(member.user) == Some(Role::Spectator))
    }

    /// Chips in front of a seat right now, in a hand or between hands.
    pub fn stack_of(&self, seat: SeatIndex) -> Chips {
        let live = self.game.live().and_then(|dealt| dealt.hand.player(seat));
        match (live, self.seats[seat.index()].occupant()) {
            (Some(player), Some(_)) => player.stack,
            (None, Some(occupant)) => occupant.chips,
            (_, None) => Chips::ZERO,
        }
    }

    fn approved_member(&self, user: UserId) -> Result<&Member, RoomError> {
        self.members.get(&user).filter(|member| member.is_approved()).ok_or(RoomError::NotApproved)
    }

    fn member_mut(&mut self, user: UserId) -> &mut Member {
        self.members.get_mut(&user).expect("only called for users who are members")
    }

    fn occupant_mut(&mut self, seat: SeatIndex) -> &mut Occupant {
        self.seats[seat.index()].occupant_mut().expect("only called for seats that are held")
    }

    fn seat_held_by(&self, user: UserId) -> Result<SeatIndex, RoomError> {
        self.approved_member(user)?;
        self.seat_of(user).ok_or(RoomError::NotSeated)
    }

    fn must_be_host(&self, user: UserId) -> Result<(), RoomError> {
        if self.is_host(user) { Ok(()) } else { Err(RoomError::NotHost) }
    }

    fn must_be_open(&self) -> Result<(), RoomError> {
        match self.status {
            RoomStatus::Open => Ok(()),
            RoomStatus::Closed => Err(RoomError::RoomClosed),
        }
    }

    /// Nobody may pass for somebody else who is in the room or waits to be, by other characters that look the same. Two people
    /// of one name are no deceit: everybody sees that there are two, and the host has let both in.
    fn must_be_distinct(&self, user: UserId, name: &Name) -> Result<(), RoomError> {
        let others = self.members.values().filter(|member| member.user != user && member.is_in_or_waits());
        let passes_for = |other: &Member| other.name != *name && other.name.looks_like(name);
        if others.into_iter().any(passes_for) { Err(RoomError::LookalikeName) } else { Ok(()) }
    }

    /// Whether people would take `user` under this name for the host, by the same name but for case, or for the table itself.
    fn passes_for_the_host(&self, user: UserId, name: &Name) -> bool {
        let is_the_hosts = |host: &Member| host.name.is_same_to_the_eye(name);
        self.host != user && (name.poses_as_staff() || self.members.get(&self.host).is_some_and(is_the_hosts))
    }

    /// Mints a token, which revokes the one before.
    fn renew_token(&mut self, user: UserId, at: Timestamp, lifetimes: &Lifetimes, chance: &mut dyn Chance) -> TokenId {
        let token = RejoinToken::mint(TokenId(chance.id()), at, lifetimes.rejoin);
        self.member_mut(user).token = Some(token);
        token.id
    }

    fn approval(&mut self, user: UserId, at: Timestamp, lifetimes: &Lifetimes, chance: &mut dyn Chance) -> Event {
        self.member_mut(user).status = MembershipStatus::Approved { since: at, watching: false };
        let id = self.renew_token(user, at, lifetimes, chance);
        let what = Happened::Approved { user, name: self.members[&user].name.clone() };
        Event { what, secret: Secret::Token { of: user, id }, turn: None }
    }

    /// Sees to it that a hand is due whenever one can be dealt.
    fn schedule(&mut self, at: Timestamp) {
        let waits = self.game.status == GameStatus::Active && self.game.live().is_none() && !self.game.ending;
        if !waits || self.ready_seats().count() < 2 {
            if self.game.live().is_none() {
                self.game.next_hand_at = None;
            }
        } else if self.game.next_hand_at.is_none() {
            self.game.next_hand_at = Some(at + self.settings.between_hands);
        }
    }

    fn ready_seats(&self) -> impl Iterator<Item = SeatIndex> {
        (0u8..).map(SeatIndex).zip(&self.seats).filter(|(_, seat)| seat.plays()).map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests;
