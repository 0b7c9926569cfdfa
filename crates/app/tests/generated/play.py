"""Two guests play a hand by the client that openapi-python-client makes. The argument is the server's address."""

import sys

from made.holdfast import AuthenticatedClient, Client
from made.holdfast.api.host import start_game
from made.holdfast.api.hydration import hydrate
from made.holdfast.api.identity import sign_in_as_guest
from made.holdfast.api.membership import join_room
from made.holdfast.api.play import act, list_events
from made.holdfast.api.rooms import create_room
from made.holdfast.api.seats import take_seat
from made.holdfast import models
from made.holdfast.types import UNSET

base = sys.argv[1]


def guest(name):
    session = sign_in_as_guest.sync(client=Client(base_url=base), body=models.GuestRequest(display_name=name))
    assert isinstance(session, models.Session), session
    return AuthenticatedClient(base_url=base, token=session.token)


anna, ben = guest("Anna"), guest("Ben")
settings = models.SettingsRequest(auto_approve=True, between_hands_secs=30)
made = create_room.sync(client=anna, body=models.CreateRoomRequest(display_name="Anna", settings=settings))
assert isinstance(made, models.CreateRoomResponse), made
room = made.room.id
joined = join_room.sync(room, client=ben, body=models.JoinRequest(display_name="Ben"))
assert joined.status == models.MembershipStatus.APPROVED, joined
for index, client in enumerate([anna, ben]):
    seated = take_seat.sync(room, client=client, body=models.TakeSeatRequest(seat_index=index, buy_in=200))
    assert isinstance(seated, models.TakeSeatResponse), seated
started = start_game.sync(room, client=anna)
assert isinstance(started, models.CommandResponse), started

events = []
while not any(isinstance(event, models.HandCompleteEvent) for event in events):
    for client in (anna, ben):
        view = hydrate.sync(room, client=client)
        assert isinstance(view, models.Document), view
        if view.me.legal_actions is UNSET or view.timer is None:
            continue
        legal = view.me.legal_actions.actions
        action = models.ActionName.CHECK if models.ActionName.CHECK in legal else models.ActionName.CALL
        done = act.sync(made.game_id, client=client, body=models.ActionRequest(action=action, turn=view.timer.turn))
        assert isinstance(done, models.ActionResponse) or done.code == "STALE_TURN", done
    events = list_events.sync(room, client=ben).events
seen = [event for event in events if isinstance(event, models.PlayerActionEvent)]
won = [winner for event in events if isinstance(event, models.HandCompleteEvent) for winner in event.winners]
assert len(seen) >= 8 and won, events
print(f"openapi-python-client: {len(seen)} actions, {', '.join(str(winner.hand_rank) for winner in won)}")
