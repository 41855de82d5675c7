/* The panel in a browser, on a page and in a notebook: controls made of a description, each move asked for.

   A host gives `ask(request)`, a promise of a reply; requests and replies are those of answering.py. A move is
   answered from few replicates at once; half a second after the last move the settled answer follows. While
   an answer does not belong to the controls as they stand, it is dimmed. No request leaves for another host. */

const PAUSE = 500; /* ms without a move, after which the settled answer is asked for */
const PATIENCE = 30000; /* ms after which a missing reply is said */
let panels = 0;

/* Make an element with attributes and children; a text child is text and never markup. */
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== "" && child !== null));
  return node;
}

function written(number) {
  return Number(number).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

function save(name, type, content) {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    return false;
  }
}

class Panel {
  constructor(root, ask, host) {
    Object.assign(this, { root, ask, host, id: `bx${(panels += 1)}` });
    this.version = 0; /* counts moves */
    this.busy = false;
    this.values = {};
    this.reply = {};
    this.frame();
  }

  /* The parts that stay: the strip above, and what scrolls below it. */
  frame() {
    const { id, host } = this;
    const live = { class: "bx-unseen", "aria-live": "polite", role: "status" };
    this.heading = make(host === "page" ? "h1" : "h2", { class: "bx-title", id: `${id}-title` });
    this.answer = make("div", { class: "bx-answer" });
    this.alert = make("div", { class: "bx-alert", role: "alert", hidden: true });
    this.waiting = make("span", { class: "bx-waiting", hidden: true }, "updating …");
    this.spoken = make("p", live);
    this.said = make("p", { class: "bx-said", role: "status" });
    this.strip = make("section", { class: "bx-strip", "aria-labelledby": `${id}-title` },
      make("div", { class: "bx-head" }, this.heading, this.waiting), this.alert, this.answer, this.spoken);
    this.bar = make("div", { class: "bx-choose" });
    this.share = make("div", { class: "bx-share", role: "group", "aria-label": "Link and export" });
    this.controls = make("section", { class: "bx-controls", "aria-label": "Controls" });
    this.figure = make("div");
    this.numbers = make("div");
    this.table = make("details", {}, make("summary", {}, "The table behind the figure"), this.numbers);
    this.code = make("pre", { tabindex: "0", "aria-label": "Python" });
    this.python = make("details", { id: `${id}-python` },
      make("summary", {}, "The Python that does the same"), this.code);
    this.mitigations = make("div");
    this.cautions = make("div");
    this.detail = make("section", { class: "bx-detail", "aria-label": "Details", tabindex: "-1" },
      this.figure, this.share, this.said, this.table, this.mitigations, this.python, this.cautions);
    const body = make("div", { class: "bx-body" }, make("div", { class: "bx-side" }, this.bar, this.controls),
    this.detail);
    this.root.classList.add("bx", `bx-${host}`);
    this.root.replaceChildren(make("div", { class: "bx-frame" }, this.strip, body));
    if (host !== "page") {
      this.root.addEventListener("focusin", (event) => {
        /* JupyterLab takes arrows and letters for its own commands unless this is on the element itself. */
        event.target.setAttribute("data-lm-suppress-shortcuts", "true");
        this.root.scrollIntoView({ block: "nearest" });
      });
    }
  }

  /* Show a breach: its controls with their values, and its answer. */
  open(reply) {
    this.panel = reply.panel;
    this.values = { ...reply.values };
    this.version += 1;
    this.fields = {};
    this.first = {};
    this.heading.textContent = this.panel.title;
    if (this.host === "page") document.title = `${this.panel.title}: what if? | breach_sim`;
    this.bar.replaceChildren(...this.barParts());
    this.controls.replaceChildren(...this.sections());
    this.stale(true);
    this.take(reply, this.version);
    const complaints = reply.complaints || [];
    if (complaints.length) this.warn("Not all of the address could be read.", complaints);
    this.settleSoon(0);
  }

