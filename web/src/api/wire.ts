// Made from the server's types by `cargo xtask types`; a test fails when they differ. Not to be edited.
export type Suit = "clubs" | "diamonds" | "hearts" | "spades";
export type Rank = "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "J" | "Q" | "K" | "A";

export type Card = `${Suit}_${Rank}`;

export type Street = "preflop" | "flop" | "turn" | "river";

export type Phase = "preflop" | "flop" | "turn" | "river" | "showdown" | "complete";

export type PostKind = "ante" | "small_blind" | "big_blind" | "button_blind" | "straddle" | "posted_big_blind" | "dead_small_blind";

export type HandKind = "ordinary" | "bomb_pot";

export type Half = "whole" | "high" | "low";

export type FreedReason = "left" | "kicked" | "disconnected" | "ended";

export type AdjustedBy = "top_up" | "host";

export type GameStatus = "waiting" | "active" | "paused" | "completed";

export type RoomStatus = "open" | "closed";

export type Role = "approved" | "player" | "spectator" | "host";

export type SocketRole = "approved" | "player" | "spectator" | "host" | "guest";

export type MembershipStatus = "pending" | "approved" | "rejected" | "left" | "kicked" | "banned";

export type SeatStatus = "empty" | "active" | "sitting_out" | "disconnected" | "leaving";

export type Variant = "nlhe" | "plo" | "plo5" | "plo8" | "shortdeck";

/** What a player can do. */
export type ActionName = "FOLD" | "CHECK" | "CALL" | "BET" | "RAISE" | "ALL_IN";

export type ErrorCode = "BAD_REQUEST" | "UNAUTHENTICATED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "NOT_HOST" | "NOT_APPROVED" | "NOT_SEATED" | "IDENTITY_MISMATCH" | "ROLE_FORBIDDEN" | "BANNED" | "WRONG_PASSWORD" | "ROOM_NOT_FOUND" | "GAME_NOT_FOUND" | "USER_NOT_FOUND" | "HAND_NOT_FOUND" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "ROOM_FULL" | "ALREADY_IN_ROOM" | "SEAT_TAKEN" | "ALREADY_SEATED" | "NOT_PENDING" | "USER_BANNED" | "NOT_BANNED" | "NOT_YOUR_TURN" | "NO_HAND" | "STALE_TURN" | "EPOCH_CHANGED" | "GAME_PAUSED" | "NOT_ENOUGH_PLAYERS" | "ROOM_CLOSED" | "LIMIT_REACHED" | "EMAIL_TAKEN" | "BODY_TOO_LARGE" | "INVALID_NAME" | "INVALID_SETTINGS" | "INVALID_PREFERENCE" | "INVALID_SEAT" | "INVALID_BUY_IN" | "ILLEGAL_ACTION" | "ILLEGAL_AMOUNT" | "ACTION_ID_REUSED" | "RATE_LIMITED" | "INTERNAL" | "DATABASE_UNAVAILABLE" | "SIGN_IN_UNAVAILABLE" | "CLOCK_STANDS";

/** Whether a change was made. */
export type Outcome = "unknown";

/** A number of chips. */
export type Amount = number;

/** Somebody. */
export type Person = { userId: string, displayName: string, };

/** A player and their seat. */
export type SeatOf = { userId: string, seatIndex: number, };

/** What was posted before the cards. An `ante` and a `dead_small_blind` are not part of the street's bet. */
export type WirePost = { seatIndex: number, kind: PostKind, amount: Amount, };

/** A player at the start of a hand: chips behind and this street's bet, after posting. */
export type WireDealtIn = { seatIndex: number, userId: string, chips: Amount, bet: Amount, };

/** What the deck was before anybody saw a card, as SHA-256 hashes in hexadecimal: of the seed that it follows from, and the
 * root over its 52 places. `GET /api/hands/{handId}/proofs` proves cards against it. */
export type WireCommitment = { algorithm: string, seedHash: string, root: string, };

/** A pot and who can win it. */
export type WirePot = { amount: Amount, eligibleSeats: Array<number>, };

/** A part of a pot, compared for by itself: that of one board or run (from 0), or the high or low half of it. */
export type WirePart = { board: number, half: Half, amount: Amount, winners: Array<WireShare>, };

/** What somebody's cards make with one board or run, in words; `low` is `null` where there is no low hand. */
export type WireRanks = { board: number, high: string, low: string | null, };

