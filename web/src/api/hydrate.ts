// The hydration document and its parts, by the client's names for them.

export type { Document as Hydration, DocumentSeat as HydratedSeat } from "./wire";