  barParts() {
    const { panel, id } = this;
    const own = panel.own ? [make("option", { value: "", selected: true }, `own: ${panel.title}`)] : [];
    const options = panel.catalog.map(([name, title]) =>
      make("option", { value: name, selected: !panel.own && name === panel.source }, title));
    const chooser = make("select", { id: `${id}-breach`, onchange: () => this.choose({ scenario: chooser.value }) },
      ...own, ...options);
    const file = make("input", { type: "file", accept: ".toml", class: "bx-unseen",
      onchange: () => this.chooseFile(file) });
    const link = this.host === "page" ? "Copy link" : "Copy call";
    const buttons = [
      [link, () => this.copyLink()],
      ["CSV", () => save(`${this.stem()}.csv`, "text/csv", this.reply.csv)],
      ["PNG", () => this.savePicture(true)],
      ["SVG", () => this.savePicture(false)],
      ["Copy Python", () => this.copyText(this.reply.code, "Python")],
    ].map(([text, act]) => make("button", { type: "button", onclick: act }, text));
    this.share.replaceChildren(make("span", {}, "Take it with you:"), ...buttons);
    return [make("label", { for: `${id}-breach` }, "Breach"), chooser, make("label", { class: "bx-file" },
      "Own file …", file), make("button", { type: "button", onclick: () => this.reset() }, "Put everything back")];
  }

  /* A button for each section, and the sections; one is shown. */
  sections() {
    const pages = this.panel.sections.map((section, number) =>
      make("div", { class: "bx-section", id: `${this.id}-s${number}`, hidden: number > 0 },
        ...section.groups.map((group) => this.group(group))));
    const buttons = this.panel.sections.map((section, number) =>
      make("button", { type: "button", "aria-pressed": String(number === 0), "aria-controls": pages[number].id,
        onclick: () => {
          pages.forEach((page, other) => { page.hidden = other !== number; });
          buttons.forEach((button, other) => button.setAttribute("aria-pressed", String(other === number)));
        } }, section.title));
    const row = make("div", { class: "bx-sections", role: "group", "aria-label": "Groups of controls" }, ...buttons);
    return [row, ...pages];
  }

  group(group) {
    const legend = make("legend", {}, group.legend);
    const parts = group.controls.map((control) => this.control(control, group.legend));
    const hint = group.hint ? make("p", { class: "bx-hint" }, group.hint) : "";
    return make("fieldset", {}, legend, hint, ...parts);
  }

  /* One control: what it shows follows `set`, and what a reader does goes to `move`. */
  control(control, title) {
    const id = `${this.id}-${control.name}`.replace(/[^\w-]/g, "_");
    this.first[control.name] = control.value;
    const problem = make("p", { class: "bx-problem", id: `${id}-problem`, hidden: true });
    const kinds = { range: "range", number: "number", tick: "tick", date: "date", choice: "choice" };
    const made = this[kinds[control.kind]](control, id, title);
    made.problem = problem;
    this.fields[control.name] = made;
    made.set(this.values[control.name] ?? control.value);
    return make("div", { class: `bx-control bx-of-${control.kind}` }, ...made.nodes, problem);
  }

  tick(control, id) {
    const box = make("input", { type: "checkbox", id, onchange: () => this.move(control.name, box.checked) });
    const hint = control.hint ? { title: control.hint } : {};
    return { nodes: [make("label", { for: id, ...hint }, box, make("span", {}, control.label))], inputs: [box],
      set: (value) => { box.checked = value; } };
  }

  range(control, id, title) {
    const label = `${control.label} [${control.unit}]`;
    const slider = make("input", { type: "range", id, min: control.low, max: control.high, step: control.step,
      "aria-label": `${title}: ${label}`,
      oninput: () => { exact.value = slider.value; tell(); this.move(control.name, Number(slider.value)); } });
    const exact = make("input", { type: "text", inputmode: "decimal", class: "bx-exact", autocomplete: "off",
      "aria-label": `${title}: ${label}, typed`, "aria-describedby": `${id}-problem`,
      oninput: () => { follow(exact.value); this.move(control.name, exact.value); } });
    const tell = () => slider.setAttribute("aria-valuetext", `${written(slider.value)} ${control.unit}`);
    const follow = (value) => {
      const number = Number(String(value).replace(/,/g, ""));
      if (Number.isFinite(number)) slider.value = number;
      tell();
    };
    return { nodes: [make("label", { for: id }, label), make("div", { class: "bx-row" }, slider, exact),
    control.hint ? make("p", { class: "bx-hint" }, control.hint) : ""],
    inputs: [exact],
    set: (value) => { exact.value = typeof value === "number" ? String(value) : value; follow(value); } };
  }

  number(control, id) {
    const box = make("input", { type: "text", inputmode: "decimal", id, class: "bx-exact", autocomplete: "off",
      "aria-describedby": `${id}-problem`, oninput: () => this.move(control.name, box.value) });
    const unit = control.name.startsWith("day:") ? "" : make("span", { class: "bx-unit" }, `[${control.unit}]`);
    const label = make("label", { for: id }, `${control.label} `, unit);
    if (control.name.startsWith("day:")) {
      const use = `${this.id}-use:${control.name.slice(4)}`.replace(/[^\w-]/g, "_");
      box.setAttribute("aria-label", `${control.label}, ${this.labelOf(use)} [${control.unit}]`);
    }
    return { nodes: [label, box, control.hint ? make("p", { class: "bx-hint" }, control.hint) : ""], inputs: [box],
      set: (value) => { box.value = value; } };
  }