/** Chips that went back to their owner, who has `chips` now. */
export type WireReturned = { seatIndex: number, amount: Amount, chips: Amount, };

/** A share of a pot. */
export type WireShare = { userId: string, seatIndex: number, amount: Amount, };

/** What somebody won in a hand; `handRank` in words, on several boards the best; `null` if hands were not compared. */
export type WireWinner = { userId: string, seatIndex: number, amount: Amount, handRank: string | null, };

/** A hand that was shown. */
export type WireShown = { seatIndex: number, cards: Array<Card>, handRank: string, ranks: Array<WireRanks>, };

/** A stack at the end of a hand. */
export type WireStack = { seatIndex: number, chips: Amount, };

/** Whose turn it is. `deadlineAt` ends the normal time, `expiresAt` the time bank, when the server decides; both are
 * `null` without a clock. `timebankRemaining` in whole seconds. */
export type WireTimer = { actorSeat: number, turn: number, startedAt: number, deadlineAt: number | null, timebankRemaining: number, expiresAt: number | null, 
/** In the copy of the player who is to act: what they may do, as it is right after the event. */ legalActions?: LegalActionsResponse, };

/** What a player may do. */
export type LegalActionsResponse = { actions: Array<ActionName>, callAmount: Amount, minRaiseTo: Amount | null, maxRaiseTo: Amount | null, };

export type WireSettings = {
  /** Seats at the table. */
  seats: number;
  /** The small blind, in chips. */
  smallBlind: number;
  /** The big blind, at least the small blind. */
  bigBlind: number;
  /** Posted by everybody who is dealt in, at most the big blind; 0 for none. */
  ante: number;
  /** The fewest chips to sit down with. */
  minBuyIn: number;
  /** The most chips to sit down with, and the most a top-up may lead to. */
  maxBuyIn: number;
  /** Time for a decision, in whole seconds; 0 for no clock. */
  actionTimeoutSecs: number;
  /** Extra time for a whole stay in the room, in whole seconds, used when a decision takes too long. What was used stays used, whatever a player or the host does; a change counts from the next hand. */
  timebankSecs: number;
  /** Time between the end of a hand and the next deal, in seconds, whole or a fraction. */
  betweenHandsSecs: number;
  /** The most approved members. */
  maxMembers: number;
  /** Whether everybody who asks is let in at once. */
  autoApprove: boolean;
  /** Whether members may watch without a seat. */
  spectatorsAllowed: boolean;
  /** The game, where there is no rotation. */
  variant: "nlhe" | "plo" | "plo5" | "plo8" | "shortdeck";
  /** Games that are played in turn; none for a single one. */
  rotation: ("nlhe" | "plo" | "plo5" | "plo8" | "shortdeck")[];
  /** How many hands of each game of a rotation; 0 for as many as players are dealt into its first one. */
  rotationHands: number;
  /** What the button posts in a short deck, in chips: one or two antes. Null for one. */
  buttonBlind: number | null;
};

export type SettingsRequest = {
  /** Seats at the table. */
  seats?: number;
  /** The small blind, in chips. */
  smallBlind?: number;
  /** The big blind, at least the small blind. */
  bigBlind?: number;
  /** Posted by everybody who is dealt in, at most the big blind; 0 for none. */
  ante?: number;
  /** The fewest chips to sit down with. */
  minBuyIn?: number;
  /** The most chips to sit down with, and the most a top-up may lead to. */
  maxBuyIn?: number;
  /** Time for a decision, in whole seconds; 0 for no clock. */
  actionTimeoutSecs?: number;
  /** Extra time for a whole stay in the room, in whole seconds, used when a decision takes too long. What was used stays used, whatever a player or the host does; a change counts from the next hand. */
  timebankSecs?: number;
  /** Time between the end of a hand and the next deal, in seconds, whole or a fraction. */
  betweenHandsSecs?: number;
  /** The most approved members. */
  maxMembers?: number;
  /** Whether everybody who asks is let in at once. */
  autoApprove?: boolean;
  /** Whether members may watch without a seat. */
  spectatorsAllowed?: boolean;
  /** The game, where there is no rotation. */
  variant?: "nlhe" | "plo" | "plo5" | "plo8" | "shortdeck";
  /** Games that are played in turn; none for a single one. */
  rotation?: ("nlhe" | "plo" | "plo5" | "plo8" | "shortdeck")[];
  /** How many hands of each game of a rotation; 0 for as many as players are dealt into its first one. */
  rotationHands?: number;
  /** What the button posts in a short deck, in chips: one or two antes. Null for one. */
  buttonBlind?: number | null;
};

