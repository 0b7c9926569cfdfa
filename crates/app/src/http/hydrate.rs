//! Hydration: the whole room as one reader may see it. Mirrors the database, so it is written in snake_case.

use actix_web::{HttpResponse, get, web};
use domain::card::deck::HoleCards;
use domain::event::Timer;
use domain::game::Question;
use domain::hand::Pot;
use domain::ids::SeatIndex;
use domain::view::hydration::{
    DocumentRole, HandView, HostView, Hydration, MeView, OccupantView, PastAction, SeatView,
};
use protocol::document::{
    Document, DocumentAction, DocumentBanned, DocumentControls, DocumentGame, DocumentHand, DocumentLastAction,
    DocumentLegal, DocumentMe, DocumentMember, DocumentPot, DocumentQuestion, DocumentRequest, DocumentRoom,
    DocumentSeat, DocumentTimer, DocumentWinner,
};
use protocol::event::{all_boards, cards};
use protocol::hidden::{missing, missing_of_label};
use protocol::names::{ActionName, Card, MembershipStatus, Owed, Phase, QuestionKind, Role, SeatStatus, WaitsFor};
use serde::Deserialize;
use usecases::query::{self, Hydrated};
use uuid::Uuid;

use crate::http::finish::answer;
use crate::http::hidden::{self, Hidden};
use crate::http::in_room::InRoom;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;
use crate::state::App;

/// Which document.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub struct HydrateQuery {
    /// `player`, `spectator` or `host`: may ask for less than the caller has, never more.
    #[param(inline)]
    role: Option<RoleName>,
    /// The caller, if given.
    user_id: Option<Uuid>,
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum RoleName {
    Player,
    Spectator,
    Host,
}

/// The room as this reader may see it, read from the database in one consistent snapshot.
#[utoipa::path(operation_id = "hydrate", tag = "hydration", params(RoomPath, HydrateQuery), responses((status = 200, body = Document), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/hydrate")]
pub async fn hydrate(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    query: web::Query<HydrateQuery>,
) -> Result<HttpResponse, Problem> {
    caller.must_be(query.user_id)?;
    let ask = query.role.map(|role| match role {
        RoleName::Player => DocumentRole::Player,
        RoleName::Spectator => DocumentRole::Spectator,
        RoleName::Host => DocumentRole::Host,
    });
    let hydrated = answer(query::hydrate(&app.ports, caller.user, room, ask)).await?;
    let hidden = hidden_part(&hydrated);
    Ok(hidden::json(&document(&app, hydrated), hidden))
}

fn hidden_part(hydrated: &Hydrated) -> Hidden {
    let player = hydrated.view.me.player.as_ref();
    let Some(cards) = player.and_then(|player| player.cards) else { return Hidden::Nothing };
    let label = player.and_then(|player| player.rank).map_or(0, |rank| missing_of_label(&rank.to_string()));
    Hidden::Padded(missing(cards.cards()) + label)
}

fn document(app: &App, Hydrated { epoch, seq, at, view, recent }: Hydrated) -> Document {
    let Hydration { room, game, hand, seats, me, timer, spectator_count, host } = view;
    let (pending_requests, members, banned, host_controls) = host.map_or((None, None, None, None), host_part);
    Document {
        epoch: epoch.0,
        seq,
        timestamp: at.0,
        room: DocumentRoom {
            id: room.id.0,
            code: room.code,
            name: room.name.to_string(),
            host_id: room.host.0,
            status: room.status.into(),
            has_password: room.has_password,
            settings: (&room.settings).into(),
        },
        game: DocumentGame {
            id: game.id.0,
            status: game.status.into(),
            ending: game.ending,
            current_hand_id: game.current_hand.map(|hand| hand.0),
            hand_number: game.hand_number,
            next_hand_at: game.next_hand_at.map(|at| at.0),
            variant: game.variant.into(),
            next_variant: game.next_variant.map(|(next, _)| next.into()),
            hands_to_next_variant: game.next_variant.map(|(_, hands)| hands),
            next_bomb_pot: game.next_bomb_pot,
        },
        hand: hand.map(hand_part),
        seats: seats.into_iter().map(seat_part).collect(),
        me: me_part(app, me),
        recent_actions: recent.iter().map(action_part).collect(),
        timer: timer.map(timer_part),
        spectator_count,
        pending_requests,
        members,
        banned,
        host_controls,
    }
}

fn hand_part(hand: HandView) -> DocumentHand {
    DocumentHand {
        id: hand.id.0,
        number: hand.number,
        variant: hand.rules.book.variant.into(),
        started_at: hand.started_at.0,
        phase: Phase::named(hand.phase),
        kind: hand.kind.into(),
        board: hand.boards.first().map_or_else(Vec::new, |board| cards(board)),
        boards: all_boards(&hand.boards),
        runs: hand.runs,
        question: hand.question.map(question_part),
        pot: hand.pot.get(),
        pots: hand.pots.iter().map(pot_part).collect(),
        current_bet: hand.current_bet.get(),
        min_raise_to: hand.min_raise_to.map(|chips| chips.get()),
        button_seat: hand.button.0,
        button_dead: hand.button_dead,
        small_blind_seat: hand.small_blind_seat.map(|seat| seat.0),
        big_blind_seat: hand.big_blind_seat.map(|seat| seat.0),
        small_blind: hand.rules.small_blind.get(),
        big_blind: hand.rules.big_blind.get(),
        ante: hand.rules.ante.get(),
        button_blind: hand.rules.button_blind.get(),
        winners: hand
            .winners
            .into_iter()
            .map(|winner| DocumentWinner {
                user_id: winner.user.0,
                seat_index: winner.seat.0,
                amount: winner.amount.get(),
                hand_rank: winner.rank.map(|rank| rank.to_string()),
            })
            .collect(),
    }
}