  labelOf(id) {
    const made = Object.values(this.fields).find((field) => field.inputs[0].id === id);
    return made ? made.nodes[0].textContent : "";
  }

  date(control, id) {
    const box = make("input", { type: "date", id, min: control.low, max: control.high,
      "aria-describedby": `${id}-problem`, onchange: () => this.move(control.name, box.value) });
    return { nodes: [make("label", { for: id }, control.label), box,
      control.hint ? make("p", { class: "bx-hint" }, control.hint) : ""], inputs: [box],
    set: (value) => { box.value = value; } };
  }

  choice(control, id) {
    const box = make("select", { id, "aria-describedby": `${id}-problem`,
      onchange: () => this.move(control.name, box.value) },
    ...control.options.map(([value, label]) => make("option", { value }, label)));
    return { nodes: [make("label", { for: id }, control.label), box], inputs: [box],
      set: (value) => { box.value = value; } };
  }

  /* A control was moved: ask for a quick answer, or remember to when the last one is back. */
  move(name, value) {
    if (value === this.first[name]) delete this.values[name];
    else this.values[name] = value;
    this.moved();
  }

  moved() {
    this.version += 1;
    this.said.textContent = "";
    clearTimeout(this.timer);
    this.stale(true);
    this.askQuick();
  }

  async askQuick() {
    if (this.busy) return;
    this.busy = true;
    const version = this.version;
    const reply = await this.asked({ values: this.values, settled: false });
    this.busy = false;
    this.take(reply, version);
    if (version === this.version) this.settleSoon(PAUSE);
    else this.askQuick();
  }

