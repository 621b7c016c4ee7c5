// Deciding: one key decides and moves on. What is on the page changes at once; the server is told after, and what it
// refuses is put back, with the reason.

import { askName, post, reviewer } from "./ask.js";

const list = document.querySelector(".queue");
const bar = document.querySelector(".bar");
const said = bar.querySelector(".said");
const NAMES = { "": "to review", accepted: "accepted", rejected: "rejected", corrected: "corrected" };
const made = []; // our decisions, the last one last: {item, before, answer}
let current = null;

const items = () => [...list.querySelectorAll(".item")];
const deed = (name) => bar.querySelector(`[data-deed="${name}"]`);

function say(words) {
  said.textContent = words;
}

// The chosen record -------------------------------------------------------------------------------------------------

function choose(item, { focus = true } = {}) {
  if (!item) return;
  current?.classList.remove("current");
  current?.removeAttribute("aria-current");
  current = item;
  item.classList.add("current");
  item.setAttribute("aria-current", "true");
  if (focus) {
    item.focus({ preventScroll: true });
    const room = item.getBoundingClientRect();
    item.scrollIntoView({ block: room.height > innerHeight * 0.7 ? "start" : "center" });
  }
  const all = items();
  if (all.indexOf(item) >= all.length - 6) more();
}

async function step(by) {
  const neighbour = () => items()[items().indexOf(current) + by];
  if (by > 0 && !neighbour()) await more(); // they may be on their way
  const next = neighbour();
  if (next) choose(next);
  else say(by > 0 ? "This is the last one." : "This is the first one.");
}

async function moveOn(from) {
  const waits = (item) => !item.classList.contains("settled-now");
  const behind = () => items().slice(items().indexOf(from) + 1).find(waits);
  if (!behind()) await more();
  const next = behind() || items().find(waits);
  if (next) choose(next);
  else {
    choose(from);
    say("All of these are decided.");
  }
}

let asking = null;

function more() {
  if (list.dataset.more) asking ||= askMore().finally(() => (asking = null));
  return asking;
}

async function askMore() {
  try {
    const response = await fetch(`${list.dataset.next}&after=${encodeURIComponent(list.dataset.more)}`);
    if (!response.ok) throw new Error();
    const page = await response.json();
    const box = document.createElement("template");
    box.innerHTML = page.html; // drawn by the page's own template, which escapes
    const known = new Set(items().map((item) => item.dataset.key));
    for (const row of box.content.querySelectorAll("li:has(> .item)")) {
      if (!known.has(row.querySelector(".item").dataset.key)) list.append(row);
    }
    list.dataset.more = page.after || "";
    number();
    const further = document.querySelector(".more");
    if (further) further.hidden = true;
    if (!page.after) document.querySelector(".end").hidden = false;
  } catch {
    say("The next ones can't be had just now.");
  }
}

function number() {
  const all = items();
  all.forEach((item, place) => {
    item.setAttribute("aria-posinset", place + 1);
    item.setAttribute("aria-setsize", list.dataset.more ? -1 : all.length);
  });
}

// Progress ----------------------------------------------------------------------------------------------------------

function count(by) {
  const numbers = bar.querySelector(".numbers");
  const done = Math.max(0, Number(numbers.dataset.done) + by);
  numbers.dataset.done = done;
  const write = (value) => Number(value).toLocaleString("en-GB");
  numbers.textContent = `${write(done)} of ${write(numbers.dataset.whole)}${numbers.dataset.more} reviewed`;
  bar.querySelector("progress").value = done;
  const left = document.querySelector(".kinds [aria-current] .count");
  left.dataset.left -= by;
  left.textContent = write(left.dataset.left);
}

// Deciding ----------------------------------------------------------------------------------------------------------

function look(item) {
  const who = item.querySelector(".who");
  return {
    status: item.dataset.status,
    settled: item.classList.contains("settled-now"),
    by: item.querySelector(".by").textContent,
    who: [...who.childNodes].map((node) => node.cloneNode(true)),
    reads: item.querySelector(".reads")?.cloneNode(true),
    words: words(item),
    fields: item.dataset.fields,
  };
}

function show(item, status, by) {
  const was = item.dataset.status;
  item.classList.remove(was || "open");
  item.classList.add(status || "open");
  item.dataset.status = status;
  const badge = item.querySelector(".badge");
  badge.className = `badge ${status || "open"}`;
  badge.textContent = NAMES[status];
  item.querySelector(".by").textContent = by;
  count(Boolean(status) - Boolean(was));
}

