//! A script, played on a world, with everything checked after each command.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use audit::{RoomAudit, go_on};
use domain::chips::Chips;
use domain::event::Committed;
use domain::game::{Asked, Clock, GameStatus, Turn};
use domain::hand::{Action, ActionKind};
use domain::ids::{RoomId, SeatIndex, UserId};
use domain::member::{MembershipStatus, Role};
use domain::name::Name;
use domain::room::{Removal, Room, TakeSeat};
use domain::settings::{PreferencesPatch, Settings, SettingsPatch};
use domain::time::Millis;
use ports::Ports;
use ports::store::{Archive, Sign, Store, StoreError};
use ports::testing::{Fault, Flaw, World};
use usecases::act::{Act, act};
use usecases::membership::{self, Join};
use usecases::rooms::{CreateRoom, create_room};
use usecases::timers::{Clock as NodeClock, OUTAGE_TOLERANCE};
use usecases::{CommandError, connect, host, runs, seats, showing, timers};
use uuid::Uuid;

use crate::script::{Answers, Command, PEOPLE, ROOMS, Who};
use crate::secrecy;

/// Something wrong on purpose, which the checks have to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// In the world.
    World(Flaw),
    /// Everybody gets what their neighbour may see.
    ShowsTheNeighboursView,
}

/// What became of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Everything that was committed and answered, in one number; none unless it was asked for.
    pub journal: Option<u64>,
    /// Commands that were accepted, of those that people gave.
    pub accepted: u64,
    /// Hands that were begun.
    pub hands: u64,
    /// Events.
    pub events: u64,
}

/// Plays a script. A panic is a failure like any other.
///
/// # Errors
///
/// - The first thing that must not be, and after which command.
pub fn play(seed: u64, script: &[Command], defect: Option<Defect>) -> Result<Played, String> {
    simulate(Simulation::new(seed, defect), script)
}

/// The same, with its journal.
///
/// # Errors
///
/// - As [`play`].
pub fn play_with_journal(seed: u64, script: &[Command]) -> Result<Played, String> {
    simulate(Simulation { journal: Some(DefaultHasher::new()), ..Simulation::new(seed, None) }, script)
}

fn simulate(simulation: Simulation, script: &[Command]) -> Result<Played, String> {
    SILENCE.call_once(silence_simulated_panics);
    let playing = || {
        SIMULATING.set(true);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(simulation.play(script))
    };
    let played = catch_unwind(AssertUnwindSafe(playing));
    SIMULATING.set(false);
    played.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        Err(format!(
            "panicked: {}",
            said.or(panic.downcast_ref::<&str>().map(|said| (*said).to_owned())).unwrap_or_default()
        ))
    })
}

static SILENCE: Once = Once::new();

thread_local! {
    static SIMULATING: Cell<bool> = const { Cell::new(false) };
}

/// A panic in a simulation is told by [`play`], and a script that is made short has thousands of them.
fn silence_simulated_panics() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !SIMULATING.get() {
            otherwise(panic);
        }
    }));
}

struct Simulation {
    world: World,
    ports: Ports,
    defect: Option<Defect>,
    /// The fault that the next commit has, as we know it.
    fault: Option<Fault>,
    audits: BTreeMap<RoomId, RoomAudit>,
    /// Actions with an id, and the answer that each got.
    acts: Vec<(Act, Option<u64>)>,
    journal: Option<DefaultHasher>,
    played: Played,
}

/// What an accepted command says of the log: the room, and the number of its last event.
type Accepted = Option<(RoomId, u64)>;

fn person(number: u8) -> UserId {
    UserId(Uuid::from_u128(u128::from(number % PEOPLE) + 1))
}

