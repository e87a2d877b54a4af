// The big button: says at once that the tap was taken, times a held press, and keeps a tap while philtrum is away.
//
// The browser is an outbox only: what is in it has an id of its own, is sent again until philtrum has answered, and
// is then forgotten here. Without this file the form works as a form.

const OUTBOX = "philtrum-outbox";
const HELD_FROM_MS = 700; // shorter is a tap
const RETRY_MS = 5000;

const form = document.getElementById("log");
const big = document.getElementById("big");
const words = big.querySelector(".big-words");
const kept = document.getElementById("kept");
const logged = document.getElementById("logged");
const usual = words.textContent;
let pressedAt = 0;
let counting = null;

const waiting = () => JSON.parse(localStorage.getItem(OUTBOX) ?? "[]");

function keep(spells) {
  if (spells.length) localStorage.setItem(OUTBOX, JSON.stringify(spells));
  else localStorage.removeItem(OUTBOX);
  kept.hidden = !spells.length;
  kept.textContent = spells.length === 1 ? kept.dataset.one : spells.length + kept.dataset.many;
}

async function send(spell) {
  const body = new URLSearchParams({ ...spell, csrfmiddlewaretoken: form.csrfmiddlewaretoken.value });
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  // 422: it can never be taken, so keeping it would not help. Anything else that is no success: try again later.
  if (!answer.ok && answer.status !== 422) throw new Error(answer.status);
  return answer.ok;
}

async function sendWaiting() {
  for (const spell of waiting()) {
    try {
      await send(spell);
    } catch {
      return false;
    }
    keep(waiting().filter((other) => other.id !== spell.id));
  }
  return true;
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

async function log(minutesAgo, heldS) {
  const spell = { id: newId(), at: new Date().toISOString(), minutes_ago: minutesAgo, held_s: heldS };
  words.textContent = form.dataset.sent;
  big.classList.add("taken");
  keep([...waiting(), spell]);
  if (!away && (await sendWaiting())) {
    window.location.assign(`/?logged=${spell.id}`);
    return;
  }
  setTimeout(() => { words.textContent = usual; big.classList.remove("taken"); }, 1500);
}

function stopCounting() {
  clearInterval(counting);
  counting = null;
  words.textContent = usual;
}

big.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  pressedAt = performance.now();
  counting = setInterval(() => {
    const heldMs = performance.now() - pressedAt;
    if (heldMs >= HELD_FROM_MS) words.textContent = `${form.dataset.hold}${Math.round(heldMs / 1000)} s`;
  }, 100);
});
for (const end of ["pointercancel", "pointerleave"]) big.addEventListener(end, stopCounting);
big.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is meant for us

form.addEventListener("submit", (event) => {
  event.preventDefault();
  stopCounting();
  const button = event.submitter;
  const heldMs = button === big && pressedAt ? performance.now() - pressedAt : 0;
  pressedAt = 0;
  log(button?.value ?? "", heldMs >= HELD_FROM_MS ? (heldMs / 1000).toFixed(1) : "");
});

if (logged) {
  setTimeout(() => document.getElementById("undo").remove(), Number(logged.dataset.undoS) * 1000);
  history.replaceState(null, "", "/");
}
// On the page for when philtrum is away: back to the real one as soon as there is an answer, whatever it says.
const away = document.getElementById("away");
if (away) setInterval(() => fetch("/", { method: "HEAD" }).then(() => window.location.assign("/"), () => {}), RETRY_MS);

keep(waiting());
if (waiting().length && !away) sendWaiting().then((isDone) => isDone && window.location.reload());
setInterval(() => waiting().length && !away && sendWaiting().then((isDone) => isDone && window.location.reload()), RETRY_MS);
