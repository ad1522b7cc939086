"use strict";
(() => {
  const body = document.querySelector("#files tbody");
  const rows = [...body.rows];
  const heads = [...document.querySelectorAll("#files thead th")];
  const form = document.querySelector(".filter");
  const text = document.querySelector("#text");
  const boxes = [...form.querySelectorAll("[name=verdict]")];
  const status = document.querySelector("#shown");

  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    const verdicts = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
    let count = 0;
    rows.forEach((row) => {
      const said = row.textContent.toLowerCase();
      row.hidden = !(said.includes(wanted) && verdicts.has(row.dataset.verdict));
      count += row.hidden ? 0 : 1;
    });
    status.textContent = `${count} of ${rows.length} files shown`;
  };

  const compare = (column, sign) => (a, b) => {
    const x = a.cells[column].dataset.key, y = b.cells[column].dataset.key;
    if (x === "" || y === "") return (x === "") - (y === "");
    if (column === 0) return sign * x.localeCompare(y, undefined, { numeric: true });
    return sign * (Number(x) - Number(y));
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((h) => h.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      body.append(...rows.sort(compare(column, rising ? 1 : -1)));
    });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.hidden = false;
  filter();
})();