export type WirePreferences = {
  /** Who is new or has missed blinds posts them as soon as they may, or waits for the big blind. */
  entry: "post" | "wait";
  /** Whether they straddle whenever they may. */
  autoStraddle: boolean;
  /** What they answer when it is asked how often to run the missing cards. */
  runPreference: "ask" | "always" | "never";
  /** Whether a beaten hand is mucked at the showdown unless they show it. */
  autoMuck: boolean;
  /** Whether they sit out when the big blind comes to them next, which takes this back. */
  sitOutNextBigBlind: boolean;
  /** The most runs that they accept by a standing answer; null for as many as the room allows. */
  maxRuns: number | null;
};

export type PreferencesRequest = {
  /** Who is new or has missed blinds posts them as soon as they may, or waits for the big blind. */
  entry?: "post" | "wait";
  /** Whether they straddle whenever they may. */
  autoStraddle?: boolean;
  /** What they answer when it is asked how often to run the missing cards. */
  runPreference?: "ask" | "always" | "never";
  /** Whether a beaten hand is mucked at the showdown unless they show it. */
  autoMuck?: boolean;
  /** Whether they sit out when the big blind comes to them next, which takes this back. */
  sitOutNextBigBlind?: boolean;
  /** The most runs that they accept by a standing answer; null for as many as the room allows. */
  maxRuns?: number | null;
};

/** One event of a room's log, as one reader sees it. Flat: the fields of its `type` beside the common ones. */
export type WireEvent = { 
/** The event's number in the room: dense, from 1, the same for every reader. */ seq: number, 
/** The room. */ roomId: string, 
/** When it was committed, in milliseconds since the Unix epoch. */ at: number, } & ({ "type": "player_join_requested" } & Person
  | { "type": "player_approved", userId: string, displayName: string, rejoinToken?: string, }
  | { "type": "player_rejected" } & Person
  | { "type": "player_seated", seatIndex: number, userId: string, displayName: string, chips: Amount, }
  | { "type": "spectator_joined" } & Person
  | { "type": "spectator_left" } & Person
  | { "type": "seat_freed", seatIndex: number, userId: string, 
/** `left`, `kicked`, `disconnected` or `ended`. */ reason: FreedReason, chips: Amount, }
  | { "type": "player_disconnected" } & SeatOf
  | { "type": "player_reconnected" } & SeatOf
  | { "type": "player_sat_out" } & SeatOf
  | { "type": "player_sat_in" } & SeatOf
  | { "type": "member_left", userId: string, }
  | { "type": "player_kicked", userId: string, }
  | { "type": "host_changed", userId: string, }
  | { "type": "settings_changed", settings: WireSettings, }
  | { "type": "chips_adjusted", userId: string, delta: number, chips: Amount, 
/** `top_up` or `host`. */ by: AdjustedBy, 
/** What the host said about it. */ reason: string | null, }
  | { "type": "game_started", gameId: string, }
  | { "type": "game_paused", gameId: string, }
  | { "type": "game_resumed", gameId: string, }
  | { "type": "game_ended", gameId: string, }
  | { "type": "hand_started", handId: string, handNumber: number, variant: Variant, 
/** The revision of its rules, by which the hand is played to its end and for ever after. */ rules: number, 
/** How it begins. */ kind: HandKind, 
/** How many boards there are, 1 or 2. */ boardCount: number, buttonSeat: number, 
/** Whether nobody has the button: then it lies at a place where nobody was dealt in. */ buttonDead: boolean, 
/** Who posted the small blind; `null` where nobody did. */ smallBlindSeat: number | null, 
/** Who posted the big blind; `null` where nobody did. */ bigBlindSeat: number | null, smallBlind: Amount, bigBlind: Amount, ante: Amount, 
/** What the button posts in place of blinds; 0 where blinds are posted. */ buttonBlind: Amount, blinds: Array<WirePost>, seats: Array<WireDealtIn>, 
/** Every chip in the middle. */ pot: Amount, timer: WireTimer | null, 
/** To which deck the room is committed; `null` in hands from before there were proofs. */ commitment: WireCommitment | null, yourCards?: Array<Card>, 
/** The hand in words, in the copy of the player who is to act. */ handLabel?: string, }
  | { "type": "player_action", userId: string, seatIndex: number, street: Street, 
/** `FOLD CHECK CALL BET RAISE ALL_IN`. */ action: ActionName, 
/** The total on this street for a bet, a raise or an all-in; what was added for a call; else 0. */ amount: Amount, 
/** Chips behind after it. */ chips: Amount, 
/** This street's bet after it. */ bet: Amount, 
/** Every chip in the middle after it, before any go back. */ pot: Amount, 
/** Decided by the clock or a departure. */ auto: boolean, 
/** The turn that it answers; `null` for a fold out of turn. */ turn: number | null, 
/** Chips that nobody called, going back right after this action. */ returned: WireReturned | null, timer: WireTimer | null, 
/** The hand in words, in the copy of the player who is to act. */ handLabel?: string, }
  | { "type": "street_advanced", street: Street, 
/** The first board. */ board: Array<Card>, 
/** All boards, the first one too. */ boards: Array<Array<Card>>, pots: Array<WirePot>, timer: WireTimer | null, 
/** The hand in words, in the copy of the player who is to act. */ handLabel?: string, }
  | { "type": "pot_distributed", potIndex: number, amount: Amount, winners: Array<WireShare>, 
/** What that is made of, by board or run and by high and low. Empty without a showdown, and in hands from before it was
 * kept. */ parts: Array<WirePart>, }
  | { "type": "hand_complete", handId: string, 
/** The first board. */ board: Array<Card>, 
/** All boards, or the board of each run. */ boards: Array<Array<Card>>, winners: Array<WireWinner>, shown: Array<WireShown>, chips: Array<WireStack>, 
/** When the next hand is due, if one can be dealt. */ nextHandAt: number | null, }
  | { "type": "unknown" });

