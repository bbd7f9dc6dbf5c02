// How a person finds things on a page: by what they are called, if they can be seen.
// Called with (kind, name, place); answers {element} or {problem}.
const [kind, name, place] = arguments;
const plain = (text) => (text || '').replace(/\s+/g, ' ').trim();
const byIds = (ids) => plain(ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent || '').join(' '));
const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;

// The text of a label without the text of the control inside it.
function ownText(label) {
  const copy = label.cloneNode(true);
  for (const control of copy.querySelectorAll('input, select, textarea, datalist, button')) control.remove();
  return plain(copy.textContent);
}

function names(element) {
  const labelledby = element.getAttribute('aria-labelledby');
  if (labelledby) return [byIds(labelledby)];
  const label = element.getAttribute('aria-label');
  if (label) return [plain(label)];
  if (element.matches('fieldset')) return [ownText(element.querySelector('legend') || element)];
  if (element.labels?.length) return [...element.labels].map(ownText);
  if (element.matches('input[type=submit], input[type=button], input[type=reset]')) return [plain(element.value)];
  const alt = element.querySelector('img[alt], svg title');
  return [plain(element.innerText) || plain(alt?.getAttribute('alt') || alt?.textContent || element.title)];
}

const KINDS = {
  pressable: 'a[href], button, summary, input[type=submit], input[type=button], input[type=checkbox],'
    + ' input[type=radio], [role=button], [role=link], [role=tab], [role=menuitem], [role=option], [role=switch],'
    + ' [role=checkbox], [role=radio], label',
  field: 'input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select, [role=textbox],'
    + ' [role=combobox], [role=searchbox], [contenteditable=true]',
  choice: 'select, fieldset, [role=radiogroup], [role=listbox], [role=group]',
  tickable: 'input[type=checkbox], [role=checkbox], [role=switch]',
};

function within(root) {
  const all = [...root.querySelectorAll(KINDS[kind])];
  // A file field and a styled tick box may be drawn by their label alone.
  const shown = all.filter((one) => seen(one) || [...(one.labels || [])].some(seen));
  const called = shown.filter((one) => names(one).includes(plain(name)));
  // A label is pressed only where nothing else has that name; what is inside another match is that match.
  const better = called.filter((one) => !one.matches('label'));
  const chosen = better.length ? better : called;
  return chosen.filter((one) => !chosen.some((other) => other !== one && other.contains(one)));
}

function inPlace() {
  const places = [...document.querySelectorAll('tr, li, dd, form, fieldset, section, article, aside, dialog, details, nav, main')]
    .filter((one) => seen(one) && plain(one.innerText).includes(plain(place)));
  const holding = places.map((one) => ({ size: one.innerText.length, found: within(one) })).filter((one) => one.found.length);
  holding.sort((one, other) => one.size - other.size);
  return holding.length ? holding[0].found : [];
}

const dialog = [...document.querySelectorAll('dialog')].find((one) => one.matches(':modal'));
const found = place ? inPlace() : within(dialog || document);
if (found.length === 1) return { element: found[0] };
if (found.length) return { problem: `${found.length} of them are called “${name}”` };
const others = [...new Set([...document.querySelectorAll(KINDS[kind])].filter(seen).flatMap(names))].filter(Boolean);
return { problem: `nothing that can be seen is called “${name}”; there is ${others.slice(0, 60).map((one) => `“${one}”`).join(', ')}` };
