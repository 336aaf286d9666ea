/**
 * What makes the panel better where there is JavaScript: progress without reloading, a button that is pressed once, and names
 * that are checked while they are typed. Everything works without it.
 */
export const SCRIPT = `'use strict';
const job = document.querySelector('[data-events]');
if (job) {
  const bar = job.querySelector('progress');
  const words = job.querySelector('[data-words]');
  const cancel = document.querySelector('[data-cancel]');
  const events = new EventSource(job.dataset.events);
  events.onmessage = (event) => {
    const told = JSON.parse(event.data);
    if (told.state !== 'running') {
      events.close();
      location.reload();
      return;
    }
    if (told.total > 0) {
      bar.max = told.total;
      bar.value = told.done;
    }
    words.textContent = told.words;
    if (cancel) cancel.hidden = !told.canCancel;
  };
}
for (const field of document.querySelectorAll('[data-expected]')) {
  const button = field.form.querySelector('button');
  const check = () => { button.disabled = field.value !== field.dataset.expected; };
  field.addEventListener('input', check);
  check();
}
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', () => {
    setTimeout(() => { for (const each of form.querySelectorAll('button')) each.disabled = true; });
  });
}
const spoken = document.documentElement.lang;
const own = navigator.languages.find((each) => each.split('-')[0] === spoken.split('-')[0]) ?? spoken;
const styles = {
  clock: { timeStyle: 'short' },
  day: { dateStyle: 'full' },
  moment: { dateStyle: 'medium', timeStyle: 'short' },
};
const spans = [['year', 31536000], ['month', 2592000], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60]];
const words = (as, iso) => {
  const date = new Date(iso);
  if (as === 'age') {
    const seconds = Math.max(0, (Date.now() - date) / 1000);
    const [unit, span] = spans.find(([, each]) => seconds >= each) ?? ['second', 1];
    return new Intl.RelativeTimeFormat(own).format(-Math.floor(seconds / span), unit);
  }
  const isToday = date.toDateString() === new Date().toDateString();
  const style = as === 'since' ? (isToday ? styles.clock : styles.moment) : styles[as];
  return new Intl.DateTimeFormat(own, style).format(date);
};
const localize = (root) => {
  for (const each of root.querySelectorAll('time[data-as]')) {
    each.title = words('moment', each.dateTime);
    each.textContent = words(each.dataset.as, each.dateTime);
  }
};
for (const list of document.querySelectorAll('[data-days]')) {
  const items = [...list.querySelectorAll('li[data-at]')];
  const days = [];
  let last;
  for (const item of items) {
    const day = new Date(item.dataset.at).toDateString();
    if (day !== last) {
      const heading = document.createElement('h2');
      heading.className = 'day';
      const time = document.createElement('time');
      time.dateTime = item.dataset.at;
      time.dataset.as = 'day';
      heading.append(time);
      const rows = document.createElement('ol');
      rows.className = 'moments';
      days.push(heading, rows);
      last = day;
    }
    days.at(-1).append(item);
  }
  list.replaceChildren(...days);
}
for (const each of document.querySelectorAll('option[data-at]'))
  each.textContent = each.textContent.replace(/^.* UTC/, words('moment', each.dataset.at));
localize(document);
setInterval(() => localize(document), 30000);
const live = document.querySelector('[data-live]');
if (live) {
  const events = new EventSource(live.dataset.live);
  events.onmessage = async () => {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-live]');
    if (!fresh || live.contains(document.activeElement)) return;
    live.replaceChildren(...fresh.childNodes);
    localize(live);
  };
}
for (const form of document.querySelectorAll('[data-pick]')) {
  const dock = form.querySelector('.dock');
  const { pick } = form.dataset;
  const check = () => {
    const picked = [...form.elements].filter((each) => each.name === pick && each.checked).length;
    dock.hidden = picked === 0;
    dock.querySelector('button').disabled = pick === 'of' && picked > 2;
  };
  document.addEventListener('change', check);
  check();
}
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
`;
