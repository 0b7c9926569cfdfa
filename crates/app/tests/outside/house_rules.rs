//! House rules from outside: second boards and bomb pots, who asks for them, what they leave behind.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::clients::{Client, Table};
use crate::fairness::{proved, told};
use crate::server::Server;
use crate::variants::{call_down, of_type, passes_the_audit, record, sum, texts};

fn started(events: &[Value]) -> &Value {
    of_type(events, "hand_started").next().expect("a hand has its deal")
}

/// What was posted: kind, seat and amount.
fn posts(started: &Value) -> Vec<(&str, u64, u64)> {
    let post = |post: &'_ Value| (post["seatIndex"].as_u64().unwrap(), post["amount"].as_u64().unwrap());
    let all = started["blinds"].as_array().unwrap().iter();
    all.map(|one| (one["kind"].as_str().unwrap(), post(one).0, post(one).1)).collect()
}

/// Plays the hand that runs to its end by folds, and gives its record.
async fn folded(table: &Table) -> Vec<Value> {
    let hand = table.live_hand().await["hand"]["id"].clone();
    table.fold_out().await;
    record(table.host(), &hand).await
}

/// Each pot is divided by boards, each board's part by what it is won with, and nothing is lost.
fn checks_parts(events: &[Value], boards: usize) {
    for paid in of_type(events, "pot_distributed") {
        let amount = paid["amount"].as_u64().unwrap();
        assert_eq!((sum(&paid["parts"]), sum(&paid["winners"])), (amount, amount), "{paid}");
        for (board, share) in (0..boards).zip([amount.div_ceil(boards as u64), amount / boards as u64]) {
            let parts = paid["parts"].as_array().unwrap().iter().filter(|part| part["board"] == board);
            assert_eq!(parts.map(|part| part["amount"].as_u64().unwrap()).sum::<u64>(), share, "board {board}: {paid}");
        }
        for part in paid["parts"].as_array().unwrap() {
            assert_eq!(sum(&part["winners"]), part["amount"].as_u64().unwrap(), "{part}");
        }
    }
}

fn checks_two_boards(events: &[Value]) {
    checks_parts(events, 2);
    let streets: Vec<_> = of_type(events, "street_advanced").collect();
    for (street, length) in streets.iter().zip([3, 4, 5]) {
        let lengths: Vec<_> = street["boards"].as_array().unwrap().iter().map(|board| texts(board).len()).collect();
        assert_eq!((lengths, &street["board"]), (vec![length; 2], &street["boards"][0]));
    }
    let done = of_type(events, "hand_complete").next().expect("the hand is over");
    assert_eq!((streets.len(), &done["boards"]), (3, &streets[2]["boards"]));
    let all: BTreeSet<String> = done["boards"].as_array().unwrap().iter().flat_map(texts).collect();
    assert_eq!(all.len(), 10, "ten different cards");
    assert!(!done["shown"].as_array().unwrap().is_empty(), "it came to a showdown");
    for shown in done["shown"].as_array().unwrap() {
        let boards: Vec<_> = shown["ranks"].as_array().unwrap().iter().map(|ranks| &ranks["board"]).collect();
        assert_eq!(boards, [0, 1], "{shown}");
    }
}

