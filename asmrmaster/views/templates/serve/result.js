"use strict";
(() => {
  const WAIT_MS = 150, LOOK_MS = 400, VOLUME = 0.5, SWITCH_S = 0.02;
  const find = (selector) => document.querySelector(selector);

  const cutting = find("#cutting");
  if (cutting) {
    let touched = false;
    for (const kind of ["keydown", "pointerdown", "wheel", "input"]) addEventListener(kind, () => { touched = true; }, { once: true });
    const look = async () => {
      const state = await (await fetch(cutting.dataset.state)).json();
      if (!state.sounds) { setTimeout(look, LOOK_MS); return; }
      if (!touched) { location.reload(); return; }
      const link = document.createElement("a");
      link.href = location.pathname + location.search;
      link.textContent = "Show the page with them";
      cutting.replaceChildren("The excerpts are ready. ", link);
    };
    look().catch(() => {});
  }

  const form = find("#move");
  const verdict = find("#rejudged");
  let timer = 0, asked = 0;
  const judge = async () => {
    const number = (asked += 1);
    const query = new URLSearchParams(new FormData(form));
    const answer = await fetch(`${form.dataset.judge}?${query}`);
    const found = await answer.json();
    if (number !== asked) return;
    if (found.error) { verdict.textContent = found.error; return; }
    const strong = document.createElement("strong");
    strong.textContent = found.state;
    verdict.replaceChildren(strong, `. ${found.sentence}`);
    document.querySelectorAll("[data-result]").forEach((cell) => { cell.textContent = found.states[cell.dataset.result] ?? ""; });
  };
  form.addEventListener("input", (event) => {
    if (event.target.id === "other") {
      form.querySelectorAll("[type=number]").forEach((field) => { field.disabled = true; });
    }
    clearTimeout(timer);
    timer = setTimeout(() => { judge().catch(() => { verdict.textContent = "The page does not answer."; }); }, WAIT_MS);
  });

  const both = find("#both");
  if (!both) return;
  const stretch = find("#stretch"), play = find("#swap"), which = find("#which"), hearing = find("#hearing");
  both.hidden = stretch.options.length === 0;
  let context = null, playing = null;
  const master = () => which.getAttribute("aria-checked") === "true";
  const tell = () => { hearing.textContent = playing ? `Playing the ${master() ? "master" : "take"}` : ""; };
  const level = (k) => (k === Number(master()) ? VOLUME : 0);
  const stop = () => {
    if (playing) playing.sources.forEach((source) => source.stop());
    playing = null;
    play.textContent = "Play";
    tell();
  };
  const start = async () => {
    context ??= new AudioContext();
    await context.resume();
    const chosen = stretch.selectedOptions[0].dataset;
    const decode = async (address) => context.decodeAudioData(await (await fetch(address)).arrayBuffer());
    const buffers = await Promise.all([chosen.take, chosen.master].map(decode));
    stop();
    document.querySelectorAll("audio").forEach((a) => a.pause());
    const gains = buffers.map((_, k) => new GainNode(context, { gain: level(k) }));
    const sources = buffers.map((buffer, k) => {
      const source = new AudioBufferSourceNode(context, { buffer, loop: true });
      source.connect(gains[k]).connect(context.destination);
      return source;
    });
    const at = context.currentTime + 0.05;
    sources.forEach((source) => source.start(at));
    playing = { sources, gains };
    play.textContent = "Stop";
    tell();
  };
  play.addEventListener("click", () => { if (playing) stop(); else start().catch(() => { hearing.textContent = "It cannot be played here."; }); });
  which.addEventListener("click", () => {
    which.setAttribute("aria-checked", String(!master()));
    if (playing) playing.gains.forEach((gain, k) => gain.gain.setTargetAtTime(level(k), context.currentTime, SWITCH_S));
    tell();
  });
  stretch.addEventListener("change", () => { if (playing) start(); });
  document.querySelectorAll("audio").forEach((a) => a.addEventListener("play", stop));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
})();
