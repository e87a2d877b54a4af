// Judging the found twitches without leaving the list: a click or a key notes it, and the counts follow.
// Without this file each button sends its form and the page comes back to the same line.

const rows = [...document.querySelectorAll(".twitches tbody tr")];
const counts = document.getElementById("reviewed");
const VERDICT_OF_KEY = { y: "twitch", n: "none" };

async function judge(row, verdict) {
  const form = row.querySelector(".judge");
  const pressed = form.querySelector(`[data-verdict="${verdict}"]`);
  const body = new URLSearchParams(new FormData(form));
  body.set("verdict", pressed.value);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  counts.innerHTML = await answer.text();
  const isOn = pressed.value !== "open";
  for (const button of form.querySelectorAll("[data-verdict]")) {
    const isThis = button === pressed && isOn;
    button.setAttribute("aria-pressed", String(isThis));
    button.value = isThis ? "open" : button.dataset.verdict;
  }
  row.classList.toggle("rejected", isOn && verdict === "none");
}

function go(row, step) {
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  const link = next.querySelector(".jump");
  link.click(); // plays it, where there is a video
  link.focus();
}

for (const row of rows) {
  row.querySelector(".judge").addEventListener("submit", (event) => {
    event.preventDefault();
    judge(row, event.submitter.dataset.verdict);
  });
  row.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in VERDICT_OF_KEY) judge(row, VERDICT_OF_KEY[event.key]);
    else if (event.key === "j" || event.key === "k") go(row, event.key === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  });
}
