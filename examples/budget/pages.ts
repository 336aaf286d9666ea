import { html } from 'hono/html';
import type { Entry, Overview } from './books.ts';

const euros = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });
const money = (cents: number) => euros.format(cents / 100);

type Html = ReturnType<typeof html>;

const page = (title: string, body: Html, nav: Html | string = '') => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Budget</title>
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <header><strong>Budget</strong>${nav}</header>
    <main>${body}</main>
  </body>
</html>`;

const NAV = html`<a href="/settings/backups">Backups</a>
  <form method="post" action="/sign-out"><button class="plain">Sign out</button></form>`;

export const message = (title: string, text: string) =>
  page(title, html`<div class="narrow"><h1>${title}</h1><p>${text}</p><a href="/">Back</a></div>`);

const EMAIL = html`<label>E-mail <input name="email" type="email" autocomplete="username" required></label>`;

export function signIn(afterRestore: boolean, hasFailed = false) {
  const notice = html`<p class="notice">This app was restored from a backup, and backups hold no passwords.
    If yours does not work, <a href="/password">choose a new one</a>.</p>`;
  return page(
    'Sign in',
    html`<div class="narrow"><h1>Sign in</h1>
      ${hasFailed ? html`<p role="alert">E-mail and password do not fit.</p>` : ''}
      ${afterRestore ? notice : ''}
      <form method="post" action="/sign-in">
        ${EMAIL}
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button>
      </form>
      <p><a href="/password">New here, or forgot your password?</a></p></div>`,
  );
}

export const askForLink = () =>
  page(
    'Choose a password',
    html`<div class="narrow"><h1>Choose a password</h1>
      <p>We send a link to your address. What you have saved here stays as it is.</p>
      <form method="post" action="/password">${EMAIL}<button>Send the link</button></form></div>`,
  );

export const choosePassword = (link: string, owner: string) =>
  page(
    'Choose a password',
    html`<div class="narrow"><h1>Choose a password</h1>
      <form method="post" action="/password/${link}">
        <label>E-mail <input name="email" type="email" autocomplete="username" value="${owner}" readonly></label>
        <label>New password, at least 10 characters
          <input name="password" type="password" autocomplete="new-password" minlength="10" maxlength="200" required></label>
        <button>Save and sign in</button>
      </form></div>`,
  );

const AMOUNT = html`<label>Amount in euros <input name="amount" inputmode="decimal" placeholder="12.50" required></label>`;

const adding = (title: string, action: string, what: string, today: string, more: Html | string = '') => html`<section>
  <h2>${title}</h2>
  <form method="post" action="${action}">
    <label>${what} <input name="what" maxlength="80" required></label>
    ${AMOUNT}
    <label>Day <input name="day" type="date" value="${today}" required></label>
    ${more}
    <button>Add</button>
  </form>
</section>`;

const row = ({ day, what, note, cents }: Entry) => html`<tr>
  <th scope="row">${what}${note === null ? '' : html` <small>${note}</small>`}<br><small>${day}</small></th>
  <td class="money ${cents < 0 ? 'out' : 'in'}">${money(cents)}</td>
</tr>`;

export function home(name: string, { balance, entries, shares, goals }: Overview, today: string) {
  const most = Math.max(1, ...shares.map(({ cents }) => cents));
  const body = html`<h1>${name}, you have</h1>
    <p class="balance">${money(balance)}</p>
    <div class="grid">
      ${adding(
        'Add an expense',
        '/expenses',
        'What for',
        today,
        html`<label>Note <input name="note" maxlength="200"></label>`,
      )}
      <section><h2>Lately</h2>
        ${entries.length === 0 ? html`<p>Nothing yet.</p>` : html`<table>${entries.slice(0, 8).map(row)}</table>`}
      </section>
      <section><h2>Where it goes</h2>
        <table>${shares.map(
          ({ category, cents }) => html`<tr><th scope="row">${category}<br>
            <meter min="0" max="${most}" value="${cents}">${money(cents)}</meter></th>
            <td class="money">${money(cents)}</td></tr>`,
        )}</table>
      </section>
      <section><h2>Savings goals</h2>
        ${goals.map(
          (goal) => html`<p>${goal.title}<br><small>${money(goal.saved_cents)} of ${money(goal.target_cents)}</small>
            <progress max="${goal.target_cents}" value="${goal.saved_cents}" aria-label="${goal.title}"></progress></p>
            <form class="line" method="post" action="/goals/${goal.id}">${AMOUNT}<button>Save</button></form>`,
        )}
        <h2>A new goal</h2>
        <form method="post" action="/goals">
          <label>What for <input name="title" maxlength="80" required></label>${AMOUNT}<button>Begin</button>
        </form>
      </section>
      ${adding('Add income', '/income', 'From', today)}
    </div>`;
  return page('Overview', body, NAV);
}
