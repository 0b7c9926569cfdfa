import type { Action, Card, GameStatus, MemberStatus, Phase, Role, RoomStatus, SeatStatus, Settings, Street } from "./common";

export interface HydratedTimer {
  actor_seat: number;
  turn: number;
  started_at: number;
  deadline_at: number | null;
  timebank_remaining: number;
  expires_at: number | null;
}
export interface HydratedHand {
  id: string;
  number: number;
  phase: Phase;
  board: Card[];
  pot: number;
  pots: { amount: number; eligible_seats: number[] }[];
  current_bet: number;
  min_raise_to: number | null;
  button_seat: number;
  small_blind: number;
  big_blind: number;
  ante: number;
  started_at: number;
  small_blind_seat: number | null;
  big_blind_seat: number | null;
  winners?: { user_id: string; seat_index: number; amount: number; hand_rank: string | null }[] | null;
}
export interface HydratedSeat {
  seat_index: number;
  user_id: string | null;
  display_name: string | null;
  chips: number;
  bet: number;
  status: SeatStatus;
  in_hand: boolean;
  has_folded: boolean;
  is_all_in: boolean;
  online: boolean;
  last_seen_at: number | null;
  shown_cards: Card[] | null;
  last_action?: { action: Action; amount: number } | null;
}
export interface HydratedMe {
  user_id: string;
  role: Role;
  status: MemberStatus;
  is_host: boolean;
  display_name: string;
  rejoin_token?: string | null;
  seat_index?: number | null;
  hole_cards?: Card[] | null;
  hand_label?: string | null;
  legal_actions?: HydratedLegal | null;
  timebank_remaining?: number | null;
  waiting_chips?: number | null;
}
export interface HydratedLegal {
  actions: Action[];
  call_amount?: number | null;
  min_raise_to?: number | null;
  max_raise_to?: number | null;
}
export interface HydratedMember {
  user_id: string;
  display_name: string;
  role: Role;
  online: boolean;
}
export interface Hydration {
  seq: number;
  timestamp: number;
  room: {
    id: string;
    code: string;
    name: string;
    host_id: string;
    status: RoomStatus;
    settings: Settings;
    has_password: boolean;
  };
  game: {
    id: string;
    status: GameStatus;
    current_hand_id: string | null;
    hand_number: number;
    next_hand_at: number | null;
    ending: boolean;
  };
  hand: HydratedHand | null;
  seats: HydratedSeat[];
  me: HydratedMe;
  recent_actions: { seq: number; user_id: string; seat_index: number; street: Street; action: Action; amount: number; at: number }[];
  timer: HydratedTimer | null;
  spectator_count: number;
  pending_requests?: { user_id: string; display_name: string; requested_at: number }[];
  members?: HydratedMember[];
  host_controls?: { can_pause: boolean; can_kick: boolean; can_adjust_chips: boolean };
}