///
#[tokio::test]
async fn a_bomb_pot_on_two_boards_is_played_in_every_variant_and_both_boards_are_proved() {
    let server = Server::start().await;
    for (variant, holes) in [("nlhe", 2), ("plo", 4), ("plo5", 5), ("plo8", 4), ("shortdeck", 2)] {
        let settings = json!({
            "seats": 8, "bombPotMode": "every", "bombPotEvery": 1, "bombPotVariant": variant, "bombPotAnte": 3, "doubleBoard": "bomb_pots",
        });
        let table = Table::playing(&server, 4, settings).await;
        let view = table.live_hand().await;
        let hand = view["hand"]["id"].clone();
        assert_eq!((&view["hand"]["kind"], &view["hand"]["variant"]), (&json!("bomb_pot"), &json!(variant)));
        assert_eq!((&view["hand"]["phase"], &view["hand"]["pot"]), (&json!("flop"), &json!(24)));
        assert_eq!((&view["game"]["next_bomb_pot"], &view["game"]["variant"]), (&json!(1), &json!("nlhe")));
        let boards = view["hand"]["boards"].as_array().unwrap();
        assert_eq!(boards.iter().map(|board| texts(board).len()).collect::<Vec<_>>(), [3, 3]);
        let (_, first) = table.actor().await.unwrap();
        let button = view["hand"]["button_seat"].as_u64().unwrap();
        assert_eq!(first["me"]["seat_index"], (button + 1) % 4, "left of the button acts first");
        let most = if holes > 2 { 24 } else { 194 };
        let legal = &first["me"]["legal_actions"];
        assert_eq!((&legal["min_raise_to"], &legal["max_raise_to"]), (&json!(2), &json!(most)), "{variant}");
        call_down(&table, &hand).await;
        for player in &table.players {
            let events = record(player, &hand).await;
            let dealt = started(&events);
            assert_eq!((&dealt["kind"], &dealt["boardCount"]), (&json!("bomb_pot"), &json!(2)));
            assert_eq!(dealt["yourCards"].as_array().unwrap().len(), holes);
            assert!(posts(dealt).iter().all(|(kind, _, amount)| (*kind, *amount) == ("ante", 6)), "{dealt}");
            assert_eq!(
                (posts(dealt).len(), &dealt["smallBlindSeat"], &dealt["bigBlindSeat"]),
                (4, &Value::Null, &Value::Null)
            );
            checks_two_boards(&events);
            let commitment = told(&table, player, hand.as_str().unwrap()).await;
            assert!(proved(player, hand.as_str().unwrap(), &commitment).await.len() >= holes + 10, "{variant}");
        }
    }
    passes_the_audit(&server).await;
}

/// with blinds, and betting before the flop.
#[tokio::test]
async fn with_two_boards_always_an_ordinary_hand_has_them_too() {
    let server = Server::start().await;
    for variant in ["nlhe", "plo8"] {
        let table = Table::playing(&server, 3, json!({ "variant": variant, "doubleBoard": "always" })).await;
        let hand = table.live_hand().await["hand"]["id"].clone();
        call_down(&table, &hand).await;
        let events = record(table.host(), &hand).await;
        let dealt = started(&events);
        assert_eq!((&dealt["kind"], &dealt["boardCount"]), (&json!("ordinary"), &json!(2)));
        assert_eq!(posts(dealt).iter().map(|post| post.0).collect::<Vec<_>>(), ["small_blind", "big_blind"]);
        checks_two_boards(&events);
    }
    passes_the_audit(&server).await;
}

async fn ask(table: &Table, client: &Client) -> crate::clients::Answer {
    client.post(&table.path("bomb-pot"), json!({})).await
}

async fn next_bomb_pot(table: &Table) -> Value {
    table.hydrate(table.host()).await["game"]["next_bomb_pot"].clone()
}

