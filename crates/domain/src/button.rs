//! The button and the blinds from hand to hand: who has the button, who posts what, who is dealt in, who owes what afterwards.
//! R-numbers are those of `docs/rules.md`.
//!
//! A place is a seat's position, whether or not anybody sits there. Distances between places are counted clockwise, around a circle
//! with more places than any table has: empty ones change nothing.

use crate::hand::LatePost;
use crate::ids::SeatIndex;

#[cfg(test)]
mod tests;

crate::named! {
    /// How the button moves.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ButtonRule {
        /// The big blind moves on, and the button follows it, dead where it must be; missed blinds are owed.
        Dead = "dead",
        /// The button goes to the next player who is dealt in, and nobody owes anything.
        Simple = "simple",
    }
}

crate::named! {
    /// What somebody does who sits down while hands are played.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum NewPlayers {
        /// Posts a big blind, or waits for it, as they choose.
        PostOrWait = "post_or_wait",
        /// Is dealt in without a post.
        Free = "free",
        /// Waits for the big blind, as everybody does who owes something.
        WaitForBb = "wait_for_bb",
    }
}

crate::named! {
    /// What a player does who owes something.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Entry {
        /// Posts as soon as they may.
        Post = "post",
        /// Waits for the big blind.
        Wait = "wait",
    }
}

crate::named! {
    /// Why a player who would play isn't dealt in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum WaitsFor {
        /// They chose to wait for it.
        BigBlind = "big_blind",
        /// Nobody comes in on the button, or between it and the big blind.
        ButtonToPass = "button_to_pass",
    }
}

/// What somebody owes. Flags, never counts: it doesn't add up over rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Debts {
    /// Has sat down and not been dealt in since.
    pub new: bool,
    /// Missed a small blind.
    pub small: bool,
    /// Missed a big blind.
    pub big: bool,
}

impl Debts {
    /// Nothing.
    pub const NONE: Self = Self { new: false, small: false, big: false };

    /// Whether there are none.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The contract's names of what can be owed.
    pub const NAMES: [&'static str; 3] = ["new", "small_blind", "big_blind"];

    /// Those of what is.
    pub fn names(self) -> Vec<&'static str> {
        let owed = [self.new, self.small, self.big];
        Self::NAMES.into_iter().zip(owed).filter(|(_, owed)| *owed).map(|(name, _)| name).collect()
    }

    fn and(self, other: Self) -> Self {
        Self { new: self.new || other.new, small: self.small || other.small, big: self.big || other.big }
    }
}

/// What hands leave behind for the next one. Bomb pots leave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// The button's, dead or not.
    pub button: SeatIndex,
    /// Those of the blinds, as the last hand with blinds left them; none before the first.
    pub blinds: Option<BlindPlaces>,
}

/// Where the blinds were, posted or dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlindPlaces {
    /// The small blind; heads-up, the button.
    pub small: SeatIndex,
    /// The big blind.
    pub big: SeatIndex,
}

/// Somebody at the table before a hand is dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seated {
    /// Where.
    pub seat: SeatIndex,
    /// Whether they have chips and don't sit out.
    pub is_ready: bool,
    /// What they owe.
    pub debts: Debts,
    /// What they do about it.
    pub entry: Entry,
}

/// What a table may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRules {
    /// How the button moves.
    pub button: ButtonRule,
    /// What somebody does who is new.
    pub new_players: NewPlayers,
    /// Whether the big blind settles a missed small blind too.
    pub big_blind_settles: bool,
}

/// What kind of hand is to be dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deal {
    /// With blinds.
    Blinds,
    /// With a blind by the button, of a short deck.
    ButtonBlind,
    /// A bomb pot, whose button is the next one after that of the hand before, whatever kind that was.
    BombPot {
        /// The button's place in the hand before, if there was one.
        after: Option<SeatIndex>,
    },
}

/// How the next hand is dealt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHand {
    /// The button's place; nobody has it where that player isn't dealt in.
    pub button: SeatIndex,
    /// Who posts the blinds: none in a hand without them. The small blind may be dead.
    pub blinds: Option<(Option<SeatIndex>, SeatIndex)>,
    /// Who is dealt in, by ascending seat.
    pub dealt: Vec<SeatIndex>,
    /// Who posts besides the blinds, from the left of the button.
    pub posts: Vec<LatePost>,
    /// Who is ready and isn't dealt in, and why.
    pub waiting: Vec<(SeatIndex, WaitsFor)>,
    /// What everybody at the table owes once it is dealt.
    pub debts: Vec<(SeatIndex, Debts)>,
    /// What there is for the hand after it.
    pub places: Option<Places>,
}

/// How many places `to` is to the left of `from`.
const fn clockwise(from: SeatIndex, to: SeatIndex) -> u8 {
    to.0.wrapping_sub(from.0)
}

