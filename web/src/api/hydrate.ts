// The hydration document and its parts, by the client's names for them.

export type {
  Document as Hydration,
  DocumentHand as HydratedHand,
  DocumentLegal as HydratedLegal,
  DocumentMe as HydratedMe,
  DocumentMember as HydratedMember,
  DocumentSeat as HydratedSeat,
  DocumentTimer as HydratedTimer,
} from "./wire";
