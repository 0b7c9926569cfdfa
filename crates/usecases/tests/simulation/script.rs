//! What happens in a simulation: commands as plain values, so that any part of a script is a script.

use ports::testing::Seeded;

/// How many people there are.
pub const PEOPLE: u8 = 7;
/// How many rooms they may have.
pub const ROOMS: u8 = 2;

/// Who gives a command. What a number means is decided when it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// One of the people.
    Person(u8),
    /// Whoever is the room's host.
    Host,
    /// Whoever is to act; while nobody is, the table waits for the next deal.
    Actor,
    /// One of those for whom it makes sense, if there are any.
    Fitting(u8),
}

/// Which turn an action answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// It doesn't say.
    Any,
    /// The one that the table waits for.
    Current,
    /// One that is over.
    Past,
}

/// One thing that happens. `room` and `user` count rooms and people; a room that isn't there yet refuses everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub enum Command {
    Create { by: u8, settings: u8, password: bool },
    Join { by: Who, room: u8, password: bool },
    Approve { by: Who, room: u8, user: Who },
    Reject { by: Who, room: u8, user: u8 },
    Spectate { by: u8, room: u8 },
    StopSpectating { by: u8, room: u8 },
    Leave { by: u8, room: u8 },
    TakeSeat { by: Who, room: u8, seat: u8, buy_in: Option<i64> },
    StandUp { by: u8, room: u8 },
    SitOut { by: u8, room: u8 },
    SitIn { by: Who, room: u8 },
    TopUp { by: Who, room: u8, amount: i64 },
    Chips { by: Who, room: u8, user: u8, delta: i64 },
    Settings { by: Who, room: u8, settings: u8 },
    Prefer { by: u8, room: u8, entry: bool, sits_out: bool },
    Start { by: Who, room: u8 },
    Pause { by: Who, room: u8 },
    Resume { by: Who, room: u8 },
    End { by: Who, room: u8 },
    Kick { by: Who, room: u8, user: u8, ban: bool },
    HandOver { by: Who, room: u8, user: u8 },
    /// `pick` chooses among all actions, or among the legal ones if it is even; `amount` among all amounts likewise.
    Act { by: Who, room: u8, pick: u8, amount: u32, id: bool, answers: Answers },
    /// An earlier action with an id again, by the same person in the same words, or not quite; 0 is the last one.
    ActAgain { back: u8, changed: bool },
    /// An answer to the question how often to run the missing cards.
    AnswerRuns { by: Who, room: u8, runs: u8, past: bool },
    /// Cards shown after a hand: `pick` is the first of the player's own, `more` of them follow.
    Show { by: Who, room: u8, pick: u8, more: u8 },
    /// The question what would have come.
    Hunt { by: Who, room: u8 },
    Heartbeat { by: u8, room: u8 },
    LineLost { by: u8, room: u8 },
    /// The clock does all that is due.
    Clock,
    /// Looks for silent players.
    Sweep,
    /// Time passes while a node serves, in seconds.
    Pass { secs: u16 },
    /// Time passes while none does.
    Outage { secs: u16 },
    /// The database's clock is put back while a node serves.
    ClockBack { secs: u16 },
    /// The next commit fails, and is or isn't done.
    Break { done: bool },
}

/// A script that follows from its seed.
pub fn script(seed: u64, length: usize) -> Vec<Command> {
    let mut chance = Seeded(seed);
    let mut script = opening(&mut chance);
    while script.len() < length {
        let next = command(&mut chance);
        script.push(next);
    }
    script
}

/// People at a table, so that hands are played from early on.
fn opening(chance: &mut Seeded) -> Vec<Command> {
    let settings = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11][chance.below(11) as usize];
    let mut script = vec![Command::Create { by: 0, settings, password: false }];
    let players = 2 + chance.below(5) as u8;
    for by in 0..players {
        if by > 0 {
            script.push(Command::Join { by: Who::Person(by), room: 0, password: false });
            script.push(Command::Approve { by: Who::Host, room: 0, user: Who::Person(by) });
        }
        script.push(Command::TakeSeat { by: Who::Person(by), room: 0, seat: by, buy_in: None });
    }
    script.push(Command::Start { by: Who::Host, room: 0 });
    script
}