/** What a client may say. Unknown fields are ignored, unknown types are an error. */
export type ClientFrame = { "type": "authenticate", 
/** Which room. */ roomId: string, 
/** A bearer token. */ token?: string, 
/** Or the room's rejoin token. */ rejoinToken?: string, 
/** The number of the last event that the client has. */ lastSeq?: number, 
/** The epoch of the log that this is a number of. */ epoch?: string, }
  | { "type": "heartbeat", };

/** What the server says, besides events. */
export type ServerFrame = { "type": "authenticated", 
/** `player`, `spectator`, `host` (without a seat) or `approved`; `guest` for somebody who isn't let in. */ role: SocketRole, 
/** `approved`, `pending` or `rejected`. */ status: MembershipStatus, 
/** Who the client is. */ userId: string, 
/** Their seat. */ seatIndex: number | null, 
/** Which log its number is of: another one after the server was restored from a backup. */ epoch: string, 
/** The number of the room's last event. */ seq: number, 
/** How often to send a heartbeat, at least. */ heartbeatSecs: number, 
/** The server's clock, in milliseconds since the Unix epoch. */ serverTime: number, }
  | { "type": "resync_required", 
/** Which log the number is of. */ epoch: string, 
/** The number of the room's last event. */ seq: number, }
  | { "type": "heartbeat_ack", 
/** The number of the room's last event. */ seq: number, 
/** The server's clock, in milliseconds since the Unix epoch. */ serverTime: number, }
  | { "type": "presence", 
/** Who. */ userId: string, 
/** Whether it is up. */ online: boolean, }
  | { "type": "error", 
/** The contract's name. */ code: ErrorCode, 
/** For people. */ detail: string, };

/** What a refused request is answered with. */
export type Problem = { 
/** Always `about:blank`: the code says it all. */ type: "about:blank", 
/** The status in words. */ title: string, 
/** The HTTP status. */ status: number, 
/** For people. */ detail: string, 
/** For programs: stable. */ code: ErrorCode, 
/** What would have been legal, for a refused action. */ legalActions?: LegalActionsResponse, 
/** The number of the room's last event, where the room has moved on. */ seq?: number, 
/** `unknown` if the change may have been made: ask again with the same `Idempotency-Key` (`actionId`). */ outcome?: Outcome, };

/** A new guest. */
export type GuestRequest = { 
/** 1 to 50 characters. */ displayName: string, };

/** A new account. */
export type RegisterRequest = { email: string, 
/** 8 to 200 characters. */ password: string, 
/** 1 to 50 characters. */ displayName: string, };

/** A log-in. */
export type LoginRequest = { email: string, password: string, };