/// asked for by the host alone, taken back, outliving its server; R-89: the next ordinary hand is as if it had not been.
#[tokio::test]
async fn the_host_asks_for_a_bomb_pot_which_outlives_the_server_and_moves_no_blind() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 4, json!({ "bombPotMode": "manual", "bombPotAnte": 5 })).await;
    let first = table.live_hand().await;
    ask(&table, &table.players[1]).await.refused(403, "NOT_HOST");
    assert_eq!(next_bomb_pot(&table).await, Value::Null);
    let asked = ask(&table, table.host()).await.ok();
    assert_eq!(ask(&table, table.host()).await.ok()["seq"], asked["seq"], "once is enough");
    assert_eq!(next_bomb_pot(&table).await, 1);
    table.players[1].delete(&table.path("bomb-pot")).await.refused(403, "NOT_HOST");
    table.host().delete(&table.path("bomb-pot")).await.ok();
    assert_eq!(next_bomb_pot(&table).await, Value::Null);
    let nothing = table.host().delete(&table.path("bomb-pot")).await.ok();
    ask(&table, table.host()).await.ok();
    server.kill();
    server.start_again();
    assert_eq!(next_bomb_pot(&table).await, 1, "it is stored");
    let log = table.host().get(&table.path("events?after=0&limit=500")).await.ok();
    let all = log["events"].as_array().unwrap();
    let queued: Vec<_> = all.iter().filter(|event| event["type"].as_str().unwrap().starts_with("bomb_pot")).collect();
    let kinds: Vec<_> = queued.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["bomb_pot_queued", "bomb_pot_cancelled", "bomb_pot_queued"]);
    assert!(queued.iter().all(|event| event["byUserId"] == table.host().user), "{queued:?}");
    assert_eq!(nothing["seq"], queued[1]["seq"], "nothing to take back");

    let [before, bomb, after] = [folded(&table).await, folded(&table).await, folded(&table).await];
    let kinds: Vec<_> = [&before, &bomb, &after].iter().map(|events| started(events)["kind"].clone()).collect();
    assert_eq!(kinds, ["ordinary", "bomb_pot", "ordinary"]);
    assert_eq!(first["hand"]["id"], started(&before)["handId"]);
    let next = |seat: &Value| json!((seat.as_u64().unwrap() + 1) % 4);
    assert_eq!(
        started(&bomb)["buttonSeat"],
        next(&started(&before)["buttonSeat"]),
        "the button of a bomb pot moves on"
    );
    for place in ["buttonSeat", "smallBlindSeat", "bigBlindSeat"] {
        assert_eq!(started(&after)[place], next(&started(&before)[place]), "{place}: as if there had been no bomb pot");
    }
    assert_eq!(next_bomb_pot(&table).await, Value::Null, "one was asked for");
    passes_the_audit(&server).await;
}

/// `every` is counted in dealt hands, `percent` is drawn.
#[tokio::test]
async fn bomb_pots_come_every_so_many_hands_or_by_chance() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({ "bombPotMode": "every", "bombPotEvery": 3 })).await;
    let mut kinds = Vec::new();
    for left in [3, 2, 1, 3, 2, 1] {
        let view = table.live_hand().await;
        assert_eq!(view["game"]["next_bomb_pot"], if left == 1 { 3 } else { left - 1 });
        kinds.push(view["hand"]["kind"].as_str().unwrap().to_owned());
        table.fold_out().await;
    }
    assert_eq!(kinds.join(" "), "ordinary ordinary bomb_pot ordinary ordinary bomb_pot");
    ask(&table, table.host()).await.refused(422, "INVALID_SETTINGS");
    let always = Table::playing(&server, 3, json!({ "bombPotMode": "percent", "bombPotPercent": 100 })).await;
    for _ in 0..3 {
        let view = always.live_hand().await;
        assert_eq!((&view["hand"]["kind"], &view["game"]["next_bomb_pot"]), (&json!("bomb_pot"), &Value::Null));
        always.fold_out().await;
    }
    let off = always.host().patch(&always.path("settings"), json!({ "bombPotMode": "manual" })).await.ok();
    assert_eq!(off["settings"]["bombPotMode"], "manual");
    ask(&always, always.host()).await.ok();
    always.host().patch(&always.path("settings"), json!({ "bombPotMode": "off" })).await.ok();
    assert_eq!(next_bomb_pot(&always).await, Value::Null, "what was asked for is off with it");
    passes_the_audit(&server).await;
}

