import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { basic, HOST, READ, type Stage, stage, textOf } from './support.ts';

const ALICE = "INSERT INTO users(name) VALUES ('alice')";

const names = ({ query }: Stage) => query((db) => db.prepare('SELECT name FROM users ORDER BY 1').pluck().all());
const scratchOf = ({ folder }: Stage) => readdirSync(join(folder, '.overwinter/scratch'));
const snapshotsOf = ({ folder }: Stage) =>
  readdirSync(join(folder, '.overwinter')).includes('snapshots')
    ? readdirSync(join(folder, '.overwinter/snapshots'))
    : [];

describe('importing a document', () => {
  test('shows first what would change, wants the name typed, takes a snapshot, and can be undone', async () => {
    const app = stage();
    const { get, query, upload, done, post } = app;
    const text = await textOf(get('download'));
    query((db) => db.exec(`${ALICE}; DELETE FROM users WHERE name = 'bob'; UPDATE notes SET body = 'changed'`));
    const looked = await upload(text, 'my data.json');
    expect(looked.text).toContain('What would change');
    for (const words of ['would be added', 'would be changed', 'would be removed', 'alice', 'bob', 'changed', 'first'])
      expect(looked.text).toContain(words);
    expect(looked.text).toContain('Type <code>my data.json</code> to confirm');
    // Nothing but the document itself is kept, and nothing was touched.
    expect(scratchOf(app)).toEqual([expect.stringMatching(/^upload-/)]);
    expect([names(app), snapshotsOf(app)]).toEqual([['ada', 'alice', 'cy'], []]);

    const wrong = await post('import/confirm', { preview: looked.job, confirm: 'yes' });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain('Nothing was changed');
    expect(names(app)).toEqual(['ada', 'alice', 'cy']);

    const imported = await done('import/confirm', { preview: looked.job, confirm: 'my data.json' });
    expect(imported.text).toContain('4 rows of my data.json are in place');
    expect(names(app)).toEqual(['ada', 'bob', 'cy']);
    expect(scratchOf(app)).toEqual([]);
    const id = /name="id" value="([^"]+)"/.exec(imported.text)?.[1] ?? '';
    expect((await done('undo', { id })).text).toContain('before restoring my data.json');
    expect(names(app)).toEqual(['ada', 'alice', 'cy']);

    // A document is imported once: for another time it is chosen again.
    expect((await post('import/confirm', { preview: looked.job, confirm: 'my data.json' })).status).toBe(409);
  });

  test('what it does is what was shown, for a document of an older tool too', async () => {
    const app = stage();
    app.query((db) => db.exec('CREATE TABLE goals(id INTEGER PRIMARY KEY, title TEXT)'));
    const document = JSON.stringify({
      metadata: { backup_date: '2025-09-06T10:00:00' },
      data: { users: [{ id: 7, name: 'eve' }], goals: [{ id: 1, title: 'a bicycle' }] },
    });
    const looked = await app.upload(document);
    expect(looked.text).toContain('users had rows already and keeps them.');
    expect(looked.text).toContain('a bicycle');
    expect(looked.text).not.toContain('eve');
    await app.done('import/confirm', { preview: looked.job, confirm: 'document.json' });
    expect(names(app)).toEqual(['ada', 'bob', 'cy']);
    expect(app.query((db) => db.prepare('SELECT title FROM goals').pluck().all())).toEqual(['a bicycle']);
  });

  test('says what stands in the way before anything is asked', async () => {
    const app = stage();
    const text = await textOf(app.get('download'));
    const torn = await app.upload(text.replace('"ada"', '"eve"'));
    expect(torn.text).toContain('It did not work');
    const strange = await app.upload(JSON.stringify({ data: { planets: [{ id: 1 }] } }));
    expect(strange.text).toContain('has no table &#39;planets&#39;');
    for (const { text: page } of [torn, strange]) expect(page).not.toContain('to confirm');
    expect(scratchOf(app)).toEqual([]);
    expect(names(app)).toEqual(['ada', 'bob', 'cy']);
  });

  test('says so where nothing would change, and where there is no database', async () => {
    const app = stage();
    const text = await textOf(app.get('download'));
    expect((await app.upload(text)).text).toContain('the database holds exactly what this document would bring');
    const { rmSync } = await import('node:fs');
    for (const end of ['', '-wal', '-shm']) rmSync(join(app.folder, `app.db${end}`), { force: true });
    const looked = await app.upload(text);
    expect(looked.text).toContain('There is no database now. 4 rows in 2 tables would be brought back.');
    await app.done('import/confirm', { preview: looked.job, confirm: 'document.json' });
    expect(names(app)).toEqual(['ada', 'bob', 'cy']);
  });

  test('a document that nobody wants any more goes at once; of many that wait, the oldest', async () => {
    const app = stage();
    const text = await textOf(app.get('download'));
    const looked = await app.upload(text);
    expect((await app.post('import/drop', { preview: looked.job })).headers.get('location')).toMatch(/restore$/);
    expect(scratchOf(app)).toEqual([]);
    const jobs: string[] = [];
    for (let n = 0; n < 4; n++) jobs.push((await app.upload(text, `n${n}.json`)).job);
    expect(scratchOf(app)).toHaveLength(3);
    expect((await app.post('import/confirm', { preview: jobs[0] ?? '', confirm: 'n0.json' })).status).toBe(409);
    app.panel.close();
    await expect.poll(() => scratchOf(app)).toEqual([]);
  });

  test('who may only read can neither look nor confirm', async () => {
    const { post } = stage();
    const reader = { ...basic(READ), host: HOST, origin: `http://${HOST}` };
    for (const path of ['import', 'import/confirm', 'import/drop'])
      expect((await post(path, {}, reader)).status).toBe(403);
  });
});
