//! Tables at which bots play, so that a newcomer sees hands at once. The bots are clients like any other: they speak to
//! the server over HTTP and know what players know.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use ports::randomness::Randomness;
use private_postgres::PrivateServer;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use crate::config::{BadSetting, Config, Demo};
use crate::randomness::OsRandomness;

const NAMES: [&str; 10] =
    ["Ada", "Blaise", "Carl", "Dorothea", "Emmy", "Fermat", "Girolamo", "Hypatia", "Ivan", "Julia"];
/// How often a bot looks whether it is its turn.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often a bot gives a sign of life, in looks.
const HEARTBEAT_LOOKS: u32 = 75;

/// By this file a data directory is known for a demonstration's.
const CLAIM: &str = "demo";

/// Makes sure that the data directory is a demonstration's own: bots have no business among people's rooms.
///
/// # Errors
///
/// - [`BadSetting`] if a server keeps its data there.
/// - It can't be made or written to.
pub fn claim(config: &Config) -> anyhow::Result<()> {
    config.check()?;
    let (dir, claim) = (&config.data_dir, config.data_dir.join(CLAIM));
    if config.database_url.is_some() || claim.exists() {
        return Ok(());
    }
    if config.key_file().exists() || PrivateServer::made_in(dir).is_ok_and(|made| made.is_some()) {
        return Err(BadSetting(anyhow!(
            "a server keeps its data in {}: leave --data-dir (HOLDFAST_DATA_DIR) out, and the demonstration has a directory of \
             its own, or name another one",
            dir.display()
        ))
        .into());
    }
    let made = fs::create_dir_all(dir).and_then(|()| fs::write(&claim, "Bots play here.\n"));
    made.with_context(|| format!("can't write to the data directory {}", dir.display()))
}

/// Fills tables with bots and lets them play until the server stops.
///
/// # Errors
///
/// - The server doesn't answer as it should.
pub async fn run(demo: Demo, address: SocketAddr) -> anyhow::Result<()> {
    let mut bots = JoinSet::new();
    for table in 1..=demo.tables {
        let code = open_table(demo, address, table, &mut bots).await.context("a demo table")?;
        println!("Bots play in room {code}: http://{address}/r/{code}");
    }
    while let Some(ended) = bots.join_next().await {
        ended.context("a bot")??;
    }
    Ok(())
}

