// Makes the pages quicker; every page works without it.
// Listens once, on the document, so that what is swapped in later needs no setting up.

const $ = (selector, from = document) => from.querySelector(selector);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  element.className = className || '';
  if (text !== undefined) element.textContent = text;
  return element;
};

// ---- Live pages: what changed is fetched and swapped in place ----

let fetching = null;
let waiting = false;

/** Somebody is typing or deciding: nothing moves under their hands. */
function busy(element) {
  const focus = document.activeElement;
  const typing = focus && element.contains(focus) && focus.matches('input:not([type=search]), select, textarea');
  return typing || $('dialog[open]', element) !== null || $('dialog:target', element) !== null;
}

function swap(fresh) {
  for (const old of document.querySelectorAll('[data-live][id]')) {
    if (old.parentElement.closest('[data-live]')) continue;
    const now = fresh.getElementById(old.id);
    if (!now || now.outerHTML === old.outerHTML) continue;
    if (busy(old)) { waiting = true; continue; }
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const open = [...old.querySelectorAll('details')].map((details) => details.open);
    const boxes = 'input[type=checkbox][form]';
    const ticked = new Set([...old.querySelectorAll(`${boxes}:checked`)].map((box) => `${box.name} ${box.value}`));
    const node = document.adoptNode(now);
    node.querySelectorAll(boxes).forEach((box) => { box.checked = ticked.has(`${box.name} ${box.value}`); });
    [...node.querySelectorAll('details')].forEach((details, place) => { if (open[place]) details.open = true; });
    old.replaceWith(node);
    node.classList.add('changed');
    setTimeout(() => node.classList.remove('changed'), 1700);
    if (focused?.id) document.getElementById(focused.id)?.focus();
    else if (focused?.href) [...node.querySelectorAll('a')].find((link) => link.href === focused.href)?.focus();
  }
}

/** Fetches a page of Hive and swaps its live parts; `true` where that worked. */
async function refresh(url = location.href) {
  fetching?.abort();
  fetching = new AbortController();
  waiting = false;
  try {
    const answer = await fetch(url, { headers: { 'x-hive-live': '1' }, signal: fetching.signal });
    if (answer.status === 401) { location.reload(); return false; }
    if (!answer.ok || answer.redirected) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    swap(fresh);
    behind(fresh.body.dataset.pulse);
    return true;
  } catch (error) {
    return error.name === 'AbortError';
  }
}

document.addEventListener('focusout', () => { if (waiting) setTimeout(() => waiting && refresh(), 200); });
document.addEventListener('close', () => { if (waiting) refresh(); }, true);

/** Asks for a refresh soon; many events make one. */
let soon = null;
function changed() {
  clearTimeout(soon);
  soon = setTimeout(() => (document.hidden ? (waiting = true) : refresh()), 150);
}
document.addEventListener('visibilitychange', () => { if (!document.hidden && waiting) refresh(); });

const number = (value) => value.toLocaleString('en-GB').replaceAll('\u00a0', ',');

function showRun(run) {
  for (const bar of document.querySelectorAll(`[data-run="${Number(run.run)}"]`)) {
    const [step, progress] = [$('.step', bar), $('progress', bar)];
    step.textContent = run.step;
    progress.setAttribute('aria-label', run.step);
    if (run.total > 0) {
      progress.max = run.total;
      progress.value = run.done;
      $('.percent', bar).textContent = `${Math.floor((100 * run.done) / run.total)} %`;
      $('.of', bar).textContent = `${number(run.done)} / ${number(run.total)}`;
    } else {
      progress.removeAttribute('value');
      $('.percent', bar).textContent = $('.of', bar).textContent = '';
    }
  }
}

/** `facts.runs`: a run's progress alone moves bars; anything else, and a run's end, fetches the page. */
let known = document.body.dataset.pulse;
let running = null;
/** A page made from older facts than were told of is still being made anew: look again. */
function behind(made) {
  if (made && known && Number(made.split('.')[0]) < Number(known.split('.')[0])) setTimeout(changed, 1500);
}
function pulse(now) {
  if (known !== undefined && now !== known) {
    const factsMoved = now.split('.')[0] !== known.split('.')[0];
    const barsOnly = running && $(`[data-run="${Number(running)}"]`) && !factsMoved;
    if (!barsOnly) changed();
  }
  known = now;
}

let events = null;
function listen() {
  const url = document.body.dataset.events;
  if (!url || events || document.hidden) return;
  const opened = (events = new EventSource(url));
  opened.addEventListener('changed', (event) => pulse(event.data));
  opened.addEventListener('run', (event) => {
    const run = JSON.parse(event.data);
    const ended = running === run.run && !run.running;
    running = run.running ? run.run : null;
    showRun(run);
    if (ended) changed();
  });
  opened.addEventListener('error', () => {
    // The browser tries again by itself unless the server refused; then look now and again.
    if (opened.readyState === EventSource.CLOSED && events === opened) {
      events = null;
      setTimeout(() => { changed(); listen(); }, 20000);
    }
  });
}

