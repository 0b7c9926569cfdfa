// What is asked and answered over HTTP, by the client's names for it.

export type {
  CreateRoomResponse as RoomCreated,
  CommandResponse as Done,
  HandsResponse as HandsAnswer,
  JoinResponse as JoinAnswer,
  LobbyResponse as LobbyView,
  Me as WhoAmI,
  MyRoom,
  MyRooms,
  PastHandSummary as HandSummary,
  Session,
  MembershipResponse as MyStatus,
} from "./wire";

import type { NextEvent } from "./next";
import type { EventsResponse, HandResponse, WireEvent } from "./wire";

type WithNext<T> = Omit<T, "events"> & { events: (WireEvent | NextEvent)[] };
export type EventsAnswer = WithNext<EventsResponse>;
export type HandRecord = WithNext<HandResponse>;
