"use strict";
(() => {
  const find = (q) => document.querySelector(q), all = (q) => [...document.querySelectorAll(q)];
  const clock = (s) => {
    const whole = Math.floor(s), tail = String(whole % 60).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
  };
  all("[data-print]").forEach((b) => b.addEventListener("click", () => print()));
  const copy = find("[data-copy]");
  copy?.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(find("#msg").textContent);
      copy.textContent = "Copied";
    } catch {
      find("#msg").closest("details").open = true;
      getSelection().selectAllChildren(find("#msg"));
    }
  });

  // --- playing: one gain for all, a ramp on every start, marked moments turned down if gently ----
  const RAMP_MS = 1500, DOWN = 0.2, AROUND_S = 0.6, NOTICE_S = 3.2, STEP_S = 5;
  const ZOOM_FROM_S = 600, ZOOM_S = 120;
  const data = find("#asmrmaster-sound");
  const sound = data ? JSON.parse(data.textContent) : null;
  const seek = find("#seek");
  if (sound && seek) {
    const { length, moments, pieces } = sound;
    const head = find("#head"), status = find("#status"), warn = find("#warn");
    const gentle = find("#gentle"), plain = find("#plain"), whole = find("#whole");
    const audio = new Audio();
    let mode = "gentle", began = 0, at = 0, piece = null, wait = 0;
    let view = [0, length];
    audio.preload = "auto";
    find(".play").hidden = false;

    const place = (s) => `${(s - view[0]) / (view[1] - view[0]) * 100}%`;
    const layout = () => {
      const svg = find("#chart svg"), full = svg.dataset.full ?? svg.getAttribute("viewBox");
      svg.dataset.full = full;
      const [, , width, height] = full.split(" ").map(Number);
      svg.setAttribute("viewBox", `${view[0] / length * width} 0 ${(view[1] - view[0]) / length * width} ${height}`);
      const zoomed = view[1] - view[0] < length;
      whole.hidden = !zoomed;
      find("#chart").classList.toggle("zoomed", zoomed);
      seek.min = view[0]; seek.max = view[1];
      if (zoomed || find(".axis").dataset.zoomed) {
        find(".axis").dataset.zoomed = "1";
        const marks = all(".axis span");
        marks.forEach((mark, k) => {
          const s = view[0] + (view[1] - view[0]) * k / (marks.length - 1);
          mark.textContent = clock(s);
          mark.style.left = `${k / (marks.length - 1) * 100}%`;
        });
      }
      gather();
      show();
    };
    // Marks nearer to each other than their labels are wide become one.
    const gather = () => {
      const marks = all(".mark"), wide = find("#chart").clientWidth;
      marks.forEach((m) => { m.hidden = false; m.textContent = clock(Number(m.dataset.at)); });
      let first = null, count = 0, last = -Infinity;
      for (const m of marks) {
        const s = Number(m.dataset.at), x = (s - view[0]) / (view[1] - view[0]) * wide;
        if (s < view[0] || s > view[1]) { m.hidden = true; continue; }
        m.style.left = `clamp(2.2rem, ${place(s)}, calc(100% - 2.2rem))`;
        if (first && x - last < Math.max(76, first.offsetWidth + 12)) {
          count += 1;
          m.hidden = true;
          first.textContent = `${count} sounds`;
        } else { first = m; count = 1; last = x; }
      }
    };
    const show = () => {
      if (piece && !audio.paused) at = piece.start + audio.currentTime;
      head.style.left = place(Math.min(Math.max(at, view[0]), view[1]));
      seek.value = at;
      seek.setAttribute("aria-valuetext", `${clock(at)} of ${clock(length)}`);
      if (audio.paused) return;
      let volume = Math.min(1, (performance.now() - began) / RAMP_MS), said = "";
      for (const [start, end, named] of moments) {
        const ahead = named - at;
        if (ahead > 0 && ahead <= NOTICE_S) said = `Sudden sound in ${Math.min(3, Math.ceil(ahead))}`;
        if (at >= start - AROUND_S && at <= end + AROUND_S) {
          if (mode === "gentle") volume = Math.min(volume, DOWN);
          said = mode === "gentle" ? "Now, turned down" : "Now";
        }
      }
      audio.volume = volume;
      const text = said || `Playing ${mode === "gentle" && moments.length ? "gently" : "as it is"}. Escape stops.`;
      if (status.textContent !== text) status.textContent = text;
    };
    const tick = () => {
      if (audio.paused) return;
      show();
      wait = setTimeout(tick, 40);
    };
    const label = () => {
      const stopped = audio.paused;
      gentle.textContent = stopped ? (moments.length ? "▶ Listen gently" : "▶ Listen") : "■ Stop";
      if (plain) plain.hidden = !stopped;
      warn.hidden = !stopped;
    };
    const stop = () => { clearTimeout(wait); audio.pause(); status.textContent = ""; label(); show(); };
    const load = (s) => {
      const wanted = pieces.find((p) => s >= p.start - 0.05 && s < p.end) ?? null;
      if (wanted && wanted !== piece) { audio.src = wanted.sound; piece = wanted; }
      return wanted;
    };
    const play = async (how, from) => {
      mode = how;
      const start = Math.max(0, from ?? at);
      if (!load(start)) {
        const next = pieces.find((p) => p.start > start) ?? pieces[0];
        if (!next) return;
        load(next.start);
        at = next.start;
      } else at = start;
      audio.volume = 0;
      audio.currentTime = at - piece.start;
      began = performance.now();
      try { await audio.play(); } catch { status.textContent = "No sound could be played here."; return; }
      if (at < view[0] || at > view[1]) { view = [0, length]; layout(); }
      label();
      clearTimeout(wait);
      tick();
    };
    const go = (s) => {
      at = Math.min(Math.max(s, view[0]), view[1]);
      if (!audio.paused) play(mode, at); else show();
    };
    gentle.addEventListener("click", () => { if (audio.paused) play("gentle"); else stop(); });
    plain?.addEventListener("click", () => play("plain"));
    audio.addEventListener("ended", stop);
    document.addEventListener("keydown", (e) => { if (e.key === "Escape") stop(); });
    seek.addEventListener("keydown", (e) => {
      const step = { ArrowLeft: -STEP_S, ArrowDown: -STEP_S, ArrowRight: STEP_S, ArrowUp: STEP_S }[e.key];
      if (!step) return;
      e.preventDefault();
      go(at + step);
    });
    seek.addEventListener("input", () => go(Number(seek.value)));
    seek.addEventListener("click", () => {
      if (length <= ZOOM_FROM_S || view[1] - view[0] < length) return;
      const start = Math.min(Math.max(0, at - ZOOM_S / 2), length - ZOOM_S);
      view = [start, start + ZOOM_S];
      layout();
    });
    whole.addEventListener("click", () => { view = [0, length]; layout(); });
    const lead = () => Number(find("#lead")?.value ?? 30);
    all(".mark").forEach((m) => m.addEventListener("click", () => play("gentle", Number(m.dataset.at) - lead())));
    all("[data-play]").forEach((b) => b.addEventListener("click", () => {
      play(b.dataset.play, Number(b.dataset.at) - lead());
      const row = b.closest("li"), told = row.querySelector(".heard");
      const field = row.querySelector(`[name^=${b.dataset.play === "gentle" ? "gently" : "plain"}]`);
      field.value = String(Number(field.value) + 1);
      const counts = [["gently", "gently"], ["plain", "as it is"]].map(([n, w]) => [Number(row.querySelector(`[name^=${n}]`).value), w]);
      told.textContent = `played ${counts.filter(([n]) => n).map(([n, w]) => `${w} ${n}×`).join(", ")}`;
    }));
    addEventListener("resize", layout);
    layout();
  }

  // --- excerpts: one at a time ------------------------------------------------------------------
  const players = all("audio");
  players.forEach((a) => {
    a.volume = 0.5;
    a.addEventListener("play", () => players.forEach((b) => { if (b !== a) b.pause(); }));
  });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") players.forEach((a) => a.pause()); });

  // --- judgements in a page that is a file: kept in it, beside what was there ----------------------
  const added = find("#asmrmaster-added"), form = find("#judge");
  const told = find("#signed");
  if (added && form) form.addEventListener("submit", (e) => {
    e.preventDefault();
    const who = find("#who").value.trim();
    if (!who) { told.textContent = "Please give a name."; find("#who").focus(); return; }
    const kept = JSON.parse(added.textContent), when = new Date().toISOString().slice(0, 19) + "Z";
    let count = 0, unwelcome = 0;
    form.querySelectorAll("li[data-at]").forEach((row) => {
      const chosen = row.querySelector("[type=radio]:checked");
      if (!chosen) return;
      const of = (name) => row.querySelector(`[name^=${name}]`);
      const one = { who, when, at_s: Number(row.dataset.at), answer: chosen.value, note: of("note").value,
        gently: Number(of("gently").value), as_it_is: Number(of("plain").value) };
      kept.push(one);
      count += 1;
      unwelcome += one.answer === "unwelcome" ? 1 : 0;
      const line = document.createElement("p"), name = document.createElement("b"), word = document.createElement("b");
      line.className = `prev ${{ unwelcome: "not_fine", unsure: "not_known", welcome: "fine" }[one.answer]}`;
      name.textContent = who;
      word.textContent = one.answer;
      const played = [one.gently && "gently", one.as_it_is && "as it is"].filter(Boolean).join(" and ") || "not played here";
      line.append(name, `, ${when.slice(0, 10)}, ${played}: `, word, `.${one.note ? ` ${one.note}` : ""}`);
      row.children[1].prepend(line);
      chosen.checked = false;
      of("note").value = "";
    });
    if (!count) { told.textContent = "Judge at least one moment first."; return; }
    added.textContent = JSON.stringify(kept).replaceAll("<", "\\u003c");
    told.textContent = `Added ${count}. Save keeps ${count === 1 ? "it" : "them"} in one file.`;
    if (unwelcome) {
      const verdict = find("#verdict"), tag = verdict.querySelector(".tag");
      verdict.className = tag.className = "stop";
      tag.classList.add("tag");
      verdict.classList.add("verdict");
      tag.querySelector("use").setAttribute("href", "#i-not_fine");
      tag.lastChild.textContent = "Not as it is";
      const heard = find("#q-heard");
      heard.className = "not_fine";
      heard.querySelector("summary use").setAttribute("href", "#i-not_fine");
      heard.querySelector(".s").textContent = `${unwelcome} unwelcome.`;
      verdict.querySelector(".judged b:last-child").textContent = "does not meet";
    }
  });
  all("[data-save]").forEach((b) => b.addEventListener("click", () => {
    const copyOf = document.documentElement.cloneNode(true);
    copyOf.querySelectorAll("[style]").forEach((e) => e.removeAttribute("style"));
    copyOf.querySelectorAll("details[open]").forEach((d) => d.removeAttribute("open"));
    copyOf.querySelector("#status")?.replaceChildren();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["<!doctype html>\n", copyOf.outerHTML], { type: "text/html" }));
    link.download = `${document.title.replace(/^[^:]*: /, "").replace(/[^\w .-]+/g, "_")}.report.html`;
    link.click();
  }));
})();
