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
  form.addEventListener("submit", (event) => {
    const again = form.elements.again;
    if (!input.files.length && !(picked && picked.value) && !again) {
      event.preventDefault();
      say("Choose a file first.");
      input.focus();
    } else if (!fits()) {
      event.preventDefault();
    } else {
      say("Taking the file in.");
      setTimeout(() => { go.disabled = true; }, 0);
    }
  });
  addEventListener("pageshow", () => { go.disabled = false; });
})();
