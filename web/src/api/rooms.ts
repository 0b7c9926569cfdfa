// What is asked and answered over HTTP, by the client's names for it.

export type {
  CreateRoomResponse as RoomCreated,
  CommandResponse as Done,
  EventsResponse as EventsAnswer,
  HandResponse as HandRecord,
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