/** A browser opens six connections to one host: a page that nobody sees keeps none of them. */
function deaf() {
  events?.close();
  running = null;
  events = null;
}
if ($('[data-live]')) {
  listen();
  window.addEventListener('pagehide', deaf);
  window.addEventListener('pageshow', (event) => { if (event.persisted) { changed(); listen(); } });
  document.addEventListener('visibilitychange', () => (document.hidden ? deaf() : listen()));
}

// ---- Filters and search: the page follows while one types ----

async function follow(form) {
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  const url = new URL(form.action || location.href);
  url.search = query;
  if (await refresh(url)) history.replaceState(null, '', url);
  else form.submit();
}

let typed = null;
document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-auto]');
  if (!form || event.isComposing) return;
  clearTimeout(typed);
  typed = setTimeout(() => follow(form), 180);
});
document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-auto]') && $('[data-live]')) {
    event.preventDefault();
    follow(event.target);
  } else if (event.target.method === 'post') {
    // Once is enough; a second press while it is under way would only be refused.
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = '1';
    setTimeout(() => delete event.target.dataset.sent, 4000);
  }
});

// ---- Dialogs, tips, keys ----

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.target.closest('[data-close]')) {
    const open = event.target.closest('dialog');
    if (open?.open) { event.preventDefault(); open.close(); }
  }
  if (event.target.matches('[data-select]')) event.target.select();
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') document.querySelectorAll('[data-tip]').forEach((tip) => tip.classList.add('shut'));
  if (event.key === ' ' && event.target.matches?.('a[role=button]')) { event.preventDefault(); event.target.click(); }
  const typing = event.target.matches?.('input, select, textarea, [contenteditable]');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = $('[data-search]');
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
});
document.addEventListener('pointerover', (event) => event.target.closest?.('[data-tip]')?.classList.remove('shut'));
document.addEventListener('focusin', (event) => event.target.closest?.('[data-tip]')?.classList.remove('shut'));

// ---- Comboboxes: one list for all, in the top layer ----

const list = make('div', 'combo-list');
list.id = 'combo-list';
list.setAttribute('role', 'listbox');
list.setAttribute('popover', 'manual');
document.body.append(list);
const heard = make('div', 'unseen');
heard.setAttribute('aria-live', 'polite');
document.body.append(heard);
let combo = null; // { input, hidden, options, at, asked }

/** The first focus turns the text field into a combobox; its form then carries the id of what was chosen. */
function setUp(input) {
  const box = input.closest('.combo');
  let hidden = $('input[type=hidden]', box);
  if (!hidden) {
    hidden = make('input');
    hidden.type = 'hidden';
    hidden.name = input.name;
    hidden.value = box.dataset.id ?? input.value;
    input.removeAttribute('name');
    box.append(hidden);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', list.id);
    input.setAttribute('aria-expanded', 'false');
  }
  return hidden;
}

function shut() {
  if (!combo) return;
  combo.asked?.abort();
  combo.input.setAttribute('aria-expanded', 'false');
  combo.input.removeAttribute('aria-activedescendant');
  if (list.matches(':popover-open')) list.hidePopover();
  combo = null;
}