  settleSoon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const version = this.version;
      const reply = await this.asked({ values: this.values, settled: true });
      if (version === this.version) this.take(reply, version);
    }, pause);
  }

  /* Ask for the breach that is shown, unless the request names another. */
  async asked(request) {
    const breach = request.scenario || request.text ? {} : this.file || { scenario: this.panel && !this.panel.own
      ? this.panel.source : "" };
    let late;
    const waited = new Promise((answer) => {
      late = setTimeout(() => answer({ error: "No reply came. Is the server, or the notebook's kernel, still "
        + "running? Start it again and reload.", problems: {} }), PATIENCE);
    });
    try {
      return await Promise.race([this.ask({ ...breach, ...request }), waited]);
    } catch (error) {
      return { error: `No reply came (${error.message}). Start the server again and reload.`, problems: {} };
    } finally {
      clearTimeout(late);
    }
  }

  /* Show a reply; it stays dimmed where a control has moved since. */
  take(reply, version) {
    const problems = reply.problems || {};
    for (const [name, field] of Object.entries(this.fields)) {
      const sentence = problems[name] || "";
      field.problem.textContent = sentence;
      field.problem.hidden = !sentence;
      for (const input of field.inputs) {
        if (sentence) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    }
    if (reply.error) {
      this.warn("This cannot be answered.", [reply.error]);
      this.waiting.hidden = true;
      return;
    }
    this.alert.hidden = version === this.version && version !== this.warned ? true : this.alert.hidden;
    this.reply = reply;
    this.answer.innerHTML = reply.strip;
    this.figure.innerHTML = reply.figure;
    this.numbers.innerHTML = reply.numbers;
    this.mitigations.innerHTML = reply.mitigations;
    if (reply.cautions !== null) this.cautions.innerHTML = reply.cautions;
    this.code.textContent = reply.code;
    if (reply.spoken && this.spoken.textContent !== reply.spoken) this.spoken.textContent = reply.spoken;
    if (version !== this.version) return;
    this.stale(false);
    if (this.host === "page") history.replaceState(null, "", reply.address ? `?${reply.address}` : location.pathname);
  }

  warn(start, sentences) {
    this.warned = this.version;
    this.alert.replaceChildren(make("b", {}, start), " ", sentences.join(" "));
    this.alert.hidden = false;
  }

  stale(on) {
    this.root.classList.toggle("bx-stale", on);
    this.waiting.hidden = !on;
    this.strip.setAttribute("aria-busy", String(on));
  }

  async choose(request) {
    this.stale(true);
    const reply = await this.asked({ ...request, open: true, settled: false });
    if (reply.panel) {
      this.file = request.text ? request : null;
      this.open(reply);
      this.root.querySelector("select").focus();
    } else {
      this.stale(false);
      this.warn("This breach cannot be shown.", [reply.error]);
    }
  }

  async chooseFile(input) {
    const [file] = input.files;
    if (file) await this.choose({ file: file.name, text: await file.text() });
  }

  reset() {
    this.values = {};
    for (const [name, field] of Object.entries(this.fields)) field.set(this.first[name]);
    this.moved();
  }

  /* Values set from code: the controls follow. */
  follow(reply) {
    this.values = { ...reply.values };
    for (const [name, field] of Object.entries(this.fields)) field.set(this.values[name] ?? this.first[name]);
    this.version += 1;
    clearTimeout(this.timer);
    this.take(reply, this.version);
  }

  stem() {
    return (this.panel.source || "breach").replace(/\.toml$/, "").replace(/[^\w-]+/g, "-");
  }

  async copyText(text, what) {
    if (await copied(text)) {
      this.said.textContent = `Copied: ${what}.`;
    } else {
      this.said.textContent = `The browser lets no page copy; mark this and copy it: ${text}`;
    }
  }

  copyLink() {
    if (this.panel.own) {
      this.said.textContent = "No link can hold a file of your own: send the file, and the Python that reads it.";
    } else if (this.host === "page") {
      this.copyText(`${location.origin}${location.pathname}?${this.reply.address}`, "the link to this state");
    } else {
      this.copyText(`bs.explore("?${this.reply.address}")`, "the call that shows this state");
    }
  }

  /* The figure as a file: its finding above, what it is below, dark ink on white whatever the page looks like. */
  picture(drawing) {
    const caption = this.figure.querySelector("figcaption");
    const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
    const tall = height + 74;
    const title = caption.children[0].textContent;
    const size = Math.min(16, (width - 20) / (0.7 * title.length)).toFixed(1); /* the widest common typeface */
    const inSvg = (tag, attributes, ...children) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      node.append(...children);
      return node;
    };
    const copy = drawing.cloneNode(true);
    const marks = inSvg("g", { transform: "translate(0 48)" }, ...copy.childNodes);
    copy.append(inSvg("rect", { width, height: tall, fill: "#ffffff" }),
      inSvg("text", { x: 10, y: 22, "font-size": size, "font-weight": 600 }, title),
      inSvg("text", { x: 10, y: 40, "font-size": 12 }, caption.children[1].textContent.trim()), marks,
      inSvg("text", { x: 10, y: tall - 10, "font-size": 10.5, fill: "#595959" }, this.reply.made));
    copy.removeAttribute("class");
    for (const [name, value] of Object.entries({ width, height: tall, viewBox: `0 0 ${width} ${tall}`,
      color: "#222222" })) copy.setAttribute(name, value);
    return [copy, width, tall];
  }

  async savePicture(bitmap) {
    const drawing = this.figure.querySelector("svg.bx-wide");
    if (!drawing) {
      this.said.textContent = "There is no figure to save: no attack is open to any account.";
      return;
    }
    const [copy, width, height] = this.picture(drawing);
    const text = new XMLSerializer().serializeToString(copy);
    if (!bitmap) {
      save(`${this.stem()}.svg`, "image/svg+xml", text);
      return;
    }
    const picture = new Image();
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await picture.decode();
    const canvas = make("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(picture, 0, 0, 2 * width, 2 * height);
    canvas.toBlob((blob) => save(`${this.stem()}.png`, "image/png", blob));
  }
}

/* Show a panel in an element. */
export function mount(root, ask, opening, host) {
  const panel = new Panel(root, ask, host);
  panel.open(opening);
  return panel;
}

/* The panel on a page: its server replies at `ask`, beside the page. */
export function onPage(root, opening) {
  const ask = async (request) => {
    const reply = await fetch("ask", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request) });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    return reply.json();
  };
  return mount(root, ask, opening, "page");
}

/* The panel in a notebook: messages to the kernel, each with a number, and their replies. */
export function render({ model, el }) {
  const waiting = new Map();
  let number = 0;
  const ask = (request) => new Promise((answer) => {
    number += 1;
    waiting.set(number, answer);
    model.send({ ...request, number });
  });
  const root = make("div", {});
  el.append(root);
  const panel = mount(root, ask, model.get("opening"), "notebook");
  const heard = (reply) => {
    if (reply.number === undefined) {
      panel.follow(reply);
    } else if (waiting.has(reply.number)) {
      waiting.get(reply.number)(reply);
      waiting.delete(reply.number);
    }
  };
  model.on("msg:custom", heard);
  return () => model.off("msg:custom", heard);
}

export default { render };
