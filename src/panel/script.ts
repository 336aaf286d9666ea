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
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
`;