function putBack(item, before) {
  show(item, before.status, before.by);
  item.classList.toggle("settled-now", before.settled);
  item.querySelector(".who").replaceChildren(...before.who);
  if (before.reads) item.querySelector(".reads").replaceWith(before.reads);
  item.dataset.fields = before.fields;
  setWords(item, before.words);
}

async function decide(item, verdict, corrected = null, redraw = () => {}) {
  if (!item) return;
  if (!reviewer && !(await askName())) return;
  const before = look(item);
  show(item, verdict, `by ${reviewer}, just now`);
  redraw();
  item.classList.add("settled-now");
  tell(item, null);
  say(`${NAMES[verdict][0].toUpperCase()}${NAMES[verdict].slice(1)}.`);
  const decision = { item, before, verdict, corrected };
  made.push(decision);
  deed("undo").disabled = false;
  decision.answer = send(decision);
  moveOn(item);
}

// Decisions on one record reach the server in their order; gives whether this one was taken.
function send(decision) {
  const { item } = decision;
  const sent = (item.waiting || Promise.resolve()).then(async () => {
    try {
      const answer = await post("/review/decide", {
        kind: item.dataset.kind,
        key: item.dataset.key,
        verdict: decision.verdict,
        corrected: decision.corrected,
        note: null,
        seen: Number(item.dataset.seen) || null,
      });
      if (answer.conflict) {
        forget(decision);
        putBack(item, decision.before);
        conflict(item, answer, decision);
        return false;
      }
      item.dataset.seen = answer.review_id;
      decision.review = answer.review_id;
      return true;
    } catch (error) {
      forget(decision);
      putBack(item, decision.before);
      tell(item, `This is not saved. ${error.message}`, true);
      return false;
    }
  });
  item.waiting = sent;
  return sent;
}

function forget(decision) {
  const place = made.indexOf(decision);
  if (place >= 0) made.splice(place, 1);
  deed("undo").disabled = !made.length;
}

function undo() {
  const decision = made.pop();
  deed("undo").disabled = !made.length;
  if (!decision) return say("There is nothing to undo.");
  const { item, before } = decision;
  const now = look(item);
  putBack(item, before);
  item.classList.remove("settled-now");
  choose(item);
  say("Undone.");
  // What is decided next on this record waits for this, too.
  item.waiting = decision.answer.then(async (taken) => {
    if (!taken) return;
    try {
      const answer = await post("/review/undo", { review_id: decision.review });
      if (answer.conflict) {
        putBack(item, now);
        conflict(item, answer, null);
      } else item.dataset.seen = answer.review_id;
    } catch (error) {
      putBack(item, now);
      made.push(decision);
      deed("undo").disabled = false;
      tell(item, `This is not undone. ${error.message}`, true);
    }
  });
}

// What the server had to say of a record: a sentence, and what can be done about it.
function tell(item, sentence, bad = false, choices = []) {
  const box = item.querySelector(".outcome");
  box.replaceChildren();
  box.classList.toggle("bad", bad);
  if (!sentence) return;
  box.append(Object.assign(document.createElement("span"), { textContent: sentence }));
  const row = document.createElement("div");
  for (const [label, act] of choices) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    button.addEventListener("click", act);
    row.append(button);
  }
  box.append(row);
  say("");
}

function conflict(item, theirs, ours) {
  const at = new Date(theirs.at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  const verb = theirs.verdict === "reopened" ? "reopened" : NAMES[theirs.verdict];
  const fields = Object.entries(theirs.corrected || {}).filter(([name]) => !name.endsWith("_id"));
  const how = fields.length ? ` (${fields.map(([name, value]) => `${name}: ${value ?? "none"}`).join(", ")})` : "";
  const keepTheirs = () => {
    item.dataset.seen = theirs.review_id;
    show(item, theirs.verdict === "reopened" ? "" : theirs.verdict, `by ${theirs.reviewer}, ${at}`);
    item.classList.add("settled-now");
    tell(item, null);
    say("Theirs is kept.");
    moveOn(item);
  };
  const keepMine = () => {
    item.dataset.seen = theirs.review_id;
    decide(item, ours.verdict, ours.corrected, ours.redraw);
  };
  const choices = ours ? [["Keep mine", keepMine], ["Keep theirs", keepTheirs]] : [["Keep theirs", keepTheirs]];
  const mine = ours ? ` You ${NAMES[ours.verdict]} it. Nothing is overwritten.` : "";
  tell(item, `${theirs.reviewer} ${verb} this on ${at}${how}, while you were reading.${mine}`, false, choices);
  choose(item);
}

// Words, counted in characters as the server counts them (not in JavaScript's units) -----------------------------------

const parts = (item) => ["before", "words", "after"].map((name) => item.querySelector(`.context .${name}`));

function words(item) {
  const [before, inside, after] = parts(item).map((part) => [...part.textContent]);
  return { text: [...before, ...inside, ...after], from: before.length, to: before.length + inside.length };
}

function setWords(item, { text, from, to }) {
  const [before, inside, after] = parts(item);
  before.textContent = text.slice(0, from).join("");
  inside.textContent = text.slice(from, to).join("");
  after.textContent = text.slice(to).join("");
}

function nextEdge(text, place, by, single) {
  let next = place + by;
  if (!single) {
    // a word: on to where letters begin or end
    const edge = (at) => at <= 0 || at >= text.length || /\s/.test(text[at - 1]) !== /\s/.test(text[at]);
    while (!edge(next)) next += by;
  }
  return Math.min(Math.max(next, 0), text.length);
}

function moveWords(item, event) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const now = words(item);
  const side = event.shiftKey ? "to" : "from";
  now[side] = nextEdge(now.text, now[side], by, event.altKey);
  if (now.from < now.to) setWords(item, now);
  say(item.querySelector(".words").textContent);
}

