"use strict";
(() => {
  const START = 0.5, STEPS = 30, STEP_MS = 50;
  const players = [...document.querySelectorAll("audio")];
  const stop = (except) => players.forEach((a) => { if (a !== except) a.pause(); });
  const fading = new Set();
  const fadeIn = (a) => {
    if (fading.has(a)) return;
    const goal = a.volume;
    let step = 0, set = 0;
    fading.add(a);
    a.volume = 0;
    const timer = setInterval(() => {
      const touched = Math.abs(a.volume - set) > 0.01;
      if (touched || a.paused || step === STEPS) {
        if (!touched) a.volume = goal;
        fading.delete(a);
        clearInterval(timer);
        return;
      }
      step += 1;
      set = goal * step / STEPS;
      a.volume = set;
    }, STEP_MS);
  };
  players.forEach((a) => {
    a.volume = START;
    a.addEventListener("play", () => { stop(a); fadeIn(a); });
  });
  document.querySelectorAll("a.time").forEach((link) => {
    link.addEventListener("click", () => {
      const sounds = document.querySelectorAll(`${link.hash} audio`);
      const judged = sounds[sounds.length - 1];
      judged.currentTime = 0;
      judged.play();
      setTimeout(() => judged.focus({ preventScroll: true }), 0);
    });
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(null); });
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((d) => { d.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
})();
