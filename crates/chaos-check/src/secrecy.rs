//! I-13: the oracle about cards. From all clients' logs together it knows each player's own cards, and from the log at which
//! event which cards became public; any other card in anything that anybody receives is a leak. So is an event that its reader
//! may not hear of, or a field that is only for the host.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use uuid::Uuid;

use crate::call::Call;
use crate::card;
use crate::event::Logged;
use crate::hands::{Hand, Hands};
use crate::people::People;

/// What is known about each player's own cards.
#[derive(Debug)]
pub struct Oracle {
    by_hand: HashMap<Uuid, Vec<(Uuid, BTreeSet<String>)>>,
}

/// Whoever receives something, in which room, and the database's clock then, at the latest.
#[derive(Debug)]
pub struct Reader<'a> {
    /// Who.
    pub user: Uuid,
    /// The room's people.
    pub people: &'a People,
    /// The room's hands.
    pub hands: &'a Hands,
    /// The database's clock when it was received.
    pub now: i64,
    /// Whether it is part of a hand's record, which players keep of the hands that they were dealt into.
    pub of_a_hand: bool,
}

impl Reader<'_> {
    fn was_dealt_into(&self, hand: Option<Uuid>) -> bool {
        hand.and_then(|hand| self.hands.all.get(&hand)).is_some_and(|hand| hand.seat_of(self.user).is_some())
    }
}

impl Oracle {
    /// From what the clients saw of their own: by hand and user.
    pub fn new(own: &BTreeMap<(Uuid, Uuid), Vec<String>>) -> Self {
        let mut by_hand: HashMap<_, Vec<_>> = HashMap::new();
        for ((hand, user), cards) in own {
            by_hand.entry(*hand).or_default().push((*user, cards.iter().cloned().collect()));
        }
        Self { by_hand }
    }

    /// What is wrong with an event for its reader. That its public part is the log's is checked elsewhere.
    pub fn event(&self, reader: &Reader<'_>, logged: &Logged, event: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let user = reader.user;
        let is_own_record = reader.of_a_hand && reader.was_dealt_into(logged.hand);
        if !reader.people.may_read(user, logged.seq, reader.now)
            && !logged.what.is_about_request_of(user)
            && !is_own_record
        {
            wrong.push(format!("{user} hears of a {} in a room that they are not in", logged.kind));
        }
        if event.get("rejoinToken").is_some() && event["userId"].as_str() != Some(&user.to_string()) {
            wrong.push(format!("{user} gets somebody else's rejoin token"));
        }
        let tells_a_turn = event.get("handLabel").is_some() || event["timer"].get("legalActions").is_some();
        if tells_a_turn && !Self::is_actor(reader, logged) {
            wrong.push(format!("{user} is told what somebody else may do"));
        }
        let public: Vec<String> = match &logged.what {
            crate::event::What::StreetAdvanced(next) => next.boards().concat(),
            crate::event::What::HandCompleted(done) => done.boards().concat(),
            crate::event::What::RunDealt { board, .. } => board.clone(),
            _ => Vec::new(),
        };
        let runs: &[Vec<String>] = match &logged.what {
            crate::event::What::HandCompleted(done) => done.boards.as_deref().unwrap_or_default(),
            crate::event::What::RabbitShown { boards, .. } => boards.as_deref().unwrap_or_default(),
            _ => &[],
        };
        let asked = matches!(&logged.what, crate::event::What::RabbitShown { user: asker, .. } if *asker == user);
        let shown: BTreeSet<&String> = match &logged.what {
            crate::event::What::HandCompleted(done) => done.shown.iter().flat_map(|shown| &shown.cards).collect(),
            crate::event::What::CardsShown { cards, .. } => cards.iter().collect(),
            _ => BTreeSet::new(),
        };
        card::each_in(event, &mut String::new(), &mut |path, card| {
            let fine = match path {
                "yourCards[]" => self.may_hold(reader, logged.hand, card),
                "boards[][]" if asked => self.would_have_come(reader, logged.hand, card),
                "board[]" | "boards[][]" => public.iter().chain(runs.iter().flatten()).any(|public| public == card),
                "cards[]" | "shown[].cards[]" => shown.iter().any(|shown| *shown == card),
                _ => false,
            };
            if !fine {
                wrong.push(format!("{user} sees {card} in {path}"));
            }
        });
        wrong
    }

