// The model of docs/model.md as a page computes it: expected harm given the parameters of each replicate.
// It draws nothing. The draws of the parameters were made in Python and stand in the page; everything that a
// tick changes is summed here, by the equations of breach_sim/engine. docs/page.md says what is summed.
"use strict";
(function (root) {
  const YEAR = 365, TINY = 1e-300, MOST_KEPT = 4e6; // numbers of outcomes kept: 32 MB

  // ---- Normal distribution function (Cephes, as SciPy has it) ------------------------------------------
  const P = [2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687, 4.86371970985681366614e1,
    1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
    5.57535335369399327526e2];
  const Q = [1, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2,
    9.75708501743205489753e2, 1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3,
    5.57535340817727675546e2];
  const RR = [5.64189583547755073984e-1, 1.27536670759978104416, 5.01905042251180477414, 6.16021097993053585195,
    7.40974269950448939160, 2.97886665372100240670];
  const S = [1, 2.26052863220117276590, 9.39603524938001434673, 1.20489539808096656605e1, 1.70814450747565897222e1,
    9.60896809063285878198, 3.36907645100081516050];
  const T = [9.60497373987051638749, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
    5.55923013010394962768e4];
  const U = [1, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3,
    2.26290000613890934246e4, 4.92673942608635921086e4];
  const poly = (c, x) => { let s = c[0]; for (let i = 1; i < c.length; i++) s = s * x + c[i]; return s; };
  const erf = (x) => x * poly(T, x * x) / poly(U, x * x);
  function erfc(x) { // x >= 1
    const z = -x * x;
    if (z < -709) return 0;
    return Math.exp(z) * (x < 8 ? poly(P, x) / poly(Q, x) : poly(RR, x) / poly(S, x));
  }
  function ndtr(a) {
    if (a === -Infinity) return 0;
    if (a === Infinity) return 1;
    const x = a * Math.SQRT1_2, z = Math.abs(x);
    if (z < 1) return 0.5 + 0.5 * erf(x);
    const y = 0.5 * erfc(z);
    return x > 0 ? 1 - y : y;
  }

  // ---- Arrays of one number a replicate ------------------------------------------------------------------
  const times = (a, b) => { const c = new Float64Array(a.length); for (let i = 0; i < c.length; i++) c[i] = a[i] * b[i]; return c; };
  const addTo = (into, a) => { for (let i = 0; i < into.length; i++) into[i] += a[i]; return into; };
  const addProduct = (into, a, b) => { for (let i = 0; i < into.length; i++) into[i] += a[i] * b[i]; };
  const sum = (a) => { let s = 0; for (let i = 0; i < a.length; i++) s += a[i]; return s; };
  const join = (map, key, weight) => { const old = map.get(key); map.set(key, old ? addTo(old, weight) : weight.slice()); };

  function unpacked(text) {
    const raw = typeof atob === "function" ? atob(text) : Buffer.from(text, "base64").toString("latin1");
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Float64Array(bytes.buffer);
  }

  class World {
    /** The law of one scenario. `data` is what breach_sim/apps/page/world.py wrote. */
    constructor(data) {
      this.data = data;
      this.size = data.replicates;
      const rows = unpacked(data.rows);
      this.values = data.values.map((v) => {
        if (Array.isArray(v)) return rows.subarray(v[0] * this.size, (v[0] + 1) * this.size);
        return new Float64Array(this.size).fill(v);
      });
      this.one = new Float64Array(this.size).fill(1);
      this.attacks = data.attacks;
      this.routes = data.routes;
      this.attacks.forEach((a) => { a.own = []; });
      this.routes.forEach((r, i) => this.attacks[r.attack].own.push(i));
      this.granting = this.attacks.map((a, i) => i).filter((i) => this.attacks[i].grants.length && this.attacks[i].own.length);
      this.chainOf = new Map();
      data.chains.forEach((c, n) => c.forEach((a) => this.chainOf.set(a, n)));
      this.squares = this.attacks.map((a) => {
        const m = this.v(a.loss), s = this.v(a.sigma), c = new Float64Array(this.size);
        for (let i = 0; i < c.length; i++) c[i] = m[i] * m[i] * Math.exp(s[i] * s[i]); // equation (19)
        return c;
      });
      this.searches();
      this.sums = new Map(); this.spreads = new Map(); this.rowsOf = new Map(); this.scores = new Map();
      this.intensities = new Map(); this.harms = new Map(); this.cutKey = null; this.until = data.horizon; this.pace = 1;
      this.pool = [];
    }

    v(ref) { return this.values[ref]; }

    // ---- What is known: look-ups (section 6) ------------------------------------------------------------
    searches() {
      const d = this.data, coins = d.coins;
      this.levels = coins.length;
      const count = 1 << this.levels, length = Math.max(1, count >> 5);
      this.words = length;
      this.full = new Uint32Array(length).fill(count < 32 ? (2 ** count) - 1 : 0xffffffff);
      this.coinBits = coins.map((_, n) => {
        const bits = new Uint32Array(length), shift = this.levels - 1 - n;
        for (let o = 0; o < count; o++) if (o >> shift & 1) bits[o >> 5] |= 1 << (o & 31);
        return bits;
      });
      this.chances = coins.map((c) => {
        const e = this.v(c.share), k = this.v(d.easy), both = new Float64Array(2 * this.size);
        for (let i = 0; i < this.size; i++) { // equation (22)
          const t = k[i] * Math.min(e[i], 1 - e[i]);
          both[i] = e[i] + t; both[i + this.size] = e[i] - t;
        }
        return both;
      });
      const sets = new Map();
      this.routes.forEach((r) => { const key = r.fields.join(); if (!sets.has(key)) sets.set(key, sets.size); });
      this.fieldSets = [...sets.keys()].map((k) => (k === "" ? [] : k.split(",").map(Number)));
      this.setOf = this.routes.map((r) => sets.get(r.fields.join()));
      this.nodes = []; this.unique = new Map(); this.rootOf = new Map();
      this.outcomes = []; this.outcomeOf = new Map();
      this.had = this.searched(new Map(), true);
    }

    searched(known, anyway) {
      // Equations (23) and (24): the least fixpoint, for every outcome of the coins at once.
      const coins = this.data.coins, have = new Map(known);
      if (anyway) coins.forEach((c, n) => { if (c.listed) have.set(c.field, this.coinBits[n].slice()); });
      for (let changed = true; changed;) {
        changed = false;
        coins.forEach((c, n) => {
          if (have.get(c.field) === this.full) return;
          let bits = have.get(c.field);
          for (const given of c.given) {
            if (!given.every((f) => have.has(f))) continue;
            for (let w = 0; w < this.words; w++) {
              let all = this.coinBits[n][w];
              for (const f of given) all &= have.get(f)[w];
              if (bits ? all & ~bits[w] : all) {
                if (!bits) { bits = new Uint32Array(this.words); have.set(c.field, bits); }
                bits[w] |= all; changed = true;
              }
            }
          }
        });
      }
      return have;
    }

    root(mask) {
      // First node of the diagram of a set of leaked fields (sorted numbers).
      const key = mask.join();
      if (this.rootOf.has(key)) return this.rootOf.get(key);
      const leaked = new Set(mask), known = this.searched(new Map(mask.map((f) => [f, this.full])), false);
      const columns = this.fieldSets.map((fields) => {
        if (!fields.length) return this.full;
        const bits = new Uint32Array(this.words);
        if (!fields.some((f) => leaked.has(f))) return bits;
        for (const have of [known, this.had]) {
          if (!fields.every((f) => have.has(f))) continue;
          for (let w = 0; w < this.words; w++) {
            let all = this.full[w];
            for (const f of fields) all &= have.get(f)[w];
            bits[w] |= all;
          }
        }
        return bits;
      });
      const open = columns.map((_, n) => n).filter((n) => columns[n].some((w) => w));
      const node = this.build(columns, open, [], 0, 0);
      this.rootOf.set(key, node);
      return node;
    }

    build(columns, open, sure, level, start) {
      // Sets that are the same in the whole block are settled; a block without others is one outcome.
      const size = 1 << (this.levels - level), settled = sure.slice(), left = [];
      for (const n of open) {
        const state = this.constant(columns[n], start, size);
        if (state === 1) settled.push(n); else if (state < 0) left.push(n);
      }
      if (!left.length) return this.terminal(settled);
      const low = this.build(columns, left, settled, level + 1, start);
      const high = this.build(columns, left, settled, level + 1, start + (size >> 1));
      if (low === high) return low;
      const key = (level * 4194304 + low) * 4194304 + high;
      let node = this.unique.get(key);
      if (node === undefined) { node = this.nodes.length; this.nodes.push([level, low, high]); this.unique.set(key, node); }
      return node;
    }

    constant(bits, start, size) {
      if (size < 32) {
        const mask = (2 ** size - 1), part = bits[start >> 5] >>> (start & 31) & mask;
        return part === 0 ? 0 : (part >>> 0) === mask ? 1 : -1;
      }
      const first = bits[start >> 5];
      if (first !== 0 && first !== 0xffffffff) return -1;
      for (let w = start >> 5; w < (start + size) >> 5; w++) if (bits[w] !== first) return -1;
      return first ? 1 : 0;
    }

    terminal(sets) {
      const key = sets.sort((a, b) => a - b).join();
      let node = this.outcomeOf.get(key);
      if (node === undefined) {
        const known = new Set(sets);
        const routes = this.routes.map((_, i) => i).filter((i) => known.has(this.setOf[i]));
        const opened = this.opened(routes), chains = this.data.chains.map(() => []);
        opened.forEach((r) => chains[this.chainOf.get(this.routes[r].attack)].push(r));
        node = this.nodes.length;
        this.nodes.push([this.levels, this.outcomes.length, -1]);
        this.outcomes.push({ opened, chains, keys: chains.map((c) => c.join()) });
        this.outcomeOf.set(key, node);
      }
      return node;
    }

    opened(known) {
      // Least fixpoint: known routes whose capabilities earlier attacks grant, success assumed.
      const granted = new Set();
      for (;;) {
        const open = known.filter((r) => this.routes[r].capabilities.every((c) => granted.has(c)));
        const before = granted.size;
        open.forEach((r) => this.attacks[this.routes[r].attack].grants.forEach((c) => granted.add(c)));
        if (granted.size === before) return open;
      }
    }

    masks(segment, off) {
      // Weight of each set of leaked fields that attacks or look-ups read.
      let weights = new Map([["", this.one]]);
      const read = this.read || (this.read = new Set(this.data.read));
      const united = (one, fields) => [...new Set([...(one ? one.split(",").map(Number) : []), ...fields])].sort((a, b) => a - b).join();
      const split = [];
      let sure = [];
      for (const leak of segment.leaks) {
        const fields = leak.fields.filter((f) => read.has(f) && !off.has(f));
        if (!fields.length) continue;
        if (leak.certain === 1) sure = sure.concat(fields);
        else if (leak.certain !== 0) split.push([fields, this.v(leak.coverage)]);
      }
      weights = new Map([[united("", sure), this.one]]);
      for (const [fields, share] of split) {
        const next = new Map();
        for (const [mask, weight] of weights) {
          join(next, mask, this.less(weight, share));
          join(next, united(mask, fields), times(weight, share));
        }
        weights = next;
      }
      for (const held of segment.withheld) {
        const next = new Map(), share = this.v(held.share), gone = held.fields && new Set(held.fields);
        for (const [mask, weight] of weights) {
          const fields = mask ? mask.split(",").map(Number) : [], kept = gone ? fields.filter((f) => !gone.has(f)) : [];
          if (kept.length === fields.length) { join(next, mask, weight); continue; }
          join(next, mask, this.less(weight, share));
          join(next, kept.join(), times(weight, share));
        }
        weights = next;
      }
      return weights;
    }

    less(weight, share) { // weight * (1 - share)
      const c = new Float64Array(this.size);
      for (let i = 0; i < c.length; i++) c[i] = weight[i] * (1 - share[i]);
      return c;
    }

    outcomesOf(masks) {
      // Weight of each outcome: the starting weights, divided at every coin.
      const n = this.size, buckets = Array.from({ length: this.levels + 1 }, () => new Map());
      const take = () => this.pool.pop() || new Float64Array(2 * n);
      const at = (node) => {
        const bucket = buckets[this.nodes[node][0]];
        let into = bucket.get(node);
        if (!into) { into = take().fill(0); bucket.set(node, into); }
        return into;
      };
      for (const [mask, weight] of masks) {
        const into = at(this.root(mask ? mask.split(",").map(Number) : []));
        for (let i = 0; i < n; i++) { into[i] += weight[i]; into[i + n] += weight[i]; }
      }
      for (let level = 0; level < this.levels; level++) {
        const chance = this.chances[level];
        for (const [node, weight] of buckets[level]) {
          const low = at(this.nodes[node][1]), high = at(this.nodes[node][2]);
          for (let i = 0; i < 2 * n; i++) { const part = weight[i] * chance[i]; high[i] += part; low[i] += weight[i] - part; }
          this.pool.push(weight);
        }
      }
      const found = [];
      for (const [node, weight] of buckets[this.levels]) {
        const mean = new Float64Array(n);
        for (let i = 0; i < n; i++) mean[i] = (weight[i] + weight[i + n]) / 2;
        this.pool.push(weight);
        found.push([this.nodes[node][1], mean]);
      }
      return found;
    }

    // ---- Time (2.1, 2.2) ----------------------------------------------------------------------------------
    setCuts(days) {
      const inside = [...new Set(days.filter((d) => d > 0 && d < this.data.edges[this.data.edges.length - 1] && !this.data.edges.includes(d)))].sort((a, b) => a - b);
      const key = inside.join();
      if (key === this.cutKey) return;
      this.cutKey = key;
      this.edges = [...this.data.edges, ...inside].sort((a, b) => a - b);
      this.place = new Map(this.edges.map((e, i) => [e, i]));
      if (this.sums.size > 3) this.sums.clear();
      if (!this.sums.has(key)) this.sums.set(key, new Map());
      this.cumulative = this.sums.get(key);
      if (this.rowsOf.size > 12000) this.rowsOf.clear();
      if (this.intensities.size > 4000) { this.intensities.clear(); this.harms.clear(); }
    }

    reached(attack, day) {
      // Normal probability of the onset by a day, over that of the cataloged onset by day 365.
      const key = `${attack.onset.median},${attack.onset.sigma},${day}`;
      let found = this.scores.get(key);
      if (!found) {
        const m = this.v(attack.onset.median), s = this.v(attack.onset.sigma), rel = this.data.release;
        const fm = rel ? this.v(rel.onset) : this.one, fs = rel ? this.v(rel.tail) : this.one;
        found = new Float64Array(this.size);
        for (let i = 0; i < this.size; i++) {
          const m0 = Math.max(m[i], TINY), s0 = Math.max(s[i], TINY);
          const year = ndtr((Math.log(YEAR) - Math.log(m0)) / s0); // equation (1)
          found[i] = ndtr((Math.log(day) - Math.log(Math.max(m0 * fm[i], TINY))) / Math.max(s0 * fs[i], TINY)) / year;
        }
        this.scores.set(key, found);
      }
      return found;
    }

    interval(attack, number, clocks, kind, a, b, key) {
      const own = `${key}|${a}|${b}`;
      let row = this.rowsOf.get(own);
      if (row) return row;
      const early = this.reached(attack, a), late = this.reached(attack, b);
      row = new Float64Array(this.size);
      for (let i = 0; i < this.size; i++) row[i] = late[i] - early[i];
      if (clocks.length) {
        const perDay = new Float64Array(this.size);
        clocks.forEach((c) => addTo(perDay, this.v(this.data.clocks[c].rates[kind])));
        for (let i = 0; i < this.size; i++) {
          const r = perDay[i] * 12 / YEAR, length = (b - a) * r; // equation (2)
          row[i] *= Math.exp(-a * r) * (length > 0 ? -Math.expm1(-length) / length : 1);
        }
      }
      if (attack.regimes.length) {
        let n = 0;
        while (n < attack.regimes.length - 1 && attack.regimes[n].until !== null && attack.regimes[n].until <= a) n++;
        const factor = this.v(attack.regimes[n].factor);
        for (let i = 0; i < this.size; i++) row[i] *= factor[i];
      }
      this.rowsOf.set(own, row);
      return row;
    }

    mass(number, clocks, kind, start, stop) {
      const attack = this.attacks[number];
      const rates = clocks.map((c) => this.data.clocks[c].rates[kind]);
      const key = `${attack.onset.median},${attack.onset.sigma},${rates}${attack.regimes.length ? `,a${number}` : ""}`;
      let sums = this.cumulative.get(key);
      if (!sums) {
        sums = [new Float64Array(this.size)];
        for (let t = 0; t + 1 < this.edges.length; t++) {
          const next = sums[t].slice();
          sums.push(addTo(next, this.interval(attack, number, clocks, kind, this.edges[t], this.edges[t + 1], key)));
        }
        this.cumulative.set(key, sums);
      }
      const last = sums[this.place.get(stop)], first = sums[this.place.get(start)], c = new Float64Array(this.size);
      for (let i = 0; i < c.length; i++) c[i] = last[i] - first[i];
      return c;
    }

    best(routes) {
      // Attempts x success of the best of some routes, replicate by replicate.
      let won = null;
      for (const r of routes) {
        const route = this.routes[r];
        let own = times(this.v(route.attempts), route.multiplier === null ? this.one : this.v(route.multiplier));
        own = times(own, this.v(route.success));
        if (!won) won = own; else for (let i = 0; i < own.length; i++) if (own[i] > won[i]) won[i] = own[i];
      }
      return won;
    }

    rate(routes) { // equations (30) and (41)
      let won = this.best(routes);
      if (this.data.driver !== null) won = times(won, this.v(this.data.driver));
      if (this.data.country !== null && !routes.some((r) => this.routes[r].domestic)) won = times(won, this.v(this.data.country));
      return won;
    }

    thinned(values, protections) {
      for (const p of protections) {
        const u = this.v(p.uptake), e = this.v(p.effect), c = new Float64Array(this.size);
        for (let i = 0; i < c.length; i++) c[i] = values[i] * (1 - u[i] * e[i]);
        values = c;
      }
      return values;
    }

    chance(number, routes, kind, resets, protections, mark) {
      // Probability that an initial attack succeeds: equations (3) to (5) and (15).
      const attack = this.attacks[number], end = this.until;
      const dead = routes.map((r) => (attack.reset_proof ? Infinity : Math.min(Infinity, ...this.routes[r].fields.filter((f) => resets.has(f)).map((f) => resets.get(f)))));
      const key = `${number}|${routes}|${kind}|${dead}|${mark}|${this.cutKey}|${end}|${this.pace}`;
      let found = this.intensities.get(key);
      if (found) return found;
      const turns = protections.flatMap((p) => [p.day, p.until]);
      const days = [...new Set([0, end, ...[...dead, ...turns].filter((d) => d > 0 && d < end)])].sort((a, b) => a - b);
      const total = new Float64Array(this.size);
      for (let n = 0; n + 1 < days.length; n++) {
        const [start, stop] = [days[n], days[n + 1]], alive = routes.filter((_, i) => dead[i] > start);
        if (!alive.length) continue;
        const holding = protections.filter((p) => p.day <= start && start < p.until);
        for (const [weight, live] of this.states(number, alive, kind, start, stop)) {
          addProduct(total, weight, this.thinned(this.rate(live), holding));
        }
      }
      const scale = attack.scale === null ? this.one : this.v(attack.scale);
      found = new Float64Array(this.size);
      for (let i = 0; i < found.length; i++) found[i] = -Math.expm1(-this.pace * scale[i] * total[i]);
      this.intensities.set(key, found);
      return found;
    }

    states(number, routes, kind, start, stop) {
      const attack = this.attacks[number];
      const ruling = routes.map((r) => attack.clocks.filter((c) => this.data.clocks[c].fields.some((f) => this.routes[r].fields.includes(f))));
      const clocks = attack.clocks.filter((c) => ruling.some((own) => own.includes(c)));
      const subsets = Array.from({ length: 1 << clocks.length }, (_, bits) => clocks.filter((_c, i) => bits >> i & 1));
      const found = [];
      for (const state of subsets) {
        const live = routes.filter((_, i) => ruling[i].every((c) => state.includes(c)));
        if (!live.length) continue;
        const weight = this.mass(number, state, kind, start, stop);
        const wider = subsets.filter((o) => o.length > state.length && state.every((c) => o.includes(c)));
        for (const other of wider) {
          const sign = (other.length - state.length) % 2 ? -1 : 1, more = this.mass(number, other, kind, start, stop);
          for (let i = 0; i < weight.length; i++) weight[i] += sign * more[i];
        }
        if (wider.length) for (let i = 0; i < weight.length; i++) weight[i] = Math.max(weight[i], 0);
        found.push([weight, live]);
      }
      return found;
    }

    // ---- One chain (2.3 to 2.6, 3) ------------------------------------------------------------------------
    harm(chain, own, kind, resets, context) {
      const fields = new Set(own.flatMap((r) => this.routes[r].fields));
      const near = [...resets].filter(([f]) => fields.has(f)).map(([f, d]) => `${f}:${d}`).sort();
      const key = `${chain}|${own}|${kind}|${near}|${context.marks[chain]}|${this.cutKey}|${this.until}|${this.pace}`;
      let found = this.harms.get(key);
      if (!found) { found = this.chainHarm(chain, own, kind, resets, context); this.harms.set(key, found); }
      return found;
    }

    classes(own, context) {
      // Each trait divides the accounts where an open route reads it.
      let groups = new Map([[own.join(), { routes: own, weight: this.one }]]);
      const traits = [...new Set(own.flatMap((r) => this.routes[r].traits))].sort((a, b) => a - b);
      const put = (map, routes, weight) => {
        const key = routes.join(), old = map.get(key);
        if (old) addTo(old.weight, weight); else map.set(key, { routes, weight: weight.slice() });
      };
      for (const t of traits) {
        const sure = context.held.get(t), next = new Map();
        const share = this.thinned(sure === undefined ? this.v(this.data.traits[t].share) : new Float64Array(this.size).fill(sure), context.traits[t]);
        for (const { routes, weight } of groups.values()) {
          const left = routes.filter((r) => !this.routes[r].traits.includes(t));
          if (left.length === routes.length) { put(next, routes, weight); continue; }
          put(next, routes, times(weight, share));
          put(next, this.opened(left), this.less(weight, share));
        }
        groups = next;
      }
      return [...groups.values()].filter((g) => g.routes.length);
    }

    chainHarm(chain, own, kind, resets, context) {
      const n = this.size, zero = () => new Float64Array(n);
      const members = this.data.chains[chain], granting = this.granting.filter((a) => members.includes(a));
      const held = Array.from({ length: 1 << granting.length }, (_, bits) => new Set(granting.filter((_a, i) => bits >> i & 1).flatMap((a) => this.attacks[a].grants)));
      const out = { loss: zero(), square: zero(), hours: zero(), spared: zero(), victims: new Map() };
      let rest = this.one.slice();
      for (const { routes, weight } of this.classes(own, context)) {
        for (let i = 0; i < n; i++) rest[i] -= weight[i];
        const given = new Map(members.map((a) => [a, this.given(a, routes.filter((r) => this.routes[r].attack === a), kind, resets, held, context)]));
        const law = this.grantedLaw(granting.map((a) => given.get(a)));
        law.forEach((chance, bits) => {
          if (chance === null) return;
          const share = times(weight, chance), mean = zero(), variance = zero(), time = zero(), escaped = this.one.slice();
          for (const a of members) {
            const place = granting.indexOf(a);
            const hit = place < 0 ? given.get(a)[bits] : (bits >> place & 1 ? this.one : null);
            if (hit === null) continue;
            const m = this.v(this.attacks[a].loss), sq = this.squares[a], h = this.v(this.attacks[a].hours);
            let hurt = out.victims.get(a);
            if (!hurt) { hurt = zero(); out.victims.set(a, hurt); }
            for (let i = 0; i < n; i++) {
              const lost = hit[i] * m[i];
              mean[i] += lost; variance[i] += hit[i] * sq[i] - lost * lost;
              time[i] += hit[i] * h[i]; escaped[i] *= 1 - hit[i]; hurt[i] += share[i] * hit[i];
            }
          }
          for (let i = 0; i < n; i++) {
            out.loss[i] += share[i] * mean[i]; out.square[i] += share[i] * (variance[i] + mean[i] * mean[i]);
            out.hours[i] += share[i] * time[i]; out.spared[i] += share[i] * escaped[i];
          }
        });
      }
      addTo(out.spared, rest); // classes in which no route is left open
      out.variance = zero();
      for (let i = 0; i < n; i++) out.variance[i] = Math.max(out.square[i] - out.loss[i] ** 2, 0);
      return out;
    }

    given(number, routes, kind, resets, held, context) {
      // Probability of being a victim for every set H; null where the attack cannot happen.
      if (!routes.length) return held.map(() => null);
      const attack = this.attacks[number], protections = context.attacks[number];
      if (attack.kind === "initial") {
        const one = this.chance(number, routes, kind, resets, protections, context.attackMarks[number]);
        return held.map(() => one);
      }
      const cache = new Map();
      return held.map((capabilities) => {
        const usable = routes.filter((r) => this.routes[r].capabilities.every((c) => capabilities.has(c))), key = usable.join();
        if (!usable.length) return null;
        if (!cache.has(key)) cache.set(key, this.thinned(this.best(usable), protections)); // equation (6)
        return cache.get(key);
      });
    }

    grantedLaw(chances) {
      // Equations (7) and (8), in rounds: which attacks joined, given those that had succeeded before.
      const count = chances.length, law = new Array(1 << count).fill(null), n = this.size;
      let rounds = new Map([["-1,0", [-1, 0, this.one]]]);
      while (rounds.size) {
        const following = new Map();
        for (const [before, now, weight] of rounds.values()) {
          const joins = chances.map((own, g) => (now >> g & 1 ? null : this.joining(own, before, now)));
          const able = joins.map((_, g) => g).filter((g) => joins[g] !== null);
          for (let pick = 0; pick < 1 << able.length; pick++) {
            const chance = weight.slice();
            let grown = now;
            able.forEach((g, place) => {
              const p = joins[g];
              if (pick >> place & 1) { grown |= 1 << g; for (let i = 0; i < n; i++) chance[i] *= p[i]; }
              else for (let i = 0; i < n; i++) chance[i] *= 1 - p[i];
            });
            if (pick === 0) { law[now] = law[now] ? addTo(law[now], chance) : chance; continue; }
            const key = `${now},${grown}`, old = following.get(key);
            if (old) addTo(old[2], chance); else following.set(key, [now, grown, chance]);
          }
        }
        rounds = following;
      }
      return law;
    }

    joining(own, before, now) {
      if (before < 0) return own[now];
      if (own[now] === own[before]) return null;
      const c = new Float64Array(this.size), p = own[now], q = own[before];
      for (let i = 0; i < c.length; i++) c[i] = Math.max(p[i] - (q ? q[i] : 0), 0) / Math.max(1 - (q ? q[i] : 0), TINY);
      return c;
    }

    // ---- All segments ---------------------------------------------------------------------------------------
    context(measures, day, off, held = new Map()) {
      // What the chosen measures change: protections by attack and trait, resets by segment, cuts of time.
      const d = this.data, cuts = [];
      const attacks = d.attacks.map((a) => a.protections.slice()), traits = d.traits.map((t) => t.protections.slice());
      const notice = Math.min(Infinity, ...d.notices);
      const resets = d.segments.map((s) => new Map(s.resets.map(([f, when]) => [f, when])));
      d.measures.forEach((measure, number) => {
        if (!measures.has(number)) return;
        const start = measure.dated ? Math.max(day instanceof Map ? day.get(number) : day, measure.earliest) : 0;
        for (const change of measure.changes) {
          if (change.kind === "reset") {
            let any = false;
            d.segments.forEach((segment, s) => {
              const lost = segment.lost.filter((f) => !off.has(f));
              if (!change.fields.some((f) => lost.includes(f) && (resets[s].has(f) ? resets[s].get(f) : Infinity) > start)) return;
              any = true;
              for (const f of change.fields) resets[s].set(f, Math.min(start, resets[s].has(f) ? resets[s].get(f) : Infinity));
            });
            if (any) cuts.push(start);
          } else {
            const until = Math.min(start + change.lasts, change.before_notice ? notice : Infinity);
            if (until <= start) continue;
            const own = { uptake: change.uptake, effect: change.effect, day: start, until };
            change.attacks.forEach((a) => attacks[a].push(own));
            change.traits.forEach((t) => traits[t].push(own));
            if (change.attacks.length) cuts.push(start, until);
          }
        }
      });
      const said = (own) => own.map((p) => `${p.uptake}/${p.effect}/${p.day}/${p.until}`).join(";");
      const attackMarks = attacks.map(said), traitMarks = traits.map((own, t) => `${held.has(t) ? held.get(t) : ""}:${said(own)}`);
      const marks = d.chains.map((chain) => {
        const read = new Set(chain.flatMap((a) => this.attacks[a].own.flatMap((r) => this.routes[r].traits)));
        return `${chain.map((a) => attackMarks[a])}|${[...read].sort((a, b) => a - b).map((t) => traitMarks[t])}`;
      });
      return { attacks, traits, held, attackMarks, marks, resets, cuts: cuts.filter(Number.isFinite) };
    }

    /** Expected harm without the fields of `off`, with the measures of `measures`, dated ones from `day`.
        `held` says of some traits that everybody (1) or nobody (0) has them, in place of their shares; time is cut at `cuts` as well.
        `day` may be a Map from measures to their days; harm counts up to the day `until`, with `pace` times the attempts. */
    evaluate(off = new Set(), measures = new Set(), day = 0, held = new Map(), cuts = [], { until = this.data.horizon, pace = 1 } = {}) {
      const d = this.data, n = this.size, context = this.context(measures, day, off, held);
      this.until = until; this.pace = pace;
      this.setCuts([...context.cuts, ...cuts, until]);
      const zero = () => new Float64Array(n);
      const total = { people: zero(), loss: zero(), hours: zero(), peopleLuck: zero(), lossLuck: zero(),
        victims: d.attacks.map(zero), open: d.routes.map(() => 0) };
      const shared = new Map();
      d.segments.forEach((segment, s) => {
        const resets = [...context.resets[s]].map(([f, w]) => `${f}:${w}`).sort();
        const key = `${segment.like}|${segment.kind}|${resets}`;
        if (!shared.has(key)) shared.set(key, { segment, resets: context.resets[s], accounts: zero() });
        addTo(shared.get(key).accounts, this.v(segment.accounts));
      });
      for (const { segment, resets, accounts } of shared.values()) {
        this.add(total, this.spread(segment, off), segment.kind, resets, accounts, context);
      }
      total.losses = total.victims.map((v, a) => times(v, this.v(d.attacks[a].loss)));
      return total;
    }

    spread(segment, off) {
      // Weight of each outcome in a segment, and of each state of each chain; the last few are kept.
      const key = `${segment.like}|${[...off].filter((f) => segment.lost.includes(f)).sort((a, b) => a - b)}`;
      let found = this.spreads.get(key);
      if (!found) {
        const outcomes = this.outcomesOf(this.masks(segment, off)), byChain = this.byChain(outcomes);
        // Chains in few states come first, and outcomes in their order: neighbors differ in the last chains.
        const order = byChain.map((_, c) => c).sort((a, b) => byChain[a].size - byChain[b].size);
        const named = new Map(outcomes.map(([o]) => [o, order.map((c) => this.outcomes[o].keys[c]).join("|")]));
        outcomes.sort((a, b) => (named.get(a[0]) < named.get(b[0]) ? -1 : 1));
        found = { outcomes, byChain, order };
        this.kept = (this.kept || 0) + outcomes.length + found.byChain.reduce((n, map) => n + map.size, 0);
        if (this.kept * this.size > MOST_KEPT) { this.spreads.clear(); this.kept = outcomes.length; }
        this.spreads.set(key, found);
      }
      return found;
    }

    byChain(outcomes) {
      // Weight of each set of open routes of each chain. Chains that divide the outcomes alike share the sums.
      const done = new Map();
      return this.data.chains.map((_, c) => {
        const numbers = new Map(), first = [];
        const pattern = outcomes.map(([o], place) => {
          const key = this.outcomes[o].keys[c];
          if (!numbers.has(key)) { numbers.set(key, numbers.size); first.push(place); }
          return numbers.get(key);
        });
        const same = pattern.join();
        if (!done.has(same)) {
          const sums = first.map(() => new Float64Array(this.size));
          outcomes.forEach(([, weight], place) => addTo(sums[pattern[place]], weight));
          done.set(same, sums);
        }
        const map = new Map();
        first.forEach((place, number) => {
          const routes = this.outcomes[outcomes[place][0]].chains[c];
          if (routes.length) map.set(routes.join(), [routes, done.get(same)[number]]);
        });
        return map;
      });
    }

    add(total, { outcomes, byChain, order }, kind, resets, accounts, context) {
      const n = this.size, count = this.data.chains.length;
      const people = new Float64Array(n), loss = new Float64Array(n), square = new Float64Array(n), hours = new Float64Array(n);
      const depth = Array.from({ length: count + 1 }, () => [new Float64Array(n), new Float64Array(n).fill(1), new Float64Array(n)]);
      let last = null;
      for (const [number, weight] of outcomes) {
        const outcome = this.outcomes[number];
        let step = 0;
        if (last) while (step < count && last.keys[order[step]] === outcome.keys[order[step]]) step++;
        for (; step < count; step++) {
          const [mean, spared, variance] = depth[step], [mean2, spared2, variance2] = depth[step + 1], c = order[step];
          if (!outcome.chains[c].length) { mean2.set(mean); spared2.set(spared); variance2.set(variance); continue; }
          const own = this.harm(c, outcome.chains[c], kind, resets, context);
          for (let i = 0; i < n; i++) { mean2[i] = mean[i] + own.loss[i]; spared2[i] = spared[i] * own.spared[i]; variance2[i] = variance[i] + own.variance[i]; }
        }
        last = outcome;
        const [mean, spared, variance] = depth[count];
        let mean0 = 0;
        for (let i = 0; i < n; i++) {
          people[i] += weight[i] * (1 - spared[i]);
          square[i] += weight[i] * (variance[i] + mean[i] * mean[i]);
          mean0 += weight[i] * accounts[i];
        }
        mean0 /= n;
        outcome.opened.forEach((r) => { total.open[r] += mean0; });
      }
      byChain.forEach((map, chain) => map.forEach(([routes, weight]) => {
        const own = this.harm(chain, routes, kind, resets, context);
        addProduct(loss, weight, own.loss); addProduct(hours, weight, own.hours);
        own.victims.forEach((hurt, a) => {
          const into = total.victims[a];
          for (let i = 0; i < n; i++) into[i] += accounts[i] * weight[i] * hurt[i];
        });
      }));
      for (let i = 0; i < n; i++) {
        total.people[i] += accounts[i] * people[i]; total.loss[i] += accounts[i] * loss[i]; total.hours[i] += accounts[i] * hours[i];
        total.peopleLuck[i] += accounts[i] * people[i] * (1 - people[i]);
        total.lossLuck[i] += accounts[i] * (square[i] - loss[i] ** 2);
      }
    }
  }

  root.breachSim = { World, ndtr, sum };
  if (typeof module !== "undefined") module.exports = root.breachSim;
})(typeof globalThis !== "undefined" ? globalThis : this);
