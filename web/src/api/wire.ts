// Made from the server's types by `cargo xtask types`; a test fails when they differ. Not to be edited.
export type Suit = "clubs" | "diamonds" | "hearts" | "spades";
export type Rank = "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10" | "J" | "Q" | "K" | "A";

export type Card = `${Suit}_${Rank}`;

export type Street = "preflop" | "flop" | "turn" | "river";

export type Phase = "preflop" | "flop" | "turn" | "river" | "showdown" | "complete";

export type PostKind = "ante" | "small_blind" | "big_blind" | "button_blind" | "straddle" | "posted_big_blind" | "dead_small_blind";

export type HandKind = "ordinary" | "bomb_pot";

export type Half = "whole" | "high" | "low";

export type QuestionKind = "runs";

export type FreedReason = "left" | "kicked" | "disconnected" | "ended";

export type AdjustedBy = "top_up" | "host";

export type GameStatus = "waiting" | "active" | "paused" | "completed";

export type RoomStatus = "open" | "closed";

export type Role = "approved" | "player" | "spectator" | "host";

export type SocketRole = "approved" | "player" | "spectator" | "host" | "guest";

export type MembershipStatus = "pending" | "approved" | "rejected" | "left" | "kicked" | "banned";

export type SeatStatus = "empty" | "active" | "sitting_out" | "disconnected" | "leaving";

export type Variant = "nlhe" | "plo" | "plo5" | "plo8" | "shortdeck";

export type Owed = "new" | "small_blind" | "big_blind";

export type WaitsFor = "big_blind" | "button_to_pass";

/** What a player can do. */
export type ActionName = "FOLD" | "CHECK" | "CALL" | "BET" | "RAISE" | "ALL_IN";

export type ErrorCode = "BAD_REQUEST" | "UNAUTHENTICATED" | "TOKEN_EXPIRED" | "TOKEN_INVALID" | "NOT_HOST" | "NOT_APPROVED" | "NOT_SEATED" | "IDENTITY_MISMATCH" | "ROLE_FORBIDDEN" | "BANNED" | "WRONG_PASSWORD" | "ROOM_NOT_FOUND" | "GAME_NOT_FOUND" | "USER_NOT_FOUND" | "HAND_NOT_FOUND" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "ROOM_FULL" | "ALREADY_IN_ROOM" | "SEAT_TAKEN" | "ALREADY_SEATED" | "NOT_PENDING" | "USER_BANNED" | "NOT_BANNED" | "NOT_YOUR_TURN" | "NO_HAND" | "STALE_TURN" | "EPOCH_CHANGED" | "NO_QUESTION" | "ALREADY_ANSWERED" | "HAND_RUNNING" | "NOTHING_TO_SHOW" | "GAME_PAUSED" | "NOT_ENOUGH_PLAYERS" | "ROOM_CLOSED" | "LIMIT_REACHED" | "EMAIL_TAKEN" | "BODY_TOO_LARGE" | "INVALID_NAME" | "INVALID_SETTINGS" | "INVALID_PREFERENCE" | "INVALID_SEAT" | "INVALID_FORMAT" | "INVALID_BUY_IN" | "ILLEGAL_ACTION" | "ILLEGAL_AMOUNT" | "INVALID_CARDS" | "INVALID_RUNS" | "ACTION_ID_REUSED" | "RATE_LIMITED" | "INTERNAL" | "DATABASE_UNAVAILABLE" | "SIGN_IN_UNAVAILABLE" | "CLOCK_STANDS";

/** Whether a change was made. */
export type Outcome = "unknown";

/** A number of chips. */
export type Amount = number;

/** Somebody. */
export type Person = { 
/** The user. */ userId: string, 
/** The name they go by in the room. */ displayName: string, };

/** A player and their seat. */
export type SeatOf = { 
/** The user. */ userId: string, 
/** The seat, from 0. */ seatIndex: number, };

/** What was posted before the cards. An `ante` and a `dead_small_blind` are not part of the street's bet. */
export type WirePost = { 
/** The seat, from 0. */ seatIndex: number, 
/** What for. */ kind: PostKind, 
/** In chips. */ amount: Amount, };

/** A player at the start of a hand: chips behind and this street's bet, after posting. */
export type WireDealtIn = { 
/** The seat, from 0. */ seatIndex: number, 
/** The user. */ userId: string, 
/** Chips in front of them. */ chips: Amount, 
/** Their total on this street. */ bet: Amount, };

/** What the deck was before anybody saw a card, as SHA-256 hashes in hexadecimal: of the seed that it follows from, and the
 * root over its 52 places. `GET /api/hands/{handId}/proofs` proves cards against it. */
export type WireCommitment = { 
/** How seed, deck and root follow from each other: see docs/fairness.md. */ algorithm: string, 
/** The hash of the seed. */ seedHash: string, 
/** The root over the places of the deck. */ root: string, };

/** A pot and who can win it. */
export type WirePot = { 
/** In chips. */ amount: Amount, 
/** Who can win it. */ eligibleSeats: Array<number>, };

/** A part of a pot, compared for by itself: that of one board or run (from 0), or the high or low half of it. */
export type WirePart = { 
/** The board or run, from 0. */ board: number, 
/** Which half of it. */ half: Half, 
/** In chips. */ amount: Amount, 
/** Who gets how many chips of it. */ winners: Array<WireShare>, };