/// who can't pay the ante is all-in for what they have, and contends for that.
#[tokio::test]
async fn who_is_short_is_all_in_by_the_ante_of_a_bomb_pot() {
    let server = Server::start().await;
    let settings = json!({
        "bombPotMode": "every", "bombPotEvery": 1, "bombPotAnte": 20, "minBuyIn": 7, "actionTimeoutSecs": 0, "betweenHandsSecs": 5,
    });
    let table = Table::with_members(&server, 2, settings).await;
    for (seat, buy_in) in [(0, 7), (1, 200), (2, 200)] {
        let body = json!({ "seatIndex": seat, "buyIn": buy_in });
        table.players[seat].post(&table.path("seat"), body).await.ok();
    }
    table.host().post(&table.path("start"), json!({})).await.ok();
    let view = table.live_hand().await;
    let hand = view["hand"]["id"].clone();
    assert_eq!(
        view["hand"]["pots"],
        json!([
            { "amount": 21, "eligible_seats": [0, 1, 2] }, { "amount": 66, "eligible_seats": [1, 2] },
        ])
    );
    assert_eq!(view["seats"][0]["is_all_in"], true);
    call_down(&table, &hand).await;
    assert_eq!(Table::chips(&table.hydrate(table.host()).await), 407);
    checks_parts(&record(table.host(), &hand).await, 1);
    passes_the_audit(&server).await;
}

#[tokio::test]
async fn house_rules_that_do_not_fit_are_refused_in_words_and_change_nothing() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({ "seats": 9 })).await;
    let before = table.hydrate(table.host()).await["room"]["settings"].clone();
    for (settings, word) in [
        (json!({ "doubleBoard": "always", "variant": "plo5" }), "eight seats"),
        (json!({ "doubleBoard": "bomb_pots", "bombPotVariant": "plo5" }), "eight seats"),
        (json!({ "doubleBoard": "always", "rotation": ["nlhe", "plo5"] }), "eight seats"),
        (json!({ "seats": 10, "bombPotVariant": "plo5" }), "nine seats"),
        (json!({ "doubleBoard": "sometimes" }), "bomb_pots"),
        (json!({ "bombPotMode": "weekly" }), "percent"),
        (json!({ "bombPotEvery": 0 }), "500"),
        (json!({ "bombPotPercent": 101 }), "100"),
        (json!({ "bombPotAnte": 21 }), "20"),
        (json!({ "bombPotVariant": "stud" }), "plo8"),
    ] {
        let refused = table.host().patch(&table.path("settings"), settings).await.refused(422, "INVALID_SETTINGS");
        assert!(refused["detail"].as_str().unwrap().contains(word), "{refused}");
    }
    assert_eq!(table.hydrate(table.host()).await["room"]["settings"], before);
}

/// A table at which these players straddle whenever they may, and everybody has so many chips; the first hand is being played.
async fn straddling(server: &Server, stacks: &[u64], settings: Value, straddlers: &[usize]) -> Table {
    let mut all = json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 0, "minBuyIn": 2 });
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let table = Table::with_members(server, stacks.len() - 1, all).await;
    for (seat, chips) in stacks.iter().enumerate() {
        let body = json!({ "seatIndex": seat, "buyIn": chips });
        table.players[seat].post(&table.path("seat"), body).await.ok();
    }
    for seat in straddlers {
        table.players[*seat].patch(&table.path("preferences"), json!({ "autoStraddle": true })).await.ok();
    }
    table.host().post(&table.path("start"), json!({})).await.ok();
    table
}

/// What was posted in the hand that is being played: kind, places left of the button, and amount.
async fn posted(table: &Table) -> (Vec<(String, u64, u64)>, u64) {
    let view = table.live_hand().await;
    let events = record(table.host(), &view["hand"]["id"]).await;
    let dealt = started(&events);
    let (seats, button) = (dealt["seats"].as_array().unwrap().len() as u64, dealt["buttonSeat"].as_u64().unwrap());
    let left = |seat: u64| (seat + seats - button) % seats;
    let all = posts(dealt).into_iter().map(|(kind, seat, amount)| (kind.to_owned(), left(seat), amount)).collect();
    (all, left(view["timer"]["actor_seat"].as_u64().unwrap()))
}