function takeSelection(item) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const context = item.querySelector(".context");
  if (!context.contains(range.commonAncestorContainer)) return;
  const until = (node, offset) => {
    const upTo = document.createRange();
    upTo.selectNodeContents(context);
    upTo.setEnd(node, offset);
    return [...upTo.toString()].length;
  };
  const { text } = words(item);
  let from = until(range.startContainer, range.startOffset);
  let to = until(range.endContainer, range.endOffset);
  while (from < to && /\s/.test(text[from])) from += 1;
  while (to > from && /\s/.test(text[to - 1])) to -= 1;
  if (from === to) return;
  setWords(item, { text, from, to });
  selection.removeAllRanges();
}

// Correcting in place -------------------------------------------------------------------------------------------------

let correcting = null; // {item, close}

function suggest(form, names) {
  const fill = (field, values) => {
    if (!field) return;
    const options = document.createElement("datalist");
    options.id = `suggest-${field.name}`;
    options.append(...new Set(values.filter(Boolean).map(String)).values().map((value) => Object.assign(document.createElement("option"), { value })));
    form.append(options);
    field.setAttribute("list", options.id);
  };
  const people = names.people || [];
  fill(form.elements.speaker, people.map(([name]) => name));
  fill(form.elements.role, people.map(([, role]) => role));
  fill(form.elements.organisation, [...people.map(([, , body]) => body), ...(names.bodies || [])]);
  // Whoever is chosen brings the post and the body that the article gives them.
  form.elements.speaker?.addEventListener("change", () => {
    const typed = form.elements.speaker.value.trim();
    const person = typed ? people.find(([name]) => name === typed) : ["", null, form.elements.organisation.value];
    if (!person) return;
    form.elements.role.value = person[1] || "";
    form.elements.organisation.value = person[2] || "";
  });
}

function correct(item) {
  if (!item || correcting) return;
  const fields = JSON.parse(item.dataset.fields);
  const form = document.getElementById("correct").content.querySelector("form").cloneNode(true);
  const context = item.querySelector(".context");
  const start = words(item);
  const inputs = [...form.elements].filter((input) => input.name in fields);
  for (const input of inputs) input.value = fields[input.name] ?? "";
  suggest(form, JSON.parse(item.dataset.names));
  const onKey = (event) => moveWords(item, event);
  const onSelect = () => takeSelection(item);

  const close = (restore) => {
    context.removeEventListener("keydown", onKey);
    context.removeEventListener("pointerup", onSelect);
    for (const name of ["tabindex", "role", "aria-label"]) context.removeAttribute(name);
    item.classList.remove("correcting");
    form.remove();
    correcting = null;
    if (restore) {
      setWords(item, start);
      item.focus({ preventScroll: true });
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const right = {};
    for (const input of inputs) {
      const typed = input.value.trim();
      const value = typed === "" ? null : "number" in input.dataset ? Number(typed.replaceAll(",", "")) : typed;
      if (Number.isNaN(value)) {
        input.setCustomValidity("This is no number.");
        input.reportValidity();
        input.addEventListener("input", () => input.setCustomValidity(""), { once: true });
        return;
      }
      if (value !== (fields[input.name] ?? null)) right[input.name] = value;
    }
    const now = words(item);
    if (now.from !== start.from || now.to !== start.to) {
      // where the words begin in the article, moved by as much as here
      right.start = Number(item.dataset.start) + now.from - start.from;
      right.end = right.start + now.to - now.from;
    }
    if (!Object.keys(right).length) return say("Nothing is changed: accept it, or leave it with Escape.");
    const text = { from: now.from, to: now.to };
    close(true);
    decide(item, "corrected", right, () => redraw(item, { ...fields, ...right }, { ...start, ...text }));
  });
  form.querySelector(".cancel").addEventListener("click", () => close(true));

  context.tabIndex = 0;
  context.setAttribute("role", "group");
  context.setAttribute("aria-label", "The words: left and right move where they begin, with Shift where they end");
  context.addEventListener("keydown", onKey);
  context.addEventListener("pointerup", onSelect);
  item.classList.add("correcting");
  item.querySelector(".outcome").before(form);
  correcting = { item, close };
  inputs[0].focus();
  inputs[0].select?.();
  say("Correct what is wrong; Enter saves, Escape leaves it.");
}