/// The first of these places from `from` on, that one included.
fn first_from(from: SeatIndex, seats: impl Iterator<Item = SeatIndex>) -> Option<SeatIndex> {
    seats.min_by_key(|seat| clockwise(from, *seat))
}

/// The first of these places to the left of `from`; `from` itself last.
fn first_after(from: SeatIndex, seats: impl Iterator<Item = SeatIndex>) -> Option<SeatIndex> {
    first_from(SeatIndex(from.0.wrapping_add(1)), seats)
}

fn ready(table: &[Seated]) -> impl Iterator<Item = SeatIndex> + Clone {
    table.iter().filter(|player| player.is_ready).map(|player| player.seat)
}

/// The next hand. The first button is at `first`, or at the next ready player's.
///
/// `table` is by ascending seat. `None`: fewer than two are ready, and nothing moves.
pub fn next_hand(
    last: Option<Places>,
    table: &[Seated],
    rules: TableRules,
    deal: Deal,
    first: SeatIndex,
) -> Option<NextHand> {
    if ready(table).count() < 2 {
        return None;
    }
    let next_after = |place: Option<SeatIndex>| match place {
        Some(place) => first_after(place, ready(table)),
        None => first_from(first, ready(table)),
    };
    let blinds = last.and_then(|last| last.blinds);
    let button = last.map(|last| last.button);
    match deal {
        Deal::BombPot { after } => Some(without_blinds(table, next_after(after)?, last)),
        Deal::ButtonBlind => {
            let button = next_after(button)?;
            Some(without_blinds(table, button, Some(Places { button, blinds })))
        }
        Deal::Blinds => match (rules.button, blinds) {
            (ButtonRule::Dead, Some(last)) => Round { last, table, rules }.deal(),
            (ButtonRule::Dead, None) => by_position(table, first_from(first, ready(table))?),
            (ButtonRule::Simple, _) => {
                let next = next_after(button)?;
                // Heads-up, nobody posts the big blind twice running (Poker TDA, "Heads-up").
                let other = first_after(next, ready(table)).filter(|_| ready(table).count() == 2);
                let twice = other.filter(|other| blinds.is_some_and(|blinds| blinds.big == *other));
                let all_forgiven = |hand: NextHand| NextHand {
                    debts: hand.debts.into_iter().map(|(seat, _)| (seat, Debts::NONE)).collect(),
                    ..hand
                };
                by_position(table, twice.unwrap_or(next)).map(all_forgiven)
            }
        },
    }
}

/// Everybody plays who is ready, and debts stay as they were.
fn without_blinds(table: &[Seated], button: SeatIndex, places: Option<Places>) -> NextHand {
    NextHand {
        button,
        blinds: None,
        dealt: ready(table).collect(),
        posts: Vec::new(),
        waiting: Vec::new(),
        debts: table.iter().map(|player| (player.seat, player.debts)).collect(),
        places,
    }
}

/// All who are ready play, and post nothing but the blinds: those left of the button, or, heads-up, the button the small one.
fn by_position(table: &[Seated], button: SeatIndex) -> Option<NextHand> {
    let next = first_after(button, ready(table))?;
    let is_heads_up = ready(table).count() == 2;
    let (small, big) = if is_heads_up { (button, next) } else { (next, first_after(next, ready(table))?) };
    let debts = |player: &Seated| (player.seat, if player.is_ready { Debts::NONE } else { player.debts });
    Some(NextHand {
        button,
        blinds: Some((Some(small), big)),
        dealt: ready(table).collect(),
        posts: Vec::new(),
        waiting: Vec::new(),
        debts: table.iter().map(debts).collect(),
        places: Some(Places { button, blinds: Some(BlindPlaces { small, big }) }),
    })
}

/// A hand that follows another one with blinds.
struct Round<'a> {
    last: BlindPlaces,
    table: &'a [Seated],
    rules: TableRules,
}

/// Where button and blinds are.
#[derive(Clone, Copy)]
struct Position {
    /// `None`: it would have to be beyond the big blind.
    button: Option<SeatIndex>,
    small: SeatIndex,
    big: SeatIndex,
}

