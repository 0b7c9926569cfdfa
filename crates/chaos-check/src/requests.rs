//! I-9: what was acknowledged was done exactly once, what was refused wasn't, and what nobody asked for doesn't happen.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::call::Call;
use crate::dump::RoomDump;
use crate::event::{Acted, AdjustedBy, Logged, What};
use crate::history::{Ending, Op};
use crate::verdict::{Findings, Invariant, Place, Violation};

/// Checks the operations of one room against its log.
pub fn check(room: Uuid, dump: &RoomDump, ops: &[&Op], findings: &mut Findings) {
    let mut ledger = Requests { room, dump, done: BTreeMap::new(), findings };
    ledger.actions(ops);
    ledger.effects(ops);
}

struct Requests<'a> {
    room: Uuid,
    dump: &'a RoomDump,
    /// The events of actions that are accounted for, with where they were asked for.
    done: BTreeMap<u64, Place>,
    findings: &'a mut Findings,
}

impl Requests<'_> {
    fn wrong(&mut self, invariant: Invariant, seq: Option<u64>, place: Option<&Place>, say: String) {
        self.findings.add(Violation { invariant, room: Some(self.room), seq, say, place: place.cloned() });
    }

    fn actions(&mut self, ops: &[&Op]) {
        let mut named: BTreeMap<Uuid, Vec<&Op>> = BTreeMap::new();
        let mut nameless = Vec::new();
        for op in ops.iter().filter(|op| op.call == Call::Action) {
            match op.action_id() {
                Some(id) => named.entry(id).or_default().push(op),
                None => nameless.push(*op),
            }
        }
        for (id, tries) in &named {
            self.named_action(*id, tries);
        }
        for id in self.dump.replies.keys().filter(|id| !named.contains_key(id)) {
            let seq = self.dump.replies[id].seq;
            self.wrong(
                Invariant::ExactlyOnce,
                Some(seq),
                None,
                format!("action {id} is stored, and nobody asked for it"),
            );
        }
        for op in nameless.iter().filter(|op| op.ending == Ending::Ok) {
            self.acknowledged(op, op.seq);
        }
        let mut maybe: Vec<&Op> = nameless.into_iter().filter(|op| op.ending == Ending::Info).collect();
        let unasked: Vec<(u64, &Acted)> = played(self.dump).filter(|(seq, _)| !self.done.contains_key(seq)).collect();
        for (seq, acted) in unasked {
            match maybe.iter().position(|op| mismatch(op, acted).is_none()) {
                Some(index) => drop(maybe.remove(index)),
                None => {
                    let say = format!("{} of {} was done twice, or nobody asked for it", acted.action, acted.user);
                    self.wrong(Invariant::ExactlyOnce, Some(seq), None, say);
                }
            }
        }
    }

    /// All requests with one action id: the first that is accepted is done, all later ones get its answer.
    fn named_action(&mut self, id: Uuid, tries: &[&Op]) {
        let reply = self.dump.replies.get(&id).map(|reply| (reply.user_id, reply.seq));
        let accepted: Vec<&&Op> = tries.iter().filter(|op| op.ending == Ending::Ok).collect();
        let answers: BTreeSet<Option<u64>> = accepted.iter().map(|op| op.seq).collect();
        if answers.len() > 1 {
            let say = format!("action {id} got the answers {answers:?}");
            self.wrong(Invariant::ExactlyOnce, None, Some(&accepted[0].place), say);
        }
        for op in &accepted {
            if reply != op.seq.map(|seq| (op.user, seq)) {
                let say = format!("action {id} was acknowledged with {:?}, stored is {reply:?}", op.seq);
                self.wrong(Invariant::ExactlyOnce, op.seq, Some(&op.place), say);
            }
        }
        if let Some(first) = accepted.iter().min_by_key(|op| op.ended) {
            let refused = |op: &&&Op| op.ending == Ending::Fail && op.invoked > first.ended && is_repetition(op, first);
            if let Some(op) = tries.iter().find(refused) {
                let say = format!("a repetition of action {id} was refused with {:?}", op.status);
                self.wrong(Invariant::ExactlyOnce, first.seq, Some(&op.place), say);
            }
        }
        let Some((user, seq)) = reply else { return };
        match tries.iter().find(|op| op.user == user && op.ending != Ending::Fail) {
            Some(op) => self.acknowledged(accepted.first().copied().unwrap_or(op), Some(seq)),
            None => {
                let say = format!("action {id} is stored, and was refused");
                self.wrong(Invariant::ExactlyOnce, Some(seq), Some(&tries[0].place), say);
            }
        }
    }

    /// The event of an action whose last event has the number `seq` must be what was asked for, and nobody else's.
    fn acknowledged(&mut self, op: &Op, seq: Option<u64>) {
        let Some((at, acted)) = seq.and_then(|seq| action_before(self.dump, seq)) else {
            let say = format!("an action was acknowledged with {seq:?}, where there is none");
            return self.wrong(Invariant::ExactlyOnce, seq, Some(&op.place), say);
        };
        if acted.user != op.user {
            let say = format!("{} acted for {}", op.user, acted.user);
            return self.wrong(Invariant::Authority, Some(at), Some(&op.place), say);
        }
        if let Some(say) = mismatch(op, acted) {
            self.wrong(Invariant::ExactlyOnce, Some(at), Some(&op.place), say);
        }
        if let Some(other) = self.done.insert(at, op.place.clone()) {
            let say = format!("one action answers two requests, the other one in {}:{}", other.file, other.line);
            self.wrong(Invariant::ExactlyOnce, Some(at), Some(&op.place), say);
        }
    }

    /// Every other change, counted: at least as many as were acknowledged, at most as many as were asked for.
    fn effects(&mut self, ops: &[&Op]) {
        let mut counts: BTreeMap<Effect, Count> = BTreeMap::new();
        for op in ops.iter().filter(|op| op.ending != Ending::Fail) {
            if op.call == Call::Join && op.ending == Ending::Info {
                // It may have become a request or, where everybody is let in, an approval.
                for effect in [Effect::Asked(op.user), Effect::LetIn(op.user)] {
                    counts.entry(effect).or_default().at_most += 1;
                }
            }
            let Some((effect, certain)) = Effect::of(op) else { continue };
            let count = counts.entry(effect).or_default();
            count.at_most += 1;
            if op.ending == Ending::Ok {
                count.place.get_or_insert_with(|| op.place.clone());
                match certain {
                    Certain::Always => count.at_least += 1,
                    Certain::Once => count.once = true,
                    Certain::Never => {}
                }
            }
        }
        for event in &self.dump.events {
            if let Some(effect) = Effect::told(&event.what) {
                let count = counts.entry(effect).or_default();
                count.told += 1;
                count.seq = Some(event.seq);
            }
        }
        for (effect, count) in counts {
            let at_least = count.at_least.max(u64::from(count.once));
            if count.told < at_least {
                let say = format!("{effect:?} was acknowledged {at_least} times, the log has it {} times", count.told);
                self.wrong(Invariant::ExactlyOnce, count.seq, count.place.as_ref(), say);
            }
            if count.told > count.at_most && effect.needs_asking() {
                let say =
                    format!("{effect:?} was asked for {} times, the log has it {} times", count.at_most, count.told);
                self.wrong(Invariant::ExactlyOnce, count.seq, count.place.as_ref(), say);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Count {
    at_least: u64,
    at_most: u64,
    once: bool,
    told: u64,
    seq: Option<u64>,
    place: Option<Place>,
}

/// How often an acknowledged request is in the log.
enum Certain {
    /// Each time.
    Always,
    /// The first time; later ones may have changed nothing.
    Once,
    /// It may have changed nothing.
    Never,
}

/// A change of a room that somebody has to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Asked(Uuid),
    LetIn(Uuid),
    Refused(Uuid),
    Seated(Uuid, u64),
    Watches(Uuid),
    StoppedWatching(Uuid),
    Left(Uuid),
    Removed(Uuid),
    IsHost(Uuid),
    Paused,
    Started,
    Resumed,
    ChangedSettings,
    SatIn(Uuid),
    ToppedUp(Uuid, i64),
    Adjusted(Uuid, i64),
}

impl Effect {
    /// What a request asks for, and whether its acknowledgement promises it.
    fn of(op: &Op) -> Option<(Self, Certain)> {
        let target = || op.body["userId"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        let at_once = |certain| if op.answer["queued"] == true { Certain::Never } else { certain };
        Some(match op.call {
            Call::Join if op.status == Some(200) => (Self::LetIn(op.user), Certain::Always),
            Call::Join if op.status == Some(202) => (Self::Asked(op.user), Certain::Once),
            Call::Approve if op.body["approved"] == true => (Self::LetIn(target()?), Certain::Always),
            Call::Approve | Call::Reject => (Self::Refused(target()?), Certain::Always),
            Call::TakeSeat => (Self::Seated(op.user, op.body["seatIndex"].as_u64()?), Certain::Always),
            Call::LeaveSeat => (Self::Watches(op.user), Certain::Always),
            Call::Spectate => (Self::Watches(op.user), Certain::Never),
            Call::Leave => (Self::Left(op.user), Certain::Always),
            Call::Kick => (Self::Removed(target()?), Certain::Never),
            Call::HandOver => (Self::IsHost(target()?), Certain::Never),
            Call::Pause => (Self::Paused, Certain::Once),
            Call::Start => (Self::Started, Certain::Once),
            Call::Resume => (Self::Resumed, Certain::Never),
            Call::Settings => (Self::ChangedSettings, Certain::Never),
            Call::SitIn => (Self::SatIn(op.user), Certain::Never),
            Call::TopUp => (Self::ToppedUp(op.user, op.body["amount"].as_i64()?), at_once(Certain::Always)),
            Call::Chips => match op.body["delta"].as_i64()? {
                0 => return None,
                delta => (Self::Adjusted(target()?, delta), at_once(Certain::Always)),
            },
            _ => return None,
        })
    }

    /// What an event tells.
    fn told(what: &What) -> Option<Self> {
        Some(match what {
            What::JoinRequested(who) => Self::Asked(who.user),
            What::Approved(who) => Self::LetIn(who.user),
            What::Rejected(who) => Self::Refused(who.user),
            What::Seated { user, seat, .. } => Self::Seated(*user, u64::from(*seat)),
            What::SpectatorJoined(who) => Self::Watches(who.user),
            What::SpectatorLeft(who) => Self::StoppedWatching(who.user),
            What::MemberLeft { user } => Self::Left(*user),
            What::Kicked { user } => Self::Removed(*user),
            What::HostChanged { user } => Self::IsHost(*user),
            What::GamePaused { .. } => Self::Paused,
            What::GameStarted { .. } => Self::Started,
            What::GameResumed { .. } => Self::Resumed,
            What::SettingsChanged { .. } => Self::ChangedSettings,
            What::SatIn { user, .. } => Self::SatIn(*user),
            What::ChipsAdjusted { user, delta, by: AdjustedBy::TopUp, .. } => Self::ToppedUp(*user, *delta),
            What::ChipsAdjusted { user, delta, by: AdjustedBy::Host { .. }, .. } => Self::Adjusted(*user, *delta),
            _ => return None,
        })
    }

    /// Whether it happens only when it is asked for as such. Sitting down ends watching, whoever inherits becomes the
    /// host, ending a game resumes it, and changes of stacks that waited are summed up.
    fn needs_asking(self) -> bool {
        match self {
            Self::StoppedWatching(_) | Self::IsHost(_) | Self::Resumed | Self::ToppedUp(..) | Self::Adjusted(..) => {
                false
            }
            Self::Asked(_)
            | Self::LetIn(_)
            | Self::Refused(_)
            | Self::Seated(..)
            | Self::Watches(_)
            | Self::Left(_)
            | Self::Removed(_)
            | Self::Paused
            | Self::Started
            | Self::ChangedSettings
            | Self::SatIn(_) => true,
        }
    }
}

/// The actions that players took themselves.
fn played(dump: &RoomDump) -> impl Iterator<Item = (u64, &Acted)> {
    dump.events.iter().filter_map(|event| match &event.what {
        What::Acted(acted) if !acted.auto => Some((event.seq, acted)),
        _ => None,
    })
}

/// The last action at or before the event `seq`.
fn action_before(dump: &RoomDump, seq: u64) -> Option<(u64, &Acted)> {
    let until = dump.events.partition_point(|event| event.seq <= seq);
    let exists = |event: &&Logged| event.seq == seq;
    dump.events[..until].last().filter(exists)?;
    dump.events[..until].iter().rev().find_map(|event| match &event.what {
        What::Acted(acted) => Some((event.seq, acted)),
        _ => None,
    })
}

/// In what an action is not what was asked for.
fn mismatch(op: &Op, acted: &Acted) -> Option<String> {
    let asked = (op.user, op.body["action"].as_str().unwrap_or_default());
    let turn = op.body["turn"].as_u64();
    let amount = matches!(acted.action.as_str(), "BET" | "RAISE").then(|| op.body["amount"].as_i64()).flatten();
    let same = asked == (acted.user, acted.action.as_str())
        && !acted.auto
        && (turn.is_none() || turn == acted.turn)
        && amount.is_none_or(|amount| amount == acted.amount);
    (!same).then(|| format!("asked for was {}, done was {} {} {:?}", op.body, acted.action, acted.amount, acted.turn))
}

/// Whether a refused request is the same as one that was accepted before, and was refused for what it asks.
fn is_repetition(op: &Op, first: &Op) -> bool {
    let refused_at_the_door = matches!(op.status, Some(401 | 403 | 429));
    op.user == first.user && op.body == first.body && op.auth == first.auth && !refused_at_the_door
}
