// The rules of the game: what a month adds, what an hour buys, who sits where. No document is touched here.
// Every chance comes from engine.js, with the draws of the page; docs/how-to/play.md says the rules in words.
"use strict";
(function (root) {
  const { World, mean } = root.breachSim;
  const PEOPLE = 1200, HOUR = 60, STEP = 5, MOST_CARDS = 2, PACES = [0.5, 1, 2];

  /** Numbers from 0 to 1 that follow from a whole number (mulberry32). They lay dots; they are not the model's. */
  function stream(number) {
    let state = (Number(number) + 1) * 0x9e3779b1 >>> 0;
    return () => {
      state = state + 0x6d2b79f5 >>> 0;
      let t = Math.imul(state ^ state >>> 15, state | 1);
      t ^= t + Math.imul(t ^ t >>> 7, t | 61);
      return ((t ^ t >>> 14) >>> 0) / 4294967296;
    };
  }
  function shuffled(length, draw) {
    const order = Array.from({ length }, (_, n) => n);
    for (let n = length - 1; n > 0; n--) { const m = Math.floor(draw() * (n + 1)); [order[n], order[m]] = [order[m], order[n]]; }
    return order;
  }
  const minutes = (hours) => Math.max(STEP, Math.round(hours * 60 / STEP) * STEP);

  /** One person of a breach, month by month. A person is { group, held }: a segment, and a Map of habits (1 or 0). */
  class Game {
    constructor(data, words) {
      this.data = data; this.words = words; this.days = words.days; this.last = words.days.length - 1;
      this.costs = words.actions.map((own) => minutes(own.hours));
      // Time is cut alike whatever is done, so that courses differ by what was done and by nothing else.
      this.cuts = [...this.days, ...words.actions.map((_, m) => data.measures[m].earliest)];
      this.worlds = new Map(); this.kept = new Map();
    }

    world(group) {
      // One account that lost all that its letter names.
      if (!this.worlds.has(group)) {
        const own = this.data.segments[group], leaks = own.leaks.map((leak, n) => ({ ...leak, certain: this.words.groups[group].lost[n] ? 1 : 0 }));
        const values = [...this.data.values, 1];
        this.worlds.set(group, new World({ ...this.data, values, segments: [{ ...own, leaks, accounts: values.length - 1 }] }));
      }
      return this.worlds.get(group);
    }

    /** Chance of being harmed up to a day, in each replicate, and the mean chance of each attack. `done`: turn by action. */
    chance(person, done, until) {
      const acts = [...done].sort((a, b) => a[0] - b[0]), key = `${person.group}|${[...person.held].sort((a, b) => a[0] - b[0])}|${acts.join(";")}|${until}`;
      if (!this.kept.has(key)) {
        if (this.kept.size > 3000) this.kept.clear();
        const days = new Map(acts.map(([m, turn]) => [m, this.days[turn]]));
        const total = this.world(person.group).evaluate(new Set(), new Set(days.keys()), days, person.held, this.cuts, { until });
        this.kept.set(key, { each: total.people, victims: total.victims.map(mean) });
      }
      return this.kept.get(key);
    }

    /** Chances up to the days 0 to `through`. A month adds what the law adds in it, for what has been done by its beginning. */
    course(person, done, through = this.last) {
      const first = this.chance(person, new Map(), this.days[0]), months = [{ each: first.each.slice(), victims: first.victims.slice() }];
      for (let k = 0; k < through; k++) {
        const by = new Map([...done].filter(([, turn]) => turn <= k)), before = this.chance(person, by, this.days[k]), after = this.chance(person, by, this.days[k + 1]);
        months.push({
          each: months[k].each.map((p, i) => p + after.each[i] - before.each[i]),
          victims: months[k].victims.map((p, a) => p + after.victims[a] - before.victims[a]),
        });
      }
      return months;
    }

    /** Minutes in hand in a turn: an hour for each month so far, without what was spent. */
    inHand(done, turn) {
      return HOUR * (turn + 1) - [...done.keys()].reduce((spent, m) => spent + this.costs[m], 0);
    }

    /** Turns of actions that are done one after the other, each as soon as there are minutes for it. */
    schedule(order) {
      const done = new Map();
      let turn = 0;
      for (const m of order) {
        while (turn < this.words.turns && this.inHand(done, turn) < this.costs[m]) turn++;
        if (turn >= this.words.turns) break;
        done.set(m, turn);
      }
      return done;
    }

    /** People of 1,200 whom each action by itself would spare, done as soon as there are minutes for it. */
    alone(person) {
      const none = mean(this.course(person, new Map())[this.last].each);
      return this.costs.map((_, m) => Math.max(0, PEOPLE * (none - this.by(person, m))));
    }

    /** Mean chance up to the end with one action. Dated by itself, it needs one sum: the months before are as they were. */
    by(person, m) {
      const done = this.schedule([m]), end = this.data.measures[m].dated ? this.chance(person, done, this.days[this.last]) : this.course(person, done)[this.last];
      return mean(end.each);
    }
  }

  /** How many dots are lit at each time, and what hit each new one: attacks in proportion to their chances so far. */
  function lit(months) {
    const given = new Map(), found = [];
    let before = 0;
    for (const { each, victims } of months) {
      const count = Math.max(before, Math.round(PEOPLE * mean(each))), hits = [];
      for (let n = before; n < count; n++) {
        const behind = (a) => PEOPLE * victims[a] - (given.get(a) || 0);
        const attack = victims.map((_, a) => a).reduce((best, a) => (behind(a) > behind(best) ? a : best), 0);
        given.set(attack, (given.get(attack) || 0) + 1);
        hits.push(attack);
      }
      found.push({ count, hits });
      before = count;
    }
    return found;
  }

  /** Where the dots lie, which one is this player, and which habits were dealt: all from the player's number. */
  function dealt(number, traits) {
    const draw = stream(number), order = shuffled(PEOPLE, draw), you = Math.floor(draw() * PEOPLE);
    const held = new Map();
    traits.forEach((trait, t) => { const u = draw(); if (trait.asked) held.set(t, u < trait.share ? 1 : 0); });
    return { order, you, held };
  }

  /** Four seats at one table: what each holds, and what it makes of the whole breach. */
  class Table {
    constructor(data, words) { this.data = data; this.words = words; this.world = new World(data); this.kept = new Map(); }

    evaluated(cards, day, pace) {
      const own = [...cards].sort((a, b) => a - b).map((n) => this.words.levers[n]);
      // With and without cards time is cut alike.
      const cuts = this.words.levers.filter((l) => l.measure !== null && this.data.measures[l.measure].dated).map((l) => Math.max(day, this.data.measures[l.measure].earliest));
      const key = `${own.map((l) => l.name)}|${day}|${pace}`;
      if (!this.kept.has(key)) {
        if (this.kept.size > 60) this.kept.clear();
        const measures = new Set(own.filter((l) => l.measure !== null).map((l) => l.measure));
        this.kept.set(key, this.world.evaluate(new Set(own.flatMap((l) => l.fields)), measures, day, new Map(), cuts, { pace }));
      }
      return this.kept.get(key);
    }

    /** Scores of all seats, means and draws: harmed of a million, and dollars for 1,000 accounts. */
    scores({ cards, day, pace }) {
      const now = this.evaluated(cards, day, pace), before = this.evaluated(new Set(), day, pace), n = this.words.accounts;
      const bill = (seat) => [...cards].map((c) => this.words.levers[c]).filter((l) => !seat || l.seat === seat).reduce((sum, l) => sum + l.cost, 0);
      const harmed = now.people.map((p) => 1e6 * p / n), loss = now.loss.map((x) => 1000 * x / n), averted = now.loss.map((x, i) => 1000 * (before.loss[i] - x) / n);
      const all = 1000 * bill() / n;
      return { harmed, loss, averted, bill: 1000 * bill("firm") / n, bills: all, net: averted.map((x) => x - all), victims: now.victims.map(mean), losses: now.losses.map(mean) };
    }

    /** A table as a short code, to be read aloud: cards, day, pace. */
    code({ cards, day, pace }) {
      const mask = [...cards].reduce((sum, n) => sum + 2 ** n, 0);
      return `${mask.toString(36)}-${day}-${PACES.indexOf(pace) + 1}`;
    }

    /** The table of a code; null if it is none. */
    decoded(text) {
      const found = /^\s*([0-9a-z]{1,10})-(\d{1,3})-([123])\s*$/i.exec(text), seats = new Map();
      if (!found) return null;
      const mask = parseInt(found[1], 36), day = Number(found[2]), cards = new Set();
      if (mask >= 2 ** this.words.levers.length || day > 365) return null;
      this.words.levers.forEach((lever, n) => { if (Math.floor(mask / 2 ** n) % 2) { cards.add(n); seats.set(lever.seat, (seats.get(lever.seat) || 0) + 1); } });
      return [...seats.values()].some((held) => held > MOST_CARDS) ? null : { cards, day, pace: PACES[Number(found[3]) - 1] };
    }
  }

  Object.assign(root.breachSim, { PEOPLE, HOUR, MOST_CARDS, PACES, Game, Table, lit, dealt, minutes });
})(typeof globalThis !== "undefined" ? globalThis : this);
