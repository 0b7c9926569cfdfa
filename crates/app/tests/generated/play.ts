// Two guests play a hand by the client that openapi-typescript makes. The argument is the server's address.
import createClient from "openapi-fetch";
import type { components, paths } from "./made/api.js";

type Schemas = components["schemas"];

declare const process: { argv: string[] };

const baseUrl = process.argv[2];

function good<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

async function guest(displayName: string) {
  const session = good(await createClient<paths>({ baseUrl }).POST("/api/auth/guest", { body: { displayName } }));
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${session.token}` } });
  return { session, client };
}

const anna = await guest("Anna");
const ben = await guest("Ben");
const settings: Schemas["SettingsRequest"] = { autoApprove: true, betweenHandsSecs: 30 };
const made = good(await anna.client.POST("/api/rooms", { body: { displayName: "Anna", settings } }));
const params = { path: { roomId: made.room.id } };
const joined = good(await ben.client.POST("/api/rooms/{roomId}/join", { params, body: { displayName: "Ben" } }));
if (joined.status !== "approved") throw new Error(`Ben is ${joined.status}`);
for (const [seatIndex, { client }] of [anna, ben].entries()) {
  good(await client.POST("/api/rooms/{roomId}/seat", { params, body: { seatIndex, buyIn: 200 } }));
}
good(await anna.client.POST("/api/rooms/{roomId}/start", { params }));

let events: Schemas["WireEvent"][] = [];
const over = () => events.some((event) => event.type === "hand_complete");
while (!over()) {
  for (const { client } of [anna, ben]) {
    const { me, timer } = good(await client.GET("/api/rooms/{roomId}/hydrate", { params }));
    if (!me.legal_actions || !timer) continue;
    const action = me.legal_actions.actions.includes("CHECK") ? "CHECK" : "CALL";
    const game = { path: { gameId: made.gameId } };
    const late = await client.POST("/api/games/{gameId}/actions", { params: game, body: { action, turn: timer.turn } });
    if (late.error && late.error.code !== "STALE_TURN") throw new Error(late.error.detail);
  }
  events = good(await ben.client.GET("/api/rooms/{roomId}/events", { params })).events;
}
const seen = events.flatMap((event) => (event.type === "player_action" ? [`${event.seatIndex} ${event.action}`] : []));
const won = events.flatMap((event) => (event.type === "hand_complete" ? event.winners : []));
if (seen.length < 8 || won.length === 0) throw new Error(JSON.stringify(events));
console.log(`openapi-typescript: ${seen.length} actions, ${won.map((winner) => winner.handRank).join(", ")}`);
