// Plays a clip that was not kept from the person's own file, after checking that it is the very same. Nothing is sent.

const box = document.getElementById("local");
const input = document.getElementById("local-file");
const words = document.getElementById("local-words");
const video = document.getElementById("video");

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (box) {
  box.hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    words.textContent = words.dataset.checking;
    const isSame = (await sha256(file)) === box.dataset.sha256;
    words.textContent = isSame ? "" : words.dataset.other;
    video.hidden = !isSame;
    if (!isSame) return;
    if (video.src) URL.revokeObjectURL(video.src);
    video.src = URL.createObjectURL(file);
  });
}