fn settings(kind: u8) -> SettingsPatch {
    let runs = |mode: &str, max_runs| (Some(mode.to_owned()), Some(max_runs));
    let (run_it_twice, max_runs) = match kind % 4 {
        0 => runs("ask", 2),
        1 => runs("always", 3),
        2 => runs("ask", 3),
        _ => runs("off", 2),
    };
    let rabbit_hunt = Some(["asker", "room", "asker", "off"][usize::from(kind % 4)].to_owned());
    let all =
        SettingsPatch { auto_approve: Some(kind == 1), run_it_twice, max_runs, rabbit_hunt, ..Default::default() };
    let named = |name: &str| Some(name.to_owned());
    match kind % 12 {
        2 => SettingsPatch { ante: Some(2), min_buy_in: Some(1), max_buy_in: Some(40), ..all },
        3 => SettingsPatch { seats: Some(2), action_timeout_secs: Some(0), ..all },
        4 => SettingsPatch { max_members: Some(3), spectators_allowed: Some(false), ..all },
        5 => SettingsPatch { between_hands_secs: Some(0.0), timebank_secs: Some(0), ..all },
        6 => SettingsPatch { seats: Some(10), small_blind: Some(2), big_blind: Some(5), ..all },
        7 => SettingsPatch { seats: Some(99), ..all },
        8 => SettingsPatch { button_rule: named("simple"), new_players: named("free"), ..all },
        9 => SettingsPatch {
            variant: named("plo8"),
            new_players: named("wait_for_bb"),
            button_rule: named("dead"),
            ..all
        },
        10 => SettingsPatch {
            rotation: Some(["nlhe", "shortdeck", "plo"].map(str::to_owned).to_vec()),
            rotation_hands: Some(2),
            ..all
        },
        11 => SettingsPatch { new_players: named("free"), button_rule: named("dead"), min_buy_in: Some(1), ..all },
        _ => SettingsPatch { min_buy_in: Some(1), ..all },
    }
}

impl Simulation {
    fn new(seed: u64, defect: Option<Defect>) -> Self {
        let world = match defect {
            Some(Defect::World(flaw)) => World::flawed(seed, flaw),
            Some(Defect::ShowsTheNeighboursView) | None => World::new(seed),
        };
        Self {
            ports: world.ports(),
            world,
            defect,
            fault: None,
            audits: BTreeMap::new(),
            acts: Vec::new(),
            journal: None,
            played: Played::default(),
        }
    }

    async fn play(mut self, script: &[Command]) -> Result<Played, String> {
        self.pulse().await.map_err(|err| err.to_string())?;
        for (number, command) in script.iter().enumerate() {
            let done = self.step(*command).await;
            done.map_err(|why| format!("after command {number}, {command:?}: {why}"))?;
        }
        self.every_hand_goes_on().await?;
        self.played.journal = self.journal.map(|journal| journal.finish());
        self.played.hands = self.audits.values().map(RoomAudit::hands).sum();
        self.played.events = self.audits.values().map(RoomAudit::seq).sum();
        Ok(self.played)
    }

    async fn step(&mut self, command: Command) -> Result<(), String> {
        let before: Vec<Room> = self.world.rooms().into_iter().map(|id| self.world.committed_room(id)).collect();
        let one_transaction = self.is_one_transaction(command);
        let outcome = self.give(command).await?;
        let new = self.log_is_sound(&before).await?;
        match &outcome {
            Ok(accepted) => {
                self.played.accepted += 1;
                if let Some((room, seq)) = accepted
                    && *seq != self.audits.get(room).map_or(0, RoomAudit::seq)
                {
                    return Err(format!("the answer says {seq}, the log's last event is another"));
                }
            }
            // Nobody knows; the checks of the log are all there is to say.
            Err(CommandError::Store(StoreError::OutcomeUnknown(_))) => {}
            Err(CommandError::Store(_)) if !one_transaction => {}
            Err(refusal) => {
                let after: Vec<Room> = self.world.rooms().into_iter().map(|id| self.world.committed_room(id)).collect();
                if after != before {
                    return Err(format!("refused ({refusal}), and yet something has changed"));
                }
            }
        }
        let silent = matches!(outcome, Err(CommandError::Store(StoreError::OutcomeUnknown(_))));
        self.told(&new, silent)?;
        if let Some(journal) = &mut self.journal {
            format!("{:?} {new:?}", outcome.map_err(|refusal| refusal.to_string())).hash(journal);
        }
        Ok(())
    }

