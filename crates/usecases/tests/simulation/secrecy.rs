//! Who sees what, found out from the hand itself and not from what makes the views.

use domain::card::Card;
use domain::card::deck::HoleCards;
use domain::event::{Committed, Happened};
use domain::game::Dealt;
use domain::hand::Street;
use domain::ids::{SeatIndex, UserId};
use domain::room::Room;
use domain::time::Timestamp;
use domain::view::event::{Own, Reader, for_reader};
use domain::view::hydration;
use usecases::query::reader;

/// New events as `user` gets them: nothing of others, no card before its street. `eyes` is whom the views are made for.
pub fn of_events(room: &Room, events: &[Committed], user: UserId, eyes: UserId) -> Result<(), String> {
    let Ok(as_reader) = reader(room, eyes) else { return Ok(()) };
    for event in events {
        let Some(view) = for_reader(event, as_reader) else { continue };
        if matches!(as_reader, Reader::Applicant(_)) && view.what.hand().is_some() {
            return Err(format!("event {}: somebody who isn't let in sees a hand", event.seq));
        }
        match view.own {
            Some(Own::Cards(cards)) if own_cards(room, user) != Some(cards) => {
                return Err(format!("event {}: {user} sees somebody else's cards", event.seq));
            }
            Some(Own::Boards(boards)) => {
                let mine = matches!(view.what, Happened::RabbitShown { user: asker, .. } if *asker == user);
                if !mine || room.game.dealt.as_ref().and_then(rabbit).as_deref() != Some(boards) {
                    return Err(format!("event {}: {user} sees cards that weren't dealt", event.seq));
                }
            }
            Some(Own::Token(_)) if !matches!(view.what, Happened::Approved { user: owner, .. } if *owner == user) => {
                return Err(format!("event {}: {user} sees somebody else's token", event.seq));
            }
            Some(_) | None => {}
        }
        if view.turn.is_some_and(|turn| turn.of != user) {
            return Err(format!("event {}: {user} sees what somebody else may do", event.seq));
        }
        public_cards(room, view.what).map_err(|why| format!("event {}: {why}", event.seq))?;
    }
    Ok(())
}

fn public_cards(room: &Room, what: &Happened) -> Result<(), String> {
    let Some(dealt) = room.game.dealt.as_ref().filter(|dealt| Some(dealt.id) == what.hand()) else { return Ok(()) };
    match what {
        Happened::StreetAdvanced { street, boards, .. } if *boards != [board_of(dealt, *street)] => {
            Err("the board isn't the deck's next cards".to_owned())
        }
        Happened::HandCompleted(done) => {
            let in_the_hand = dealt.hand.players().iter().filter(|player| !player.folded);
            if !done.shown.is_empty() && in_the_hand.count() < 2 {
                return Err("cards are shown without a showdown".to_owned());
            }
            let wrong = done.shown.iter().find(|shown| {
                dealt.hand.player(shown.seat).is_none_or(|player| player.folded || player.hole != shown.cards)
            });
            wrong.map_or(Ok(()), |shown| Err(format!("seat {} shows cards that it can't", shown.seat)))
        }
        Happened::RunDealt { run, board, .. } if dealt.hand.boards().get(usize::from(*run)) != Some(board) => {
            Err("a run isn't the hand's".to_owned())
        }
        Happened::CardsShown { user, cards, .. } => {
            let own = own_cards(room, *user);
            let is_own = |card| own.is_some_and(|own| own.cards().contains(card));
            if cards.iter().all(is_own) { Ok(()) } else { Err("somebody shows cards that they haven't".to_owned()) }
        }
        Happened::RabbitShown { boards: Some(boards), .. } if rabbit(dealt).as_ref() != Some(boards) => {
            Err("what would have come isn't the deck's next cards".to_owned())
        }
        _ => Ok(()),
    }
}

/// What would have come on the one board of a hand that was folded before it was complete.
pub fn rabbit(dealt: &Dealt) -> Option<Vec<Vec<Card>>> {
    let in_the_hand = dealt.hand.players().iter().filter(|player| !player.folded).count();
    let folded = dealt.hand.is_complete() && in_the_hand == 1 && dealt.hand.street() != Street::River;
    folded.then(|| vec![board_of(dealt, Street::River)])
}

/// The boards of each run: what was there before, and then the deck's next cards.
fn runs_of(dealt: &Dealt, runs: u8, shared: usize) -> Vec<Vec<Card>> {
    let first = dealt.hand.game().hole_cards * dealt.hand.players().len();
    let (cards, missing) = (dealt.hand.deck().cards(), 5 - shared);
    let run = |run: u8| {
        let from = first + shared + usize::from(run) * missing;
        [&cards[first..first + shared], &cards[from..from + missing]].concat()
    };
    (0..runs).map(run).collect()
}

/// The whole document of `user`.
pub fn of_document(room: &Room, user: UserId, eyes: UserId, now: Timestamp) -> Result<(), String> {
    let let_in = room.members.get(&user).is_some_and(|member| member.is_approved());
    let Ok(document) = hydration::hydrate(room, eyes, None, &[], now) else { return Ok(()) };
    if eyes == user && !let_in {
        return Err(format!("{user} isn't let in and reads the room"));
    }
    if let Some(cards) = document.me.player.and_then(|player| player.cards)
        && own_cards(room, user) != Some(cards)
    {
        return Err(format!("{user} reads somebody else's cards"));
    }
    let live = room.game.live().is_some();
    if live && document.seats.iter().filter_map(|seat| seat.occupant.as_ref()).any(|seat| seat.shown.is_some()) {
        return Err("cards are shown while the hand is played".to_owned());
    }
    if let (Some(hand), Some(dealt)) = (document.hand, &room.game.dealt)
        && match dealt.hand.runs() {
            Some(runs) if runs > 1 => ![0, 3, 4].iter().any(|shared| hand.boards == runs_of(dealt, runs, *shared)),
            Some(_) | None => hand.boards != [board_of(dealt, dealt.hand.street())],
        }
    {
        return Err("the document's board isn't the deck's first cards".to_owned());
    }
    if document.host.is_some() && room.host != user {
        return Err(format!("{user} reads what is the host's"));
    }
    Ok(())
}

fn board_of(dealt: &Dealt, street: Street) -> Vec<Card> {
    let first = dealt.hand.game().hole_cards * dealt.hand.players().len();
    dealt.hand.deck().cards()[first..first + street.board_len()].to_vec()
}

/// The cards that a user was dealt: the deck's, one by one from the left of the button.
fn own_cards(room: &Room, user: UserId) -> Option<HoleCards> {
    let dealt = room.game.dealt.as_ref()?;
    let seat = dealt.players.iter().find(|(_, player)| **player == user).map(|(seat, _)| *seat)?;
    let seats: Vec<SeatIndex> = dealt.players.keys().copied().collect();
    let place = |seat: SeatIndex| seats.iter().position(|one| *one == seat);
    // Where nobody has the button, the first card goes to the first player left of its place all the same.
    let button = dealt.hand.setup().button;
    let (count, first) = (seats.len(), seats.iter().position(|one| *one > button).unwrap_or(0));
    let turn = (place(seat)? + count - first) % count;
    let cards = dealt.hand.deck().cards();
    let own: Vec<_> = (0..dealt.hand.game().hole_cards).map(|round| cards[turn + round * count]).collect();
    HoleCards::new(&own)
}
