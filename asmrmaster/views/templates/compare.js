"use strict";
(() => {
  document.querySelectorAll("[data-print]").forEach((b) => b.addEventListener("click", () => print()));
  const boxes = [...document.querySelectorAll(".filter input")];
  const body = document.querySelector(".cmp tbody"), rows = [...body.rows];
  const FITS = 3, STOP = 5, LAST = 200;
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "ico hue");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#i-${name}`);
    svg.append(use);
    return svg;
  };
  const place = new Map();
  const go = () => {
    const wanted = boxes.filter((b) => b.checked).map((b) => b.value);
    const names = new Map(boxes.map((b) => [b.value, b.dataset.name]));
    let fits = 0, undeclared = 0;
    rows.forEach((row) => {
      const cell = row.querySelector(".fit"), rank = Number(row.dataset.rank), tags = row.dataset.tags;
      const hits = tags === "?" ? [] : wanted.filter((w) => tags.split("|").includes(w));
      cell.className = "fit fitc";
      cell.replaceChildren();
      let order = rank;
      if (wanted.length && tags === "?") {
        cell.classList.add("not_known");
        cell.append(icon("not_known"), " not declared: ask");
        order = 10 + rank;
        undeclared += 1;
      } else if (wanted.length && hits.length) {
        cell.classList.add("not_fine");
        cell.append(icon("not_fine"), ` holds ${hits.map((h) => names.get(h)).join(", ")}`);
        order = LAST + rank;
      } else if (wanted.length) {
        cell.classList.add("fine");
        if (rank < FITS) { cell.append(icon("fine")); fits += 1; }
        cell.append(" declares none of these");
      }
      place.set(row, rank === STOP ? order + 100 : order);
    });
    document.querySelector(".cmp").classList.toggle("on", wanted.length > 0);
    body.append(...[...rows].sort((a, b) => place.get(a) - place.get(b)));
    document.querySelector("#n").textContent = wanted.length
      ? `${fits || "None"} of ${rows.length} ${fits === 1 || !fits ? "fits" : "fit"}: nothing sudden found, and none of these declared. ${undeclared} declare nothing: ask.` : "";
  };
  boxes.forEach((b) => b.addEventListener("change", go));
  if (matchMedia("(max-width: 44rem)").matches) document.querySelector(".filter").open = false;
  go();
})();
