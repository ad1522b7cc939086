"use strict";
(() => {
  const START = 0.5, STEPS = 30, STEP_MS = 50;
  const players = [...document.querySelectorAll("audio")];
  const fading = new Set();
  const stop = (except) => players.forEach((a) => { if (a !== except) a.pause(); });

  const fadeIn = (a, steps) => {
    if (fading.has(a)) return;
    const goal = a.volume;
    let step = 0, set = 0;
    fading.add(a);
    a.volume = 0;
    const timer = setInterval(() => {
      const touched = Math.abs(a.volume - set) > 0.01;
      if (touched || a.paused || step === steps) {
        if (!touched) a.volume = goal;
        fading.delete(a);
        clearInterval(timer);
        return;
      }
      step += 1;
      set = goal * step / steps;
      a.volume = set;
    }, STEP_MS);
  };

  // What plays is said in one place, where it can be stopped and compared without losing the place.
  const bar = document.querySelector(".now-playing");
  const said = bar?.querySelector("p"), sides = bar ? [...bar.querySelectorAll("[data-side]")] : [];
  let heard = null, link = null;
  const pairOf = (a) => [...a.closest(".excerpt").querySelectorAll("audio")];
  const show = (a) => {
    const pair = pairOf(a);
    bar.hidden = false;
    said.textContent = `Playing ${a.closest(".excerpt").querySelector("h3").textContent}`;
    sides.forEach((button, k) => {
      button.hidden = pair.length < 2;
      button.setAttribute("aria-pressed", String(pair[k] === a));
    });
  };
  const quiet = () => {
    if (players.some((a) => !a.paused)) return;
    const inside = bar.contains(document.activeElement);
    if (link) { link.classList.remove("playing"); if (inside) link.focus({ preventScroll: true }); }
    bar.hidden = true;
    said.textContent = "";
    heard = link = null;
  };
  let steps = STEPS;
  players.forEach((a) => {
    a.volume = START;
    a.addEventListener("play", () => {
      heard = a;
      stop(a);
      fadeIn(a, steps);
      steps = STEPS;
      show(a);
    });
    for (const kind of ["pause", "ended"]) a.addEventListener(kind, quiet);
  });
  sides.forEach((button, k) => button.addEventListener("click", () => {
    const other = heard && pairOf(heard)[k];
    if (!other || other === heard) return;
    other.volume = fading.has(heard) ? START : heard.volume;
    other.currentTime = heard.currentTime;
    steps = 2;
    other.play();
  }));
  bar?.querySelector("[data-stop]").addEventListener("click", () => stop(null));
  document.querySelectorAll("a.time").forEach((each) => {
    each.setAttribute("role", "button");
    each.addEventListener("click", (event) => {
      event.preventDefault();
      const again = link === each;
      stop(null);
      quiet();
      if (again) return;
      const sounds = document.querySelectorAll(`${each.hash} audio`);
      const judged = sounds[sounds.length - 1];
      judged.currentTime = 0;
      link = each;
      each.classList.add("playing");
      judged.play();
    });
    each.addEventListener("keydown", (event) => {
      if (event.key === " ") { event.preventDefault(); each.click(); }
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
