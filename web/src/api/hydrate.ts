// The hydration document and its parts, by the client's names for them.

export type { DocumentSeat as HydratedSeat } from "./wire";
export type { NextDocument as Hydration } from "./next";
