// Films 20 seconds with this device's camera and puts the recording into the form, as if it had been chosen.

const COUNT_DOWN_S = 3;
const RECORD_S = 20;
const BITS_PER_SECOND = 10_000_000; // compression hides small movements first
const KINDS = ["video/mp4;codecs=avc1.640028", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];

const box = document.getElementById("camera");
const stage = document.getElementById("camera-stage");
const view = document.getElementById("camera-view");
const words = document.getElementById("camera-words");
const count = document.getElementById("camera-count");
const start = document.getElementById("camera-start");
const open = document.getElementById("camera-open");
const input = document.getElementById("clip");
const chosen = document.getElementById("chosen");
let stream = null;
let recorder = null;

const seconds = (n) => new Promise((resolve) => setTimeout(resolve, n * 1000));

async function countDown(from) {
  for (let left = from; left > 0 && stream; left--) {
    count.textContent = left;
    await seconds(1);
  }
  count.textContent = "";
}

async function openCamera() {
  stage.hidden = false;
  open.hidden = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 }, frameRate: { ideal: 30 } },
    });
  } catch {
    words.textContent = words.dataset.refused;
    start.disabled = true;
    return;
  }
  start.disabled = false;
  view.srcObject = stream;
  await view.play();
  words.textContent = words.dataset.ready;
  start.focus();
}

function closeCamera() {
  if (recorder?.state === "recording") recorder.stop();
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  view.srcObject = null;
  stage.hidden = true;
  open.hidden = false;
}

function offer(pieces, type) {
  const isMp4 = type.includes("mp4");
  const file = new File(pieces, isMp4 ? "recording.mp4" : "recording.webm", { type });
  const list = new DataTransfer();
  list.items.add(file);
  input.files = list.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  chosen.textContent = words.dataset.done;
  chosen.hidden = false;
  words.textContent = words.dataset.done;
}

async function record() {
  start.disabled = true;
  words.textContent = words.dataset.soon;
  await countDown(COUNT_DOWN_S);
  if (!stream) return;
  const pieces = [];
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS_PER_SECOND });
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => {
    if (stream) offer(pieces, recorder.mimeType);
    start.disabled = false;
  });
  recorder.start();
  words.textContent = words.dataset.now;
  await countDown(RECORD_S);
  if (recorder.state === "recording") recorder.stop();
}

// Browsers give the camera only to secure addresses, which includes this machine's own.
if (navigator.mediaDevices?.getUserMedia && window.MediaRecorder) {
  box.hidden = false;
  open.addEventListener("click", openCamera);
  start.addEventListener("click", record);
  document.getElementById("camera-close").addEventListener("click", closeCamera);
}
