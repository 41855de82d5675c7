// The page: what a reader ticks becomes an answer, a table, an address, a picture, a file or Python.
"use strict";
(() => {
  const { World, drawn, quantiles, mean, human } = globalThis.breachSim;
  const words = JSON.parse(document.getElementById("words").textContent);
  const data = JSON.parse(document.getElementById("law").textContent);
  const world = new World(data);
  const byId = (id) => document.getElementById(id);
  const scores = words.scores.map((ref) => world.v(ref));
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const state = { off: new Set(), doing: new Set(), day: words.first_day };
  const LEVELS = [0.05, 0.5, 0.95], FITTING = 10, MOST_ANSWERS = 60;

  // ---- What is asked, and its answer ---------------------------------------------------------------------
  const answers = new Map();
  function answer(off, doing, day) {
    const dated = [...doing].some((m) => data.measures[m].dated);
    const key = `${[...off].sort()}|${[...doing].sort()}|${dated ? day : ""}`;
    if (!answers.has(key)) {
      if (answers.size >= MOST_ANSWERS) answers.clear();
      answers.set(key, computed(off, doing, day));
    }
    return answers.get(key);
  }
  function computed(off, doing, day) {
    const total = world.evaluate(off, doing, day), runs = drawn(total, scores);
    const of = (values) => { const [low, middle, high] = quantiles(values, LEVELS).map(Math.round); return { low, middle, high }; };
    return { total, runs, people: { ...of(runs.people), mean: mean(total.people) }, loss: { ...of(runs.loss), mean: mean(total.loss) },
      victims: total.victims.map((v) => mean(v)), losses: total.losses.map((v) => mean(v)) };
  }
  const base = answer(new Set(), new Set(), 0);
  let now = base;

  const spread = (x) => (x.low === x.high ? human(x.middle) : `${human(x.low)} to ${human(x.high)}`);
  const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);
  const offNames = () => [...state.off].sort((a, b) => a - b).map((f) => words.fields[f].label);
  const doingNames = () => [...state.doing].sort((a, b) => a - b).map((m) => words.measures[m].label);
  const change = (before, after) => {
    if (before <= 0 || after === before) return "no change";
    const share = 1 - after / before;
    if (Math.abs(share) < 0.005) return "hardly a change";
    return `${Math.round(Math.abs(share) * 100)} % ${share > 0 ? "less" : "more"}`;
  };

  function sentence() {
    const what = [];
    if (state.off.size) what.push(`without the ${listed(offNames())}`);
    if (state.doing.size) what.push(`with ${doingNames().join("; ")}`);
    const outcome = now.people.mean > 0
      ? `${human(now.people.middle)} people are harmed (9 runs in 10: ${spread(now.people)}) and ${human(now.loss.middle)} US dollars are lost (${spread(now.loss)})`
      : "nobody is harmed and nothing is lost";
    if (!what.length) return `As leaked, ${outcome}.`;
    const start = what.join(", and ");
    if (!(now.people.mean > 0)) return `${start[0].toUpperCase()}${start.slice(1)}: ${outcome}.`;
    return `${start[0].toUpperCase()}${start.slice(1)}: ${outcome}. Expected loss: ${change(base.loss.mean, now.loss.mean)} than as leaked.`.replace("no change than", "the same").replace("hardly a change than", "hardly different from");
  }

  // ---- Answer ------------------------------------------------------------------------------------------------
  function showAnswer() {
    for (const [id, own, first] of [["people", now.people, base.people], ["loss", now.loss, base.loss]]) {
      byId(id).textContent = human(own.middle);
      byId(`${id}-range`).textContent = own.mean > 0 ? `9 runs in 10: ${spread(own)}` : "in every run";
      byId(`${id}-change`).textContent = changed() ? `as leaked: ${human(first.middle)}` : "";
      range(byId(`${id}-bar`), own, first);
    }
    byId("said").textContent = sentence();
  }
  const changed = () => state.off.size + state.doing.size > 0;

  function range(svg, own, first) {
    // Two intervals on one logarithmic axis: as leaked above, now below.
    const least = Math.max(1, Math.min(first.low, own.low > 0 ? own.low : first.low) / 2), most = Math.max(first.high, own.high) * 1.5;
    const x = (v) => Math.max(0, Math.min(200, 200 * Math.log(Math.max(v, least) / least) / Math.log(most / least)));
    const row = (value, y, name) => `<line class="${name}" x1="${x(value.low)}" x2="${x(value.high)}" y1="${y}" y2="${y}"/><circle class="${name}" cx="${x(value.middle)}" cy="${y}" r="4"/>`;
    svg.innerHTML = (changed() ? row(first, 5, "ghost") : "") + (most > least ? row(own, 14, "now") : "");
  }

  // ---- Recipes -----------------------------------------------------------------------------------------------
  const heads = new Map(), cells = [];
  function buildRecipes() {
    const columns = words.columns, table = byId("recipes");
    table.style.setProperty("--columns", columns.length);
    const top = make("tr", { role: "row" }, make("th", { role: "columnheader", scope: "col", class: "way" }, "way in"));
    columns.forEach((f) => {
      const button = make("button", { type: "button", "aria-pressed": "false", "data-field": f, title: `leave out: ${words.fields[f].label}` }, make("span", { "aria-hidden": "true" }, words.fields[f].head));
      button.setAttribute("aria-label", `leave out ${words.fields[f].label}`);
      button.addEventListener("click", () => toggle(state.off, f));
      heads.set(f, button);
      top.append(make("th", { role: "columnheader", scope: "col", class: "field" }, button));
    });
    top.append(make("th", { role: "columnheader", scope: "col", class: "number" }, "accounts"));
    table.tHead.append(top);
    // Few columns fit any screen: then the heads can stay in view below the answer.
    if (columns.length <= FITTING) {
      const box = table.parentElement, strip = document.querySelector(".answer");
      box.classList.add("fits");
      box.removeAttribute("tabindex");
      new ResizeObserver(() => box.style.setProperty("--answer", `${strip.offsetHeight}px`)).observe(strip);
    }
    words.families.forEach(({ family, attacks }) => {
      const body = make("tbody", { role: "rowgroup" });
      attacks.forEach((attack) => attack.ways.filter((way) => way.routes.some((r) => base.total.open[r] > 0.5))
        .forEach((way, number) => body.append(recipe(attack, way, number, columns))));
      if (!body.rows.length) return;
      body.prepend(make("tr", { role: "row" }, make("th", { role: "rowheader", class: "family", scope: "rowgroup", colspan: columns.length + 2 }, family)));
      table.append(body);
    });
  }

  function recipe(attack, way, number, columns) {
    const name = make("th", { role: "rowheader", scope: "row", class: "way" });
    name.append(number === 0 ? attack.label : make("span", { class: "or" }, make("span", { class: "hidden" }, `${attack.label}, `), "or"));
    if (way.notes.length) name.append(make("span", { class: "note" }, way.notes.join("; ")));
    const row = make("tr", { role: "row" }, name), needed = [], places = way.fields.map((f) => columns.indexOf(f));
    columns.forEach((f, place) => {
      const cell = make("td", { role: "cell", class: "dot" });
      if (place >= Math.min(...places) && place < Math.max(...places)) cell.classList.add("line");
      if (way.fields.includes(f)) {
        const said = make("span", { class: "hidden" });
        cell.classList.add("needed");
        cell.append(said);
        cell.addEventListener("click", () => toggle(state.off, f));
        needed.push([f, cell, said]);
      }
      row.append(cell);
    });
    row.classList.toggle("bare", !needed.length);
    const bar = make("span", { class: "bar", "aria-hidden": "true" }), figure = make("span", { class: "figure" });
    row.append(make("td", { role: "cell", class: "number" }, bar, figure));
    cells.push({ way, row, needed, bar, figure });
    return row;
  }

  function showRecipes() {
    heads.forEach((button, f) => {
      button.setAttribute("aria-pressed", String(state.off.has(f)));
    });
    const most = Math.max(1, ...cells.map(({ way }) => known(base, way)));
    for (const { way, row, needed, bar, figure } of cells) {
      const before = known(base, way), after = known(now, way);
      row.classList.toggle("closed", after < 0.5);
      row.style.setProperty("--left", Math.max(0.35, Math.min(1, after / before)));
      needed.forEach(([f, cell, said]) => {
        const off = state.off.has(f);
        cell.dataset.state = off ? "off" : "leaked";
        said.textContent = off ? "needed, left out" : "needed";
      });
      bar.style.width = `${100 * after / most}%`;
      figure.textContent = after < 0.5 ? "none" : human(after);
    }
  }
  // Routes of one row need the same fields and steps, so each is open where any is.
  const known = (own, way) => own.total.open[way.routes[0]];

  // ---- Victims by attack -------------------------------------------------------------------------------------
  const bars = [];
  function buildBars() {
    const body = byId("attacks").tBodies[0];
    const order = words.attacks.map((_, a) => a).filter((a) => base.victims[a] > 0).sort((a, b) => base.losses[b] - base.losses[a]);
    order.forEach((a) => {
      const parts = ["victims", "losses"].map((what) => ({ what, bar: make("span", { class: `bar ${what}` }), ghost: make("span", { class: "bar ghost" }), figure: make("span", { class: "figure" }), range: make("span", { class: "note" }) }));
      const row = make("tr", {}, make("th", { scope: "row" }, words.attacks[a].label), ...parts.map((p) => make("td", {}, make("span", { class: "track", "aria-hidden": "true" }, p.ghost, p.bar), p.figure, p.range)));
      body.append(row);
      bars.push({ a, row, parts });
    });
  }

  function byAttack(own, a, what) {
    // Median and interval of one attack, luck included.
    const { count, nobody, lost } = globalThis.breachSim, victims = own.total.victims[a], runs = new Float64Array(victims.length);
    for (let i = 0; i < runs.length; i++) {
      runs[i] = count(victims[i], victims[i], scores[0][i]);
      if (what === "losses" && runs[i] > 0) runs[i] = lost(own.total.losses[a][i], victims[i] * world.squares[a][i], nobody(victims[i], victims[i]), scores[1][i]);
    }
    const found = quantiles(runs, LEVELS);
    return what === "losses" ? found : found.map(Math.round);
  }

  function showBars() {
    for (const what of ["victims", "losses"]) {
      const most = Math.max(...bars.map(({ a }) => base[what][a]), 1e-300);
      for (const { a, row, parts } of bars) {
        const part = parts.find((p) => p.what === what), value = now[what][a];
        if (part.shown === value) continue;
        part.shown = value;
        part.bar.style.width = `${Math.min(100, 100 * value / most)}%`;
        part.ghost.style.width = `${Math.min(100, 100 * base[what][a] / most)}%`;
        const [low, middle, high] = byAttack(now, a, what);
        part.figure.textContent = value > 0 ? human(middle) : "0";
        part.range.textContent = value > 0 && high > 0 ? `${human(low)} to ${human(high)}` : "";
        row.classList.toggle("closed", now.victims[a] === 0);
      }
    }
  }

  // ---- Measures ----------------------------------------------------------------------------------------------
  const measureButtons = [];
  function buildMeasures() {
    const list = byId("measures");
    if (!words.measures.length) { byId("doing").hidden = true; return; }
    words.measures.forEach((measure, m) => {
      const button = make("button", { type: "button", class: "chip", "aria-pressed": "false", title: measure.description }, measure.label);
      button.addEventListener("click", () => toggle(state.doing, m));
      measureButtons.push(button);
      list.append(make("li", {}, button));
    });
    const slider = byId("day");
    slider.addEventListener("input", () => { state.day = Number(slider.value); showDay(); later(); });
  }
  function showDay() {
    byId("day").value = state.day;
    byId("day-said").textContent = state.day === 0 ? "on the day of the sale" : `${state.day} day${state.day === 1 ? "" : "s"} after the sale`;
    byId("day").setAttribute("aria-valuetext", byId("day-said").textContent);
  }
  function showMeasures() {
    measureButtons.forEach((button, m) => button.setAttribute("aria-pressed", String(state.doing.has(m))));
    byId("day").disabled = ![...state.doing].some((m) => data.measures[m].dated);
    showDay();
  }

  // ---- State, in the address too -----------------------------------------------------------------------------
  let waiting = 0;
  function later() {
    if (waiting) return;
    waiting = requestAnimationFrame(() => { waiting = 0; update(); });
  }
  function toggle(set, item) {
    if (set.has(item)) set.delete(item); else set.add(item);
    update();
  }
  // What one more tap leads to is computed while the reader reads, so that the tap finds its answer.
  const idle = globalThis.requestIdleCallback || ((work) => setTimeout(work, 30));
  let turn = 0;
  function lookAhead() {
    const mine = ++turn, toggled = (set, item) => { const other = new Set(set); if (!other.delete(item)) other.add(item); return other; };
    const next = [...words.columns.map((f) => [toggled(state.off, f), state.doing]), ...words.measures.map((_, m) => [state.off, toggled(state.doing, m)])];
    delete document.documentElement.dataset.warm;
    (function step() {
      if (mine !== turn) return;
      const one = next.shift();
      if (!one) { document.documentElement.dataset.warm = "yes"; return; }
      idle(() => { if (mine === turn) { answer(one[0], one[1], state.day); step(); } });
    })();
  }
  function update({ address = true } = {}) {
    const start = performance.now();
    now = changed() ? answer(state.off, state.doing, state.day) : base;
    showAnswer(); showRecipes(); showBars(); showMeasures();
    byId("reset").disabled = !changed();
    byId("python").textContent = python();
    if (address) {
      byId("notice").textContent = "";
      try { history.replaceState(null, "", `#${hash()}`); } catch { location.hash = hash(); }
    }
    globalThis.breachSim.took = performance.now() - start;
    lookAhead();
  }
  function hash() {
    const parts = [`s=${encodeURIComponent(words.name)}`];
    if (state.off.size) parts.push(`off=${[...state.off].sort((a, b) => a - b).map((f) => words.fields[f].name).join(",")}`);
    if (state.doing.size) parts.push(`do=${[...state.doing].sort((a, b) => a - b).map((m) => words.measures[m].name).join(",")}`);
    if ([...state.doing].some((m) => data.measures[m].dated)) parts.push(`day=${state.day}`);
    return parts.join("&");
  }
  function read() {
    const wrong = [], asked = new URLSearchParams(location.hash.slice(1));
    const names = (key) => (asked.get(key) || "").split(",").filter(Boolean);
    state.off.clear(); state.doing.clear(); state.day = words.first_day;
    for (const key of asked.keys()) if (!["s", "off", "do", "day"].includes(key)) wrong.push(`“${key}” is no part of an address of this page`);
    if (asked.has("s") && asked.get("s") !== words.name) wrong.push(`this page holds ${words.title}, not “${asked.get("s")}”`);
    for (const name of names("off")) {
      const f = words.columns.find((i) => words.fields[i].name === name);
      if (f === undefined) wrong.push(words.fields.some((own) => own.name === name) ? `no attack here reads “${name}”` : `“${name}” is no field of this breach`); else state.off.add(f);
    }
    for (const name of names("do")) {
      const m = words.measures.findIndex((own) => own.name === name);
      if (m < 0) wrong.push(`“${name}” is no measure of this page`); else state.doing.add(m);
    }
    if (asked.has("day")) {
      const text = asked.get("day"), day = Number(text);
      if (/^\d+$/.test(text) && day <= words.last_day) state.day = day; else wrong.push(`day “${text}” is not a whole number from 0 to ${words.last_day}`);
    }
    update({ address: false });
    byId("notice").textContent = wrong.length ? `Ignored in the address: ${wrong.join("; ")}.` : "";
  }

  // ---- To take along -----------------------------------------------------------------------------------------
  function python() {
    const text = [], quoted = (s) => JSON.stringify(s);
    const common = `seed=${words.seed}, replicates=${words.replicates}${words.years === 5 ? "" : `, horizon_years=${words.years}`}${words.calibrated ? "" : ", calibrated=False"}`;
    text.push("import breach_sim as bs");
    if (!changed()) {
      text.push("", `impact = bs.simulate(${words.python}, ${common})`, "print(impact)");
      return text.join("\n");
    }
    const named = [];
    if (state.off.size) {
      text.push("from breach_sim.inputs.changes import Drop", "from breach_sim.inputs.mitigations import Mitigation");
      const fields = [...state.off].sort((a, b) => a - b).map((f) => quoted(words.fields[f].name)).join(", ");
      text.push("", `left_out = Mitigation(name="left-out", label="Fields left out", changes=(Drop(fields=(${fields},)),))`);
      named.push("left_out");
    } else text.push("");
    for (const m of [...state.doing].sort((a, b) => a - b)) {
      const own = words.measures[m];
      named.push(quoted(data.measures[m].dated ? `${own.name}-day-${Math.max(state.day, data.measures[m].earliest)}` : own.name));
    }
    text.push(`comparison = bs.compare(${[words.python, ...named].join(", ")}, ${common}, pairs=False)`,
      "together = comparison.averted[-1]",
      'people = comparison.base.total("people") - together.people',
      "loss, luck = together.left",
      "print(people.mean(), loss.mean())");
    return text.join("\n");
  }
  function csv() {
    const cell = (s) => (/[",\n]/.test(String(s)) ? `"${String(s).replace(/"/g, '""')}"` : String(s));
    const lines = [["attack", "victims_mean", "victims_p5", "victims_p50", "victims_p95", "loss_usd_mean", "loss_usd_p5", "loss_usd_p50", "loss_usd_p95", "victims_mean_as_leaked", "loss_usd_mean_as_leaked"]];
    lines.push(["all (each person once)", now.people.mean, now.people.low, now.people.middle, now.people.high, now.loss.mean, now.loss.low, now.loss.middle, now.loss.high, base.people.mean, base.loss.mean]);
    for (const { a } of bars) lines.push([words.attacks[a].label, now.victims[a], ...byAttack(now, a, "victims"), now.losses[a], ...byAttack(now, a, "losses"), base.victims[a], base.losses[a]]);
    const about = [["scenario", words.title], ["left out", offNames().join("; ")], ["measures", doingNames().join("; ")], ["measures start on day", state.day], ["made with", words.made]];
    return [...lines, [], ...about].map((line) => line.map(cell).join(",")).join("\r\n");
  }
  function save(name, blob) {
    const link = make("a", { download: name, href: URL.createObjectURL(blob) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  async function copy(text, said) {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = make("textarea", { "aria-hidden": "true" });
      area.value = text; document.body.append(area); area.select();
      document.execCommand("copy"); area.remove();
    }
    byId("done").textContent = said;
  }
  function picture() {
    const canvas = document.createElement("canvas"), width = 1200, rows = bars.slice(0, 8);
    canvas.width = width; canvas.height = 400 + 40 * rows.length;
    const c = canvas.getContext("2d"), font = (size, weight = "") => { c.font = `${weight} ${size}px system-ui, sans-serif`; };
    const write = (text, x, y, color = "#222222") => { c.fillStyle = color; c.fillText(text, x, y, (x < 600 && y > 130 && y < 270 ? 600 : width - 30) - x); };
    c.fillStyle = "#ffffff"; c.fillRect(0, 0, width, canvas.height);
    font(36, "bold"); write(words.title, 50, 70);
    font(24); write(changed() ? [offNames().length ? `without ${listed(offNames())}` : "", doingNames().length ? `with: ${doingNames().join("; ")}` : ""].filter(Boolean).join("; ") : "as leaked", 50, 110, "#595959");
    [["people harmed", now.people, base.people, 50], ["US dollars lost", now.loss, base.loss, 620]].forEach(([what, own, first, x]) => {
      font(56, "bold"); write(human(own.middle), x, 190, "#B34700");
      font(24); write(what, x, 226);
      font(20); write(`9 runs in 10: ${spread(own)}${changed() ? `; as leaked: ${human(first.middle)}` : ""}`, x, 258, "#595959");
    });
    const most = Math.max(...rows.map(({ a }) => base.losses[a]), 1e-300);
    font(22, "bold"); write("mean loss by attack, US dollars (outline: as leaked)", 50, 312);
    rows.forEach(({ a }, n) => {
      const y = 330 + 40 * n;
      font(20); write(words.attacks[a].label, 50, y + 24);
      c.fillStyle = "#B34700"; c.fillRect(480, y + 6, 500 * now.losses[a] / most, 24);
      c.strokeStyle = "#595959"; c.strokeRect(480, y + 6, 500 * base.losses[a] / most, 24);
      write(human(now.losses[a]), 1000, y + 25);
    });
    font(18); write(words.made, 50, canvas.height - 24, "#595959");
    return canvas;
  }

  byId("reset").addEventListener("click", () => { state.off.clear(); state.doing.clear(); state.day = words.first_day; update(); byId("people-title").focus(); });
  byId("link").addEventListener("click", () => copy(location.href.split("#")[0] + `#${hash()}`, "The link is copied."));
  byId("png").addEventListener("click", () => picture().toBlob((blob) => { save(`${words.name}.png`, blob); byId("done").textContent = "The picture is saved."; }));
  byId("csv").addEventListener("click", () => { save(`${words.name}.csv`, new Blob([csv()], { type: "text/csv" })); byId("done").textContent = "The table is saved."; });
  byId("copy-python").addEventListener("click", () => copy(python(), "The Python is copied."));
  addEventListener("hashchange", read);
  buildRecipes(); buildBars(); buildMeasures(); read();
  document.documentElement.dataset.ready = "yes";

  Object.assign(globalThis.breachSim, { world, state, update, answer, csv, python });
})();