    /// Whether a command is done or not done as a whole. The clock does several things one after the other, and a sign of life
    /// counts even if the room could not be told that somebody is back.
    fn is_one_transaction(&self, command: Command) -> bool {
        match command {
            Command::Clock
            | Command::Sweep
            | Command::Pass { .. }
            | Command::Outage { .. }
            | Command::ClockBack { .. }
            | Command::Heartbeat { .. } => false,
            Command::Act { by: Who::Actor, room, .. } => {
                self.somebody_is_to_act(self.room(room)) || self.is_asked(self.room(room)).is_some()
            }
            _ => true,
        }
    }

    /// I-1 to I-7: the log goes on without a gap, and it, the rows beside it and the rooms are what the rules make of them.
    async fn log_is_sound(&mut self, before: &[Room]) -> Result<Vec<(RoomId, Vec<Committed>)>, String> {
        let mut all = Vec::new();
        let now = self.world.now().await.map_err(|err| err.to_string())?;
        for id in self.world.rooms() {
            let seq = self.audits.get(&id).map_or(0, RoomAudit::seq);
            let (room, new) = (self.world.committed_room(id), self.world.committed_events_after(id, seq));
            if new.is_empty() && before.contains(&room) {
                continue;
            }
            let mut rows = self.world.open(id).await.map_err(|err| err.to_string())?;
            let record = rows.room().await.map_err(|err| err.to_string())?;
            let audit = self.audits.entry(id).or_insert_with(|| RoomAudit::new(&record));
            if !new.is_empty() {
                let sound = go_on(audit, &mut *rows, u32::MAX).await.map_err(|err| err.to_string())?;
                sound.map_err(|difference| difference.to_string())?;
            }
            audit.stands_as(&record, &self.ports.lifetimes).map_err(|difference| difference.to_string())?;
            let neighbours = self.defect == Some(Defect::ShowsTheNeighboursView);
            for user in (0..PEOPLE).map(person) {
                let eyes =
                    if neighbours { UserId(Uuid::from_u128(user.0.as_u128() % u128::from(PEOPLE) + 1)) } else { user };
                secrecy::of_events(&room, &new, user, eyes)?;
                secrecy::of_document(&room, user, eyes, now)?;
            }
            all.push((id, new));
        }
        Ok(all)
    }

    /// I-10: what was committed was told, once and in order, and nothing else.
    fn told(&self, new: &[(RoomId, Vec<Committed>)], silent: bool) -> Result<(), String> {
        let mut told: BTreeMap<RoomId, Vec<Committed>> = BTreeMap::new();
        for (room, events) in self.world.take_published() {
            told.entry(room).or_default().extend(events);
        }
        for (room, committed) in new {
            let told = told.remove(room).unwrap_or_default();
            // A commit whose end nobody heard of is found in the log by the hub's sweep.
            let missing = silent && told.is_empty();
            if told != *committed && !missing {
                return Err(format!("{} events were committed, {} told, or others", committed.len(), told.len()));
            }
        }
        if told.is_empty() { Ok(()) } else { Err("events of no room were told".to_owned()) }
    }

    fn room(&self, number: u8) -> RoomId {
        let rooms = self.world.rooms();
        rooms.get(usize::from(number)).copied().unwrap_or(RoomId(Uuid::nil()))
    }

    fn who(&self, who: Who, room: RoomId) -> UserId {
        let found = match who {
            Who::Person(number) => return person(number),
            Who::Fitting(number) => return person(number),
            _ if !self.world.rooms().contains(&room) => None,
            Who::Host => Some(self.world.committed_room(room).host),
            Who::Actor => actor(&self.world.committed_room(room)),
        };
        found.unwrap_or(person(0))
    }