/** What somebody's cards make with one board or run, in words; `low` is `null` where there is no low hand. */
export type WireRanks = { 
/** The board or run, from 0. */ board: number, 
/** The high hand. */ high: string, 
/** The low hand. */ low: string | null, };

/** Chips that went back to their owner, who has `chips` now. */
export type WireReturned = { 
/** The seat, from 0. */ seatIndex: number, 
/** In chips. */ amount: Amount, 
/** Chips in front of them. */ chips: Amount, };

/** A share of a pot. */
export type WireShare = { 
/** The user. */ userId: string, 
/** The seat, from 0. */ seatIndex: number, 
/** In chips. */ amount: Amount, };

/** What somebody won in a hand; `handRank` in words, on several boards the best; `null` if hands were not compared. */
export type WireWinner = { 
/** The user. */ userId: string, 
/** The seat, from 0. */ seatIndex: number, 
/** In chips. */ amount: Amount, 
/** With what. */ handRank: string | null, };

/** A hand that was shown. */
export type WireShown = { 
/** The seat, from 0. */ seatIndex: number, 
/** All their hole cards. */ cards: Array<Card>, 
/** With what. */ handRank: string, 
/** What they make with each board or run. */ ranks: Array<WireRanks>, };

/** A stack at the end of a hand. */
export type WireStack = { 
/** The seat, from 0. */ seatIndex: number, 
/** Chips in front of them. */ chips: Amount, };

/** Whose turn it is. `deadlineAt` ends the normal time, `expiresAt` the time bank, when the server decides; both are
 * `null` without a clock. `timebankRemaining` in whole seconds. */
export type WireTimer = { 
/** Who is to act. */ actorSeat: number, 
/** Its number in the game. */ turn: number, 
/** When it began, in Unix milliseconds. */ startedAt: number, 
/** When the normal time ends, in Unix milliseconds. */ deadlineAt: number | null, 
/** What is left of the time bank, in seconds. */ timebankRemaining: number, 
/** When the time bank ends too, in Unix milliseconds. */ expiresAt: number | null, 
/** In the copy of the player who is to act: what they may do, as it is right after the event. */ legalActions?: LegalActionsResponse, };

