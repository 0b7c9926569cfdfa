//! What several events are made of.

use domain::card::Card;
use domain::card::deck::HoleCards;
use domain::card::rank::HandRank;
use domain::chips::Chips;
use domain::event::{AdjustedBy, DealtIn, FinalStack, PartShare, Share, Timer};
use domain::hand::{Half, Post, PostKind, Pot, Shown};
use domain::ids::{SeatIndex, UserId};
use domain::rules::Variant;
use domain::time::{Millis, Timestamp};
use ports::store::StoreError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CORRUPT;

/// A card by the contract's name.
pub(super) type CardText = String;

pub(super) fn cards_text(cards: &[Card]) -> Vec<CardText> {
    cards.iter().map(Card::to_string).collect()
}

pub(super) fn card(name: &str) -> Result<Card, StoreError> {
    name.parse().map_err(|_| CORRUPT)
}

pub(super) fn cards(names: Vec<CardText>) -> Result<Vec<Card>, StoreError> {
    names.iter().map(|name| card(name)).collect()
}

#[derive(Serialize, Deserialize)]
pub(super) struct TimerRow {
    pub(super) actor: u8,
    pub(super) turn: u64,
    pub(super) started_at: i64,
    pub(super) deadline: Option<i64>,
    pub(super) expires: Option<i64>,
    pub(super) timebank: i64,
}

impl TimerRow {
    pub(super) fn of(timer: &Timer) -> Self {
        Self {
            actor: timer.actor.0,
            turn: timer.turn,
            started_at: timer.started_at.0,
            deadline: timer.deadline.map(|at| at.0),
            expires: timer.expires.map(|at| at.0),
            timebank: timer.timebank.0,
        }
    }

