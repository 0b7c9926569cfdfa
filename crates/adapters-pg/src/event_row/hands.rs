//! The events of a hand: it is dealt, somebody acts, a street begins, a pot is paid, it is over.

use domain::card::Card;
use domain::card::seed::{Commitment, hash_from_hex, hex};
use domain::chips::Chips;
use domain::event::{Acted, BountyPaid, HandCompleted, HandStarted, Happened, PotDistributed, RunsAsked, Share, Timer};
use domain::hand::{HandKind, HandRules, Pot, Street, UncalledBet};
use domain::ids::{HandId, SeatIndex, UserId};
use domain::rules::RuleBook;
use domain::time::Timestamp;
use ports::store::{HandTold, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parts::{
    CardText, DealtInRow, PartRow, PostRow, PotRow, ReturnedRow, ShareRow, StackRow, TimerRow, boards, cards_text,
    further_boards,
};
use super::{CORRUPT, Winners};
use crate::rows::{action_kind, street};

#[derive(Serialize, Deserialize)]
pub(super) struct HandStartedRow {
    pub(super) hand: Uuid,
    pub(super) number: u64,
    pub(super) button: u8,
    pub(super) small_blind: u64,
    pub(super) big_blind: u64,
    pub(super) ante: u64,
    pub(super) posts: Vec<PostRow>,
    pub(super) seats: Vec<DealtInRow>,
    pub(super) pot: u64,
    pub(super) timer: Option<TimerRow>,
    /// Absent in events from before there were proofs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commitment: Option<CommitmentRow>,
    /// Absent in events from before there was more than one: then it is the oldest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rules: Option<String>,
    /// Absent where blinds are posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) button_blind: Option<u64>,
    /// Absent in an ordinary hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// Absent where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) boards: Option<u8>,
}

/// Hashes in hexadecimal.
#[derive(Serialize, Deserialize)]
pub(super) struct CommitmentRow {
    pub(super) seed: String,
    pub(super) root: String,
}

impl CommitmentRow {
    pub(super) fn of(commitment: &Commitment) -> Self {
        Self { seed: hex(&commitment.seed), root: hex(&commitment.root) }
    }

    pub(super) fn commitment(&self) -> Result<Commitment, StoreError> {
        let hash = |text: &str| hash_from_hex(text).ok_or(CORRUPT);
        Ok(Commitment { seed: hash(&self.seed)?, root: hash(&self.root)? })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ActedRow {
    pub(super) hand: Uuid,
    pub(super) user: Uuid,
    pub(super) seat: u8,
    pub(super) street: String,
    pub(super) kind: String,
    pub(super) amount: u64,
    pub(super) chips: u64,
    pub(super) bet: u64,
    pub(super) pot: u64,
    pub(super) auto: bool,
    pub(super) turn: Option<u64>,
    pub(super) returned: Option<ReturnedRow>,
    pub(super) timer: Option<TimerRow>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StreetAdvancedRow {
    hand: Uuid,
    street: String,
    board: Vec<CardText>,
    /// Where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boards: Option<Vec<Vec<CardText>>>,
    pots: Vec<PotRow>,
    timer: Option<TimerRow>,
}

impl StreetAdvancedRow {
    pub(super) fn of(
        hand: &HandId,
        street: &Street,
        boards: &[Vec<Card>],
        pots: &[Pot],
        timer: &Option<Timer>,
    ) -> Self {
        Self {
            hand: hand.0,
            street: street.name().to_owned(),
            board: boards.first().map_or_else(Vec::new, |board| cards_text(board)),
            boards: further_boards(boards),
            pots: pots.iter().map(PotRow::of).collect(),
            timer: timer.as_ref().map(TimerRow::of),
        }
    }

    pub(super) fn happened(self) -> Result<Happened, StoreError> {
        Ok(Happened::StreetAdvanced {
            hand: HandId(self.hand),
            street: street(&self.street)?,
            boards: boards(self.board, self.boards)?,
            pots: self.pots.into_iter().map(PotRow::pot).collect(),
            timer: self.timer.map(TimerRow::timer),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct RunsAskedRow {
    hand: Uuid,
    seats: Vec<u8>,
    max_runs: u8,
    turn: u64,
    expires: Option<i64>,
}

impl RunsAskedRow {
    pub(super) fn of(asked: &RunsAsked) -> Self {
        Self {
            hand: asked.hand.0,
            seats: asked.seats.iter().map(|seat| seat.0).collect(),
            max_runs: asked.max_runs,
            turn: asked.turn,
            expires: asked.expires.map(|at| at.0),
        }
    }

    pub(super) fn asked(self) -> RunsAsked {
        RunsAsked {
            hand: HandId(self.hand),
            seats: self.seats.into_iter().map(SeatIndex).collect(),
            max_runs: self.max_runs,
            turn: self.turn,
            expires: self.expires.map(Timestamp),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct PotDistributedRow {
    hand: Uuid,
    index: usize,
    amount: u64,
    winners: Vec<ShareRow>,
    /// Absent without a showdown, and in events from before it was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartRow>,
}

impl PotDistributedRow {
    pub(super) fn of(paid: &PotDistributed) -> Self {
        Self {
            hand: paid.hand.0,
            index: paid.index,
            amount: paid.amount.get(),
            winners: paid.winners.iter().map(ShareRow::of).collect(),
            parts: paid.parts.iter().map(PartRow::of).collect(),
        }
    }

    pub(super) fn paid(self) -> Result<PotDistributed, StoreError> {
        Ok(PotDistributed {
            hand: HandId(self.hand),
            index: self.index,
            amount: Chips::new(self.amount),
            winners: self.winners.into_iter().map(|winner| winner.share(&[])).collect::<Result<_, _>>()?,
            parts: self.parts.into_iter().map(PartRow::part).collect::<Result<_, _>>()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct HandCompletedRow {
    pub(super) hand: Uuid,
    #[serde(flatten)]
    pub(super) end: Winners,
    pub(super) stacks: Vec<StackRow>,
    pub(super) next_hand_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BountyPaidRow {
    hand: Uuid,
    seat: u8,
    user: Uuid,
    amount: u64,
    from: Vec<PayerRow>,
}

#[derive(Serialize, Deserialize)]
struct PayerRow {
    seat: u8,
    user: Uuid,
    amount: u64,
}

impl BountyPaidRow {
    pub(super) fn of(paid: &BountyPaid) -> Self {
        let payer = |one: &Share| PayerRow { seat: one.seat.0, user: one.user.0, amount: one.amount.get() };
        Self {
            hand: paid.hand.0,
            seat: paid.seat.0,
            user: paid.user.0,
            amount: paid.amount.get(),
            from: paid.from.iter().map(payer).collect(),
        }
    }

    pub(super) fn paid(self) -> BountyPaid {
        let payer = |row: PayerRow| Share {
            seat: SeatIndex(row.seat),
            user: UserId(row.user),
            amount: Chips::new(row.amount),
            rank: None,
        };
        BountyPaid {
            hand: HandId(self.hand),
            seat: SeatIndex(self.seat),
            user: UserId(self.user),
            amount: Chips::new(self.amount),
            from: self.from.into_iter().map(payer).collect(),
        }
    }
}

impl HandStartedRow {
    pub(super) fn of(started: &HandStarted) -> Self {
        Self {
            hand: started.hand.0,
            number: started.number,
            button: started.button.0,
            small_blind: started.rules.small_blind.get(),
            big_blind: started.rules.big_blind.get(),
            ante: started.rules.ante.get(),
            posts: started.posts.iter().map(PostRow::of).collect(),
            seats: started.seats.iter().map(DealtInRow::of).collect(),
            pot: started.pot.get(),
            timer: started.timer.as_ref().map(TimerRow::of),
            commitment: started.commitment.as_ref().map(CommitmentRow::of),
            rules: Some(started.rules.book.to_string()).filter(|_| started.rules.book != RuleBook::OLDEST),
            button_blind: Some(started.rules.button_blind.get()).filter(|blind| *blind > 0),
            kind: Some(started.kind.name().to_owned()).filter(|_| started.kind != HandKind::Ordinary),
            boards: Some(started.boards).filter(|boards| *boards != 1),
        }
    }

    pub(super) fn started(self) -> Result<HandStarted, StoreError> {
        Ok(HandStarted {
            hand: HandId(self.hand),
            number: self.number,
            button: SeatIndex(self.button),
            rules: HandRules {
                book: self.rules.map_or(Ok(RuleBook::OLDEST), |text| RuleBook::from_text(&text).ok_or(CORRUPT))?,
                small_blind: Chips::new(self.small_blind),
                big_blind: Chips::new(self.big_blind),
                ante: Chips::new(self.ante),
                button_blind: Chips::new(self.button_blind.unwrap_or_default()),
            },
            kind: self.kind.map_or(Ok(HandKind::Ordinary), |name| HandKind::of_name(&name).ok_or(CORRUPT))?,
            boards: self.boards.unwrap_or(1),
            posts: self.posts.into_iter().map(PostRow::post).collect::<Result<_, _>>()?,
            seats: self.seats.into_iter().map(DealtInRow::dealt_in).collect(),
            pot: Chips::new(self.pot),
            timer: self.timer.map(TimerRow::timer),
            commitment: self.commitment.as_ref().map(CommitmentRow::commitment).transpose()?,
        })
    }
}

impl ActedRow {
    pub(super) fn of(acted: &Acted) -> Self {
        let returned = acted.returned.map(|returned| ReturnedRow {
            seat: returned.seat.0,
            amount: returned.amount.get(),
            stack: returned.stack.get(),
        });
        Self {
            hand: acted.hand.0,
            user: acted.user.0,
            seat: acted.seat.0,
            street: acted.street.name().to_owned(),
            kind: acted.kind.name().to_owned(),
            amount: acted.amount.get(),
            chips: acted.chips.get(),
            bet: acted.bet.get(),
            pot: acted.pot.get(),
            auto: acted.auto,
            turn: acted.turn,
            returned,
            timer: acted.timer.as_ref().map(TimerRow::of),
        }
    }

    pub(super) fn acted(self) -> Result<Acted, StoreError> {
        let returned = self.returned.map(|returned| UncalledBet {
            seat: SeatIndex(returned.seat),
            amount: Chips::new(returned.amount),
            stack: Chips::new(returned.stack),
        });
        Ok(Acted {
            hand: HandId(self.hand),
            user: UserId(self.user),
            seat: SeatIndex(self.seat),
            street: street(&self.street)?,
            kind: action_kind(&self.kind)?,
            amount: Chips::new(self.amount),
            chips: Chips::new(self.chips),
            bet: Chips::new(self.bet),
            pot: Chips::new(self.pot),
            auto: self.auto,
            turn: self.turn,
            returned,
            timer: self.timer.map(TimerRow::timer),
        })
    }
}

impl HandCompletedRow {
    pub(super) fn of(done: &HandCompleted) -> Self {
        Self {
            hand: done.hand.0,
            end: Winners::of(done),
            stacks: done.stacks.iter().map(StackRow::of).collect(),
            next_hand_at: done.next_hand_at.map(|at| at.0),
        }
    }

    pub(super) fn completed(self) -> Result<HandCompleted, StoreError> {
        let (variant, HandTold { boards, winners, shown }) = self.end.read()?;
        Ok(HandCompleted {
            hand: HandId(self.hand),
            variant,
            boards,
            winners,
            shown,
            stacks: self.stacks.into_iter().map(StackRow::stack).collect(),
            next_hand_at: self.next_hand_at.map(Timestamp),
        })
    }
}