/** What a player may do. */
export type LegalActionsResponse = { 
/** What may be done. */ actions: Array<ActionName>, 
/** What a call adds, in chips. */ callAmount: Amount, 
/** The smallest total that a bet or raise may have; null where none is allowed. */ minRaiseTo: Amount | null, 
/** The greatest total that a bet or raise may have; null where none is allowed. */ maxRaiseTo: Amount | null, };

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
  /** Whether the missing cards are run more than once when the betting is over early: never, if all players in the hand want it, or always. */
  runItTwice: "off" | "ask" | "always";
  /** How often at most. */
  maxRuns: number;
  /** Time for the question how often, in whole seconds. */
  runVoteSecs: number;
  /** Who may see what would have come, after a hand that ended before its board was complete: nobody, the player who asks, or everybody when a player asks. */
  rabbitHunt: "off" | "asker" | "room";
  /** What the button posts in a short deck, in chips: one or two antes. Null for one. */
  buttonBlind: number | null;
  /** How the button moves: `dead` follows the big blind, and who misses blinds owes them; `simple` goes to the next player who is dealt in, and nobody owes anything. */
  buttonRule: "dead" | "simple";
  /** What somebody does who sits down during the game, and by `wait_for_bb` everybody who owes blinds. */
  newPlayers: "post_or_wait" | "free" | "wait_for_bb";
  /** Who may straddle: post twice the big blind before the cards, and act last before the flop. */
  straddle: "off" | "utg" | "button";
  /** The most straddles, each by the player left of the one before and twice as large. The button straddles alone. */
  maxStraddles: number;
  /** When hands have two boards. */
  doubleBoard: "off" | "bomb_pots" | "always";
  /** Which hands are bomb pots: an ante by everybody, and the flop at once. */
  bombPotMode: "off" | "every" | "percent" | "manual";
  /** Every so many hands one is a bomb pot, where they come by number. */
  bombPotEvery: number;
  /** The chance of a hand to be a bomb pot, in percent, where they come by chance. */
  bombPotPercent: number;
  /** The ante of a bomb pot, in big blinds. */
  bombPotAnte: number;
  /** The game of bomb pots. Null for the one that is next. */
  bombPotVariant: "nlhe" | "plo" | "plo5" | "plo8" | "shortdeck" | null;
  /** What each other player pays to who wins the main pot alone with a seven and a deuce, in chips; 0 for no bounty. */
  bounty72: number;
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
  /** Whether the missing cards are run more than once when the betting is over early: never, if all players in the hand want it, or always. */
  runItTwice?: "off" | "ask" | "always";
  /** How often at most. */
  maxRuns?: number;
  /** Time for the question how often, in whole seconds. */
  runVoteSecs?: number;
  /** Who may see what would have come, after a hand that ended before its board was complete: nobody, the player who asks, or everybody when a player asks. */
  rabbitHunt?: "off" | "asker" | "room";
  /** What the button posts in a short deck, in chips: one or two antes. Null for one. */
  buttonBlind?: number | null;
  /** How the button moves: `dead` follows the big blind, and who misses blinds owes them; `simple` goes to the next player who is dealt in, and nobody owes anything. */
  buttonRule?: "dead" | "simple";
  /** What somebody does who sits down during the game, and by `wait_for_bb` everybody who owes blinds. */
  newPlayers?: "post_or_wait" | "free" | "wait_for_bb";
  /** Who may straddle: post twice the big blind before the cards, and act last before the flop. */
  straddle?: "off" | "utg" | "button";
  /** The most straddles, each by the player left of the one before and twice as large. The button straddles alone. */
  maxStraddles?: number;
  /** When hands have two boards. */
  doubleBoard?: "off" | "bomb_pots" | "always";
  /** Which hands are bomb pots: an ante by everybody, and the flop at once. */
  bombPotMode?: "off" | "every" | "percent" | "manual";
  /** Every so many hands one is a bomb pot, where they come by number. */
  bombPotEvery?: number;
  /** The chance of a hand to be a bomb pot, in percent, where they come by chance. */
  bombPotPercent?: number;
  /** The ante of a bomb pot, in big blinds. */
  bombPotAnte?: number;
  /** The game of bomb pots. Null for the one that is next. */
  bombPotVariant?: "nlhe" | "plo" | "plo5" | "plo8" | "shortdeck" | null;
  /** What each other player pays to who wins the main pot alone with a seven and a deuce, in chips; 0 for no bounty. */
  bounty72?: number;
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
  | { "type": "player_approved", 
/** The user. */ userId: string, 
/** The name they go by in the room. */ displayName: string, 
/** Lets its owner back in without signing in. Null for everybody else. */ rejoinToken?: string, }
  | { "type": "player_rejected" } & Person
  | { "type": "player_seated", 
/** The seat, from 0. */ seatIndex: number, 
/** The user. */ userId: string, 
/** The name they go by in the room. */ displayName: string, 
/** Chips they sit down with. */ chips: Amount, }
  | { "type": "spectator_joined" } & Person
  | { "type": "spectator_left" } & Person
  | { "type": "seat_freed", 
/** The seat, from 0. */ seatIndex: number, 
/** The user. */ userId: string, 
/** `left`, `kicked`, `disconnected` or `ended`. */ reason: FreedReason, 
/** The stack that leaves the table with them. */ chips: Amount, }
  | { "type": "player_disconnected" } & SeatOf
  | { "type": "player_reconnected" } & SeatOf
  | { "type": "player_sat_out" } & SeatOf
  | { "type": "player_sat_in" } & SeatOf
  | { "type": "member_left", 
/** The user. */ userId: string, }
  | { "type": "player_kicked", 
/** The user. */ userId: string, }
  | { "type": "host_changed", 
/** The new host. */ userId: string, }
  | { "type": "settings_changed", 
/** All settings, as they are now. */ settings: WireSettings, }
  | { "type": "chips_adjusted", 
/** The user. */ userId: string, 
/** Chips added, or taken where it is negative. */ delta: number, 
/** Their chips afterwards. */ chips: Amount, 
/** `top_up` or `host`. */ by: AdjustedBy, 
/** What the host said about it. */ reason: string | null, }
  | { "type": "game_started", 
/** The game. */ gameId: string, }
  | { "type": "game_paused", 
/** The game. */ gameId: string, }
  | { "type": "game_resumed", 
/** The game. */ gameId: string, }
  | { "type": "game_ended", 
/** The game. */ gameId: string, }
  | { "type": "bomb_pot_queued", 
/** Who asked for it. */ byUserId: string, }
  | { "type": "bomb_pot_cancelled", 
/** Who took it back. */ byUserId: string, }
  | { "type": "hand_started", 
/** The hand. */ handId: string, 
/** Its number, from 1. */ handNumber: number, 
/** The game that is played. */ variant: Variant, 
/** The revision of its rules, by which the hand is played to its end and for ever after. */ rules: number, 
/** How it begins. */ kind: HandKind, 
/** How many boards there are, 1 or 2. */ boardCount: number, 
/** The seat with the button. */ buttonSeat: number, 
/** Whether nobody has the button: then it lies at a place where nobody was dealt in. */ buttonDead: boolean, 
/** Who posted the small blind; `null` where nobody did. */ smallBlindSeat: number | null, 
/** Who posted the big blind; `null` where nobody did. */ bigBlindSeat: number | null, 
/** The small blind, in chips. */ smallBlind: Amount, 
/** The big blind, in chips. */ bigBlind: Amount, 
/** The ante, in chips; 0 for none. */ ante: Amount, 
/** What the button posts in place of blinds; 0 where blinds are posted. */ buttonBlind: Amount, 
/** Antes and blinds, in the order in which they are posted. */ blinds: Array<WirePost>, 
/** Each player who was dealt in, by seat. */ seats: Array<WireDealtIn>, 
/** Every chip in the middle. */ pot: Amount, 
/** The turn that follows; null where there is none. */ timer: WireTimer | null, 
/** To which deck the room is committed; `null` in hands from before there were proofs. */ commitment: WireCommitment | null, 
/** In the copy of a player who is dealt in: their cards. */ yourCards?: Array<Card>, 
/** The hand in words, in the copy of the player who is to act. */ handLabel?: string, }
  | { "type": "player_action", 
/** The user. */ userId: string, 
/** The seat, from 0. */ seatIndex: number, 
/** The street. */ street: Street, 
/** `FOLD CHECK CALL BET RAISE ALL_IN`. */ action: ActionName, 
/** The total on this street for a bet, a raise or an all-in; what was added for a call; else 0. */ amount: Amount, 
/** Chips behind after it. */ chips: Amount, 
/** This street's bet after it. */ bet: Amount, 
/** Every chip in the middle after it, before any go back. */ pot: Amount, 
/** Decided by the clock or a departure. */ auto: boolean, 
/** The turn that it answers; `null` for a fold out of turn. */ turn: number | null, 
/** Chips that nobody called, going back right after this action. */ returned: WireReturned | null, 
/** The turn that follows; null where there is none. */ timer: WireTimer | null, 
/** The hand in words, in the copy of the player who is to act. */ handLabel?: string, }
  | { "type": "street_advanced", 
/** The street that begins. */ street: Street, 
/** The first board. */ board: Array<Card>, 
/** All boards, the first one too. */ boards: Array<Array<Card>>, 
/** The pots so far, the main pot first. */ pots: Array<WirePot>, 
/** The turn that follows; null where there is none. */ timer: WireTimer | null, 
/** The hand in words, in the copy of the player who is to act. */ handLabel?: string, }
  | { "type": "runs_asked", 
/** The hand. */ handId: string, 
/** Who is asked. */ seats: Array<number>, 
/** The most that can be answered, 2 or 3. */ maxRuns: number, 
/** The number of the turn. */ turn: number, 
/** When a player who hasn't answered counts as 1; `null` while the game is paused. */ expiresAt: number | null, }
  | { "type": "runs_answered", 
/** The hand. */ handId: string, 
/** The seat that answered. */ seatIndex: number, }
  | { "type": "runs_decided", 
/** The hand. */ handId: string, 
/** How often the missing cards are run, 1 to 3. */ runs: number, }
  | { "type": "run_dealt", 
/** The hand. */ handId: string, 
/** Which run, from 0. */ run: number, 
/** Its whole board. */ board: Array<Card>, }
  | { "type": "pot_distributed", 
/** 0 for the main pot, then the side pots. */ potIndex: number, 
/** How many chips. */ amount: Amount, 
/** Who won, and how much. */ winners: Array<WireShare>, 
/** What that is made of, by board or run and by high and low. Empty without a showdown, and in hands from before it was
 * kept. */ parts: Array<WirePart>, }
  | { "type": "hand_complete", 
/** The hand. */ handId: string, 
/** The first board. */ board: Array<Card>, 
/** All boards, or the board of each run. */ boards: Array<Array<Card>>, 
/** Who won, and how much. */ winners: Array<WireWinner>, 
/** Hands that were turned over, in the order in which they were. */ shown: Array<WireShown>, 
/** Everybody's chips at the end. */ chips: Array<WireStack>, 
/** When the next hand is due, if one can be dealt. */ nextHandAt: number | null, }
  | { "type": "cards_shown", 
/** The hand, which is over. */ handId: string, 
/** The seat that the player was dealt in on. */ seatIndex: number, 
/** The player. */ userId: string, 
/** What is shown now, of one to five own cards. */ cards: Array<Card>, }
  | { "type": "rabbit_shown", 
/** The hand, which is over. */ handId: string, 
/** The player who asked. */ userId: string, 
/** Each whole board: in the copy of the player who asked, or in everybody's where the room shows it to all. */ boards?: Array<Array<Card>>, }
  | { "type": "bounty_paid", 
/** The hand. */ handId: string, 
/** Who gets it. */ userId: string, 
/** Their seat. */ seatIndex: number, 
/** How many chips in all. */ amount: Amount, 
/** Who pays how many. */ from: Array<WireShare>, }
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
export type RegisterRequest = { 
/** The address that the account goes by. */ email: string, 
/** 8 to 200 characters. */ password: string, 
/** 1 to 50 characters. */ displayName: string, };