fn straddles(posted: &[(String, u64, u64)]) -> Vec<(u64, u64)> {
    posted.iter().filter(|(kind, ..)| kind == "straddle").map(|(_, left, amount)| (*left, *amount)).collect()
}

/// and that a hand with straddles outlives its server.
#[tokio::test]
async fn who_wants_to_straddles_and_acts_last_before_the_flop() {
    let mut server = Server::start().await;
    let table =
        straddling(&server, &[200; 6], json!({ "straddle": "utg", "maxStraddles": 2 }), &[0, 1, 2, 3, 4, 5]).await;
    let (posted, first) = posted(&table).await;
    assert_eq!((straddles(&posted), first), (vec![(3, 4), (4, 8)], 5), "{posted:?}");
    server.kill();
    server.start_again();
    let mut asked = Vec::new();
    for _ in 0..6 {
        let (actor, view) = table.actor().await.unwrap();
        let (seat, button) =
            (view["me"]["seat_index"].as_u64().unwrap(), view["hand"]["button_seat"].as_u64().unwrap());
        let legal = &view["me"]["legal_actions"];
        asked.push(((seat + 6 - button) % 6, legal["call_amount"].as_u64().unwrap()));
        assert_eq!(legal["min_raise_to"], 16, "{legal}");
        let action = if legal["call_amount"] == 0 { "CHECK" } else { "CALL" };
        table.act(actor, json!({ "action": action, "turn": view["timer"]["turn"] })).await.ok();
    }
    assert_eq!(asked, [(5, 8), (0, 8), (1, 7), (2, 6), (3, 4), (4, 0)], "the last straddler has the last word");
    let (_, view) = table.actor().await.unwrap();
    assert_eq!((&view["hand"]["phase"], &view["hand"]["pot"]), (&json!("flop"), &json!(48)));
    let button = view["hand"]["button_seat"].as_u64().unwrap();
    assert_eq!(view["me"]["seat_index"], (button + 1) % 6, "nothing of it remains");
    assert_eq!(view["me"]["legal_actions"]["min_raise_to"], 2);
    table.fold_out().await;
    passes_the_audit(&server).await;
}

///
#[tokio::test]
async fn nobody_straddles_who_does_not_want_to_or_cannot_or_out_of_turn() {
    let server = Server::start().await;
    let utg = json!({ "straddle": "utg", "maxStraddles": 3 });
    // The button of the first hand is seat 0, the big blind seat 2.
    for (stacks, settings, straddlers, due, first) in [
        (vec![200; 6], utg.clone(), vec![4, 5, 0], vec![], 3),
        (vec![200; 6], utg.clone(), vec![3, 5], vec![(3, 4)], 4),
        (vec![200, 200, 200, 3, 200, 200], utg.clone(), vec![3, 4], vec![], 3),
        (vec![200, 200, 200, 4, 200, 200], utg.clone(), vec![3], vec![(3, 4)], 4),
        (vec![200, 200, 200, 200], utg.clone(), vec![0, 1, 2, 3], vec![(3, 4), (0, 8)], 1),
        (vec![200, 200, 200], utg.clone(), vec![0, 1, 2], vec![(0, 4)], 1),
        (vec![200, 200], utg.clone(), vec![0, 1], vec![], 0),
        (vec![200; 4], json!({ "straddle": "button" }), vec![0, 3], vec![(0, 4)], 1),
        (vec![200; 4], json!({ "straddle": "button" }), vec![3], vec![], 3),
        (vec![200; 4], json!({ "straddle": "off" }), vec![0, 1, 2, 3], vec![], 3),
        (vec![200; 4], json!({ "straddle": "utg", "variant": "plo" }), vec![3], vec![(3, 4)], 0),
    ] {
        let case = format!("{stacks:?} {settings} {straddlers:?}");
        let table = straddling(&server, &stacks, settings, &straddlers).await;
        let (posted, actor) = posted(&table).await;
        assert_eq!((straddles(&posted), actor), (due, first), "{case}: {posted:?}");
    }
    let bombs = json!({ "straddle": "utg", "bombPotMode": "every", "bombPotEvery": 1 });
    let table = straddling(&server, &[200; 4], bombs, &[0, 1, 2, 3]).await;
    assert!(straddles(&posted(&table).await.0).is_empty(), "no straddle in a bomb pot");
    for settings in [json!({ "variant": "shortdeck" }), json!({ "rotation": ["nlhe", "shortdeck"] })] {
        let refused = table.host().patch(&table.path("settings"), settings).await.refused(422, "INVALID_SETTINGS");
        assert!(refused["detail"].as_str().unwrap().contains("straddle"), "{refused}");
    }
    passes_the_audit(&server).await;
}

