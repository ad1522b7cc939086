"use strict";
(() => {
  const zone = document.querySelector("#drop");
  const input = document.querySelector("#file");
  const picked = document.querySelector("#picked");
  const said = document.querySelector("#said");
  const go = document.querySelector("#go");
  const form = input.form;
  const say = (text) => { said.textContent = text; };
  const fits = () => {
    const file = input.files[0];
    if (!file) return true;
    if (file.size <= Number(input.dataset.most)) return true;
    say(`${file.name} is too large for this page; use the command line.`);
    return false;
  };
  const chosen = () => {
    const file = input.files[0];
    if (file && picked) picked.value = "";
    if (file && fits()) say(`${file.name}, ${(file.size / 1e6).toFixed(1)} MB`);
  };
  input.addEventListener("change", chosen);
  if (picked) picked.addEventListener("change", () => { if (picked.value) { input.value = ""; say(""); } });
  addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length !== 1) { say("One file at a time."); return; }
    input.files = event.dataTransfer.files;
    chosen();
    go.focus();
  });
  // A large file takes a while: how far it is can be seen, and it can be stopped.
  const sending = document.querySelector("#sending");
  const bar = sending.querySelector("progress"), halt = sending.querySelector("button");
  const send = () => {
    const request = new XMLHttpRequest();
    let told = 0;
    const end = (text) => { sending.hidden = true; go.disabled = false; say(text); };
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      const quarter = Math.floor(bar.value * 4);
      if (quarter > told) { told = quarter; say(`${quarter * 25} percent taken in.`); }
    });
    request.addEventListener("load", () => {
      if (new URL(request.responseURL).pathname.startsWith("/jobs/")) { location.assign(request.responseURL); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      end(answer.querySelector("main p")?.textContent ?? "It was not taken in.");
    });
    request.addEventListener("error", () => end("The page does not answer; is it still running?"));
    request.addEventListener("abort", () => end("Stopped; nothing was kept."));
    halt.onclick = () => request.abort();
    request.open("POST", form.action);
    request.send(new FormData(form));
    bar.value = 0;
    sending.hidden = false;
    go.disabled = true;
    say("Taking the file in.");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const again = form.elements.again;
    if (!input.files.length && !(picked && picked.value) && !again) {
      say("Choose a file first.");
      input.focus();
    } else if (fits()) {
      send();
    }
  });
  addEventListener("pageshow", () => { go.disabled = false; sending.hidden = true; });
})();