/** A log-in. */
export type LoginRequest = { 
/** The address that the account goes by. */ email: string, 
/** As it was typed. */ password: string, };

/** Somebody is signed in. */
export type Session = { 
/** The JWT for `Authorization: Bearer`. */ token: string, 
/** Whom the token is for. */ userId: string, 
/** The name that rooms show where none is given. */ displayName: string, 
/** When the token ends, in milliseconds since the Unix epoch. */ expiresAt: number, };

/** Who the caller is. */
export type Me = { 
/** The caller. */ userId: string, 
/** The name that rooms show where none is given. */ displayName: string, 
/** Without an account. */ guest: boolean, };

/** A new room. */
export type CreateRoomRequest = { 
/** What it is called, 1 to 50 characters. */ name?: string, 
/** The host's name in the room. */ displayName: string, 
/** What people have to know besides the code, 1 to 200 characters. */ password?: string, 
/** What differs from the defaults. */ settings?: SettingsRequest, };

/** Asks to join. */
export type JoinRequest = { 
/** The caller, if it is said at all. */ userId?: string, 
/** The name they go by in the room. */ displayName: string, 
/** The room's password, where it has one. */ password?: string, };

/** Somebody. */
export type UserRequest = { 
/** Whom it is about. */ userId: string, };

/** The host's word on a request. */
export type ApproveRequest = { 
/** Who asked. */ userId: string, 
/** Whether they are let in. */ approved: boolean, };

/** A new display name, if any. */
export type SpectateRequest = { 
/** A new name for the room. */ displayName?: string, };