fn question_part(question: Question) -> DocumentQuestion {
    let seats = |seats: Vec<SeatIndex>| seats.into_iter().map(|seat| seat.0).collect();
    DocumentQuestion {
        kind: QuestionKind::RUNS,
        seats: seats(question.seats),
        max_runs: question.max_runs,
        turn: question.turn,
        expires_at: question.expires.map(|at| at.0),
        answered: seats(question.answered),
    }
}

fn pot_part(pot: &Pot) -> DocumentPot {
    DocumentPot { amount: pot.amount.get(), eligible_seats: pot.eligible.iter().map(|seat| seat.0).collect() }
}

fn names(hole: HoleCards) -> Vec<Card> {
    cards(hole.cards())
}

fn seat_part(SeatView { seat, status, occupant }: SeatView) -> DocumentSeat {
    let empty = DocumentSeat {
        seat_index: seat.0,
        user_id: None,
        display_name: None,
        chips: 0,
        bet: 0,
        status: SeatStatus::named(status),
        in_hand: false,
        has_folded: false,
        is_all_in: false,
        online: false,
        last_seen_at: None,
        shown_cards: None,
        last_action: None,
        owes: Vec::new(),
        waits_for: None,
    };
    let Some(occupant) = occupant else { return empty };
    let OccupantView {
        user,
        name,
        chips,
        bet,
        in_hand,
        has_folded,
        is_all_in,
        online,
        last_seen,
        shown,
        last_action,
        owes,
        waits_for,
    } = occupant;
    DocumentSeat {
        user_id: Some(user.0),
        display_name: Some(name.to_string()),
        chips: chips.get(),
        bet: bet.get(),
        in_hand,
        has_folded,
        is_all_in,
        online,
        last_seen_at: Some(last_seen.0),
        shown_cards: shown.map(|shown| cards(&shown)),
        last_action: last_action
            .map(|(action, amount)| DocumentLastAction { action: action.into(), amount: amount.get() }),
        owes: owes.into_iter().map(Owed::named).collect(),
        waits_for: waits_for.map(WaitsFor::from),
        ..empty
    }
}

fn me_part(app: &App, me: MeView) -> DocumentMe {
    let player = me.player;
    let legal = player.as_ref().and_then(|player| player.legal.as_ref()).map(|legal| DocumentLegal {
        actions: legal.actions.iter().copied().map(ActionName::from).collect(),
        call_amount: legal.call_amount.get(),
        min_raise_to: legal.min_raise_to.map(|chips| chips.get()),
        max_raise_to: legal.max_raise_to.map(|chips| chips.get()),
    });
    DocumentMe {
        user_id: me.user.0,
        role: Role::named(me.role),
        status: MembershipStatus::APPROVED,
        display_name: me.name.to_string(),
        is_host: me.is_host,
        rejoin_token: me.token.map(|id| app.ports.rejoin_tokens.text(id)),
        waiting_chips: me.reserved.get(),
        preferences: (&me.preferences).into(),
        seat_index: player.as_ref().map(|player| player.seat.0),
        hole_cards: player.as_ref().and_then(|player| player.cards).map(names),
        hand_label: player.as_ref().and_then(|player| player.rank).map(|rank| rank.to_string()),
        legal_actions: legal,
        timebank_remaining: player.map(|player| player.timebank_remaining / 1000),
    }
}

fn action_part(past: &PastAction) -> DocumentAction {
    DocumentAction {
        seq: past.seq,
        user_id: past.user.0,
        seat_index: past.seat.0,
        street: past.street.into(),
        action: past.kind.into(),
        amount: past.amount.get(),
        at: past.at.0,
    }
}

fn timer_part(timer: Timer) -> DocumentTimer {
    DocumentTimer {
        actor_seat: timer.actor.0,
        turn: timer.turn,
        started_at: timer.started_at.0,
        deadline_at: timer.deadline.map(|at| at.0),
        timebank_remaining: timer.timebank.0 / 1000,
        expires_at: timer.expires.map(|at| at.0),
    }
}

type HostPart =
    (Option<Vec<DocumentRequest>>, Option<Vec<DocumentMember>>, Option<Vec<DocumentBanned>>, Option<DocumentControls>);

fn host_part(host: HostView) -> HostPart {
    let requests = host.requests.into_iter().map(|(user, name, since)| DocumentRequest {
        user_id: user.0,
        display_name: name.to_string(),
        requested_at: since.0,
    });
    let members = host.members.into_iter().map(|(user, name, role, online)| DocumentMember {
        user_id: user.0,
        display_name: name.to_string(),
        role: role.into(),
        online,
    });
    let banned =
        host.banned.into_iter().map(|(user, name)| DocumentBanned { user_id: user.0, display_name: name.to_string() });
    let controls = DocumentControls { can_pause: host.can_pause, can_kick: true, can_adjust_chips: true };
    (Some(requests.collect()), Some(members.collect()), Some(banned.collect()), Some(controls))
}
