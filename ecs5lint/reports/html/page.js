
"use strict";

// Texts enter the page by textContent only. The Content-Security-Policy of the page enforces it.

const BATCH = 50;
// Up to this number, all findings are open at the start.
const OPEN_AT_FIRST = 20;

const findings = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const list = byId("list");
const form = byId("filters");
const selects = [...form.querySelectorAll("select")];
let found = findings;
let inFile = new Map();
let shown = 0;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function totals(entries, facet) {
  const counts = new Map();
  for (const entry of entries) counts.set(entry[facet], (counts.get(entry[facet]) ?? 0) + 1);
  return counts;
}

// One finding.

function source([number, before, marked, after, isAfterGap]) {
  const code = element("code", "", before);
  if (marked !== null) code.append(element("mark", "", marked), after);
  const line = element("span", isAfterGap ? "source gap" : "source", code);
  line.dataset.number = number;
  return line;
}

function excerpt(part) {
  const caption = part.place ? [element("figcaption", "place", part.place)] : [];
  return element("figure", "excerpt", ...caption, element("pre", "", ...part.lines.map(source)));
}

function change([sign, text]) {
  const line = element(sign === "-" ? "del" : "ins", "source", element("code", "", text));
  line.dataset.number = sign;
  return line;
}

function diff(part) {
  return element(
    "figure", "excerpt",
    element("figcaption", "place", part.place),
    element("pre", "", ...part.lines.map(change)),
  );
}

function items(texts) {
  const named = texts.slice(0, 8).map((text) => element("li", "", text));
  const more = texts.slice(8).map((text) => element("li", "", text));
  const made = [element("ul", "", ...named)];
  if (more.length) {
    made.push(element("details", "", element("summary", "", `and ${more.length} more`), element("ul", "", ...more)));
  }
  return made;
}

function notes(finding) {
  const made = element("dl", "notes");
  const add = (label, ...content) =>
    made.append(element("dt", /^(fix|help)$/.test(label) ? "step" : "", label), element("dd", "", ...content));
  if (finding.definitions.length === 1) add(finding.noun, finding.definitions[0]);
  else add(`${finding.noun}s`, ...items(finding.definitions));
  for (const [label, text] of finding.notes) add(label, text);
  return made;
}

function definition(finding) {
  const more = finding.definitions.length - 1;
  return more ? `${finding.address} and ${more.toLocaleString("en")} more` : finding.address;
}

function body(finding) {
  return element("div", "body", ...finding.excerpt.map(excerpt), notes(finding), ...finding.diff.map(diff));
}

function card(finding) {
  const made = element(
    "details", `finding ${finding.severity}`,
    element(
      "summary", "",
      element("span", `badge ${finding.severity}`, finding.verdict),
      element("span", "message", finding.message, element("span", "of", definition(finding))),
      element("span", "tag", finding.rule),
      element("span", "tag place", finding.at),
    ),
  );
  const fill = () => made.children.length > 1 || made.append(body(finding));
  made.addEventListener("toggle", () => {
    finding.isOpen = made.open;
    if (made.open) fill();
  });
  if (finding.isOpen) {
    fill();
    made.open = true;
  }
  return made;
}

// The list of findings.

function heading(finding) {
  const number = counted(inFile.get(finding.path), "finding");
  return element("h3", "file", finding.path, " ", element("span", "muted", number));
}

function show(number) {
  const added = document.createDocumentFragment();
  const until = Math.min(shown + number, found.length);
  let first = null;
  for (let index = shown; index < until; index++) {
    const finding = found[index];
    if (index === 0 || found[index - 1].path !== finding.path) added.append(heading(finding));
    const made = card(finding);
    first ??= made;
    added.append(made);
  }
  list.append(added);
  shown = until;
  const left = found.length - shown;
  byId("rest").hidden = left === 0;
  byId("more").textContent = `Show ${Math.min(BATCH, left)} more`;
  byId("everything").textContent = `Show all ${found.length.toLocaleString("en")}`;
  return first;
}

function render(number = BATCH) {
  list.replaceChildren();
  shown = 0;
  show(number);
}

function describe() {
  const of = found.length === findings.length ? "" : `${found.length.toLocaleString("en")} of `;
  byId("status").textContent = findings.length ? `${of}${counted(findings.length, "finding")}` : "No findings.";
}

// Filters.

function words(finding) {
  finding.words ??= [finding.path, finding.message, ...finding.definitions, ...finding.notes.flat()]
    .join("\n")
    .toLowerCase();
  return finding.words;
}

function filter() {
  const wanted = selects.filter((select) => select.value).map((select) => [select.dataset.facet, select.value]);
  const text = byId("search").value.trim().toLowerCase();
  found = findings.filter(
    (finding) => wanted.every(([facet, value]) => finding[facet] === value) && (!text || words(finding).includes(text)),
  );
  inFile = totals(found, "path");
  for (const button of document.querySelectorAll(".chart button")) {
    button.setAttribute("aria-pressed", String(button.select.value === button.value));
  }
  render();
  describe();
}

function fillSelect(select) {
  for (const [value, count] of [...totals(findings, select.dataset.facet)].sort()) {
    const option = element("option", "", `${value} (${count.toLocaleString("en")})`);
    option.value = value;
    select.append(option);
  }
}

// Clicking a line of a chart filters the findings.
function makeButton(line) {
  const label = line.querySelector(".label");
  const button = element("button", "", label.textContent);
  button.type = "button";
  button.select = selects.find((select) => select.dataset.facet === line.dataset.facet);
  button.value = line.dataset.value;
  button.addEventListener("click", () => {
    button.select.value = button.select.value === button.value ? "" : button.value;
    filter();
    byId("findings").scrollIntoView();
  });
  label.replaceChildren(button);
}

function setOpen(isOpen) {
  for (const finding of found) finding.isOpen = isOpen;
  render(shown);
}

// Print all findings that match the filters, open.
let before = null;
addEventListener("beforeprint", () => {
  before ??= { shown, open: found.map((finding) => finding.isOpen) };
  for (const finding of found) finding.isOpen = true;
  render(found.length);
});
addEventListener("afterprint", () => {
  if (!before) return;
  found.forEach((finding, index) => (finding.isOpen = before.open[index]));
  render(before.shown);
  before = null;
});

selects.forEach(fillSelect);
document.querySelectorAll(".chart li[data-facet]").forEach(makeButton);
byId("search").addEventListener("input", filter);
selects.forEach((select) => select.addEventListener("change", filter));
form.addEventListener("submit", (event) => event.preventDefault());
byId("reset-filters").addEventListener("click", () => {
  form.reset();
  filter();
});
byId("open-all").addEventListener("click", () => setOpen(true));
byId("close-all").addEventListener("click", () => setOpen(false));
byId("more").addEventListener("click", () => show(BATCH).querySelector("summary").focus());
byId("everything").addEventListener("click", () => show(found.length).querySelector("summary").focus());
for (const finding of findings) finding.isOpen = findings.length <= OPEN_AT_FIRST;
form.hidden = findings.length === 0;
filter();