/** A room. */
export type RoomResponse = { 
/** Its id. */ id: string, 
/** What people type to find it. */ code: string, 
/** What it is called. */ name: string, 
/** Its host. */ hostId: string, 
/** `open` or `closed`. */ status: RoomStatus, 
/** Whether newcomers need a password. */ hasPassword: boolean, 
/** What the host has chosen. */ settings: WireSettings, };

/** A room that was made. */
export type CreateRoomResponse = { 
/** The room. */ room: RoomResponse, 
/** The game. */ gameId: string, 
/** Lets its owner back in without signing in. Null for everybody else. */ rejoinToken: string | null, };

/** A seat, seen from the lobby. */
export type LobbySeat = { 
/** The seat, from 0. */ seatIndex: number, 
/** Who has it; null for an empty one. */ userId: string | null, 
/** Their name in the room. */ displayName: string | null, };

/** A room, seen from the lobby. */
export type LobbyResponse = { 
/** The room. */ room: RoomResponse, 
/** Every seat, in order. */ seats: Array<LobbySeat>, 
/** The host's name in the room. */ hostDisplayName: string, 
/** Whether a socket of the host is open. */ hostOnline: boolean, 
/** How many were let in. */ memberCount: number, 
/** Where the game stands. */ gameStatus: GameStatus, 
/** Whether the host has blocked the caller, who can't ask to come in. */ banned: boolean, };

/** A room that the caller belongs to. */
export type MyRoom = { 
/** How far the caller is let in. */ memberStatus: MembershipStatus, 
/** What the caller does in it; null for who isn't in it. */ role: Role | null, 
/** The caller's seat, from 0; null without one. */ seatIndex: number | null, 
/** Whether the caller is its host. */ isHost: boolean, 
/** Where the game stands. */ gameStatus: GameStatus, 
/** Whether the caller is to act. */ yourTurn: boolean, 
/** Open requests, for the host. */ pendingRequests: number, 
/** How many were let in. */ memberCount: number, 
/** Its id. */ id: string, 
/** What people type to find it. */ code: string, 
/** What it is called. */ name: string, 
/** Its host. */ hostId: string, 
/** `open` or `closed`. */ status: RoomStatus, 
/** Whether newcomers need a password. */ hasPassword: boolean, 
/** What the host has chosen. */ settings: WireSettings, };

/** The caller's rooms, the latest first. */
export type MyRooms = { 
/** Those that the caller came into last come first. */ rooms: Array<MyRoom>, };

/** What came of asking to join. */
export type JoinResponse = { 
/** How far they are let in. */ status: MembershipStatus, 
/** Whether the host has to decide. */ waitingForApproval: boolean, 
/** Lets its owner back in without signing in. Null for everybody else. */ rejoinToken?: string, };

/** How the caller stands with a room. */
export type MembershipResponse = { 
/** `pending`, `approved`, `rejected`, `left`, `kicked` or `banned`. */ status: MembershipStatus, 
/** `player`, `spectator`, `host` (without a seat) or `approved`; `null` for somebody who isn't let in. */ role: Role | null, 
/** Their seat, from 0; null without one. */ seatIndex: number | null, 
/** Lets its owner back in without signing in. Null for everybody else. */ rejoinToken: string | null, 
/** Whether they are its host. */ isHost: boolean, };

/** The host's word. */
export type ApproveResponse = { 
/** Whether they are let in. */ approved: boolean, };

/** A role, and the token that goes with it. */
export type RoleResponse = { 
/** What they do in the room. */ role: Role, 
/** Lets its owner back in without signing in. Null for everybody else. */ rejoinToken?: string, };

/** Somebody who watches. */
export type SpectatorEntry = { 
/** The user. */ userId: string, 
/** The name they go by in the room. */ displayName: string, 
/** Whether a socket of theirs is open. */ online: boolean, 
/** When they were last heard of, in Unix milliseconds. */ lastSeenAt: number, };

/** Who watches. */
export type SpectatorsResponse = { 
/** Each member who watches. */ spectators: Array<SpectatorEntry>, };

/** The caller has gone. */
export type LeaveResponse = { 
/** How far they are let in. */ status: MembershipStatus, };

/** The server's answer to a sign of life. */
export type HeartbeatResponse = { 
/** The number of the last event of the room. */ seq: number, 
/** The server's clock, in Unix milliseconds. */ serverTime: number, };

/** A seat to take. */
export type TakeSeatRequest = { 
/** From 0. */ seatIndex: number, 
/** A new display name. */ displayName?: string, 
/** Absent: the stack that waits from earlier, else 100 big blinds within the room's limits. Never less than what waits. */ buyIn?: number, };

/** A seat that was taken. */
export type TakeSeatResponse = { 
/** What they do in the room. */ role: Role, 
/** The caller's seat, from 0. */ seatIndex: number, 
/** Chips in front of the caller. */ chips: number, 
/** Lets its owner back in without signing in. Null for everybody else. */ rejoinToken: string | null, };

/** Chips to buy. */
export type TopUpRequest = { 
/** At least 1, with no chips left the smallest buy-in; the stack may not exceed the largest buy-in. */ amount: number, };

/** All of the caller's preferences, as they are now. */
export type PreferencesResponse = { 
/** All of them, as they are now. */ preferences: WirePreferences, };

