//! What a hand is played by and for, and who posts what.

use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::rules::{Game, Posting, RuleBook};

/// What a hand is played by and for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandRules {
    /// The game and the revision of its rules.
    pub book: RuleBook,
    /// The small blind; may be none.
    pub small_blind: Chips,
    /// The big blind: at least one chip, and no less than the small blind. The smallest bet after the flop, where no blind is
    /// posted too.
    pub big_blind: Chips,
    /// Posted by everybody before the blinds; may be none.
    pub ante: Chips,
    /// What the button posts in place of blinds; none where blinds are posted.
    pub button_blind: Chips,
}

impl HandRules {
    /// The game.
    pub const fn game(&self) -> Game {
        self.book.game()
    }

    /// What is posted.
    pub const fn posting(&self) -> Posting {
        if self.button_blind.is_zero() { Posting::Blinds } else { Posting::ButtonBlind }
    }
}

crate::named! {
    /// How a hand begins.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum HandKind {
        /// With blinds, and betting before the flop.
        Ordinary = "ordinary",
        /// With an ante by everybody, and the flop at once.
        BombPot = "bomb_pot",
    }
}

/// Who posts the blinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blinds {
    /// The first two players left of the button; heads-up the button and the other.
    ByPosition,
    /// These; the small blind may be dead.
    At {
        /// Who posts the small blind; nobody where it is dead.
        small: Option<SeatIndex>,
        /// Who posts the big blind.
        big: SeatIndex,
    },
}

/// What somebody posts who missed blinds or is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatePost {
    /// Who.
    pub seat: SeatIndex,
    /// A big blind that counts as a bet.
    pub live: bool,
    /// A small blind that only goes into the pot.
    pub dead: bool,
}

/// Who plays a hand, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandSetup {
    /// The rule book, blinds and ante.
    pub rules: HandRules,
    /// How it begins.
    pub kind: HandKind,
    /// How many boards there are, 1 or 2.
    pub boards: u8,
    /// The button's place: a player's seat, or, where it is dead, any other.
    pub button: SeatIndex,
    /// Who posts the blinds.
    pub blinds: Blinds,
    /// Who straddles, in the order of posting: the first posts two big blinds, each further one twice as much.
    pub straddles: Vec<SeatIndex>,
    /// Who posts besides the blinds.
    pub posts: Vec<LatePost>,
    /// How often the missing cards may be run when the betting is over early: 1 where nobody is asked.
    pub max_runs: u8,
    /// Who shows a beaten hand at the showdown all the same.
    pub shows_beaten: Vec<SeatIndex>,
    /// What each of the others pays to who wins the whole main pot with a seven and a deuce; none where there is none.
    pub bounty: Chips,
    /// Two to ten players by ascending seat, each with a stack of at least one chip.
    pub players: Vec<(SeatIndex, Chips)>,
}

impl HandSetup {
    /// A hand with one board and blinds by position, without straddles, late posts, second runs and a bounty.
    pub fn plain(rules: HandRules, button: SeatIndex, players: Vec<(SeatIndex, Chips)>) -> Self {
        Self {
            rules,
            kind: HandKind::Ordinary,
            boards: 1,
            button,
            blinds: Blinds::ByPosition,
            straddles: Vec::new(),
            posts: Vec::new(),
            max_runs: 1,
            bounty: Chips::ZERO,
            shows_beaten: Vec::new(),
            players,
        }
    }

    /// With these blinds: told by position, where that is where they are.
    pub fn with_blinds(self, small: Option<SeatIndex>, big: SeatIndex) -> Self {
        let is_so = !self.is_button_dead() && self.by_position() == (small, Some(big));
        let blinds = if is_so { Blinds::ByPosition } else { Blinds::At { small, big } };
        Self { blinds, ..self }
    }

    /// The seats of the small blind, unless it is dead, and of the big one, whatever they have to post. `None` without blinds.
    pub fn blind_seats(&self) -> Option<(Option<SeatIndex>, SeatIndex)> {
        if self.kind == HandKind::BombPot || self.rules.posting() == Posting::ButtonBlind {
            return None;
        }
        match self.blinds {
            Blinds::At { small, big } => Some((small, big)),
            Blinds::ByPosition => {
                let (small, big) = self.by_position();
                big.map(|big| (small, big))
            }
        }
    }

    /// The blinds left of the button; heads-up the button and the other.
    fn by_position(&self) -> (Option<SeatIndex>, Option<SeatIndex>) {
        let seats = || self.players.iter().map(|(seat, _)| *seat);
        let mut left = seats().filter(|seat| *seat > self.button).chain(seats().filter(|seat| *seat < self.button));
        if self.players.len() == 2 { (Some(self.button), left.next()) } else { (left.next(), left.next()) }
    }

    /// The players with their stacks, beginning with the one left of a place.
    pub fn left_of(&self, place: SeatIndex) -> impl Iterator<Item = (SeatIndex, Chips)> {
        let after = self.players.partition_point(|(seat, _)| *seat <= place);
        self.players[after..].iter().chain(&self.players[..after]).copied()
    }

    /// Whether nobody has the button.
    pub fn is_button_dead(&self) -> bool {
        !self.players.iter().any(|(seat, _)| *seat == self.button)
    }

    /// Whether a hand can be dealt of it: what [`Hand::deal`](super::Hand::deal) takes for granted. Says what can't be.
    ///
    /// # Errors
    ///
    /// The part that can't be, in words.
    pub fn check(&self) -> Result<(), &'static str> {
        let plays = |seat: SeatIndex| self.players.iter().any(|(player, _)| *player == seat);
        let boards = usize::from(self.boards);
        if !(1..=2).contains(&boards) {
            return Err("one or two boards");
        }
        if self.players.len() < 2 || self.players.len() > self.rules.game().most_players(boards) {
            return Err("two players or more, as many as there are cards for");
        }
        if !self.players.is_sorted_by(|a, b| a.0 < b.0) {
            return Err("players by ascending seat");
        }
        if self.players.iter().any(|(_, stack)| stack.is_zero()) {
            return Err("a stack that can be");
        }
        if self.rules.big_blind.is_zero() || self.rules.small_blind > self.rules.big_blind {
            return Err("a big blind that isn't below the small one");
        }
        let blinds = match self.blinds {
            Blinds::ByPosition => !self.is_button_dead(),
            Blinds::At { small, big } => plays(big) && small.is_none_or(|small| plays(small) && small != big),
        };
        if !blinds {
            return Err("a button and blinds that are players'");
        }
        if !self.straddles.iter().all(|seat| plays(*seat)) || !self.posts.iter().all(|post| plays(post.seat)) {
            return Err("posts by players");
        }
        Ok(())
    }
}
