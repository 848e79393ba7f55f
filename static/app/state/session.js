// Who is there. A session that ends puts the PIN's page over the rest, which stays as it was: nothing typed is lost.
import { get, onSignedOut, post, del } from "../api.js";
import { batch, signal } from "../html.js";

/** `unknown`, `set_up` (no PIN was ever set), `log_in`, `in`, or `unreachable`. */
export const who = signal("unknown");
/** Whether somebody was in before: then the page below is kept. */
export const wasIn = signal(false);
/** Whether a PIN is asked for at all. */
export const hasPin = signal(true);

/** Asks the server who we are. */
export async function look() {
  try {
    const { needed } = await get("/api/setup", { quiet: true });
    hasPin.value = needed !== "nothing";
    if (needed === "set_up") {
      who.value = "set_up";
      return;
    }
    await get("/api/session", { quiet: true });
    enter();
  } catch (error) {
    who.value = error.status === 401 ? "log_in" : "unreachable";
  }
}

function enter() {
  batch(() => {
    wasIn.value = true;
    who.value = "in";
  });
}

/** Opens a session with the PIN. */
export async function logIn(pin) {
  await post("/api/session", { pin }, { quiet: true });
  enter();
}

/** Sets the first PIN with the one-time code, and opens a session. */
export async function setUp(code, pin) {
  await post("/api/setup", { code, pin }, { quiet: true });
  who.value = "log_in";
  await logIn(pin);
}

/** Ends this session and forgets what was shown. */
export async function logOut() {
  const { sessions } = await get("/api/session");
  const own = sessions.find((session) => session.current);
  if (own) await del(`/api/session/${own.id}`);
  location.reload();
}

/** The server no longer knows us. */
export function signedOut() {
  if (who.value === "in") who.value = "log_in";
}

onSignedOut.call = signedOut;