/** It was done. */
export type CommandResponse = { 
/** True: what was refused has an error instead. */ success: boolean, 
/** The number of the last event that it caused, or of the room's last event if it changed nothing. */ seq: number, 
/** Where the game stands. */ gameStatus: GameStatus, };

/** A stack was changed, or will be. */
export type StackResponse = { 
/** True: what was refused has an error instead. */ success: boolean, 
/** The number of the room's last event. */ seq: number, 
/** Whether it waits for the end of the hand. */ queued: boolean, 
/** Chips in front of the player now. */ chips: number, };

/** Somebody to remove. */
export type KickRequest = { 
/** Whom it is about. */ userId: string, 
/** Refuses later joins too. */ ban?: boolean, };

/** Chips to give or take. */
export type ChipsRequest = { 
/** Whom it is about. */ userId: string, 
/** Positive to give, negative to take. */ delta: number, 
/** At most 200 characters. */ reason?: string, };

/** All settings. */
export type SettingsResponse = { 
/** What the host has chosen. */ settings: WireSettings, };

/** A player's action. */
export type ActionRequest = { 
/** The caller, if it is said at all. */ userId?: string, 
/** What to do. */ action: ActionName, 
/** For `BET` and `RAISE`: the total on this street after it. */ amount?: number, 
/** The same one again gets the first answer and changes nothing. Or the `Idempotency-Key` header. */ actionId?: string, 
/** The number of the turn that is answered. */ turn?: number, };

/** The action was taken. */
export type ActionResponse = { 
/** True: what was refused has an error instead. */ success: boolean, 
/** The number of the last event that it caused. */ seq: number, };

/** The most runs that the player accepts. */
export type RunsRequest = { 
/** From 1 to `maxRuns` of the question. */ runs: number, 
/** The number of the turn that is answered. */ turn: number, 
/** The same one again gets the first answer and changes nothing. Or the `Idempotency-Key` header. */ actionId?: string, };

/** Some of the player's own cards. */
export type ShowRequest = { 
/** The hand, which is over. */ handId: string, 
/** Each once. */ cards: Array<Card>, };

/** Which hand. */
export type RabbitRequest = { 
/** The hand, which is over. */ handId: string, };

/** What would have come: each whole board. */
export type RabbitResponse = { 
/** Each board or the one there is, five cards each. */ boards: Array<Array<Card>>, };

/** Events, and the number of the room's last one. */
export type EventsResponse = { 
/** In the order of their numbers. */ events: WireEvent[], 
/** Which log they are of: another one after the server was restored from a backup. */ epoch: string, 
/** The number of the last event of the room. */ seq: number, };

/** A finished hand, in a list. */
export type PastHandSummary = { 
/** The hand. */ handId: string, 
/** Its number, from 1. */ handNumber: number, 
/** When it began, in Unix milliseconds. */ startedAt: number, 
/** When it was over, in Unix milliseconds. */ completedAt: number, 
/** All the chips that were in the pots. */ pot: number, 
/** Who won, and how much. */ winners: Array<WireWinner>, };

/** Finished hands, newest first. */
export type HandsResponse = { 
/** The newest first. */ hands: Array<PastHandSummary>, };

/** A player of a hand, with the chips before it. */
export type RecordedSeat = { 
/** The seat, from 0. */ seat_index: number, 
/** The user. */ user_id: string, 
/** The name they go by in the room. */ display_name: string, 
/** Chips they began the hand with. */ chips: number, };

/** A hand as it was set up, and its board so far. */
export type RecordedHandResponse = { 
/** Its id. */ id: string, 
/** Its number, from 1. */ number: number, 
/** When it began, in Unix milliseconds. */ started_at: number, 
/** When it was over, in Unix milliseconds. */ completed_at: number | null, 
/** The seat with the button. */ button_seat: number, 
/** The small blind, in chips. */ small_blind: number, 
/** The big blind, in chips. */ big_blind: number, 
/** The ante, in chips; 0 for none. */ ante: number, 
/** What the button posts in place of blinds; 0 where blinds are posted. */ button_blind: number, 
/** The game that is played. */ variant: Variant, 
/** The revision of its rules. */ rules: number, 
/** Each player who was dealt in, by seat. */ seats: Array<RecordedSeat>, 
/** The first board. */ board: Array<Card>, 
/** All boards, or the board of each run. */ boards: Array<Array<Card>>, 
/** All the chips that were in the pots. */ pot: number, };

/** A hand with its events as the reader may see them. */
export type HandResponse = { 
/** The hand. */ hand: RecordedHandResponse, 
/** In the order of their numbers. */ events: WireEvent[], };

/** That a card was at a place of the deck. */
export type CardProof = { 
/** From the top of the deck, from 0. */ place: number, 
/** The card. */ card: Card, 
/** 16 bytes in hexadecimal. */ salt: string, 
/** The hashes beside the way from the leaf to the root, in hexadecimal. */ path: Array<string>, };

/** Proofs for the cards that the caller knows of a hand. */
export type ProofsResponse = { 
/** The room. */ roomId: string, 
/** Its number, from 1. */ handNumber: number, 
/** As in `hand_started`; `null` in hands from before there were proofs. */ commitment: WireCommitment | null, 
/** One for each card that the caller has seen. */ proofs: Array<CardProof>, };

/** The room. */
export type DocumentRoom = { 
/** Its id. */ id: string, 
/** By which people find it. */ code: string, 
/** What it is called. */ name: string, 
/** Its host. */ host_id: string, 
/** Open or closed. */ status: RoomStatus, 
/** Whether newcomers need a password. */ has_password: boolean, 
/** What the host has chosen. */ settings: WireSettings, };