/** Somebody is signed in. */
export type Session = { 
/** The JWT for `Authorization: Bearer`. */ token: string, userId: string, displayName: string, 
/** When the token ends, in milliseconds since the Unix epoch. */ expiresAt: number, };

/** Who the caller is. */
export type Me = { userId: string, displayName: string, 
/** Without an account. */ guest: boolean, };

/** A new room. */
export type CreateRoomRequest = { name?: string, displayName: string, 
/** What people have to know besides the code, 1 to 200 characters. */ password?: string, settings?: SettingsRequest, };

/** Asks to join. */
export type JoinRequest = { userId?: string, displayName: string, password?: string, };

/** Somebody. */
export type UserRequest = { userId: string, };

/** The host's word on a request. */
export type ApproveRequest = { userId: string, approved: boolean, };

/** A new display name, if any. */
export type SpectateRequest = { displayName?: string, };

/** A room. */
export type RoomResponse = { id: string, 
/** What people type to find it. */ code: string, name: string, hostId: string, 
/** `open` or `closed`. */ status: RoomStatus, hasPassword: boolean, settings: WireSettings, };

/** A room that was made. */
export type CreateRoomResponse = { room: RoomResponse, gameId: string, rejoinToken: string | null, };

/** A seat, seen from the lobby. */
export type LobbySeat = { seatIndex: number, userId: string | null, displayName: string | null, };

/** A room, seen from the lobby. */
export type LobbyResponse = { room: RoomResponse, seats: Array<LobbySeat>, hostDisplayName: string, hostOnline: boolean, memberCount: number, gameStatus: GameStatus, 
/** Whether the host has blocked the caller, who can't ask to come in. */ banned: boolean, };

/** A room that the caller belongs to. */
export type MyRoom = { memberStatus: MembershipStatus, role: Role | null, seatIndex: number | null, isHost: boolean, gameStatus: GameStatus, yourTurn: boolean, 
/** Open requests, for the host. */ pendingRequests: number, memberCount: number, id: string, 
/** What people type to find it. */ code: string, name: string, hostId: string, 
/** `open` or `closed`. */ status: RoomStatus, hasPassword: boolean, settings: WireSettings, };

/** The caller's rooms, the latest first. */
export type MyRooms = { rooms: Array<MyRoom>, };

/** What came of asking to join. */
export type JoinResponse = { status: MembershipStatus, waitingForApproval: boolean, rejoinToken?: string, };

/** How the caller stands with a room. */
export type MembershipResponse = { 
/** `pending`, `approved`, `rejected`, `left`, `kicked` or `banned`. */ status: MembershipStatus, 
/** `player`, `spectator`, `host` (without a seat) or `approved`; `null` for somebody who isn't let in. */ role: Role | null, seatIndex: number | null, rejoinToken: string | null, isHost: boolean, };

/** The host's word. */
export type ApproveResponse = { approved: boolean, };

/** A role, and the token that goes with it. */
export type RoleResponse = { role: Role, rejoinToken?: string, };

/** Somebody who watches. */
export type SpectatorEntry = { userId: string, displayName: string, online: boolean, lastSeenAt: number, };

/** Who watches. */
export type SpectatorsResponse = { spectators: Array<SpectatorEntry>, };

/** The caller has gone. */
export type LeaveResponse = { status: MembershipStatus, };

/** The server's answer to a sign of life. */
export type HeartbeatResponse = { seq: number, serverTime: number, };

/** A seat to take. */
export type TakeSeatRequest = { 
/** From 0. */ seatIndex: number, 
/** A new display name. */ displayName?: string, 
/** Absent: the stack that waits from earlier, else 100 big blinds within the room's limits. Never less than what waits. */ buyIn?: number, };

/** A seat that was taken. */
export type TakeSeatResponse = { role: Role, seatIndex: number, chips: number, rejoinToken: string | null, };

/** Chips to buy. */
export type TopUpRequest = { 
/** At least 1, with no chips left the smallest buy-in; the stack may not exceed the largest buy-in. */ amount: number, };

/** All of the caller's preferences, as they are now. */
export type PreferencesResponse = { preferences: WirePreferences, };

/** It was done. */
export type CommandResponse = { success: boolean, 
/** The number of the last event that it caused, or of the room's last event if it changed nothing. */ seq: number, gameStatus: GameStatus, };

