// Every refusal in the player's words: what happened, and what to do about it.
import { ApiError } from "../net/http";

const WORDS: Record<string, string> = {
  OFFLINE: "Can't reach the server. Check your connection; we keep trying.",
  BAD_REQUEST: "The server did not understand that. Reload the page and try again.",
  UNAUTHENTICATED: "Your sign-in has run out. Enter your name or log in again.",
  TOKEN_EXPIRED: "Your sign-in has run out. Enter your name or log in again.",
  TOKEN_INVALID: "Your sign-in is no longer valid. Enter your name or log in again.",
  NOT_HOST: "Only the host can do that.",
  NOT_APPROVED: "The host has not let you in yet.",
  NOT_SEATED: "Take a seat first.",
  IDENTITY_MISMATCH: "You are signed in as somebody else in this browser. Reload the page.",
  ROLE_FORBIDDEN: "That isn't open to you in this room.",
  BANNED: "The host has blocked you from this room.",
  WRONG_PASSWORD: "That password is not right.",
  ROOM_NOT_FOUND: "There is no room with this code. Check it with the host.",
  GAME_NOT_FOUND: "This game is over.",
  USER_NOT_FOUND: "That person is no longer in the room.",
  HAND_NOT_FOUND: "There is no such hand, or it is still being played.",
  ROOM_FULL: "The room is full. Ask the host to make space.",
  ALREADY_IN_ROOM: "You are already in this room.",
  SEAT_TAKEN: "Somebody took this seat a moment before you. Choose another one.",
  ALREADY_SEATED: "You already have a seat.",
  USER_BANNED: "This person is blocked already.",
  NOT_BANNED: "This person isn't blocked any more.",
  NOT_PENDING: "This request has been answered already.",
  NOT_YOUR_TURN: "It isn't your turn any more.",
  NO_HAND: "No hand is being played.",
  STALE_TURN: "Too late: the action moved on. Nothing changed.",
  GAME_PAUSED: "The game is paused.",
  NOT_ENOUGH_PLAYERS: "At least two players with chips are needed.",
  ROOM_CLOSED: "This room is closed.",
  LIMIT_REACHED: "You have too many open rooms or requests. End or leave one of them first.",
  BODY_TOO_LARGE: "That is too long.",
  INVALID_SETTINGS: "These settings don't fit together.",
  INVALID_FORMAT: "This hand can't be saved in that format.",
  INVALID_NAME: "Use a name of 1 to 50 letters, without control characters, that can't be taken for somebody else's here.",
  INVALID_SEAT: "This table has no such seat.",
  INVALID_BUY_IN: "The buy-in is outside what this table allows.",
  ILLEGAL_ACTION: "You can't do that now.",
  ILLEGAL_AMOUNT: "That amount is not allowed.",
  ACTION_ID_REUSED: "This request id was already used. Please try again.",
  EPOCH_CHANGED: "The server was restored from a backup. The room is read anew.",
  NO_QUESTION: "Nothing is asked of you any more.",
  ALREADY_ANSWERED: "You have answered already.",
  HAND_RUNNING: "The hand is still being played.",
  NOTHING_TO_SHOW: "There is nothing to show any more.",
  INVALID_CARDS: "Those are not cards of yours.",
  INVALID_RUNS: "That many runs are not offered.",
  INVALID_PREFERENCE: "This choice doesn't exist.",
  EMAIL_TAKEN: "There is an account with this address already. Log in instead.",
  RATE_LIMITED: "Too many tries in a short time.",
  SIGN_IN_UNAVAILABLE: "Your sign-in can't be checked right now. Nothing is lost; try again in a moment.",
  DATABASE_UNAVAILABLE: "The server can't save anything right now. Nothing was lost; try again in a moment.",
};
/** Codes whose `detail` says more than we could: the server knows the numbers. */
const DETAILED = new Set([
  "INVALID_SETTINGS",
  "INVALID_PREFERENCE",
  "INVALID_BUY_IN",
  "ILLEGAL_AMOUNT",
  "INVALID_NAME",
  "INVALID_FORMAT",
  "BAD_REQUEST",
]);

export function words(error: unknown): string {
  if (!(error instanceof ApiError)) return "Something went wrong in this page. Reload it; your seat is safe.";
  const { code, problem, status, retryAfterSecs } = error;
  if (code === "UNAUTHENTICATED" && problem?.detail && /password|email/i.test(problem.detail))
    return "That address and password don't match.";
  if (code === "RATE_LIMITED")
    return retryAfterSecs ? `${WORDS.RATE_LIMITED} Try again in ${retryAfterSecs} s.` : `${WORDS.RATE_LIMITED} Wait a moment.`;
  const known = WORDS[code];
  if (known && DETAILED.has(code) && problem?.detail) return sentence(problem.detail);
  return known ?? (problem?.detail ? sentence(problem.detail) : `The server refused that (${code}, ${status}).`);
}
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