// The record as it is now corrected.
function redraw(item, fields, text) {
  const own = JSON.parse(item.dataset.fields);
  const known = Object.fromEntries(Object.keys(own).map((name) => [name, fields[name] ?? null]));
  item.dataset.fields = JSON.stringify(known);
  setWords(item, text);
  const who = item.querySelector(".who");
  if ("speaker" in known) {
    const name = Object.assign(document.createElement("b"), { textContent: known.speaker || "" });
    const rest = [known.role, known.organisation].filter(Boolean).join(", ");
    who.replaceChildren(...(known.speaker ? [name, rest && `, ${rest}`] : [rest || "Nobody known"]));
  } else if ("organisation" in known && known.organisation !== own.organisation) {
    who.replaceChildren(known.organisation || "Nobody known");
  }
  const reads = item.querySelector(".reads");
  if ("value" in known) {
    const unit = { count: "", percent: "%", gbp: "pounds", fraction: "as a fraction" }[known.unit] ?? known.unit;
    const number = known.value.toLocaleString("en-GB", { maximumSignificantDigits: 15 });
    const amount = [known.qualifier?.replaceAll("_", " "), number, unit].filter(Boolean).join(" ");
    const of = known.of && (known.unit === "count" ? known.of : `of ${known.of}`);
    reads.querySelector(".amount").textContent = [amount, known.change, of].filter(Boolean).join(" · ");
    reads.querySelector(".checked")?.remove();
  }
  if ("polarity" in known) {
    const polarity = reads.querySelector(".polarity");
    polarity.textContent = known.polarity;
    polarity.className = `polarity ${known.polarity}`;
    reads.querySelector(".topic").textContent = known.topic.replaceAll("-", " ");
  }
}

// Keys and buttons ------------------------------------------------------------------------------------------------------

const help = document.querySelector("dialog.help");
const DEEDS = {
  accept: () => decide(current, "accepted"),
  reject: () => decide(current, "rejected"),
  correct: () => correct(current),
  skip: () => step(1),
  undo,
  help: () => help.showModal(),
  next: () => step(1),
  previous: () => step(-1),
};
const KEYS = { a: "accept", r: "reject", c: "correct", s: "skip", u: "undo", "?": "help", j: "next", k: "previous" };

function act(name) {
  if (correcting && name !== "help") {
    if (name === "correct") return;
    correcting.close(true);
  }
  DEEDS[name]();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && correcting) return correcting.close(true);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!name || (correcting && name !== "help")) return;
  event.preventDefault();
  act(name);
});
bar.addEventListener("click", (event) => {
  const name = event.target.closest("[data-deed]")?.dataset.deed;
  if (name) act(name);
});
list.addEventListener("click", (event) => {
  const item = event.target.closest(".item");
  if (item && item !== current && !correcting) choose(item, { focus: false });
});
list.addEventListener("focusin", (event) => {
  const item = event.target.closest(".item");
  if (item && item !== current && !correcting) choose(item, { focus: false });
});

// The rest of a rule, when its sample is read ----------------------------------------------------------------------------

document.querySelector(".accept-rule")?.addEventListener("click", async ({ target }) => {
  const sample = document.getElementById("sample");
  const box = sample.querySelector(".said");
  if (!reviewer && !(await askName())) return;
  target.disabled = true;
  box.textContent = "Accepting …";
  try {
    const { kind, rule, read, right } = sample.dataset;
    const answer = await post("/review/accept-rule", { kind, rule, read: Number(read), right: Number(right) });
    box.textContent = `${answer.accepted.toLocaleString("en-GB")} are accepted.`;
  } catch (error) {
    box.textContent = error.message;
    target.disabled = false;
  }
});

list.classList.add("live");
number();
choose(items()[0], { focus: false });