async fn open_table(
    demo: Demo,
    address: SocketAddr,
    table: u16,
    bots: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<String> {
    let games = demo.variant.games();
    let most = games.iter().map(|variant| variant.game().most_players(1)).min().unwrap_or(10);
    let seats = usize::from(demo.bots + 2).clamp(6, 10).min(most);
    let names: Vec<&str> = games.iter().map(|variant| variant.name()).collect();
    let settings = json!({
        "seats": seats,
        "autoApprove": true,
        "betweenHandsSecs": 3,
        "maxMembers": 200,
        "variant": names[0],
        "rotation": if names.len() > 1 { names } else { Vec::new() },
    });
    let mut players = Vec::new();
    let mut room = Value::Null;
    for (index, name) in NAMES.iter().take(usize::from(demo.bots).min(seats)).enumerate() {
        let mut bot = Bot::new(address, name, demo.pace_ms).await?;
        if index == 0 {
            let body = json!({ "name": format!("Bot table {table}"), "displayName": name, "settings": settings });
            room = bot.post("/api/rooms", &body).await?;
        }
        bot.room = text(&room, "/room/id")?;
        bot.game = text(&room, "/gameId")?;
        if index > 0 {
            bot.in_room("join", &json!({ "displayName": name })).await?;
        }
        bot.in_room("seat", &json!({ "seatIndex": index })).await?;
        players.push(bot);
    }
    let host = players.first().context("a table has bots")?;
    host.in_room("start", &json!({})).await?;
    for bot in players {
        bots.spawn(bot.play());
    }
    text(&room, "/room/code")
}

struct Bot {
    http: reqwest::Client,
    server: String,
    token: String,
    room: String,
    game: String,
    pace_ms: u32,
}

impl Bot {
    async fn new(address: SocketAddr, name: &str, pace_ms: u32) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let blank = String::new();
        let mut bot = Self {
            http,
            server: format!("http://{address}"),
            token: blank.clone(),
            room: blank.clone(),
            game: blank,
            pace_ms,
        };
        bot.token = text(&bot.post("/api/auth/guest", &json!({ "displayName": name })).await?, "/token")?;
        Ok(bot)
    }

    async fn play(self) -> anyhow::Result<()> {
        for look in 0u32.. {
            if look.is_multiple_of(HEARTBEAT_LOOKS) {
                self.in_room("heartbeat", &json!({})).await?;
            }
            let room = self.hydrate().await?;
            if room["room"]["status"] == "closed" {
                return Ok(());
            }
            self.take_part(&room).await?;
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn take_part(&self, room: &Value) -> anyhow::Result<()> {
        let me = &room["me"];
        let mine = &room["seats"][me["seat_index"].as_u64().unwrap_or(0) as usize];
        if mine["chips"] == 0 && (mine["in_hand"] == false || room["hand"]["phase"] == "complete") {
            let amount = room["room"]["settings"]["maxBuyIn"].as_u64().unwrap_or(200) / 2;
            // The next hand may begin in between: then there is another time.
            let _ = self.in_room("top-up", &json!({ "amount": amount })).await;
        }
        if mine["status"] == "sitting_out" {
            self.in_room("sit-in", &json!({})).await?;
        }
        if me["legal_actions"].is_null() {
            return Ok(());
        }
        sleep(Duration::from_millis(u64::from(self.pace_ms / 2 + below(self.pace_ms.max(1))))).await;
        let mut action = decide(room);
        action["turn"] = room["timer"]["turn"].clone();
        action["actionId"] = json!(Uuid::from_u128(OsRandomness.id().as_u128()));
        // The clock or a departure may have been faster: then there is nothing to do.
        let _ = self.post(&format!("/api/games/{}/actions", self.game), &action).await;
        Ok(())
    }

    async fn hydrate(&self) -> anyhow::Result<Value> {
        let request = self.http.get(format!("{}/api/rooms/{}/hydrate", self.server, self.room));
        Self::answer(request.bearer_auth(&self.token)).await
    }

    async fn in_room(&self, call: &str, body: &Value) -> anyhow::Result<Value> {
        self.post(&format!("/api/rooms/{}/{call}", self.room), body).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}{path}", self.server)).json(body);
        Self::answer(if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }).await
    }

    async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let response = request.send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        if !status.is_success() {
            bail!("the server says {status}: {}", body["code"]);
        }
        Ok(body)
    }
}

/// Plays like somebody at a kitchen table: sees cheap flops, folds to big bets with nothing, raises now and then.
fn decide(room: &Value) -> Value {
    let legal = &room["me"]["legal_actions"];
    let can = |action: &str| legal["actions"].as_array().is_some_and(|all| all.iter().any(|one| one == action));
    let call = legal["call_amount"].as_u64().unwrap_or(0);
    let pot = room["hand"]["pot"].as_u64().unwrap_or(1).max(1);
    let made = room["me"]["hand_label"].as_str().is_some_and(|label| !label.starts_with("High card"));
    let mood = below(100);
    let raise = ["BET", "RAISE"].into_iter().find(|action| can(action));
    if let Some(action) = raise
        && mood < if made { 22 } else { 8 }
    {
        let (min, max) = (legal["min_raise_to"].as_u64().unwrap_or(0), legal["max_raise_to"].as_u64().unwrap_or(0));
        let half_pot = room["hand"]["current_bet"].as_u64().unwrap_or(0) + pot / 2;
        return json!({ "action": action, "amount": half_pot.clamp(min, max) });
    }
    if can("CHECK") {
        return json!({ "action": "CHECK" });
    }
    let patience = if made { 90 } else { 55u64.saturating_sub(call * 60 / pot) };
    json!({ "action": if u64::from(mood) < patience { "CALL" } else { "FOLD" } })
}

fn below(limit: u32) -> u32 {
    (OsRandomness.id().as_u128() % u128::from(limit)) as u32
}

fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("{pointer} in {value}"))
}