/// Whether these are a seven and a deuce.
fn is_seven_deuce(cards: &[String]) -> bool {
    let ranks: BTreeSet<&str> = cards.iter().map(|card| card.split_once('_').unwrap().1).collect();
    ranks == BTreeSet::from(["2", "7"])
}

/// hands are dealt until somebody has a seven and a deuce, to whom all others fold.
#[tokio::test]
async fn who_wins_with_a_seven_and_a_deuce_and_shows_them_gets_the_bounty_also_after_a_restart() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 8, json!({ "bounty72": 5, "timebankSecs": 0 })).await;
    let (winner, cards, hand) = 'dealt: loop {
        let hand = table.live_hand().await["hand"]["id"].clone();
        for player in &table.players {
            let view = table.hydrate(player).await;
            let own = texts(&view["me"]["hole_cards"]);
            if view["hand"]["id"] == hand && is_seven_deuce(&own) {
                break 'dealt (player, own, hand);
            }
        }
        table.fold_out().await;
    };
    table.host().patch(&table.path("settings"), json!({ "betweenHandsSecs": 30 })).await.ok();
    while let Some((actor, view)) = table.actor().await {
        let action = if actor.user == winner.user { "CALL" } else { "FOLD" };
        table.act(actor, json!({ "action": action, "turn": view["timer"]["turn"] })).await.ok();
    }
    let stack = |view: &Value| {
        let mine = view["seats"].as_array().unwrap().iter().find(|seat| seat["user_id"] == winner.user);
        mine.unwrap()["chips"].as_u64().unwrap()
    };
    let before = table.hydrate(table.host()).await;
    let show = |card: String| json!({ "handId": hand, "cards": [card] });
    let path = format!("/api/games/{}/show", table.game);
    winner.post(&path, show(cards[0].clone())).await.ok();
    assert_eq!(stack(&table.hydrate(table.host()).await), stack(&before), "one card is not enough");
    server.kill();
    server.start_again();
    winner.post(&path, show(cards[1].clone())).await.ok();
    let after = table.hydrate(table.host()).await;
    assert_eq!((stack(&after), Table::chips(&after)), (stack(&before) + 35, Table::chips(&before)));
    let events = record(table.host(), &hand).await;
    let paid: Vec<_> = of_type(&events, "bounty_paid").collect();
    assert_eq!(paid.len(), 1, "once");
    assert_eq!((&paid[0]["userId"], &paid[0]["amount"], sum(&paid[0]["from"])), (&json!(winner.user), &json!(35), 35));
    assert!(paid[0]["from"].as_array().unwrap().iter().all(|payer| payer["amount"] == 5));
    passes_the_audit(&server).await;
    for settings in [json!({ "variant": "plo" }), json!({ "rotation": ["nlhe", "shortdeck"] })] {
        let refused = table.host().patch(&table.path("settings"), settings).await.refused(422, "INVALID_SETTINGS");
        assert!(refused["detail"].as_str().unwrap().contains("hold'em"), "{refused}");
    }
}