function place() {
  const box = combo.input.getBoundingClientRect();
  const below = innerHeight - box.bottom > 220 || box.top < 220;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 308))}px`;
  list.style.width = `${Math.max(box.width, 300)}px`;
  list.style.top = below ? `${box.bottom + 4}px` : 'auto';
  list.style.bottom = below ? 'auto' : `${innerHeight - box.top + 4}px`;
}

/** The text, with what was typed set off. Text nodes alone: nothing in it can be HTML. */
function marked(text, wanted) {
  const at = wanted ? text.toLowerCase().indexOf(wanted.toLowerCase()) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), make('mark', '', text.slice(at, at + wanted.length)), text.slice(at + wanted.length)];
}

function point(at) {
  combo.at = at;
  [...list.children].forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
  const option = at >= 0 ? list.children[at] : null;
  option?.scrollIntoView({ block: 'nearest' });
  if (option) combo.input.setAttribute('aria-activedescendant', option.id);
  else combo.input.removeAttribute('aria-activedescendant');
}

async function offer(input) {
  if (combo?.input !== input) { shut(); combo = { input, hidden: setUp(input), options: [], at: -1 }; }
  combo.asked?.abort();
  const asked = (combo.asked = new AbortController());
  const url = new URL(input.closest('.combo').dataset.url, location.href);
  const wanted = input.dataset.typed ? input.value.trim() : '';
  url.searchParams.set('q', wanted);
  try {
    const answer = await fetch(url, { headers: { accept: 'application/json' }, signal: asked.signal });
    if (!answer.ok || !combo || combo.input !== input) return;
    combo.options = await answer.json();
  } catch { return; }
  if (!combo || combo.input !== input) return;
  list.replaceChildren(...combo.options.map((option, place) => {
    const row = make('div', 'combo-option');
    row.id = `combo-option-${place}`;
    row.setAttribute('role', 'option');
    if (option.state) row.append(make('span', 'pill', option.state));
    row.append(...marked(option.title, wanted));
    if (option.detail) row.append(make('small', '', option.detail));
    return row;
  }));
  if (!combo.options.length) list.append(make('div', 'combo-none', 'Nothing found'));
  heard.textContent = combo.options.length ? `${combo.options.length} found` : 'Nothing found';
  if (!list.matches(':popover-open')) list.showPopover();
  place();
  input.setAttribute('aria-expanded', 'true');
  point(wanted && combo.options.length ? 0 : -1);
}

function choose(at) {
  const { input, hidden, options } = combo;
  const option = options[at];
  if (!option) return;
  input.value = option.title;
  hidden.value = option.id;
  delete input.dataset.typed;
  const sends = input.closest('.combo').hasAttribute('data-sends');
  shut();
  if (sends) input.form?.requestSubmit();
}

let asking = null;
document.addEventListener('focusin', (event) => { if (event.target.matches?.('[data-combo]')) setUp(event.target); });
document.addEventListener('input', (event) => {
  const input = event.target;
  if (!input.matches('[data-combo]')) return;
  setUp(input).value = input.value.trim();
  input.dataset.typed = '1';
  clearTimeout(asking);
  asking = setTimeout(() => offer(input), 120);
});
document.addEventListener('click', (event) => {
  if (event.target.matches('[data-combo]')) { if (combo?.input !== event.target) offer(event.target); }
  else if (!list.contains(event.target)) shut();
});
list.addEventListener('pointerdown', (event) => {
  event.preventDefault();
  const option = event.target.closest('.combo-option');
  if (option) choose([...list.children].indexOf(option));
});
document.addEventListener('keydown', (event) => {
  const input = event.target;
  if (!input.matches?.('[data-combo]')) return;
  const open = combo?.input === input && list.matches(':popover-open');
  const last = open ? combo.options.length - 1 : -1;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (!open) offer(input);
    else if (last >= 0) point(event.key === 'ArrowDown' ? (combo.at >= last ? 0 : combo.at + 1) : (combo.at <= 0 ? last : combo.at - 1));
  } else if (event.key === 'Enter' && open && combo.at >= 0) {
    event.preventDefault();
    choose(combo.at);
  } else if (event.key === 'Escape' && open) {
    event.stopPropagation();
    event.preventDefault();
    shut();
  } else if (event.key === 'Tab') shut();
});
document.addEventListener('focusout', (event) => { if (combo?.input === event.target) setTimeout(() => { if (combo && document.activeElement !== combo.input) shut(); }, 150); });
addEventListener('scroll', (event) => { if (combo && event.target !== list) shut(); }, true);

// ---- Links: what a form would do, rows that are ticked together, what is still being compared ----

let previewing = null;
document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-preview]');
  if (!form || event.isComposing) return;
  clearTimeout(previewing);
  previewing = setTimeout(() => {
    const url = new URL(form.dataset.preview, location.href);
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') url.searchParams.set(name, value.replace(/^id:/, ''));
    }
    // The address keeps what was typed: what refreshes the page by itself then asks for the same.
    refresh(url).then((done) => { if (done) history.replaceState(null, '', url); });
  }, 180);
});

document.addEventListener('change', (event) => {
  const all = event.target.dataset.tickAll;
  if (!all) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][form="${CSS.escape(all)}"]`)) box.checked = event.target.checked;
});

setInterval(() => { if ($('[data-again]') && !document.hidden) refresh(); }, 1500);
// ---- Forms that say what they would do before they are sent ----

let sketch = null;
let sketching = null;

/** Asks the page for the form's preview, and puts it in its place. */
async function preview(form) {
  sketching?.abort();
  sketching = new AbortController();
  const place = document.getElementById(form.dataset.sketch);
  const url = new URL(location.href);
  url.search = new URLSearchParams(new FormData(form));
  place.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(url, { headers: { 'x-hive-live': '1' }, signal: sketching.signal });
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(place.id);
    if (fresh) place.replaceChildren(...fresh.childNodes);
  } catch (error) {
    if (error.name === 'AbortError') return;
  }
  place.removeAttribute('aria-busy');
}

document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-sketch]');
  if (!form || event.isComposing) return;
  clearTimeout(sketch);
  sketch = setTimeout(() => preview(form), 300);
});

// One menu of a row is open at a time, and a click elsewhere closes it.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.row-menu[open]')) if (!menu.contains(event.target)) menu.open = false;
});

// On a narrow screen the tab of this page is scrolled to, sideways only.
for (const tabs of document.querySelectorAll('.tabs')) {
  const here = $('a[aria-current]', tabs);
  if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
}