fn command(chance: &mut Seeded) -> Command {
    let room = u8::from(chance.below(8) == 0) % ROOMS;
    let by = chance.below(u64::from(PEOPLE)) as u8;
    let user = chance.below(u64::from(PEOPLE)) as u8;
    // Mostly whoever may; now and then anybody.
    let host = if chance.below(5) > 0 { Who::Host } else { Who::Person(by) };
    let fitting = if chance.below(5) > 0 { Who::Fitting(by) } else { Who::Person(by) };
    match chance.below(200) {
        0 => Command::Create { by, settings: chance.below(12) as u8, password: chance.below(3) == 0 },
        1..=6 => Command::Join { by: fitting, room, password: chance.below(2) == 0 },
        7..=12 => Command::Approve { by: host, room, user: fitting },
        13 => Command::Reject { by: host, room, user },
        14 => Command::Spectate { by, room },
        15 => Command::StopSpectating { by, room },
        16 if chance.below(2) == 0 => Command::Leave { by, room },
        17..=26 => Command::TakeSeat { by: fitting, room, seat: chance.below(10) as u8, buy_in: amount(chance) },
        27 => Command::StandUp { by, room },
        28 => Command::SitOut { by, room },
        29..=38 => Command::SitIn { by: fitting, room },
        39..=46 => Command::TopUp { by: fitting, room, amount: amount(chance).unwrap_or(100) },
        47..=49 => Command::Chips { by: host, room, user, delta: chance.below(200) as i64 - 100 },
        50 => Command::Settings { by: host, room, settings: chance.below(12) as u8 },
        51..=53 => Command::Start { by: host, room },
        54 if chance.below(2) == 0 => Command::Pause { by: host, room },
        55..=59 => Command::Resume { by: host, room },
        60 if chance.below(8) == 0 => Command::End { by: host, room },
        61 if chance.below(2) == 0 => Command::Kick { by: host, room, user, ban: chance.below(4) == 0 },
        62 => Command::HandOver { by: host, room, user },
        63..=69 => Command::ActAgain { back: chance.below(6) as u8, changed: chance.below(4) == 0 },
        70..=73 => Command::Show { by: fitting, room, pick: chance.below(3) as u8, more: chance.below(3) as u8 },
        74 => Command::Hunt { by: fitting, room },
        75 => Command::AnswerRuns { by: fitting, room, runs: chance.below(5) as u8, past: chance.below(3) == 0 },
        76..=79 => Command::Heartbeat { by, room },
        80 => Command::LineLost { by, room },
        81..=95 => Command::Clock,
        96 => Command::Sweep,
        97..=108 => Command::Pass { secs: [1, 5, 5, 5, 5, 5, 31, 95, 400][chance.below(9) as usize] },
        109 => Command::Outage { secs: [2, 3, 60, 1200][chance.below(4) as usize] },
        110 if chance.below(2) == 0 => Command::ClockBack { secs: [1, 3, 60, 1200][chance.below(4) as usize] },
        113..=115 => {
            let (entry, sits_out) = (chance.below(2) == 0, chance.below(3) == 0);
            Command::Prefer { by, room, entry, sits_out }
        }
        110..=112 => Command::Break { done: chance.below(2) == 0 },
        _ => {
            let actor = if chance.below(12) > 0 { Who::Actor } else { Who::Person(by) };
            let answers = [Answers::Any, Answers::Current, Answers::Current, Answers::Past][chance.below(4) as usize];
            let answers = if answers == Answers::Past && chance.below(3) > 0 { Answers::Current } else { answers };
            let pick = if chance.below(10) > 0 { chance.below(128) as u8 * 2 } else { chance.below(256) as u8 };
            let id = chance.below(2) == 0;
            Command::Act { by: actor, room, pick, amount: chance.below(1 << 32) as u32, id, answers }
        }
    }
}

/// Numbers of chips that people ask for, good and bad.
fn amount(chance: &mut Seeded) -> Option<i64> {
    let numbers = [1, 2, 39, 40, 41, 100, 200, 400, 401, 0, -1, i64::MAX];
    (chance.below(3) > 0).then(|| numbers[chance.below(numbers.len() as u64) as usize])
}