    /// Whether it is the reader's turn that an event tells of.
    fn is_actor(reader: &Reader<'_>, logged: &Logged) -> bool {
        let hand = logged.hand.and_then(|hand| reader.hands.all.get(&hand));
        logged
            .what
            .timer()
            .is_some_and(|timer| hand.and_then(|hand| hand.players.get(&timer.actor)) == Some(&reader.user))
    }

    /// What is wrong with an answer for whoever asked; events in it are looked at one by one.
    pub fn answer(&self, reader: &Reader<'_>, call: Call, body: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let user = reader.user;
        let hand_id = body["hand"]["id"].as_str().and_then(|id| Uuid::try_parse(id).ok());
        let hand = hand_id.and_then(|id| reader.hands.all.get(&id));
        let seq = body["seq"].as_u64().unwrap_or(0);
        if call == Call::Hydrate {
            if body["me"]["user_id"].as_str() != Some(&user.to_string()) {
                wrong.push(format!("{user} gets the document of {}", body["me"]["user_id"]));
            }
            let only_for_hosts = ["pending_requests", "members", "banned", "host_controls"];
            if only_for_hosts.iter().any(|field| body.get(field).is_some()) && !reader.people.was_host(user, seq, seq) {
                wrong.push(format!("{user} gets the host's part of the document and isn't the host"));
            }
            for seat in body["seats"].as_array().into_iter().flatten() {
                wrong.extend(shown_early(hand, seat, seq).map(|card| format!("{user} sees {card} before it is shown")));
            }
        }
        card::each_in(body, &mut String::new(), &mut |path, card| {
            let fine = match (call, path) {
                (Call::Hydrate, "hand.board[]" | "hand.boards[][]") => {
                    hand.is_some_and(|hand| hand.is_on_board_at(seq, card))
                }
                (Call::Rabbit, "boards[][]") => {
                    let asked = reader.hands.all.iter().filter(|(_, hand)| hand.hunted.contains_key(&user));
                    asked.into_iter().any(|(id, _)| self.would_have_come(reader, Some(*id), card))
                }
                (Call::Hydrate, "me.hole_cards[]") => self.may_hold(reader, hand_id, card),
                // Compared with its seat above.
                (Call::Hydrate, "seats[].shown_cards[]") => true,
                (Call::Hand, "hand.board[]" | "hand.boards[][]") => {
                    hand.is_some_and(|hand| hand.is_on_board_at(u64::MAX, card))
                }
                (Call::Events | Call::Hand, path) => path.starts_with("events[]"),
                _ => false,
            };
            if !fine {
                wrong.push(format!("{user} sees {card} in {path} of {call:?}"));
            }
        });
        wrong
    }

    /// Whether a card may be told to who asked what would have come: nobody was dealt it as their own.
    fn would_have_come(&self, reader: &Reader<'_>, hand: Option<Uuid>, card: &str) -> bool {
        let known = hand.and_then(|hand| self.by_hand.get(&hand)).into_iter().flatten();
        reader.was_dealt_into(hand) && known.into_iter().all(|(_, cards)| !cards.contains(card))
    }

    /// Whether a card may be the reader's own: they were dealt in, and nobody else saw it as theirs.
    fn may_hold(&self, reader: &Reader<'_>, hand: Option<Uuid>, card: &str) -> bool {
        let dealt_in = hand.and_then(|hand| reader.hands.all.get(&hand)).and_then(|hand| hand.seat_of(reader.user));
        let known = hand.and_then(|hand| self.by_hand.get(&hand)).into_iter().flatten();
        dealt_in.is_some() && known.filter(|(owner, _)| *owner != reader.user).all(|(_, cards)| !cards.contains(card))
    }
}

/// A card that a seat shows in a document, and that wasn't shown by then.
fn shown_early(hand: Option<&Hand>, seat: &Value, seq: u64) -> Option<String> {
    let index = seat["seat_index"].as_u64().and_then(|index| u8::try_from(index).ok())?;
    let shown = |card: &String| hand.is_some_and(|hand| hand.is_shown_at(seq, index, card));
    card::list(&seat["shown_cards"]).into_iter().find(|card| !shown(card))
}