    /// The same, where somebody is wanted who fits.
    fn fitting(&self, who: Who, room: RoomId, fits: impl Fn(&Room, UserId) -> bool) -> UserId {
        let Who::Fitting(number) = who else { return self.who(who, room) };
        if !self.world.rooms().contains(&room) {
            return person(number);
        }
        let state = self.world.committed_room(room);
        let order = (number..number + PEOPLE).map(person);
        order.into_iter().find(|user| fits(&state, *user)).unwrap_or(person(number))
    }

    /// Gives a command; the outer error is a check that failed.
    async fn give(&mut self, command: Command) -> Result<Result<Accepted, CommandError>, String> {
        let ports = self.ports.clone();
        let room = |number| self.room(number);
        macro_rules! on {
            ($room:expr, $call:path $(, $argument:expr)*) => {{
                let id = room($room);
                $call(&ports, $($argument,)* id).await.map(|done| Some((id, done.seq)))
            }};
        }
        Ok(match command {
            Command::Create { by, settings: kind, password } => {
                if self.world.rooms().len() >= usize::from(ROOMS) {
                    return Ok(Ok(None));
                }
                let cmd = CreateRoom {
                    by: person(by),
                    display_name: name(),
                    name: None,
                    password: password.then(|| "sesame".to_owned()),
                    settings: settings(kind),
                };
                create_room(&ports, cmd).await.map(|_| None)
            }
            Command::Join { by, room: number, password } => {
                let (id, password) = (room(number), password.then(|| "sesame".to_owned()));
                let by = self.fitting(by, id, |room, user| !room.members.contains_key(&user));
                let joined = membership::join(&ports, Join { by, room: id, name: name(), password }).await;
                joined.map(|done| Some((id, done.seq)))
            }
            Command::Approve { by, room: number, user } => {
                let (by, id) = (self.who(by, room(number)), room(number));
                let asks = |room: &Room, user| {
                    room.members
                        .get(&user)
                        .is_some_and(|member| matches!(member.status, MembershipStatus::Pending { .. }))
                };
                let done = membership::approve(&ports, by, id, self.fitting(user, id, asks)).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Reject { by, room: number, user } => {
                let by = self.who(by, room(number));
                let done = membership::reject(&ports, by, room(number), person(user)).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Spectate { by, room: number } => {
                let done = membership::spectate(&ports, person(by), room(number), None).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::StopSpectating { by, room } => on!(room, membership::stop_spectating, person(by)),
            Command::Leave { by, room } => on!(room, membership::leave, person(by)),
            Command::TakeSeat { by, room: number, seat, buy_in } => {
                let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in };
                let stands = |room: &Room, user| room.role_of(user).is_some_and(|role| role != Role::Player);
                let by = self.fitting(by, room(number), stands);
                let done = seats::take_seat(&ports, by, room(number), ask).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::StandUp { by, room } => on!(room, seats::stand_up, person(by)),
            Command::SitOut { by, room } => on!(room, seats::sit_out, person(by)),
            Command::SitIn { by, room: number } => {
                let sits_out = |room: &Room, user| {
                    room.seat_of(user).is_some_and(|seat| room.seats[seat.index()].sit_in().is_some())
                };
                on!(number, seats::sit_in, self.fitting(by, room(number), sits_out))
            }
            Command::TopUp { by, room: number, amount } => {
                let broke = |room: &Room, user| room.seat_of(user).is_some_and(|seat| room.stack_of(seat).is_zero());
                let done = seats::top_up(&ports, self.fitting(by, room(number), broke), room(number), amount).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Chips { by, room: number, user, delta } => {
                let by = self.who(by, room(number));
                let done = host::adjust_chips(&ports, by, room(number), person(user), delta, None).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Settings { by, room: number, settings: kind } => {
                let by = self.who(by, room(number));
                let done = host::change_settings(&ports, by, room(number), settings(kind)).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Prefer { by, room: number, entry, sits_out } => {
                let entry = Some(if entry { "post" } else { "wait" }.to_owned());
                let patch = PreferencesPatch { entry, sit_out_next_big_blind: Some(sits_out), ..Default::default() };
                let done = seats::prefer(&ports, person(by), room(number), patch).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Start { by, room: number } => on!(number, host::start, self.who(by, room(number))),
            Command::Pause { by, room: number } => on!(number, host::pause, self.who(by, room(number))),
            Command::Resume { by, room: number } => on!(number, host::resume, self.who(by, room(number))),
            Command::End { by, room: number } => on!(number, host::end, self.who(by, room(number))),
            Command::Kick { by, room: number, user, ban } => {
                let (by, removal) = (self.who(by, room(number)), if ban { Removal::Ban } else { Removal::Kick });
                let done = host::kick(&ports, by, room(number), person(user), removal).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::HandOver { by, room: number, user } => {
                let by = self.who(by, room(number));
                let done = host::hand_over(&ports, by, room(number), person(user)).await;
                done.map(|done| Some((room(number), done.seq)))
            }
            Command::Act { by: Who::Actor, room: number, amount, .. } if self.is_asked(room(number)).is_some() => {
                let by = self.is_asked(room(number)).unwrap_or(person(0));
                // Most take as many as they can get.
                let runs = if amount.is_multiple_of(5) { 1 } else { 2 + i64::from(amount % 2) };
                self.answer_runs(by, room(number), runs, false).await
            }
            Command::AnswerRuns { by, room: number, runs, past } => {
                let asked = |room: &Room, user| {
                    let question = room.game.question();
                    question
                        .is_some_and(|question| room.seat_of(user).is_some_and(|seat| question.seats.contains(&seat)))
                };
                let by = self.fitting(by, room(number), asked);
                self.answer_runs(by, room(number), runs.into(), past).await
            }
            Command::Show { by, room: number, pick, more } => {
                let id = room(number);
                if !self.world.rooms().contains(&id) {
                    return Ok(Ok(None));
                }
                let by = self.fitting(by, id, |room, user| room.seat_of(user).is_some());
                let state = self.world.committed_room(id);
                let Some(dealt) = &state.game.dealt else { return Ok(Ok(None)) };
                let seat = dealt.players.iter().find(|(_, user)| **user == by).map(|(seat, _)| *seat);
                let own = seat.and_then(|seat| dealt.hand.player(seat)).map_or(&[][..], |player| player.hole.cards());
                let cards = own.iter().skip(pick.into()).take(1 + usize::from(more)).copied().collect();
                let done = showing::show_cards(&ports, by, None, state.game.id, (dealt.id, cards)).await;
                done.map(|done| Some((id, done.seq)))
            }
            Command::Hunt { by, room: number } => {
                let id = room(number);
                if !self.world.rooms().contains(&id) {
                    return Ok(Ok(None));
                }
                let by = self.fitting(by, id, |room, user| room.seat_of(user).is_some());
                let state = self.world.committed_room(id);
                let Some(dealt) = &state.game.dealt else { return Ok(Ok(None)) };
                let told = showing::hunt_rabbit(&ports, by, None, state.game.id, dealt.id).await;
                if let Ok(done) = &told
                    && Some(&done.value) != secrecy::rabbit(dealt).as_ref()
                {
                    return Err("what would have come isn't the deck's next cards".to_owned());
                }
                told.map(|done| Some((id, done.seq)))
            }
            Command::Act { by: Who::Actor, room: number, .. } if !self.somebody_is_to_act(room(number)) => {
                match self.pass(5).await {
                    Ok(_) => self.clock().await,
                    refused => refused,
                }
            }
            Command::Act { by, room: number, pick, amount, id, answers } => {
                let Some(cmd) = self.action(by, room(number), pick, amount, id, answers) else { return Ok(Ok(None)) };
                self.act(cmd, None).await?
            }
            Command::ActAgain { back, changed } => {
                let Some(index) = self.acts.len().checked_sub(1 + usize::from(back)) else { return Ok(Ok(None)) };
                let (mut cmd, answered) = self.acts[index].clone();
                if changed {
                    cmd.turn = Some(cmd.turn.unwrap_or_default() + 1_000_000);
                }
                match (self.act(cmd, Some(index)).await?, answered) {
                    // P2: the first answer again, or a refusal of another question.
                    (Ok(Some((_, seq))), Some(first)) if seq == first && !changed => Ok(None),
                    (Err(CommandError::ActionIdReused), Some(_)) if changed => Err(CommandError::ActionIdReused),
                    (got, Some(first)) => return Err(format!("the first answer was {first}, now it is {got:?}")),
                    (got, None) => got,
                }
            }
            Command::Heartbeat { by, room: number } => {
                let alive = connect::heartbeat(&ports, person(by), room(number), Sign::Line).await;
                alive.map(|alive| Some((room(number), alive.seq)))
            }
            Command::LineLost { by, room: number } => {
                connect::connection_lost(&ports, person(by), room(number)).await.map(|()| None)
            }
            Command::Clock => self.clock().await,
            Command::Sweep => self.sweep().await,
            Command::Pass { secs } => self.pass(secs).await,
            Command::Outage { secs } => self.outage(secs).await?,
            Command::ClockBack { secs } => self.clock_back(secs).await?,
            Command::Break { done } => {
                let fault = if done { Fault::DoneInSilence } else { Fault::NotDone };
                self.world.break_commit(fault);
                self.fault = Some(fault);
                Ok(None)
            }
        })
    }

    fn action(&self, by: Who, room: RoomId, pick: u8, amount: u32, id: bool, answers: Answers) -> Option<Act> {
        if !self.world.rooms().contains(&room) {
            return None;
        }
        let state = self.world.committed_room(room);
        let legal = state.game.live().and_then(|dealt| dealt.hand.legal());
        let plays_fair = pick.is_multiple_of(2);
        let kinds =
            legal.as_ref().filter(|_| plays_fair).map_or(ActionKind::ALL.to_vec(), |legal| legal.actions.clone());
        let kind = match kinds[usize::from(pick / 2) % kinds.len()] {
            // Whoever is always all-in is soon gone.
            ActionKind::AllIn if plays_fair && !pick.is_multiple_of(32) => kinds[1],
            kind => kind,
        };
        let range = legal.as_ref().and_then(|legal| legal.min_raise_to.zip(legal.max_raise_to));
        let amount = match range {
            // Small raises are commoner: hands have to last.
            Some((min, max)) if plays_fair => {
                let span = max.get() - min.get() + 1;
                min.get() + u64::from(amount) % if amount.is_multiple_of(4) { span } else { span.min(8) }
            }
            _ => u64::from(amount),
        };
        let amount = Chips::new(amount);
        let action = match kind {
            ActionKind::Fold => Action::Fold,
            ActionKind::Check => Action::Check,
            ActionKind::Call => Action::Call,
            ActionKind::Bet => Action::Bet(amount),
            ActionKind::Raise => Action::Raise(amount),
            ActionKind::AllIn => Action::AllIn,
        };
        let turn = match answers {
            Answers::Any => None,
            Answers::Current => Some(state.game.turn_number),
            Answers::Past => Some(state.game.turn_number.saturating_sub(1)),
        };
        let action_id = id.then(|| Uuid::from_u128(self.acts.len() as u128 + 1));
        Some(Act { by: self.who(by, room), only_room: None, game: state.game.id, action, action_id, turn })
    }

    /// An action, whose answer is kept if it has an id.
    async fn act(&mut self, cmd: Act, again: Option<usize>) -> Result<Result<Accepted, CommandError>, String> {
        let of_game =
            |world: &World| world.rooms().into_iter().find(|id| world.committed_room(*id).game.id == cmd.game);
        let Some(room) = of_game(&self.world) else { return Ok(Ok(None)) };
        let before = self.audits.get(&room).map_or(0, RoomAudit::seq);
        let outcome = act(&self.ports, cmd.clone()).await;
        let acted = self.world.committed_events_after(room, before);
        let answer = match &outcome {
            Ok(seq) => Some(*seq),
            // Done or not: the log knows, and the repetition has to.
            Err(CommandError::Store(StoreError::OutcomeUnknown(_))) => acted.last().map(|event| event.seq),
            Err(_) => None,
        };
        let known = again.and_then(|index| self.acts[index].1);
        if known.is_some() && !acted.is_empty() {
            return Err("an action with an id was done twice".to_owned());
        }
        if let Ok(seq) = outcome
            && known.is_none()
            && acted.last().map(|event| event.seq) != Some(seq)
        {
            return Err(format!("an action was answered with {seq}, and that is not the last event that it caused"));
        }
        match again {
            Some(index) if known.is_none() && answer.is_some() => self.acts[index] = (cmd, answer),
            None if cmd.action_id.is_some() => self.acts.push((cmd, answer)),
            _ => {}
        }
        Ok(outcome.map(|seq| Some((room, seq))))
    }

    /// Somebody who is asked how often to run the missing cards, and hasn't answered.
    fn is_asked(&self, room: RoomId) -> Option<UserId> {
        if !self.world.rooms().contains(&room) {
            return None;
        }
        let state = self.world.committed_room(room);
        let question = state.game.question()?;
        let waited_for = question.seats.iter().filter(|seat| !question.answered.contains(seat));
        waited_for.into_iter().find_map(|seat| state.seats[seat.index()].occupant()).map(|occupant| occupant.user)
    }

    async fn answer_runs(&self, by: UserId, room: RoomId, runs: i64, past: bool) -> Result<Accepted, CommandError> {
        if !self.world.rooms().contains(&room) {
            return Ok(None);
        }
        let game = self.world.committed_room(room).game;
        let turn = game.turn_number.saturating_sub(past.into());
        let done = runs::answer_runs(&self.ports, by, None, game.id, (runs, turn)).await?;
        Ok(Some((room, done.seq)))
    }

    fn somebody_is_to_act(&self, room: RoomId) -> bool {
        self.world.rooms().contains(&room) && actor(&self.world.committed_room(room)).is_some()
    }

    /// A pulse, and after an outage a look at every room in which a clock runs. Returns whether there was one.
    async fn pulse(&self) -> Result<bool, CommandError> {
        let outage = NodeClock::default().pulse(&self.ports).await?;
        for room in self.ports.store.unforgiven_rooms(u32::MAX, &[]).await? {
            timers::tick(&self.ports, room).await?;
        }
        Ok(outage)
    }

    /// A node says twice a second that it serves; often enough for the tolerance is enough here.
    async fn pass(&self, secs: u16) -> Result<Accepted, CommandError> {
        for _ in 0..secs.div_ceil(2) {
            self.world.pass(OUTAGE_TOLERANCE);
            self.pulse().await?;
        }
        Ok(None)
    }

    /// Each deadline that has come fires once.
    async fn clock(&self) -> Result<Accepted, CommandError> {
        for room in self.ports.store.due_rooms(u32::MAX, &[]).await?.rooms {
            timers::tick(&self.ports, room).await?;
        }
        Ok(None)
    }

    async fn sweep(&self) -> Result<Accepted, CommandError> {
        for room in self.ports.store.silent_rooms(&self.ports.lifetimes).await? {
            timers::sweep(&self.ports, room).await?;
        }
        Ok(None)
    }

    /// P7: whoever was to act has 15 s at least, and nobody's silence counts.
    async fn outage(&self, secs: u16) -> Result<Result<Accepted, CommandError>, String> {
        self.world.pass(Millis::from_secs(secs.into()));
        match self.pulse().await {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(None)),
            Err(refusal) => return Ok(Err(refusal)),
        }
        let now = self.world.now().await.map_err(|err| err.to_string())?;
        for room in self.world.rooms() {
            let game = self.world.committed_room(room).game;
            let Some(Turn { asked, clock: Clock::Running { deadline, .. }, .. }) = game.turn else { continue };
            // A question that was asked only now has less time than what an outage gives back.
            let least = match asked {
                Asked::Actor(_) => Turn::AFTER_OUTAGE,
                Asked::Runs => Turn::AFTER_OUTAGE.min(game.time_of_turn()),
            };
            if deadline < now + least {
                return Err("an outage was charged to whoever was to act".to_owned());
            }
        }
        Ok(Ok(None))
    }

    /// C2: nothing waits for a time that is further away than it was, except for what is given after an outage; and no turn, of
    /// which can't be said by which clock it began, lasts longer from now on than a whole one.
    async fn clock_back(&mut self, secs: u16) -> Result<Result<Accepted, CommandError>, String> {
        let before = self.waits().await?;
        self.world.put_clock_back(Millis::from_secs(secs.into()));
        self.audits.values_mut().for_each(RoomAudit::clock_was_set);
        match self.pulse().await {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(None)),
            Err(refusal) => return Ok(Err(refusal)),
        }
        for (id, wait) in self.waits().await? {
            let room = self.world.committed_room(id);
            // Banks may be of before the settings were changed.
            // Without a clock a turn lasts until its actor would be gone, and who was heard of by the clock as it was, was so now.
            let turn = room.game.live().map_or(0, |dealt| match dealt.action_timeout {
                Millis::ZERO => self.ports.lifetimes.free_seat_after.0,
                timeout => timeout.0 + Settings::default().timebank.0,
            });
            if before.get(&id).is_none_or(|before| wait.0 > (before.0 + Turn::AFTER_OUTAGE.0).max(turn)) {
                return Err(format!("a clock that was put back by {secs} s makes a room wait for {} ms", wait.0));
            }
        }
        Ok(Ok(None))
    }

    /// How long until the clock has something to do in each room.
    async fn waits(&self) -> Result<BTreeMap<RoomId, Millis>, String> {
        let now = self.world.now().await.map_err(|err| err.to_string())?;
        let wait = |id| Some((id, self.world.committed_room(id).game.wake_at()? - now));
        Ok(self.world.rooms().into_iter().filter_map(wait).collect())
    }

    /// P6: no hand is stuck. With a clock that runs, every one ends by itself.
    async fn every_hand_goes_on(&mut self) -> Result<(), String> {
        // A fault that nothing has met yet must not be met here.
        if self.fault.take().is_some() {
            let mut tx = self.ports.store.begin().await.map_err(|err| err.to_string())?;
            let _ = tx.lock_room(self.room(0)).await;
            let _ = tx.commit().await;
        }
        for id in self.world.rooms() {
            let live = |room: &Room| room.game.live().map(|dealt| (dealt.id, dealt.action_timeout));
            let Some((hand, timeout)) = live(&self.world.committed_room(id)) else { continue };
            if timeout == Millis::ZERO || self.world.committed_room(id).game.status == GameStatus::Paused {
                continue;
            }
            for _ in 0..60 {
                if live(&self.world.committed_room(id)).is_none_or(|(now, _)| now != hand) {
                    break;
                }
                self.step(Command::Pass { secs: 95 }).await?;
                self.step(Command::Clock).await?;
            }
            if live(&self.world.committed_room(id)).is_some_and(|(now, _)| now == hand) {
                return Err("a hand is stuck: nobody's clock ends it".to_owned());
            }
        }
        Ok(())
    }
}

fn name() -> Name {
    Name::new("Somebody").unwrap()
}

fn actor(room: &Room) -> Option<UserId> {
    let dealt = room.game.live()?;
    dealt.players.get(&dealt.hand.actor()?).copied()
}
