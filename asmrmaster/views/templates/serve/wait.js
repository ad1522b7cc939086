"use strict";
(() => {
  const EVERY_MS = 150;
  const bar = document.querySelector("#share");
  const said = document.querySelector("#said");
  const address = document.querySelector("#job").dataset.state;
  let told = 0;
  const look = async () => {
    try {
      const state = await (await fetch(address)).json();
      if (!["waiting", "working"].includes(state.status)) { location.reload(); return; }
      bar.value = state.share;
      const quarter = Math.floor(state.share * 4);
      if (quarter > told) { told = quarter; said.textContent = `${quarter * 25} percent done.`; }
    } catch { said.textContent = "The page does not answer; is it still running?"; }
    setTimeout(look, EVERY_MS);
  };
  look();
})();
