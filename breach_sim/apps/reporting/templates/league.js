(() => {
  const table = document.getElementById("league");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const key = (row, place) => {
    const text = row.cells[place].dataset.v;
    const number = Number(text);
    return text !== "" && Number.isFinite(number) ? number : text;
  };
  const order = (one, other) => {
    if (one === "" || other === "") return one === other ? 0 : one === "" ? 1 : -1;
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), "en");
  };
  heads.forEach((head, place) => head.firstElementChild.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...body.rows].map((row) => [key(row, place), row]);
    // Empty cells stay last, whichever way the others go.
    rows.sort(([one], [other]) => (up || one === "" || other === "" ? order(one, other) : order(other, one)));
    body.append(...rows.map(([, row]) => row));
  }));
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      number += row.hidden ? 0 : 1;
    }
    found.textContent = words.length ? `${number} of ${body.rows.length}` : "";
  });
})();