/** A stack was changed, or will be. */
export type StackResponse = { success: boolean, 
/** The number of the room's last event. */ seq: number, 
/** Whether it waits for the end of the hand. */ queued: boolean, 
/** Chips in front of the player now. */ chips: number, };

/** Somebody to remove. */
export type KickRequest = { userId: string, 
/** Refuses later joins too. */ ban?: boolean, };

/** Chips to give or take. */
export type ChipsRequest = { userId: string, 
/** Positive to give, negative to take. */ delta: number, 
/** At most 200 characters. */ reason?: string, };

/** All settings. */
export type SettingsResponse = { settings: WireSettings, };

/** A player's action. */
export type ActionRequest = { userId?: string, action: ActionName, 
/** For `BET` and `RAISE`: the total on this street after it. */ amount?: number, 
/** The same one again gets the first answer and changes nothing. Or the `Idempotency-Key` header. */ actionId?: string, 
/** The number of the turn that is answered. */ turn?: number, };

/** The action was taken. */
export type ActionResponse = { success: boolean, 
/** The number of the last event that it caused. */ seq: number, };

/** Events, and the number of the room's last one. */
export type EventsResponse = { events: WireEvent[], 
/** Which log they are of: another one after the server was restored from a backup. */ epoch: string, seq: number, };

/** A finished hand, in a list. */
export type PastHandSummary = { handId: string, handNumber: number, startedAt: number, completedAt: number, pot: number, winners: Array<WireWinner>, };

/** Finished hands, newest first. */
export type HandsResponse = { hands: Array<PastHandSummary>, };

/** A player of a hand, with the chips before it. */
export type RecordedSeat = { seat_index: number, user_id: string, display_name: string, chips: number, };

/** A hand as it was set up, and its board so far. */
export type RecordedHandResponse = { id: string, number: number, started_at: number, completed_at: number | null, button_seat: number, small_blind: number, big_blind: number, ante: number, 
/** What the button posts in place of blinds; 0 where blinds are posted. */ button_blind: number, variant: Variant, 
/** The revision of its rules. */ rules: number, seats: Array<RecordedSeat>, 
/** The first board. */ board: Array<Card>, 
/** All boards, or the board of each run. */ boards: Array<Array<Card>>, pot: number, };

/** A hand with its events as the reader may see them. */
export type HandResponse = { hand: RecordedHandResponse, events: WireEvent[], };

/** That a card was at a place of the deck. */
export type CardProof = { 
/** From the top of the deck, from 0. */ place: number, card: Card, 
/** 16 bytes in hexadecimal. */ salt: string, 
/** The hashes beside the way from the leaf to the root, in hexadecimal. */ path: Array<string>, };

/** Proofs for the cards that the caller knows of a hand. */
export type ProofsResponse = { roomId: string, handNumber: number, 
/** As in `hand_started`; `null` in hands from before there were proofs. */ commitment: WireCommitment | null, proofs: Array<CardProof>, };

/** The room. */
export type DocumentRoom = { id: string, code: string, name: string, host_id: string, status: RoomStatus, has_password: boolean, settings: WireSettings, };

/** The game. */
export type DocumentGame = { id: string, status: GameStatus, 
/** Whether it ends with the hand being played. */ ending: boolean, current_hand_id: string | null, hand_number: number, next_hand_at: number | null, 
/** What is played, or was played last. */ variant: Variant, 
/** In a rotation: what is played after it. */ next_variant: Variant | null, 
/** In a rotation: after how many more hands. */ hands_to_next_variant: number | null, };

/** A pot of the finished streets. */
export type DocumentPot = { amount: number, eligible_seats: Array<number>, };

/** What somebody won. */
export type DocumentWinner = { user_id: string, seat_index: number, amount: number, hand_rank: string | null, };

/** The hand. */
export type DocumentHand = { id: string, number: number, variant: Variant, started_at: number, 
/** `preflop`, `flop`, `turn`, `river`, `showdown` or `complete`. */ phase: Phase, kind: HandKind, 
/** The first board. */ board: Array<Card>, 
/** All boards, or the board of each run. */ boards: Array<Array<Card>>, 
/** How often the missing cards were run, where that was decided. */ runs: number | null, 
/** Every chip in the middle; 0 once the hand is complete. */ pot: number, pots: Array<DocumentPot>, current_bet: number, min_raise_to: number | null, button_seat: number, small_blind_seat: number | null, big_blind_seat: number | null, small_blind: number, big_blind: number, ante: number, 
/** What the button posts in place of blinds; 0 where blinds are posted. */ button_blind: number, 
/** Once the hand is complete. */ winners: Array<DocumentWinner>, };

