// The hydration document and its parts, by the client's names for them.

export type {
  DocumentHand as HydratedHand,
  DocumentLegal as HydratedLegal,
  DocumentMe as HydratedMe,
  DocumentMember as HydratedMember,
  DocumentSeat as HydratedSeat,
  DocumentTimer as HydratedTimer,
} from "./wire";
export type { NextDocument as Hydration } from "./next";
