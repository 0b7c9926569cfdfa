// The log of a room, from its events alone: every event counts once, in whatever order and by whatever way it comes. Snapshots
// hold no log and change none.
import { unheardOf, type HandComplete, type PotDistributed, type RoomEvent } from "../api/events";
import type { LogEntry, PersonDid, WonOn } from "./log";
import { boardsOf, rankIn } from "./view";

/** What the lines need to know of the reader, and of people whom no event in reach names. */
export interface Reading {
  userId: string;
  isHost: boolean;
  names: Readonly<Record<string, string>>;
}

/** Events that are kept. */
const KEEP = 600;

/** How a hand ended, as its events tell it. */
export interface Ending {
  pots: PotDistributed[];
  complete: HandComplete;
}

type Won = Pick<Extract<LogEntry, { kind: "win" }>, "name" | "me" | "amount" | "pot" | "on" | "rank">;
const NO_POT = { potIndex: 0, parts: [] };

export class Chronicle {
  readonly #reading: () => Reading;
  #events: RoomEvent[] = [];
  #known = new Set<number>();
  /** Everything up to here is no longer kept. */
  #floor = 0;
  #lines: LogEntry[] = [];
  /** Names that events told, and who sits where in the hand being told. */
  #names: Record<string, string> = {};
  #seats = new Map<number, string>();
  #pots: PotDistributed[] = [];
  /** How many boards the hand began with; more at its end are runs. */
  #boardCount = 1;
  /** Cards on each board before the runs. */
  #dealt = 0;
  #ending: Ending | null = null;

