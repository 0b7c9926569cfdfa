//! Worlds with something wrong in them.

use domain::button::Debts;
use domain::chips::Chips;
use domain::name::Name;
use domain::room::Room;

use super::{Record, State};

/// Something that no database does, and that every check of ours has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Answers aren't kept: the same action id acts twice.
    ForgetsReplies,
    /// Now and then an event's number is left out.
    SkipsNumbers,
    /// Now and then a commit says that it is done, and isn't.
    LosesCommits,
    /// A commit that says that it isn't done is.
    DoesWhatItRefuses,
    /// A room is read as it was before the last commit.
    ReadsWhatWas,
    /// What came of a top-up isn't in the ledger.
    ForgetsTopUps,
    /// The deck that is stored isn't the one that was dealt from.
    StoresAnotherDeck,
    /// A token that was revoked stays good.
    KeepsTokens,
    /// Now and then nobody is told what was committed.
    TellsNobody,
    /// Now and then everybody is told twice.
    TellsTwice,
    /// What was decided on a remembered room is saved, whatever has happened since.
    TrustsMemory,
    /// Now and then everybody's time bank is full again.
    RefillsTimeBanks,
    /// What the clock decided for somebody isn't counted.
    ForgetsMissedTurns,
    /// Now and then a top-up waits for the end of a hand in which its player isn't.
    QueuesTopUps,
    /// Now and then a name is another one.
    MistakesNames,
    /// Who leaves the seat leaves the blinds behind that they owe.
    ForgetsDebts,
    /// Now and then the blinds are a place further on.
    MovesBlinds,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::ForgetsReplies,
        Self::SkipsNumbers,
        Self::LosesCommits,
        Self::DoesWhatItRefuses,
        Self::ReadsWhatWas,
        Self::ForgetsTopUps,
        Self::StoresAnotherDeck,
        Self::KeepsTokens,
        Self::TellsNobody,
        Self::TellsTwice,
        Self::TrustsMemory,
        Self::RefillsTimeBanks,
        Self::ForgetsMissedTurns,
        Self::QueuesTopUps,
        Self::MistakesNames,
        Self::ForgetsDebts,
        Self::MovesBlinds,
    ];
}

/// How often "now and then" is, in commits.
const NOW_AND_THEN: u64 = 8;

fn now_and_then(state: &State, flaw: Flaw) -> bool {
    state.flaw == Some(flaw) && state.commits % NOW_AND_THEN == NOW_AND_THEN - 1
}

pub(super) fn room(state: &State, record: &Record) -> Room {
    let before = record.rows.before.as_ref().filter(|_| state.flaw == Some(Flaw::ReadsWhatWas));
    before.unwrap_or(&record.room).clone()
}

/// What is saved of a room.
pub(super) fn saved(state: &State, mut room: Room) -> Room {
    let refills = now_and_then(state, Flaw::RefillsTimeBanks);
    let forgets = state.flaw == Some(Flaw::ForgetsMissedTurns);
    let queues = now_and_then(state, Flaw::QueuesTopUps) && room.game.live().is_none();
    for occupant in room.seats.iter_mut().filter_map(|seat| seat.occupant_mut()) {
        if refills {
            occupant.timebank = room.settings.timebank;
        }
        if forgets {
            occupant.timeouts_in_a_row = 0;
        }
        if queues {
            occupant.queued.top_up = Chips::new(500);
        }
    }
    if now_and_then(state, Flaw::MistakesNames)
        && let Some(member) = room.members.values_mut().next()
        && let Ok(name) = Name::new("Somebody else")
    {
        member.name = name;
    }
    if state.flaw == Some(Flaw::ForgetsDebts) {
        let sits = |user| room.seats.iter().any(|seat| seat.is_of(user));
        let gone: Vec<_> = room.members.keys().copied().filter(|user| !sits(*user)).collect();
        for user in gone {
            if let Some(member) = room.members.get_mut(&user) {
                member.debts = Debts::NONE;
            }
        }
    }
    if now_and_then(state, Flaw::MovesBlinds)
        && let Some(blinds) = room.game.places.as_mut().and_then(|places| places.blinds.as_mut())
    {
        blinds.big.0 = (blinds.big.0 + 1) % 10;
    }
    room
}

pub(super) fn first_number(state: &State, first: u64) -> u64 {
    if now_and_then(state, Flaw::SkipsNumbers) { first + 1 } else { first }
}

pub(super) fn loses(state: &State) -> bool {
    now_and_then(state, Flaw::LosesCommits)
}

pub(super) fn times_told(state: &State) -> usize {
    if now_and_then(state, Flaw::TellsNobody) {
        0
    } else if now_and_then(state, Flaw::TellsTwice) {
        2
    } else {
        1
    }
}
