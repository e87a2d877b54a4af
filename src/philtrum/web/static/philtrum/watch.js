// Ties the video to the chart and the list: the playhead follows the video, a click on a twitch jumps there, and so
// does the slowed film beside it.

const LEAD_S = 0.5; // watching starts a little before the twitch
const video = document.getElementById("video");
const player = document.getElementById("player");
const speed = document.getElementById("speed");
const charts = [...document.querySelectorAll(".trace-chart")];
const rows = [...document.querySelectorAll(".twitches tbody tr")];
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function movePlayhead() {
  for (const chart of charts) {
    const { left, width, duration } = chart.dataset;
    const x = Number(left) + Number(width) * Math.min(video.currentTime / Number(duration), 1);
    const line = chart.querySelector(".playhead");
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }
  let now = null;
  for (const row of rows) if (Number(row.dataset.start) - LEAD_S - 0.01 <= video.currentTime) now = row;
  for (const row of rows) row.classList.toggle("now", row === now && video.currentTime > 0);
}

function jumpInFilm(start) {
  const film = document.getElementById("film-video"); // comes later than this script where it is still being made
  let before = 0;
  for (const [from, to] of JSON.parse(film?.dataset.stretches ?? "[]")) {
    if (from <= start && start < to) {
      film.currentTime = (before + Math.max(0, start - LEAD_S - from)) * Number(film.dataset.slowdown);
    }
    before += to - from;
  }
}

function jump(start) {
  jumpInFilm(start);
  player.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
  if (!video.currentSrc && !video.src) {
    document.getElementById("local-file")?.focus();
    return;
  }
  video.currentTime = Math.max(0, start - LEAD_S);
  video.focus({ preventScroll: true });
}

function follow() {
  movePlayhead();
  if (!video.paused && !video.ended) requestAnimationFrame(follow);
}

if (video) {
  video.addEventListener("play", follow);
  video.addEventListener("seeked", movePlayhead);
  video.addEventListener("timeupdate", movePlayhead);
  video.addEventListener("error", () => { document.getElementById("video-problem").hidden = !video.error; });
  video.addEventListener("loadedmetadata", () => {
    document.getElementById("video-problem").hidden = true;
    speed.hidden = false;
    // Recordings made by a browser do not say how long they are; a far seek makes the browser find out.
    if (video.duration === Infinity) {
      video.addEventListener("durationchange", () => { video.currentTime = 0; }, { once: true });
      video.currentTime = 1e7;
    }
  });
  for (const link of document.querySelectorAll(".jump")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      jump(Number(link.dataset.start));
    });
  }
  player.classList.add("can-jump");
  for (const mark of document.querySelectorAll(".twitch-mark")) {
    mark.addEventListener("click", () => jump(Number(mark.dataset.start)));
  }
  speed.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-speed]");
    if (!chosen) return;
    video.playbackRate = Number(chosen.dataset.speed);
    for (const button of speed.querySelectorAll("[data-speed]")) {
      button.setAttribute("aria-pressed", String(button === chosen));
    }
  });
}