/** An action, short. */
export type DocumentLastAction = { action: ActionName, amount: number, };

/** A seat; an empty one has `user_id` null. */
export type DocumentSeat = { seat_index: number, user_id: string | null, display_name: string | null, chips: number, bet: number, 
/** `empty`, `active`, `sitting_out`, `disconnected` or `leaving`. */ status: SeatStatus, in_hand: boolean, has_folded: boolean, is_all_in: boolean, online: boolean, last_seen_at: number | null, shown_cards: Array<Card> | null, last_action: DocumentLastAction | null, };

/** What is legal, on the reader's turn. */
export type DocumentLegal = { actions: Array<ActionName>, call_amount: number, min_raise_to: number | null, max_raise_to: number | null, };

/** The reader. */
export type DocumentMe = { user_id: string, 
/** `player`, `spectator`, `host` (without a seat) or `approved`. */ role: Role, status: MembershipStatus, display_name: string, is_host: boolean, rejoin_token: string | null, 
/** A stack that waits from an earlier seat. */ waiting_chips: number, 
/** The reader's own standing choices in this room. */ preferences: WirePreferences, seat_index?: number, hole_cards?: Array<Card>, 
/** The reader's hand in words. */ hand_label?: string, legal_actions?: DocumentLegal, 
/** In whole seconds. */ timebank_remaining?: number, };

/** An action that was taken. */
export type DocumentAction = { seq: number, user_id: string, seat_index: number, street: Street, action: ActionName, amount: number, at: number, };

/** Whose turn it is. `deadline_at` ends the normal time, later the time bank; `expires_at` always the time bank. Both are
 * null without a clock and while the game is paused. */
export type DocumentTimer = { actor_seat: number, turn: number, started_at: number, deadline_at: number | null, 
/** In whole seconds. */ timebank_remaining: number, expires_at: number | null, };

/** An open request. */
export type DocumentRequest = { user_id: string, display_name: string, requested_at: number, };

/** A member who is let in. */
export type DocumentMember = { user_id: string, display_name: string, role: Role, online: boolean, };

/** Somebody who is banned. */
export type DocumentBanned = { user_id: string, display_name: string, };

/** What the host can do. */
export type DocumentControls = { can_pause: boolean, can_kick: boolean, can_adjust_chips: boolean, };

/** The room, its game, hand, seats and people as the reader may see them, after the event `seq`. */
export type Document = { 
/** Which log `seq` is a number of: another one after the server was restored from a backup. */ epoch: string, 
/** The number of the last event in it. */ seq: number, 
/** The database's clock. */ timestamp: number, room: DocumentRoom, game: DocumentGame, 
/** The hand being played, or the last one. */ hand: DocumentHand | null, 
/** Every seat. */ seats: Array<DocumentSeat>, me: DocumentMe, 
/** The last actions, oldest first. */ recent_actions: Array<DocumentAction>, 
/** Whose turn it is. */ timer: DocumentTimer | null, spectator_count: number, 
/** For the host only. */ pending_requests?: Array<DocumentRequest>, 
/** For the host only. */ members?: Array<DocumentMember>, 
/** Who may not ask to join until the ban is lifted. For the host only. */ banned?: Array<DocumentBanned>, 
/** For the host only. */ host_controls?: DocumentControls, };

/** The smallest and the largest value that the server takes. */
export const SETTING_LIMITS = { seats: [2, 10], smallBlind: [1, 1000000000000], bigBlind: [1, 1000000000000], ante: [0, 1000000000000], minBuyIn: [1, 1000000000000], maxBuyIn: [1, 1000000000000], actionTimeoutSecs: [0, 600], timebankSecs: [0, 600], betweenHandsSecs: [0, 30], maxMembers: [2, 1000], rotationHands: [0, 500], } as const;

/** What a new room starts with. */
export const SETTING_DEFAULTS: WireSettings = { seats: 9, smallBlind: 1, bigBlind: 2, ante: 0, minBuyIn: 40, maxBuyIn: 400, actionTimeoutSecs: 30, timebankSecs: 60, betweenHandsSecs: 4, maxMembers: 50, autoApprove: false, spectatorsAllowed: true, variant: "nlhe", rotation: [], rotationHands: 0, buttonBlind: null, };
