// Sends the clip with a progress bar, and says at once when it is too large. Without this file the form still works.

const form = document.getElementById("upload");
const inputs = [...form.querySelectorAll('input[type="file"]')];
const problem = document.getElementById("upload-error");
const sending = document.getElementById("sending");
const bar = document.getElementById("sent");
const button = form.querySelector('[type="submit"]');

function show(text, id) {
  const paragraph = document.createElement("p");
  paragraph.className = "problem";
  paragraph.textContent = id ? `${text} [${id}]` : text;
  problem.replaceChildren(paragraph);
  for (const input of inputs) input.setAttribute("aria-invalid", "true");
}

function clear() {
  problem.replaceChildren();
  for (const input of inputs) input.removeAttribute("aria-invalid");
}

function isTooBig(file) {
  if (!file || file.size <= Number(form.dataset.maxBytes)) return false;
  show(form.dataset.tooBig, form.dataset.tooBigId);
  return true;
}

function setBusy(isBusy) {
  sending.hidden = !isBusy;
  button.disabled = isBusy;
  bar.value = 0;
}

for (const input of inputs) {
  input.addEventListener("change", () => {
    clear();
    if (input.files.length) for (const other of inputs) if (other !== input) other.value = "";
    document.getElementById("chosen").hidden = true;
    isTooBig(input.files[0]);
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clear();
  const file = inputs.map((input) => input.files[0]).find(Boolean);
  if (isTooBig(file)) return;
  setBusy(true);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.upload.addEventListener("progress", (step) => {
    if (step.lengthComputable) bar.value = step.loaded / step.total;
  });
  request.addEventListener("load", () => {
    if (request.status === 200) {
      window.location.assign(request.responseURL);
      return;
    }
    setBusy(false);
    const said = request.response?.querySelector(".problem") ?? request.response?.querySelector("main p");
    show(said ? said.textContent : form.dataset.lost);
    inputs[0].focus();
  });
  request.addEventListener("error", () => {
    setBusy(false);
    show(form.dataset.lost);
  });
  request.send(new FormData(form));
});
