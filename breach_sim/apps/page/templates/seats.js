// Four seats at one table: cards of a class, and what each seat makes of the whole breach.
"use strict";
(() => {
  const { Table, PACES, MOST_CARDS, data, words, make, quantiles, mean, human } = globalThis.breachSim;
  const table = new Table(data, words), byId = (id) => document.getElementById(id);
  const start = Math.round(words.days[0]), state = { cards: new Set(), day: Math.min(start, 365), pace: 1 };
  const dollars = (x) => { const v = Math.abs(x); return `${x < -0.005 ? "−" : ""}${v >= 1000 ? human(v) : v >= 10 ? String(Math.round(v)) : v >= 0.005 ? String(Number(v.toPrecision(2))) : "0"}`; };
  const range = (values, write) => { const [low, high] = quantiles(values, [0.05, 0.95]); return `9 runs in 10: ${write(low)} to ${write(high)}`; };
  const change = (before, after) => {
    if (!(before > 0)) return "";
    const share = 100 * (after / before - 1);
    return Math.abs(share) < 0.5 ? "as at the empty table" : `${Math.round(Math.abs(share))} % ${share < 0 ? "less" : "more"} than at the empty table`;
  };

  const SEATS = [
    { seat: "firm", title: words.carrier ? "The carrier" : "The firm", goal: "You lost the data. You pay for your cards; the loss is your customers' and their banks'.", unit: "own bill, US dollars for 1,000 accounts", better: "less is better",
      show: (own, none, alone) => [dollars(own.bill), `your cards by themselves avert ${dollars(mean(alone.averted))} of the ${dollars(mean(alone.averted) + mean(alone.loss))} that others lose`, `averted in ${range(alone.averted, dollars)}`] },
    { seat: "regulator", title: "The regulator", goal: "You answer for everybody: less harm, at costs that are worth it. Others carry out what you ask.", unit: "loss averted minus all bills, US dollars for 1,000 accounts", better: "more is better",
      show: (own) => [dollars(mean(own.net)), `averted: ${dollars(mean(own.averted))}; bills of all seats: ${dollars(own.bills)}`, range(own.net, dollars)] },
    { seat: "customers", title: "The customers", goal: "You do not want to be harmed. You act as often as published shares say: few do.", unit: "harmed, of each million", better: "less is better",
      show: (own, none) => [human(mean(own.harmed)), change(mean(none.harmed), mean(own.harmed)), range(own.harmed, human)] },
    { seat: "thief", title: "The thief", goal: "You hold the file. Which loss does it cause? These are rates; nobody learns how it is done.", unit: "loss caused, US dollars for 1,000 records", better: "thieves keep a part of it",
      show: (own, none) => [dollars(mean(own.loss)), change(mean(none.loss), mean(own.loss)), range(own.loss, dollars)] },
  ];
  const boxes = new Map();
  function build() {
    for (const one of SEATS) {
      const score = make("p", { class: "score" }), line = make("p", { class: "small" }), spread = make("p", { class: "small" }), levers = make("ul", { class: "levers" });
      const own = words.levers.map((lever, n) => [lever, n]).filter(([lever]) => lever.seat === one.seat);
      own.forEach(([lever, n]) => {
        const button = make("button", { type: "button", class: "lever", "aria-pressed": "false", "data-lever": n },
          make("b", {}, lever.label), make("span", {}, lever.description), make("small", {}, `bill: about ${dollars(1000 * lever.cost / words.accounts)} dollars for 1,000 accounts`));
        button.addEventListener("click", () => { if (button.getAttribute("aria-disabled") === "true") return; if (state.cards.has(n)) state.cards.delete(n); else state.cards.add(n); update(); });
        levers.append(make("li", {}, button));
      });
      const parts = [make("h3", { id: `seat-${one.seat}` }, one.title), make("p", { class: "goal" }, one.goal), make("div", { class: "scorebox" }, score, make("p", { class: "unit" }, one.unit, make("span", {}, ` (${one.better})`)), line, spread)];
      if (one.seat === "thief") parts.push(pace(), rates());
      else if (own.length) parts.push(make("p", { class: "small held" }), levers);
      else parts.push(make("p", { class: "small" }, "No card of the catalog fits this seat in this breach."));
      byId("seat-list").append(make("section", { class: `seat ${one.seat}`, "aria-labelledby": `seat-${one.seat}` }, ...parts));
      boxes.set(one.seat, { score, line, spread });
    }
  }
  function pace() {
    const frame = make("fieldset", { class: "pace" }, make("legend", {}, "Attempts in all"));
    [["half as many", 0.5], ["as the model assumes", 1], ["twice as many", 2]].forEach(([text, value]) => {
      const radio = make("input", { type: "radio", name: "pace", value });
      radio.addEventListener("change", () => { state.pace = value; update(); });
      frame.append(make("label", {}, radio, ` ${text}`));
    });
    return frame;
  }
  function rates() {
    return make("table", { class: "rates" }, make("caption", {}, "What pays, all thieves together"), make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "attack"), make("th", { scope: "col" }, "victims of a million"), make("th", { scope: "col" }, "dollars for 1,000 records"))), make("tbody", { id: "rates" }));
  }

  function update() {
    const none = table.scores({ ...state, cards: new Set(), pace: 1 }), own = table.scores(state), firms = [...state.cards].filter((n) => words.levers[n].seat === "firm"), alone = table.scores({ ...state, cards: new Set(firms) });
    for (const one of SEATS) {
      const [score, line, spread] = one.show(own, none, alone), box = boxes.get(one.seat);
      box.score.textContent = score; box.line.textContent = line; box.spread.textContent = spread;
    }
    const held = new Map();
    [...state.cards].forEach((n) => held.set(words.levers[n].seat, (held.get(words.levers[n].seat) || 0) + 1));
    document.querySelectorAll(".lever").forEach((button) => {
      const n = Number(button.dataset.lever), full = (held.get(words.levers[n].seat) || 0) >= MOST_CARDS;
      button.setAttribute("aria-pressed", String(state.cards.has(n)));
      button.setAttribute("aria-disabled", String(full && !state.cards.has(n)));
    });
    document.querySelectorAll(".seat").forEach((seat) => { const said = seat.querySelector(".held"); if (said) said.textContent = `${held.get(SEATS.find((s) => seat.classList.contains(s.seat)).seat) || 0} of ${MOST_CARDS} cards`; });
    document.querySelectorAll("[name=pace]").forEach((radio) => { radio.checked = Number(radio.value) === state.pace; });
    const rows = own.losses.map((loss, a) => [loss, a]).filter(([loss]) => loss > 0).sort((a, b) => b[0] - a[0]).slice(0, 5);
    byId("rates").replaceChildren(...rows.map(([loss, a]) => make("tr", {}, make("th", { scope: "row" }, words.attacks[a].label), make("td", {}, human(1e6 * own.victims[a] / words.accounts)), make("td", {}, dollars(1000 * loss / words.accounts)))));
    byId("start-day").value = state.day;
    byId("start-said").textContent = `day ${state.day} after the sale${state.day === start ? ", the day of the letter" : ""}`;
    byId("start-day").setAttribute("aria-valuetext", byId("start-said").textContent);
    byId("code").value = table.code(state);
    byId("code-said").textContent = "Read it aloud or write it on the board; every copy of this page can set it.";
    byId("code-said").classList.remove("warn");
    byId("table-said").textContent = `${human(mean(own.harmed))} of each million are harmed. The loss is ${dollars(mean(own.loss))} dollars for 1,000 accounts.`;
  }
  function set() {
    const found = table.decoded(byId("code").value);
    if (!found) { byId("code-said").textContent = `“${byId("code").value}” is not a code of this breach, such as ${table.code({ cards: new Set([0]), day: start, pace: 1 })}: cards, day, pace. The table is as before.`; byId("code-said").classList.add("warn"); return; }
    Object.assign(state, found);
    update();
  }
  byId("code-set").addEventListener("click", set);
  byId("code").addEventListener("keydown", (event) => { if (event.key === "Enter") set(); });
  byId("clear").addEventListener("click", () => { Object.assign(state, { cards: new Set(), day: Math.min(start, 365), pace: 1 }); update(); });
  byId("start-day").addEventListener("input", () => { state.day = Number(byId("start-day").value); requestAnimationFrame(update); });
  // The whole breach is summed when its part is opened, or printed.
  let built = false;
  function opened() { if (!built) { built = true; build(); update(); document.documentElement.dataset.seats = "yes"; } }
  addEventListener("hashchange", () => { if (location.hash === "#seats") opened(); });
  addEventListener("beforeprint", opened);
  if (location.hash === "#seats") opened();
  Object.assign(globalThis.breachSim, { table, seats: state, update, opened });
})();
