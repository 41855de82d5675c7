// The adviser: fields ticked become odds, and the actions that lower them most. Nothing is stored or sent.
"use strict";
(() => {
  const { World, quantiles, mean, human, odds } = globalThis.breachSim;
  const words = JSON.parse(document.getElementById("words").textContent);
  const data = JSON.parse(document.getElementById("law").textContent);
  const world = new World(data);
  const byId = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const accounts = mean(world.v(data.segments[0].accounts));
  const state = { lost: new Set(), held: new Map(), day: 30 };
  const PEOPLE = 1200, ACTIONS = 3;

  // Time is cut alike with and without actions, so that they differ by what they do and by nothing else.
  const cuts = () => data.measures.map((m) => (m.dated ? Math.max(state.day, m.earliest) : 0));
  const chance = (doing) => {
    const off = new Set(words.fields.map((_, f) => f).filter((f) => !state.lost.has(f)));
    const total = world.evaluate(off, new Set(doing), state.day, state.held, cuts());
    return { each: total.people.map((p) => p / accounts), attacks: total.victims.map((v) => mean(v) / accounts) };
  };

  function plan() {
    // One action after the other: each time the one that spares most, beside those already taken.
    const chosen = [];
    let best = mean(chance([]).each);
    while (chosen.length < ACTIONS) {
      const next = words.actions.map((_, m) => m).filter((m) => !chosen.includes(m))
        .map((m) => [mean(chance([...chosen, m]).each), m]).sort((a, b) => a[0] - b[0])[0];
      if (!next || best - next[0] <= 1e-6 * best) break;
      chosen.push(next[1]);
      best = next[0];
    }
    return { chosen, best };
  }
  const hours = (h) => (h < 0.75 ? `${Math.max(5, Math.round(h * 60 / 5) * 5)} minutes` : h < 1.25 ? "an hour" : `${Math.round(h * 2) / 2} hours`);

  const less = (before, after) => { const share = 100 * (1 - after / before); return share < 1 ? "less than 1 % fewer" : `${Math.round(share)} % fewer`; };
  const advice = (own) => document.getElementById("advice").content.querySelector(`[data-action="${own.name}"]`)?.textContent || own.description;

  let asked = 0;
  function update() {
    // The odds at once; what to do a moment later, as every action and pair of actions must be tried.
    const start = performance.now(), before = chance([]), whole = mean(before.each), none = whole <= 0;
    const [low, , high] = quantiles(before.each, [0.05, 0.5, 0.95]);
    byId("odds").textContent = none ? "–" : odds(whole);
    byId("odds-range").textContent = !state.lost.size ? "tick what you lost" : none ? "no attack in the model needs only this" : `between ${odds(low)} and ${odds(high)}`;
    const rows = before.attacks.map((p, a) => [p, a]).filter(([p]) => p > 0).sort((a, b) => b[0] - a[0]).slice(0, 6);
    byId("risks").hidden = !rows.length;
    byId("risks").tBodies[0].replaceChildren(...rows.map(([p, a]) => make("tr", {}, make("th", { scope: "row" }, words.attacks[a].label), make("td", {}, odds(p)))));
    globalThis.breachSim.took = performance.now() - start;
    byId("actions").classList.add("stale");
    clearTimeout(asked);
    asked = setTimeout(() => showPlan(whole, none), 0);
  }

  function showPlan(whole, none) {
    const { chosen, best } = none ? { chosen: [], best: 0 } : plan();
    const effort = chosen.reduce((total, m) => total + words.actions[m].hours, 0);
    byId("after").textContent = none ? "–" : odds(best);
    byId("after-hours").textContent = chosen.length ? `${less(whole, best)} harmed, for about ${hours(effort)}` : "";
    byId("said").textContent = none ? "" : `Your odds of being harmed are ${odds(whole)}; with ${chosen.map((m) => words.actions[m].label).join(", ") || "no action"}, ${odds(best)}.`;
    byId("no-action").textContent = !state.lost.size ? "Tick something first." : none ? "Nothing here needs an action." : chosen.length ? "" : "None of the actions known here lowers these odds. Watch for calls and messages that name the breach.";
    byId("actions").replaceChildren(...chosen.map((m) => {
      const own = words.actions[m], alone = mean(chance([m]).each);
      return make("li", {}, make("strong", {}, own.label), `, about ${hours(own.hours)}. `, make("span", { class: "note" }, advice(own)), ` By itself: ${odds(alone)} instead of ${odds(whole)}, ${less(whole, alone)} harmed.`);
    }));
    byId("actions").classList.remove("stale");
    dots(whole, best);
    document.documentElement.dataset.planned = String(Number(document.documentElement.dataset.planned || 0) + 1);
  }

  function dots(before, after) {
    const box = byId("dots"), hit = Math.round(before * PEOPLE), left = Math.round(after * PEOPLE), columns = 60;
    box.replaceChildren();
    if (before <= 0) return;
    const at = (n, name) => `<circle class="${name}" cx="${10 * (n % columns) + 5}" cy="${10 * Math.floor(n / columns) + 5}" r="4"/>`;
    const all = Array.from({ length: PEOPLE }, (_, n) => at(n, n < left ? "hit" : n < hit ? "spared" : "free")).join("");
    const frame = make("div");
    frame.innerHTML = `<svg role="img" viewBox="0 0 ${columns * 10} ${PEOPLE / columns * 10}">${all}</svg>`;
    frame.firstChild.setAttribute("aria-label", `Of ${human(PEOPLE)} people like you, ${hit} are harmed; ${hit - left} of them would be spared by the actions.`);
    box.append(make("p", {}, `Of ${PEOPLE.toLocaleString("en-US")} people like you, ${hit || "fewer than one"} ${hit === 1 ? "is" : "are"} harmed`, hit > left ? `; the actions would spare ${hit - left}.` : "."), frame);
  }

  const groups = [...document.querySelectorAll("fieldset[data-fields]")].map((own) => [own.dataset.fields.split(" "), own]);
  document.querySelectorAll("fieldset").forEach((own) => own.append(make("ul", { class: "ticks" })));
  words.fields.forEach((field, f) => {
    if (!field.read) return;
    const box = make("input", { type: "checkbox", id: `field-${f}` });
    const group = groups.find(([names]) => names.includes(field.name));
    box.addEventListener("change", () => { if (box.checked) state.lost.add(f); else state.lost.delete(f); update(); });
    (group ? group[1] : byId("others")).querySelector("ul").append(make("li", {}, make("label", {}, box, ` ${field.label}`)));
  });
  words.traits.forEach((trait, t) => {
    if (!trait.asked) return;
    const choice = make("select", { id: `trait-${t}` }, ...[["", "not sure"], ["1", "yes"], ["0", "no"]].map(([value, text]) => make("option", { value }, text)));
    choice.addEventListener("change", () => { if (choice.value === "") state.held.delete(t); else state.held.set(t, Number(choice.value)); update(); });
    byId("traits").append(make("p", { class: "trait" }, make("label", { for: `trait-${t}` }, `${trait.label[0].toUpperCase()}${trait.label.slice(1)}? `), choice));
  });
  const day = byId("day"), showDay = () => { byId("day-said").textContent = state.day === 1 ? "1 day ago" : `${state.day} days ago`; day.setAttribute("aria-valuetext", byId("day-said").textContent); };
  day.addEventListener("input", () => { state.day = Number(day.value); showDay(); requestAnimationFrame(update); });
  showDay(); update();
  document.documentElement.dataset.ready = "yes";
  Object.assign(globalThis.breachSim, { world, state, update, chance, plan });
})();