    pub(super) fn timer(self) -> Timer {
        Timer {
            actor: SeatIndex(self.actor),
            turn: self.turn,
            started_at: Timestamp(self.started_at),
            deadline: self.deadline.map(Timestamp),
            expires: self.expires.map(Timestamp),
            timebank: Millis(self.timebank),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct PotRow {
    pub(super) amount: u64,
    pub(super) eligible: Vec<u8>,
}

impl PotRow {
    pub(super) fn of(pot: &Pot) -> Self {
        Self { amount: pot.amount.get(), eligible: pot.eligible.iter().map(|seat| seat.0).collect() }
    }

    pub(super) fn pot(self) -> Pot {
        Pot { amount: Chips::new(self.amount), eligible: self.eligible.into_iter().map(SeatIndex).collect() }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ShareRow {
    pub(super) seat: u8,
    pub(super) user: Uuid,
    pub(super) amount: u64,
    /// Whether hands were compared.
    pub(super) compared: bool,
}

impl ShareRow {
    pub(super) fn of(share: &Share) -> Self {
        Self { seat: share.seat.0, user: share.user.0, amount: share.amount.get(), compared: share.rank.is_some() }
    }

    /// Whoever won by comparing hands has shown theirs.
    pub(super) fn share(self, shown: &[Shown]) -> Result<Share, StoreError> {
        let seat = SeatIndex(self.seat);
        let rank: Option<HandRank> = match self.compared {
            false => None,
            true => Some(shown.iter().find(|shown| shown.seat == seat).ok_or(CORRUPT)?.rank),
        };
        Ok(Share { seat, user: UserId(self.user), amount: Chips::new(self.amount), rank })
    }
}

/// A part of a pot, compared for by itself.
#[derive(Serialize, Deserialize)]
pub(super) struct PartRow {
    board: u8,
    half: String,
    amount: u64,
    winners: Vec<ShareRow>,
}

impl PartRow {
    pub(super) fn of(part: &PartShare) -> Self {
        Self {
            board: part.board,
            half: part.half.name().to_owned(),
            amount: part.amount.get(),
            winners: part.winners.iter().map(ShareRow::of).collect(),
        }
    }

    pub(super) fn part(self) -> Result<PartShare, StoreError> {
        Ok(PartShare {
            board: self.board,
            half: Half::of_name(&self.half).ok_or(CORRUPT)?,
            amount: Chips::new(self.amount),
            winners: self.winners.into_iter().map(|winner| winner.share(&[])).collect::<Result<_, _>>()?,
        })
    }
}

/// All boards, where there is more than one.
pub(super) fn further_boards(boards: &[Vec<Card>]) -> Option<Vec<Vec<CardText>>> {
    (boards.len() > 1).then(|| boards.iter().map(|board| cards_text(board)).collect())
}

/// The boards from the first one, and all of them where there is more than one.
pub(super) fn boards(first: Vec<CardText>, all: Option<Vec<Vec<CardText>>>) -> Result<Vec<Vec<Card>>, StoreError> {
    all.unwrap_or_else(|| vec![first]).into_iter().map(cards).collect()
}

#[derive(Serialize, Deserialize)]
pub(super) struct ShownRow {
    pub(super) seat: u8,
    pub(super) cards: Vec<CardText>,
}

impl ShownRow {
    pub(super) fn of(shown: &Shown) -> Self {
        Self { seat: shown.seat.0, cards: cards_text(shown.cards.cards()) }
    }

    /// What the cards make is found again, from the boards that came.
    pub(super) fn shown(self, variant: Variant, boards: &[Vec<Card>]) -> Result<Shown, StoreError> {
        let (game, hole) = (variant.game(), cards(self.cards)?);
        if hole.len() != game.hole_cards || boards.is_empty() || boards.iter().any(|board| board.len() > 5) {
            return Err(CORRUPT);
        }
        let hole = HoleCards::new(&hole).ok_or(CORRUPT)?;
        Ok(Shown::new(SeatIndex(self.seat), hole, game, boards))
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct PostRow {
    pub(super) seat: u8,
    pub(super) kind: String,
    pub(super) amount: u64,
}

impl PostRow {
    pub(super) fn of(post: &Post) -> Self {
        Self { seat: post.seat.0, kind: post.kind.name().to_owned(), amount: post.amount.get() }
    }

    pub(super) fn post(self) -> Result<Post, StoreError> {
        let kind = PostKind::of_name(&self.kind).ok_or(CORRUPT)?;
        Ok(Post { seat: SeatIndex(self.seat), kind, amount: Chips::new(self.amount) })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct DealtInRow {
    pub(super) seat: u8,
    pub(super) user: Uuid,
    pub(super) stack: u64,
    pub(super) chips: u64,
    pub(super) bet: u64,
}

impl DealtInRow {
    pub(super) fn of(player: &DealtIn) -> Self {
        Self {
            seat: player.seat.0,
            user: player.user.0,
            stack: player.stack.get(),
            chips: player.chips.get(),
            bet: player.bet.get(),
        }
    }

    pub(super) fn dealt_in(self) -> DealtIn {
        DealtIn {
            seat: SeatIndex(self.seat),
            user: UserId(self.user),
            stack: Chips::new(self.stack),
            chips: Chips::new(self.chips),
            bet: Chips::new(self.bet),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct StackRow {
    pub(super) seat: u8,
    pub(super) user: Uuid,
    pub(super) chips: u64,
    pub(super) net: i64,
}

impl StackRow {
    pub(super) fn of(stack: &FinalStack) -> Self {
        Self { seat: stack.seat.0, user: stack.user.0, chips: stack.chips.get(), net: stack.net }
    }

    pub(super) fn stack(self) -> FinalStack {
        FinalStack { seat: SeatIndex(self.seat), user: UserId(self.user), chips: Chips::new(self.chips), net: self.net }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReturnedRow {
    pub(super) seat: u8,
    pub(super) amount: u64,
    pub(super) stack: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AdjustedByRow {
    TopUp,
    Host { reason: Option<String> },
}

impl AdjustedByRow {
    pub(super) fn of(by: &AdjustedBy) -> Self {
        match by {
            AdjustedBy::TopUp => Self::TopUp,
            AdjustedBy::Host { reason } => Self::Host { reason: reason.clone() },
        }
    }

    pub(super) fn adjusted_by(self) -> AdjustedBy {
        match self {
            Self::TopUp => AdjustedBy::TopUp,
            Self::Host { reason } => AdjustedBy::Host { reason },
        }
    }
}