  constructor(reading: () => Reading) {
    this.#reading = reading;
  }
  /** All entries in order. A new array whenever there are other ones. */
  get lines(): LogEntry[] {
    return this.#lines;
  }
  /** How the last hand ended, if it has ended. */
  get ending(): Ending | null {
    return this.#ending;
  }
  /** The number of the newest event; 0 before the first one. */
  get last(): number {
    return this.#events.at(-1)?.seq ?? 0;
  }
  /** Adds what isn't known yet, and returns the entries that this brought. */
  add(...events: readonly RoomEvent[]): LogEntry[] {
    const fresh = events.filter((e) => e.seq > this.#floor && !this.#known.has(e.seq)).sort((a, b) => a.seq - b.seq);
    if (fresh.length === 0) return [];
    const inOrder = fresh[0]!.seq > this.last;
    this.#events.push(...fresh);
    for (const e of fresh) this.#known.add(e.seq);
    if (!inOrder) this.#events.sort((a, b) => a.seq - b.seq);
    const old = this.#events.length - KEEP;
    for (const gone of old > 0 ? this.#events.splice(0, old) : []) {
      this.#known.delete(gone.seq);
      this.#floor = gone.seq;
    }
    if (inOrder) {
      const added = fresh.flatMap((e) => this.#tell(e));
      this.#lines = this.#lines.concat(added).filter((l) => l.seq > this.#floor);
      return added;
    }
    this.#seats.clear();
    this.#pots = [];
    this.#ending = null;
    this.#lines = this.#events.flatMap((e) => this.#tell(e));
    return this.#lines.filter((l) => fresh.some((e) => e.seq === l.seq));
  }

  #name(userId: string | undefined, seat?: number): string {
    const known = userId === undefined ? undefined : (this.#names[userId] ?? this.#reading().names[userId]);
    return known ?? (seat === undefined ? "Somebody" : `Seat ${seat + 1}`);
  }
  /** Who won what of a pot: in one sum, or by board and half where different people did. */
  #won(pot: Pick<PotDistributed, "potIndex" | "winners" | "parts">, e: HandComplete): Won[] {
    const reader = this.#reading();
    const boards = boardsOf(e).length;
    const line = (w: PotDistributed["winners"][number], on: WonOn | null, rank: string | null): Won => {
      const who = { name: this.#name(w.userId, w.seatIndex), me: w.userId === reader.userId };
      return { ...who, amount: w.amount, pot: pot.potIndex, on, rank };
    };
    const winners = new Set(pot.parts.map((part) => part.winners.map((w) => w.seatIndex).join()));
    if (winners.size < 2) {
      return pot.winners.map((w) => line(w, null, e.winners.find((x) => x.seatIndex === w.seatIndex)?.handRank ?? null));
    }
    return pot.parts.flatMap((part) => {
      const on = { board: boards > 1 ? part.board : null, runs: boards > this.#boardCount, half: part.half };
      return part.winners.map((w) =>
        line(
          w,
          on,
          rankIn(
            e.shown.find((s) => s.seatIndex === w.seatIndex),
            part,
          ),
        ),
      );
    });
  }
  #tell(e: RoomEvent): LogEntry[] {
    if ("displayName" in e && e.displayName) this.#names[e.userId] = e.displayName;
    const reader = this.#reading();
    let part = 0;
    const base = () => ({ seq: e.seq, part: part++, at: e.at });
    const who = (userId: string | undefined, seat?: number) => ({ name: this.#name(userId, seat), me: userId === reader.userId });
    const at = (seat: number) => who(this.#seats.get(seat), seat);
    const person = (did: PersonDid, more: { amount?: number; seat?: number; why?: string | null } = {}): LogEntry[] =>
      "userId" in e ? [{ ...base(), kind: "person", ...who(e.userId), did, ...more }] : [];
    const game = (did: "started" | "paused" | "resumed" | "ended" | "settings"): LogEntry[] => [{ ...base(), kind: "game", did }];
    switch (e.type) {
      case "hand_started":
        this.#seats = new Map(e.seats.map((s) => [s.seatIndex, s.userId]));
        this.#pots = [];
        this.#ending = null;
        this.#boardCount = e.boardCount;
        this.#dealt = 0;
        return [
          { ...base(), kind: "hand", number: e.handNumber, handId: e.handId, variant: e.variant, bombPot: e.kind === "bomb_pot" },
          ...e.blinds.map((b): LogEntry => ({ ...base(), kind: "post", ...at(b.seatIndex), blind: b.kind, amount: b.amount })),
        ];
      case "player_action": {
        const allIn = e.chips === 0 && e.action !== "FOLD" && e.action !== "CHECK";
        const back = e.returned;
        return [
          { ...base(), kind: "act", ...who(e.userId, e.seatIndex), action: e.action, amount: e.amount, auto: e.auto, allIn },
          ...(back ? [{ ...base(), kind: "returned" as const, ...at(back.seatIndex), amount: back.amount }] : []),
        ];
      }
      case "street_advanced": {
        this.#dealt = e.board.length;
        const dealt = { flop: 3, turn: 1, river: 1, preflop: 0 }[e.street] ?? e.board.length;
        return [
          { ...base(), kind: "street", street: e.street, boards: boardsOf(e).map((cards) => (dealt ? cards.slice(-dealt) : [])) },
        ];
      }
      case "pot_distributed":
        this.#pots.push(e);
        return [];
      case "hand_complete": {
        const pots = this.#pots;
        this.#ending = { pots, complete: e };
        const shown = e.shown.map(
          (s): LogEntry => ({ ...base(), kind: "show", ...at(s.seatIndex), cards: s.cards, rank: s.handRank }),
        );
        const won = pots.length ? pots.flatMap((p) => this.#won(p, e)) : this.#won({ ...NO_POT, winners: e.winners }, e);
        return [...shown, ...won.map((w): LogEntry => ({ ...base(), kind: "win", ofMany: pots.length > 1, ...w }))];
      }
      case "runs_asked":
        return [{ ...base(), kind: "runs_asked", names: e.seats.map((seat) => at(seat).name) }];
      case "runs_answered": // that somebody has answered is seen at the table
        return [];
      case "runs_decided":
        return e.runs > 1 ? [{ ...base(), kind: "runs_decided", runs: e.runs }] : [];
      case "run_dealt":
        return [{ ...base(), kind: "run", run: e.run, cards: e.board.slice(this.#dealt) }];
      case "cards_shown":
        return [{ ...base(), kind: "show", ...who(e.userId, e.seatIndex), cards: e.cards, rank: null }];
      case "rabbit_shown": {
        const boards = this.#ending ? boardsOf(this.#ending.complete) : [];
        const undealt = (e.boards ?? []).map((board, i) => board.slice(boards[i]?.length ?? 0));
        return [{ ...base(), kind: "rabbit", ...who(e.userId), boards: undealt }];
      }
      case "bounty_paid": {
        const from = e.from.map((f) => ({ name: at(f.seatIndex).name, amount: f.amount }));
        return [{ ...base(), kind: "bounty", ...who(e.userId), amount: from.reduce((sum, f) => sum + f.amount, 0), from }];
      }
      case "bomb_pot_queued":
      case "bomb_pot_cancelled":
        return [{ ...base(), kind: "bomb_pot", ...who(e.byUserId), did: e.type === "bomb_pot_queued" ? "queued" : "cancelled" }];
      case "player_join_requested":
        return reader.isHost ? person("asked") : [];
      case "player_approved":
        return person("approved");
      case "player_rejected":
        return person("rejected");
      case "player_seated":
        return person("sat", { seat: e.seatIndex, amount: e.chips });
      case "spectator_joined":
        return person("watches");
      case "spectator_left":
        return person("stopped_watching");
      case "seat_freed":
        return person("stood");
      case "player_disconnected":
        return person("disconnected");
      case "player_reconnected":
        return person("reconnected");
      case "player_sat_out":
        return person("sat_out");
      case "player_sat_in":
        return person("sat_in");
      case "member_left":
        return person("left");
      case "player_kicked":
        return person("kicked");
      case "host_changed":
        return person("host");
      case "chips_adjusted":
        return person(e.by === "host" ? "given" : "chips", { amount: e.delta, why: e.reason });
      case "settings_changed":
        return game("settings");
      case "game_started":
        return game("started");
      case "game_paused":
        return game("paused");
      case "game_resumed":
        return game("resumed");
      case "game_ended":
        return game("ended");
      case "unknown":
        return [];
      default:
        return unheardOf(e, []);
    }
  }
}
