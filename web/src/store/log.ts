// The record of a hand as data; the words are made in i18n/log.ts.
import type { Action, BlindKind, Card, Street } from "../api/common";

interface Base {
  seq: number;
  /** Which of the entries of its event, from 0. */
  part: number;
  at: number;
}
export type LogEntry =
  | (Base & { kind: "hand"; number: number; handId: string })
  | (Base & { kind: "street"; street: Street; cards: Card[] })
  | (Base & { kind: "post"; name: string; me: boolean; blind: BlindKind; amount: number })
  | (Base & { kind: "act"; name: string; me: boolean; action: Action; amount: number; auto: boolean; allIn: boolean })
  | (Base & { kind: "returned"; name: string; me: boolean; amount: number })
  | (Base & { kind: "show"; name: string; me: boolean; cards: Card[]; rank: string | null })
  | (Base & { kind: "win"; name: string; me: boolean; amount: number; pot: number; ofMany: boolean; rank: string | null })
  | (Base & { kind: "person"; name: string; me: boolean; did: PersonDid; amount?: number; seat?: number; why?: string | null })
  | (Base & { kind: "game"; did: "started" | "paused" | "resumed" | "ended" | "settings" });

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
