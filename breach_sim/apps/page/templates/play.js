// The game and the quiz on the page. Rules and chances are in play_law.js; nothing is stored or sent.
"use strict";
(() => {
  const { Game, lit, dealt, minutes, quantiles, mean, human, PEOPLE } = globalThis.breachSim;
  const words = JSON.parse(document.getElementById("words").textContent);
  const data = JSON.parse(document.getElementById("law").textContent);
  const game = new Game(data, words), last = game.last, turns = words.turns;
  const byId = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)"), narrow = matchMedia("(max-width: 720px)");
  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`);
  const count = (n) => Math.round(n).toLocaleString("en-US");
  const people = (n) => (n === 0 ? "nobody" : n === 1 ? "1 person" : `${count(n)} people`);
  const tenth = (x) => (x === 0 ? "0" : x < 0.05 ? "under 0.1" : x < 9.95 ? x.toFixed(1) : count(x));
  const clock = (m) => (m < 60 ? `${m} min` : `${Math.floor(m / 60)} h${m % 60 ? ` ${m % 60}` : ""}`);
  const spoken = (m) => (m < 60 ? `${m} minutes` : `${Math.floor(m / 60)} hour${m < 120 ? "" : "s"}${m % 60 ? ` ${m % 60} minutes` : ""}`);
  const span = (k) => (k <= turns ? `month ${k}` : `year ${Math.round(game.days[k] / 365 * 10) / 10}`);
  const years = words.years === 1 ? "one year" : `${words.years} years`;
  const advice = (name) => byId("advice").content.querySelector(`[data-action="${name}"]`)?.textContent;

  // ---- Who you are ---------------------------------------------------------------------------------------
  const state = { number: 1, group: 0, held: new Map(), order: [], you: 0, done: new Map(), picked: new Set(), turn: 0, at: 0, over: false };
  const person = () => ({ group: state.group, held: state.held });

  function buildGroups() {
    words.groups.forEach((group, g) => {
      const radio = make("input", { type: "radio", name: "group", value: g });
      if (g === 0) radio.checked = true;
      radio.addEventListener("change", () => { state.group = g; showLetter(); ahead(course()); });
      byId("groups").append(make("label", { class: "choice" }, radio, make("span", {}, make("b", {}, capital(group.label)), make("small", {}, `${group.accounts} accounts`))));
    });
    if (words.groups.length === 1) byId("groups").classList.add("one");
    words.traits.forEach((trait, t) => {
      if (!trait.asked) return;
      const box = make("input", { type: "checkbox", "data-trait": t });
      box.addEventListener("change", () => { state.held.set(t, box.checked ? 1 : 0); showHabits(); ahead(course()); });
      byId("habit-list").append(make("li", {}, make("label", {}, box, make("span", {}, capital(trait.label), make("small", {}, ` about ${Math.round(100 * trait.share)} of 100 do`)))));
    });
    words.actions.forEach((own, m) => byId("guess-card").append(make("option", { value: m }, own.label)));
    byId("guess-card").append(make("option", { value: "none" }, "none helps"));
  }
  function showLetter() {
    byId("letter-fields").replaceChildren(...words.groups[state.group].fields.map((name) => make("li", {}, name)));
  }
  function showHabits() {
    document.querySelectorAll("#habit-list input").forEach((box) => { box.checked = state.held.get(Number(box.dataset.trait)) === 1; });
    const own = words.traits.filter((_, t) => state.held.get(t) === 1).map((trait) => trait.label);
    byId("habits-said").textContent = own.length ? own.join("; ") : "none of those that matter here";
    byId("habits").hidden = !words.traits.some((trait) => trait.asked);
  }
  function deal() {
    const text = byId("number").value, number = Number(text);
    if (!/^\d{1,6}$/.test(text)) { byId("number-said").textContent = `“${text}” is no whole number from 0 to 999,999; your number is still ${state.number}.`; byId("number-said").classList.add("warn"); return; }
    byId("number-said").classList.remove("warn");
    byId("number-said").textContent = "Any whole number. It decides your habits, your dot, and the numbers of the quiz.";
    Object.assign(state, { number }, dealt(number, words.traits));
    showHabits(); buildQuiz(number); ahead(course());
  }

  // What the next steps need is computed while the player reads.
  const idle = globalThis.requestIdleCallback || ((work) => setTimeout(work, 30));
  let round = 0;
  function ahead(works) {
    const mine = ++round, left = [...works];
    (function step() { if (left.length) idle(() => { if (mine === round) { left.shift()(); step(); } }); })();
  }
  const course = () => game.days.map((_, k) => () => game.course(person(), new Map(), k));

  // ---- Dots ----------------------------------------------------------------------------------------------
  let circles = [], ring = null;
  function buildDots() {
    const columns = 60, step = 10;
    const at = (n) => [step * (n % columns) + step / 2, step * Math.floor(n / columns) + step / 2];
    const box = document.querySelector("#dots .dots");
    box.innerHTML = `<svg role="img" viewBox="-2 -2 ${columns * step + 4} ${PEOPLE / columns * step + 4}">${Array.from({ length: PEOPLE }, (_, n) => { const [x, y] = at(n); return `<circle class="free" cx="${x}" cy="${y}" r="3.6"/>`; }).join("")}<circle class="ring" r="6.4"/></svg>`;
    circles = [...box.querySelectorAll("circle:not(.ring)")];
    ring = box.querySelector(".ring");
    const [x, y] = at(state.order[state.you]);
    ring.setAttribute("cx", x); ring.setAttribute("cy", y);
  }
  function showDots(now, before) {
    circles.forEach((circle, n) => { circle.dataset.n = n; });
    state.order.forEach((place, rank) => circles[place].setAttribute("class", rank < now ? "hit" : rank < before ? "spared" : "free"));
    document.querySelector("#dots svg").setAttribute("aria-label", `1,200 dots, one a person like you: ${now} harmed${before > now ? `, ${before - now} spared by what you did` : ""}. Your own dot is ${state.you < now ? "one of those harmed" : "not harmed"}.`);
  }

  // ---- Months --------------------------------------------------------------------------------------------
  const none = () => game.course(person(), new Map());
  function reached(k) {
    const own = lit(game.course(person(), state.done, k)), idle = lit(none().slice(0, k + 1));
    return { own, idle, now: own[k].count, before: Math.max(idle[k].count, own[k].count) };
  }

  function show() {
    const k = state.at, { own, now, before } = reached(k);
    const playing = state.turn < turns && !state.over;
    byId("board-title").textContent = state.over ? `After ${years}` : playing ? `Month ${state.turn + 1} of ${turns}` : `The first ${turns} months are over`;
    byId("in-hand").textContent = clock(hand());
    byId("harmed").textContent = now;
    byId("spared").textContent = before - now;
    const hit = state.you < now;
    byId("fate").textContent = hit ? "harmed" : "unharmed";
    byId("fate").className = hit ? "bad" : "";
    showDots(now, before); showCurve(k);
    byId("hand-part").hidden = state.over;
    byId("result").hidden = !state.over;
    byId("board").classList.toggle("over", state.over);
    document.body.classList.toggle("playing", !state.over);
    byId("wait").hidden = !playing;
    byId("next").textContent = playing ? (state.turn === turns - 1 ? "End the year" : "Next month") : `Let the other years pass`;
    showHand(playing);
    return { own, now, before };
  }
  const hand = () => game.inHand(state.done, Math.min(state.turn, turns - 1)) - [...state.picked].reduce((sum, m) => sum + game.costs[m], 0);

  function buildHand() {
    if (!words.actions.length) byId("hand").replaceChildren(make("li", {}, "The catalog knows no action by which a person closes what this breach opened. Watch, and then see the four seats."));
    else byId("hand").replaceChildren(...words.actions.map((own, m) => {
      const button = make("button", { type: "button", class: "card", "data-m": m, "aria-pressed": "false" },
        make("span", { class: "name" }, own.label), make("span", { class: "cost" }, clock(game.costs[m])), make("span", { class: "how" }, advice(own.name) || own.description), make("span", { class: "mark" }));
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        if (state.picked.has(m)) state.picked.delete(m); else state.picked.add(m);
        byId("in-hand").textContent = clock(hand());
        showHand(true);
        byId("said").textContent = `${own.label} ${state.picked.has(m) ? "chosen" : "put back"}. ${spoken(hand())} in hand.`;
      });
      return make("li", {}, button);
    }));
  }
  function showHand(playing) {
    document.querySelectorAll("#hand .card").forEach((card) => {
      const m = Number(card.dataset.m), done = state.done.has(m), picked = state.picked.has(m), short = game.costs[m] - hand();
      const mark = done ? `done in month ${state.done.get(m) + 1}` : picked ? "this month" : short > 0 ? `${short} min short` : "";
      card.querySelector(".mark").textContent = mark;
      card.setAttribute("aria-pressed", String(picked || done));
      card.setAttribute("aria-disabled", String(!playing || done || (!picked && short > 0)));
      card.className = `card${done ? " done" : picked ? " picked" : short > 0 ? " short" : ""}`;
    });
  }

  let quiet = null; // the first of some times in a row in which nothing happens: they share a line
  function line(k, extra = "") {
    // What the time up to k brought: new dots by attack.
    const { own, now } = reached(k), hits = own[k].hits, by = new Map();
    hits.forEach((a) => by.set(a, (by.get(a) || 0) + 1));
    const what = [...by].sort((a, b) => b[1] - a[1]).map(([a, n]) => `${n > 1 ? `${n} × ` : ""}${words.attacks[a].label}`);
    const yours = hits.length && state.you < now && state.you >= now - hits.length;
    const start = k === 0 ? `Day ${Math.round(game.days[0])}: the letter comes${words.noticed ? "" : " (an assumed day)"}. Until then` : capital(span(k));
    const text = hits.length ? `${people(hits.length)} harmed (${what.join(", ")})` : "nobody new is harmed";
    if (!hits.length && !extra && k > 0) {
      const first = quiet;
      if (first) byId("log").firstChild.remove();
      quiet = quiet || k;
      byId("log").prepend(make("li", {}, `${capital(first ? `${span(first)} to ${span(k).replace(k > turns && first <= turns ? "" : /^(month|year) /, "")}` : span(k))}: nobody new is harmed.`));
      return byId("log").firstChild.textContent;
    }
    quiet = null;
    const item = make("li", { class: yours ? "yours" : hits.length ? "hits" : "" }, `${start}: ${text}. ${extra}${yours ? ` One of them is you: ${words.attacks[hits[state.you - (now - hits.length)]].label}.` : ""}`.trim());
    byId("log").prepend(item);
    return item.textContent;
  }

  function begin() {
    const harmed = byId("guess-harmed"), early = byId("guess-early"), card = byId("guess-card");
    const fine = (own, most) => /^\d+$/.test(own.value) && Number(own.value) <= most;
    const missing = [[harmed, fine(harmed, PEOPLE), "a whole number from 0 to 1,200"], [early, fine(early, 100), "a whole number from 0 to 100"], [card, card.value !== "", "one action"]].filter(([, ok]) => !ok);
    [harmed, early, card].forEach((own) => own.removeAttribute("aria-invalid"));
    missing.forEach(([own]) => own.setAttribute("aria-invalid", "true"));
    if (missing.length) { byId("guess-missing").textContent = `Still to guess: ${missing.map(([, , what]) => what).join("; ")}.`; missing[0][0].focus(); return; }
    byId("guess-missing").textContent = "";
    restart();
  }
  function restart() {
    Object.assign(state, { done: new Map(), picked: new Set(), turn: 0, at: 0, over: false });
    byId("setup").hidden = true; byId("board").hidden = false;
    byId("log").replaceChildren();
    quiet = null;
    buildDots(); buildHand();
    line(0); show();
    byId("board-title").focus({ preventScroll: true });
    byId("board").scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
    byId("said").textContent = byId("log").firstChild.textContent;
    const own = person(), steps = words.actions.flatMap((_, m) => (data.measures[m].dated ? [() => game.by(own, m)] : game.days.map((_day, k) => () => game.course(own, game.schedule([m]), k))));
    ahead([...course(), ...steps]);
  }
  function next() {
    if (state.turn >= turns) { finish(); return; }
    const did = [...state.picked];
    did.forEach((m) => state.done.set(m, state.turn));
    state.picked.clear();
    state.turn++; state.at = state.turn;
    const text = line(state.at, did.length ? `You did: ${listed(did.map((m) => words.actions[m].label))}.` : "");
    show();
    byId("said").textContent = text;
    if (state.at === last) finish();
  }
  function finish() {
    const all = [];
    for (let k = state.at + 1; k <= last; k++) all.push(k);
    const end = () => { state.over = true; show(); results(); };
    const step = () => {
      if (!all.length) { end(); return; }
      state.at = all.shift(); line(state.at); show();
      if (still.matches) step(); else setTimeout(step, 450);
    };
    step();
  }

  // ---- The line over the months -----------------------------------------------------------------------------
  function showCurve(k) {
    // Months and later years are equally wide: the first year is what is played.
    const width = 600, height = narrow.matches ? 260 : 200, left = 40, right = 14, top = 16, bottom = narrow.matches ? 56 : 44;
    const own = game.course(person(), state.done, k).map((m) => PEOPLE * mean(m.each)), idle = none().slice(0, k + 1).map((m) => PEOPLE * mean(m.each));
    const all = none().map((m) => PEOPLE * mean(m.each)), most = Math.max(1, Math.ceil(1.15 * Math.max(all[Math.min(last, Math.max(k, 3))], ...own)));
    const x = (n) => left + (width - left - right) * n / last, y = (v) => height - bottom - (height - top - bottom) * v / most;
    const path = (values) => values.map((v, n) => `${n ? "L" : "M"}${x(n).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    const ticks = [...new Set([0, Math.round(most / 2), most])], marks = [0, 3, 6, 9, 12].filter((n) => n <= turns);
    const grid = ticks.map((v) => `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(v)}" y2="${y(v)}"/><text x="${left - 8}" y="${y(v) + 4}" text-anchor="end">${v}</text>`).join("");
    const months = marks.map((n) => `<text x="${x(n)}" y="${height - bottom + (narrow.matches ? 22 : 18)}" text-anchor="middle">${n}</text>`).join("");
    const later = Array.from({ length: last - turns }, (_, n) => turns + 1 + n).map((n) => `<text x="${x(n)}" y="${height - bottom + (narrow.matches ? 22 : 18)}" text-anchor="middle">${Math.round(game.days[n] / 365 * 10) / 10}</text>`).join("");
    const band = last > turns ? `<rect class="later" x="${x(turns)}" width="${x(last) - x(turns)}" y="${top}" height="${height - top - bottom}"/>` : "";
    const acted = [...state.done.values()].filter((turn) => turn <= k).map((turn) => `<circle class="act" cx="${x(turn)}" cy="${y(own[turn])}" r="4"/>`).join("");
    const split = idle[k] - own[k] > 0.02;
    const label = (text, v, name, shift) => `<text class="${name}" x="${Math.min(x(k) + 6, width - right - 2)}" y="${y(v) + shift}" text-anchor="${x(k) > width * 0.6 ? "end" : "start"}">${text}</text>`;
    byId("curve").innerHTML = `<figcaption>People of 1,200 harmed so far</figcaption><svg role="img" viewBox="0 0 ${width} ${height}" aria-label="People of 1,200 harmed by the end of ${k === 0 ? "the day of the letter" : span(k)}: ${tenth(own[k])} with what you did, ${tenth(idle[k])} if you had done nothing.">${band}${grid}${months}${later}<text x="${left}" y="${height - 6}">months after the letter</text>${last > turns ? `<text x="${width - right}" y="${height - 6}" text-anchor="end">years after the sale</text>` : ""}<path class="idle" d="${path(idle)}"/><path class="own" d="${path(own)}"/>${acted}<circle class="tip" cx="${x(k)}" cy="${y(own[k])}" r="4"/>${split ? label(`had you done nothing: ${tenth(idle[k])}`, idle[k], "idle", -8) + label(`you: ${tenth(own[k])}`, own[k], "own", 18) : label(tenth(own[k]), own[k], "own", -9)}</svg>`;
  }

  // ---- Results -----------------------------------------------------------------------------------------------
  function results() {
    const own = game.course(person(), state.done), idle = none(), end = own[last], now = PEOPLE * mean(end.each), before = PEOPLE * mean(idle[last].each);
    const [low, high] = quantiles(end.each, [0.05, 0.95]).map((p) => PEOPLE * p), shown = reached(last), did = [...state.done.keys()];
    const spared = shown.before - shown.now, spent = did.reduce((sum, m) => sum + game.costs[m], 0);
    byId("result-said").textContent = `Of 1,200 people like you, ${shown.now || "fewer than one"} ${shown.now > 1 ? "are" : "is"} harmed within ${years} (9 runs in 10: ${tenth(low)} to ${tenth(high)}). ${did.length ? `Had you done nothing, it would have been ${shown.before || "fewer than one"}: your ${spoken(spent)} spared ${people(spared)}${spared === 0 && before - now >= 0.05 ? `, or ${tenth(before - now)} on average` : ""}.` : "You did nothing."}`;
    const hit = state.you < shown.now;
    byId("result-luck").textContent = hit
      ? `You are one of the ${shown.now}. That was bad luck: ${count(PEOPLE - shown.now)} others chose just as you did and were not harmed. Judge your plan by the 1,200 dots, and not by yours.`
      : `You were not harmed. That alone says little: ${count(PEOPLE - shown.now - 1)} others were not harmed either, and most would not have been without any action. Judge your plan by the 1,200 dots, and not by yours.`;
    // Guesses
    const early = 100 * mean(game.chance(person(), new Map(), 182.5).each) / mean(idle[last].each);
    const alone = game.alone(person()), ranked = alone.map((_, m) => m).sort((a, b) => alone[b] - alone[a]), best = ranked[0];
    const guessed = [Number(byId("guess-harmed").value), Number(byId("guess-early").value), byId("guess-card").selectedOptions[0].textContent];
    const row = (head, ...cells) => make("tr", {}, make("th", { scope: "row" }, head), ...cells.map((cell) => make("td", {}, cell)));
    byId("guesses").tBodies[0].replaceChildren(
      row(`harmed of 1,200 in ${years}, nobody acts`, count(guessed[0]), tenth(before)),
      row("of every 100 of these, in the first six months", count(guessed[1]), early > 0 ? count(early) : "–"),
      row("action that helps most", guessed[2], alone[best] > 0 ? words.actions[best].label : "none helps"));
    byId("alone").hidden = !alone.length;
    const factor = before > 0 ? guessed[0] / before : 1;
    byId("guess-word").textContent = [
      factor > 3 ? "You expected many more victims. A letter says that data are out. In this model few who get one are harmed because of it." : factor < 1 / 3 ? "You expected far fewer victims. Each chance is small, and over many people it adds up." : "Your number of victims was close: within a factor of three.",
      early - guessed[1] > 20 ? "Harm comes earlier than you thought. Waiting costs most in the first months." : "",
    ].filter(Boolean).join(" ");
    // Actions by themselves
    const most = Math.max(...alone, 1e-9);
    byId("alone").tBodies[0].replaceChildren(...ranked.map((m) => make("tr", { class: state.done.has(m) ? "did" : "" }, make("th", { scope: "row" }, words.actions[m].label, state.done.has(m) ? make("small", {}, ` you did, month ${state.done.get(m) + 1}`) : ""), make("td", {}, String(game.costs[m])), make("td", { class: "bar-cell" }, make("span", { class: "bar good", style: `--part:${alone[m] / most}` }), make("span", {}, alone[m] > 1e-9 ? tenth(alone[m]) : "0")))));
    const useful = ranked.filter((m) => alone[m] > 1e-6), plan = game.schedule(useful), planned = PEOPLE * mean(game.course(person(), plan)[last].each);
    byId("alone-word").textContent = useful.length ? `Effects do not add up. Done in this order, each as soon as you had the minutes: ${tenth(planned)} of 1,200 harmed. Your plan: ${tenth(now)}. ${useful.length < alone.length ? "An action at 0 closes nothing that this leak opened for you." : ""}` : "No action of your own closes what this leak opened for you. Others would have to act: see the four seats.";
    const causes = end.victims.map((p, a) => [PEOPLE * p, a]).filter(([p]) => p > 0).sort((a, b) => b[0] - a[0]).slice(0, 6);
    byId("causes").tBodies[0].replaceChildren(...causes.map(([p, a]) => row(words.attacks[a].label, tenth(p))));
    byId("said").textContent = byId("result-said").textContent;
    byId("result-title").focus({ preventScroll: true });
    byId("result").scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
  }

  // ---- Quiz --------------------------------------------------------------------------------------------------
  let score = { right: 0, answered: 0 };
  function buildQuiz(number) {
    const questions = words.quizzes[number % words.quizzes.length];
    score = { right: 0, answered: 0 };
    byId("quiz-score").textContent = "";
    byId("questions").replaceChildren(...questions.map((question, q) => {
      const said = make("div", { class: "verdict", role: "status" });
      const frame = make("fieldset", {}, make("legend", {}, make("b", {}, question.title)), make("p", {}, question.text.replace(/ %/g, "\u00a0%")));
      const list = make("ul", { class: "options" });
      const buttons = question.choices.map((choice) => {
        const button = make("button", { type: "button", class: "option" }, choice.text);
        button.addEventListener("click", () => answer(question, choice, button, buttons, said));
        list.append(make("li", {}, button));
        return button;
      });
      frame.append(list, said);
      return make("li", { id: `question-${q + 1}` }, frame);
    }));
  }
  function answer(question, choice, button, buttons, said) {
    if (button.getAttribute("aria-disabled") === "true") return;
    buttons.forEach((own, n) => {
      own.setAttribute("aria-disabled", "true");
      if (question.choices[n].right) { own.classList.add("right"); own.append(make("span", { class: "tag" }, "right")); }
    });
    if (!choice.right) { button.classList.add("wrong"); button.append(make("span", { class: "tag" }, "your answer")); }
    score.answered++; if (choice.right) score.right++;
    const key = question.choices.find((own) => own.right), rest = question.choices.filter((own) => own !== choice && !own.right);
    said.replaceChildren(...(choice.right
      ? [make("p", { class: "yes" }, make("b", {}, "Right. "), choice.message)]
      : [make("p", { class: "no" }, make("b", {}, "Not yet: "), make("i", {}, choice.idea), `. ${choice.message}`), make("p", { class: "yes" }, make("b", {}, `${key.text}. `), key.message)]));
    if (rest.length) said.append(make("details", {}, make("summary", {}, "What the other answers would have meant"), make("dl", {}, ...rest.flatMap((own) => [make("dt", {}, `${own.text}: `, make("i", {}, own.idea)), make("dd", {}, own.message)]))));
    said.append(make("p", { class: "small" }, `More in lesson ${question.exercise.split(".")[0]}, exercise ${question.exercise}.`));
    if (score.answered === words.quizzes[0].length) byId("quiz-score").textContent = `${score.right} of ${score.answered} right.${score.right < score.answered ? " For each wrong one there is an exercise in the lessons." : ""}`;
  }

  // ---- Parts of the page ---------------------------------------------------------------------------------
  function part() {
    const asked = location.hash.slice(1).split("=")[0], name = ["game", "quiz", "seats"].includes(asked) ? asked : "game";
    document.querySelectorAll(".part").forEach((own) => own.classList.toggle("away", own.id !== name));
    document.querySelectorAll(".parts a").forEach((own) => { if (own.hash === `#${name}`) own.setAttribute("aria-current", "true"); else own.removeAttribute("aria-current"); });
    if (asked === name) { byId(name).focus({ preventScroll: true }); if (scrollY > byId(name).offsetTop) byId(name).scrollIntoView(); }
  }

  byId("start").addEventListener("click", begin);
  byId("next").addEventListener("click", next);
  byId("wait").addEventListener("click", () => { while (state.turn < turns) next(); byId("next").focus(); });
  byId("again").addEventListener("click", restart);
  byId("other").addEventListener("click", () => { byId("board").hidden = true; byId("setup").hidden = false; document.body.classList.remove("playing"); byId("number").value = state.number + 1; deal(); ["guess-harmed", "guess-early", "guess-card"].forEach((id) => { byId(id).value = ""; }); byId("game").scrollIntoView(); byId("number").focus(); });
  byId("print").addEventListener("click", () => print());
  byId("number").addEventListener("change", deal);
  byId("quiz-again").addEventListener("click", () => { byId("number").value = state.number + 1; deal(); byId("quiz").scrollIntoView(); });
  narrow.addEventListener("change", () => { if (!byId("board").hidden) show(); });
  addEventListener("hashchange", part);
  buildGroups(); showLetter(); deal(); part();
  document.documentElement.dataset.ready = "yes";
  Object.assign(globalThis.breachSim, { game, state, data, words, make, tenth, minutes, human });
})();