/** The game. */
export type DocumentGame = { 
/** Its id. */ id: string, 
/** Where it stands. */ status: GameStatus, 
/** Whether it ends with the hand being played. */ ending: boolean, 
/** The hand being played. */ current_hand_id: string | null, 
/** Hands dealt so far. */ hand_number: number, 
/** When the next hand is due, in Unix milliseconds. */ next_hand_at: number | null, 
/** What is played, or was played last. */ variant: Variant, 
/** In a rotation: what is played after it. */ next_variant: Variant | null, 
/** In a rotation: after how many more hands. */ hands_to_next_variant: number | null, 
/** In how many hands the next bomb pot comes: 1 for the next hand. Null where that isn't known. */ next_bomb_pot: number | null, };

/** A pot of the finished streets. */
export type DocumentPot = { 
/** How many chips. */ amount: number, 
/** Who can win it. */ eligible_seats: Array<number>, };

/** How often to run the missing cards, asked of those still in. */
export type DocumentQuestion = { 
/** What is asked: `runs`. */ kind: QuestionKind, 
/** Who is asked. */ seats: Array<number>, 
/** The most that can be answered, 2 or 3. */ max_runs: number, 
/** The number of the turn. */ turn: number, 
/** When a player who hasn't answered counts as 1; `null` while the game is paused. */ expires_at: number | null, 
/** Who has answered; never what. */ answered: Array<number>, };

/** What somebody won. */
export type DocumentWinner = { 
/** The user. */ user_id: string, 
/** The seat, from 0. */ seat_index: number, 
/** Chips from all the pots. */ amount: number, 
/** What was won with, in words; null without a showdown. */ hand_rank: string | null, };

/** The hand. */
export type DocumentHand = { 
/** Its id. */ id: string, 
/** Its number, from 1. */ number: number, 
/** The game that is played. */ variant: Variant, 
/** When it began, in Unix milliseconds. */ started_at: number, 
/** `preflop`, `flop`, `turn`, `river`, `showdown` or `complete`. */ phase: Phase, 
/** Ordinary, or a bomb pot. */ kind: HandKind, 
/** The first board. */ board: Array<Card>, 
/** All boards, or the board of each run. */ boards: Array<Array<Card>>, 
/** How often the missing cards were run, where that was decided. */ runs: number | null, 
/** Every chip in the middle; 0 once the hand is complete. */ pot: number, 
/** The pots so far, the main pot first. */ pots: Array<DocumentPot>, 
/** The highest bet of the street, in chips. */ current_bet: number, 
/** The smallest total that a raise may have; null where nobody may raise. */ min_raise_to: number | null, 
/** The seat with the button. */ button_seat: number, 
/** Whether nobody has the button: then it lies at a place where nobody was dealt in. */ button_dead: boolean, 
/** The small blind's seat; null where it is dead, or where no blinds are. */ small_blind_seat: number | null, 
/** The seat of the big blind; null where nobody posts it. */ big_blind_seat: number | null, 
/** The small blind, in chips. */ small_blind: number, 
/** The big blind, in chips. */ big_blind: number, 
/** The ante, in chips; 0 for none. */ ante: number, 
/** What the button posts in place of blinds; 0 where blinds are posted. */ button_blind: number, 
/** What players are asked beside actions, while they are. */ question: DocumentQuestion | null, 
/** Once the hand is complete. */ winners: Array<DocumentWinner>, };

/** An action, short. */
export type DocumentLastAction = { 
/** Which action. */ action: ActionName, 
/** As in `player_action`. */ amount: number, };

/** A seat; an empty one has `user_id` null. */
export type DocumentSeat = { 
/** The seat, from 0. */ seat_index: number, 
/** Who has it; null for an empty one. */ user_id: string | null, 
/** Their name in the room. */ display_name: string | null, 
/** Chips in front of them. */ chips: number, 
/** Their total on this street. */ bet: number, 
/** `empty`, `active`, `sitting_out`, `disconnected` or `leaving`. */ status: SeatStatus, 
/** Whether they were dealt into the hand that is shown. */ in_hand: boolean, 
/** Whether they have folded it. */ has_folded: boolean, 
/** Whether they have no chips left to bet in it. */ is_all_in: boolean, 
/** Whether a socket of theirs is open. */ online: boolean, 
/** When they were last heard of, in Unix milliseconds. */ last_seen_at: number | null, 
/** Cards they turned over. */ shown_cards: Array<Card> | null, 
/** Their last action in this hand. */ last_action: DocumentLastAction | null, 
/** The blinds that its player owes. */ owes: Array<Owed>, 
/** Why its player isn't dealt in, who would play: waits for the big blind, or for the button to pass. */ waits_for: WaitsFor | null, };

/** What is legal, on the reader's turn. */
export type DocumentLegal = { 
/** What may be done. */ actions: Array<ActionName>, 
/** What a call adds, in chips. */ call_amount: number, 
/** The smallest total that a raise may have; null where nobody may raise. */ min_raise_to: number | null, 
/** The greatest total that a raise may have; null where nobody may raise. */ max_raise_to: number | null, };