impl Round<'_> {
    fn deal(&self) -> Option<NextHand> {
        let moved = self.moved_on()?;
        let dealt: Vec<&Seated> = self.ready().filter(|player| self.may_play(player, moved)).collect();
        let seats = |players: &[&Seated]| players.iter().map(|player| player.seat).collect::<Vec<_>>();
        let big = moved.big;
        if dealt.len() < 2 || dealt.iter().all(|player| !player.debts.is_none()) {
            // those who are there begin anew.
            let others = |but: &[SeatIndex]| {
                let others = ready(self.table).filter(|seat| !but.contains(seat));
                others.min_by_key(|seat| clockwise(*seat, big))
            };
            let small = others(&[big])?;
            let button = others(&[big, small]).unwrap_or(small);
            let everybody = self.ready().collect::<Vec<_>>();
            return Some(self.hand((button, Some(small), small, big), seats(&everybody), Vec::new()));
        }
        if let [one, other] = dealt[..] {
            // heads-up.
            let small = if one.seat == big { other.seat } else { one.seat };
            return Some(self.hand((small, Some(small), small, big), seats(&dealt), Vec::new()));
        }
        // Without a place for the button nobody who owes something is dealt in, and there are two at most.
        let button = moved.button?;
        let small = dealt.iter().find(|player| player.seat == moved.small).map(|player| player.seat);
        let mut late = dealt.clone();
        late.sort_by_key(|player| clockwise(SeatIndex(button.0.wrapping_add(1)), player.seat));
        let posts = late.into_iter().filter_map(|player| self.late_post(player, big)).collect();
        Some(self.hand((button, small, moved.small, big), seats(&dealt), posts))
    }

    fn ready(&self) -> impl Iterator<Item = &Seated> {
        self.table.iter().filter(|player| player.is_ready)
    }

    /// Where button and blinds come to be while nobody thinks of who owes what but for the button.
    fn moved_on(&self) -> Option<Position> {
        let big = first_after(self.last.big, ready(self.table))?;
        let small = self.last.big;
        let before_small = |seat: SeatIndex| clockwise(seat, small);
        let (farthest, too_far) = (before_small(self.last.small), before_small(big));
        let may_have_it = |player: &&Seated| {
            let distance = before_small(player.seat);
            player.debts.is_none() && (1..=farthest).contains(&distance) && distance < too_far
        };
        let nearest = self.ready().filter(may_have_it).map(|player| player.seat).min_by_key(|seat| before_small(*seat));
        let dead = (farthest < too_far).then_some(self.last.small);
        Some(Position { button: nearest.or(dead), small, big })
    }

    /// Nobody comes in with a debt on the button, or between it and the big blind, but as big blind.
    fn may_play(&self, player: &Seated, at: Position) -> bool {
        if player.debts.is_none() || player.seat == at.big {
            return true;
        }
        let Some(button) = at.button else { return false };
        !self.waits(player) && clockwise(button, player.seat) >= clockwise(button, at.big)
    }

    /// Whether somebody who owes something waits for the big blind. Who only is new waits for nothing where that is free.
    fn waits(&self, player: &Seated) -> bool {
        match self.rules.new_players {
            NewPlayers::WaitForBb => true,
            NewPlayers::Free if player.debts == (Debts { new: true, ..Debts::NONE }) => false,
            NewPlayers::PostOrWait | NewPlayers::Free => player.entry == Entry::Wait,
        }
    }

    fn late_post(&self, player: &Seated, big: SeatIndex) -> Option<LatePost> {
        let Debts { new, small, big: missed_big } = player.debts;
        let is_big = player.seat == big;
        let live = !is_big && (missed_big || new && self.rules.new_players != NewPlayers::Free);
        let dead = small && !(is_big && self.rules.big_blind_settles);
        (live || dead).then_some(LatePost { seat: player.seat, live, dead })
    }

    /// `small` is who posts the small blind, `small_place` where it would be.
    fn hand(
        &self,
        (button, small, small_place, big): (SeatIndex, Option<SeatIndex>, SeatIndex, SeatIndex),
        dealt: Vec<SeatIndex>,
        posts: Vec<LatePost>,
    ) -> NextHand {
        let after = |player: &Seated| {
            let debts = if dealt.contains(&player.seat) { Debts::NONE } else { self.missed(player, big) };
            (player.seat, debts)
        };
        let waits = |player: &Seated| {
            let why = match (self.rules.new_players, player.entry) {
                (NewPlayers::WaitForBb, _) | (_, Entry::Wait) => WaitsFor::BigBlind,
                (NewPlayers::PostOrWait | NewPlayers::Free, Entry::Post) => WaitsFor::ButtonToPass,
            };
            (player.seat, why)
        };
        NextHand {
            button,
            blinds: Some((small, big)),
            posts,
            waiting: self.ready().filter(|player| !dealt.contains(&player.seat)).map(waits).collect(),
            debts: self.table.iter().map(after).collect(),
            dealt,
            places: Some(Places { button, blinds: Some(BlindPlaces { small: small_place, big }) }),
        }
    }

    /// What somebody owes who isn't dealt in, with what passes them now. Who is new owes nothing else.
    fn missed(&self, player: &Seated, big: SeatIndex) -> Debts {
        let passed = clockwise(self.last.big, player.seat);
        let now = if player.is_ready || player.debts.new || passed >= clockwise(self.last.big, big) {
            Debts::NONE
        } else if passed == 0 {
            Debts { small: true, ..Debts::NONE }
        } else {
            Debts { small: true, big: true, ..Debts::NONE }
        };
        player.debts.and(now)
    }
}
