import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { spreadsheetOf } from '../../src/stores/sheets/spreadsheet.ts';

const TOKENS = 'https://oauth2.googleapis.com/token';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = {
  email: 'overwinter@project.iam.gserviceaccount.com',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  tokens: TOKENS,
};

interface Asked {
  readonly url: string;
  readonly how: RequestInit;
}

/** A Google that says of its tabs what it is told to say, and does nothing. */
function saying(tabs: unknown, token: unknown = { access_token: 'ya29.token' }) {
  const asked: Asked[] = [];
  const answer: typeof fetch = async (url, how = {}) => {
    asked.push({ url: String(url), how });
    return Response.json(url === TOKENS ? token : how.method === 'GET' ? tabs : {});
  };
  const open = () => spreadsheetOf('it', KEY, { fetch: answer, now: () => 0 });
  const bodies = (method: string) =>
    asked
      .filter(({ url, how }) => url !== TOKENS && how.method === method)
      .map(({ how }) => JSON.parse(String(how.body)));
  return { asked, open, bodies };
}

const TABS = { sheets: [{ properties: { sheetId: 7, title: 'events (on its way)' } }] };

test.each([{}, { access_token: 7 }, { access_token: '' }, { access_token: 'a\nb' }])(
  'what is no token is not sent to anybody: %j',
  async (token) => {
    const { asked, open } = saying(TABS, token);
    await expect(open()).rejects.toThrow('Google gave no token');
    expect(asked.map(({ url }) => url)).toEqual([TOKENS]);
  },
);

test('neither the key nor the token follows where Google would send them', async () => {
  const { asked, open } = saying(TABS);
  await (await open()).show('events', [['id'], [1]]);
  expect(asked.length).toBeGreaterThan(4);
  for (const { how } of asked) expect(how.redirect).toBe('error');
});

test('where what was written is not there, the old rows are not taken away', async () => {
  const { open, bodies } = saying({ sheets: [{ properties: { sheetId: 3, title: 'events' } }] });
  await expect((await open()).show('events', [['id'], [1]])).rejects.toThrow('is not there');
  expect(JSON.stringify(bodies('POST'))).not.toContain('deleteSheet');
});

test('a spreadsheet that says nothing of its tabs has none that anybody could take for ours', async () => {
  expect(await (await saying({}).open()).tabs()).toEqual([]);
  // Google leaves out what is nothing: the first tab has the number 0.
  expect(await (await saying({ sheets: [{ properties: { title: 'a' } }, {}] }).open()).tabs()).toEqual([
    { id: 0, title: 'a' },
    { id: 0, title: '' },
  ]);
});

test('as many rows go at once as Google advises, and a longer one by itself', async () => {
  const half = 'y'.repeat(1_000_000 - '[""]'.length);
  const { asked, open, bodies } = saying(TABS);
  await (await open()).show('events', [[half], [half], ['x'.repeat(2_000_001)], ['a'], ['b']]);
  expect(bodies('PUT').map(({ values }) => values.length)).toEqual([2, 1, 2]);
  const ranges = asked.flatMap(({ url }) => /!A(\d+)/.exec(decodeURIComponent(url))?.[1] ?? []);
  expect(ranges).toEqual(['1', '3', '4']);
});
