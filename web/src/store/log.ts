// The record of a hand as data; the words are made in i18n/log.ts.
import type { Action, BlindKind, Card, Street } from "../api/common";
import type { Half, Variant } from "../api/wire";

interface Base {
  seq: number;
  /** Which of the entries of its event, from 0. */
  part: number;
  at: number;
}
export type LogEntry =
  | (Base & { kind: "hand"; number: number; handId: string; variant: Variant; bombPot: boolean })
  | (Base & { kind: "street"; street: Street; boards: Card[][] })
  | (Base & { kind: "post"; name: string; me: boolean; blind: BlindKind; amount: number })
  | (Base & { kind: "act"; name: string; me: boolean; action: Action; amount: number; auto: boolean; allIn: boolean })
  | (Base & { kind: "returned"; name: string; me: boolean; amount: number })
  | (Base & { kind: "show"; name: string; me: boolean; cards: Card[]; rank: string | null })
  | (Base & {
      kind: "win";
      name: string;
      me: boolean;
      amount: number;
      pot: number;
      ofMany: boolean;
      on: WonOn | null;
      rank: string | null;
    })
  | (Base & { kind: "person"; name: string; me: boolean; did: PersonDid; amount?: number; seat?: number; why?: string | null })
  | (Base & { kind: "runs_asked"; names: string[] })
  | (Base & { kind: "runs_decided"; runs: number })
  | (Base & { kind: "run"; run: number; cards: Card[] })
  | (Base & { kind: "rabbit"; name: string; me: boolean; boards: Card[][] })
  | (Base & { kind: "bounty"; name: string; me: boolean; amount: number; from: { name: string; amount: number }[] })
  | (Base & { kind: "bomb_pot"; name: string; me: boolean; did: "queued" | "cancelled" })
  | (Base & { kind: "game"; did: "started" | "paused" | "resumed" | "ended" | "settings" });

/** Which part of a pot was won, where it was divided and different people won. */
export interface WonOn {
  /** The number of the board or run, from 0; null where there is one. */
  board: number | null;
  runs: boolean;
  half: Half;
}

export type PersonDid =
  | "asked"
  | "approved"
  | "rejected"
  | "sat"
  | "watches"
  | "stopped_watching"
  | "stood"
  | "disconnected"
  | "reconnected"
  | "sat_out"
  | "sat_in"
  | "left"
  | "kicked"
  | "host"
  | "chips"
  /** By the host. */
  | "given";
