// The server's interface over plain HTTP. Refusals come as problem+json and leave here as one kind of error.
import { signal } from "./html.js";

/** What the server's clock says minus what ours says, in milliseconds: countdowns are the server's. */
export const clockSkew = signal(0);

/** Called with the refusal when the server no longer knows us. Set by the session. */
export const onSignedOut = { call: () => {} };

const WORDS = {
  0: "The server cannot be reached",
  400: "That cannot be done as it stands",
  401: "You are not signed in",
  403: "This page may not do that here",
  404: "There is no such thing",
  409: "It was decided or done before",
  410: "Too late",
  413: "That is too much at once",
  429: "Too often",
  503: "The server cannot do that right now",
};

/** A refusal: what happened (`message`) and what to do about it (`detail`). */
export class Refused extends Error {
  /**
   * @param {number} status 0 where there was no answer
   * @param {string} kind the problem's kind, for programs
   * @param {string} detail the server's sentence
   * @param {number} retryAfter seconds, 0 where nothing was said
   */
  constructor(status, kind, detail, retryAfter = 0) {
    super(WORDS[status] ?? (status >= 500 ? "Something broke on the server" : "The server refused"));
    Object.assign(this, { status, kind, detail, retryAfter });
  }
}

/**
 * Calls the server.
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, headers?: Record<string, string>, signal?: AbortSignal, quiet?: boolean}} [how] `quiet`: a 401 is
 *   no news
 * @returns {Promise<any>} the answer's JSON, or null where there is none
 */
export async function call(method, path, how = {}) {
  const headers = { accept: "application/json", ...how.headers };
  let body;
  if (how.body !== undefined) {
    headers["content-type"] = "application/json";
    body = JSON.stringify(how.body);
  }
  let response;
  try {
    response = await fetch(path, { method, headers, body, signal: how.signal, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    throw unanswered(error, method);
  }
  const told = Date.parse(response.headers.get("date") ?? "");
  // A date has whole seconds: on the average half of one has gone.
  if (!Number.isNaN(told)) clockSkew.value = told + 500 - Date.now();
  if (response.status === 204 || response.status === 202 && response.headers.get("content-length") === "0") return null;
  let text;
  try {
    text = await response.text();
  } catch (error) {
    throw unanswered(error, method);
  }
  const json = readJson(text);
  if (response.ok) return json;
  const kind = String(json?.type ?? "").split(":").pop();
  const refused = new Refused(response.status, kind, json?.detail ?? "", Number(response.headers.get("retry-after") ?? 0));
  if (response.status === 401 && !how.quiet) onSignedOut.call(refused);
  throw refused;
}

/** No answer came, or half of one: what was asked for may have been done all the same. */
function unanswered(error, method) {
  if (error.name === "AbortError") return error;
  const unknown = method === "GET" ? "" : " Whether it was done is not known: what the server has is shown once it answers again.";
  return new Refused(0, "unreachable", `Check the network, and that the server runs.${unknown}`);
}

/** Reads an answer; null where it is no JSON. */
function readJson(text) {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** GET */
export const get = (path, how) => call("GET", path, how);
/** POST */
export const post = (path, body, how) => call("POST", path, { ...how, body });
/** DELETE */
export const del = (path, how) => call("DELETE", path, how);

/** The server's time now, Unix milliseconds. */
export const now = () => Date.now() + clockSkew.value;
