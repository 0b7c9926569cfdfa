// The record of a hand as data; the words are made in i18n/log.ts.
import type { Action, BlindKind, Card, Street } from "../api/common";

interface Base {
  seq: number;
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
  | (Base & { kind: "person"; name: string; me: boolean; did: PersonDid; amount?: number; seat?: number })
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
  | "chips";

const KEEP = 600;
export const append = (log: LogEntry[], ...more: LogEntry[]): LogEntry[] => {
  const all = log.concat(more);
  return all.length > KEEP ? all.slice(all.length - KEEP) : all;
};