/** The reader. */
export type DocumentMe = { 
/** The reader. */ user_id: string, 
/** `player`, `spectator`, `host` (without a seat) or `approved`. */ role: Role, 
/** How far the reader is let in. */ status: MembershipStatus, 
/** The reader's name in the room. */ display_name: string, 
/** Whether the reader is the host. */ is_host: boolean, 
/** Lets the reader back in without signing in. */ rejoin_token: string | null, 
/** A stack that waits from an earlier seat. */ waiting_chips: number, 
/** The reader's own standing choices in this room. */ preferences: WirePreferences, 
/** The reader's seat, from 0. */ seat_index?: number, 
/** The reader's own cards. */ hole_cards?: Array<Card>, 
/** The reader's hand in words. */ hand_label?: string, 
/** What the reader may do; null while it isn't their turn. */ legal_actions?: DocumentLegal, 
/** In whole seconds. */ timebank_remaining?: number, };

/** An action that was taken. */
export type DocumentAction = { 
/** The number of its event. */ seq: number, 
/** The user. */ user_id: string, 
/** The seat, from 0. */ seat_index: number, 
/** The street. */ street: Street, 
/** What was done. */ action: ActionName, 
/** As in `player_action`. */ amount: number, 
/** When, in Unix milliseconds. */ at: number, };

/** Whose turn it is. `deadline_at` ends the normal time, later the time bank; `expires_at` always the time bank. Both are
 * null without a clock and while the game is paused. */
export type DocumentTimer = { 
/** Who is to act. */ actor_seat: number, 
/** Its number in the game. */ turn: number, 
/** When it began, in Unix milliseconds. */ started_at: number, 
/** When the normal time ends, in Unix milliseconds. */ deadline_at: number | null, 
/** In whole seconds. */ timebank_remaining: number, 
/** When the time bank ends too, in Unix milliseconds. */ expires_at: number | null, };

/** An open request. */
export type DocumentRequest = { 
/** The user. */ user_id: string, 
/** The name they go by in the room. */ display_name: string, 
/** Since when, in Unix milliseconds. */ requested_at: number, };

/** A member who is let in. */
export type DocumentMember = { 
/** The user. */ user_id: string, 
/** The name they go by in the room. */ display_name: string, 
/** What they do in the room. */ role: Role, 
/** Whether a socket of theirs is open. */ online: boolean, };

/** Somebody who is banned. */
export type DocumentBanned = { 
/** The user. */ user_id: string, 
/** The name they go by in the room. */ display_name: string, };

/** What the host can do. */
export type DocumentControls = { 
/** Whether the game can be paused now. */ can_pause: boolean, 
/** Whether members can be removed now. */ can_kick: boolean, 
/** Whether stacks can be changed now. */ can_adjust_chips: boolean, };

/** The room, its game, hand, seats and people as the reader may see them, after the event `seq`. */
export type Document = { 
/** Which log `seq` is a number of: another one after the server was restored from a backup. */ epoch: string, 
/** The number of the last event in it. */ seq: number, 
/** The database's clock. */ timestamp: number, 
/** The room and its settings. */ room: DocumentRoom, 
/** The game. */ game: DocumentGame, 
/** The hand being played, or the last one. */ hand: DocumentHand | null, 
/** Every seat. */ seats: Array<DocumentSeat>, 
/** What is about the reader alone. */ me: DocumentMe, 
/** The last actions, oldest first. */ recent_actions: Array<DocumentAction>, 
/** Whose turn it is. */ timer: DocumentTimer | null, 
/** How many watch. */ spectator_count: number, 
/** For the host only. */ pending_requests?: Array<DocumentRequest>, 
/** For the host only. */ members?: Array<DocumentMember>, 
/** Who may not ask to join until the ban is lifted. For the host only. */ banned?: Array<DocumentBanned>, 
/** For the host only. */ host_controls?: DocumentControls, };

/** The smallest and the largest value that the server takes. */
export const SETTING_LIMITS = { seats: [2, 10], smallBlind: [1, 1000000000000], bigBlind: [1, 1000000000000], ante: [0, 1000000000000], minBuyIn: [1, 1000000000000], maxBuyIn: [1, 1000000000000], actionTimeoutSecs: [0, 600], timebankSecs: [0, 600], betweenHandsSecs: [0, 30], maxMembers: [2, 1000], rotationHands: [0, 500], maxRuns: [2, 3], runVoteSecs: [5, 30], maxStraddles: [1, 3], bombPotEvery: [1, 500], bombPotPercent: [1, 100], bombPotAnte: [1, 20], bounty72: [0, 1000000000000], } as const;

/** What a new room starts with. */
export const SETTING_DEFAULTS: WireSettings = { seats: 9, smallBlind: 1, bigBlind: 2, ante: 0, minBuyIn: 40, maxBuyIn: 400, actionTimeoutSecs: 30, timebankSecs: 60, betweenHandsSecs: 4, maxMembers: 50, autoApprove: false, spectatorsAllowed: true, variant: "nlhe", rotation: [], rotationHands: 0, runItTwice: "off", maxRuns: 2, runVoteSecs: 10, rabbitHunt: "asker", buttonBlind: null, buttonRule: "dead", newPlayers: "post_or_wait", straddle: "off", maxStraddles: 1, doubleBoard: "off", bombPotMode: "off", bombPotEvery: 20, bombPotPercent: 5, bombPotAnte: 5, bombPotVariant: null, bounty72: 0, };
