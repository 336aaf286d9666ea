import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { spanInSeconds } from '../../src/ci/age.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { readManifest } from '../../src/format/read-manifest.ts';
import {
  backupsAt,
  type Deployment,
  deploymentsIn,
  newDeployment,
  pageIn,
  publish,
  run,
  runBeside,
} from '../support/deployment.ts';
import { gitHost } from '../support/git-host.ts';
import { addRows, restoredRows, rowsIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/** Rows enough for a table that is kept in parts. */
const MANY = 400;

/** An app whose newest backup was pushed with its code. */
function deployed(rows = 3): Deployment {
  const deployment = newDeployment();
  addRows(deployment.app.db, rows);
  run(deployment.app.top, ['backup']);
  publish(deployment, 'begin');
  return deployment;
}

const head = ({ atRemote }: Deployment, branch = 'main') => atRemote('rev-parse', branch).trim();
const json = (top: string, ...args: string[]) => {
  const ran = run(top, ['ci', '--json', ...args]);
  return { ...ran, document: JSON.parse(ran.stdout) };
};
const partsIn = (top: string): string[] =>
  readdirSync(join(top, 'backups/parts'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => join('backups/parts', file));

/** Writes a backup's manifest anew, as somebody with other wishes would have. */
function rewrite(app: TestRepository, name: string, change: (manifest: Manifest) => Manifest): void {
  const { manifest } = readManifest(name, app.read(`backups/${name}.json`));
  app.write(`backups/${name}.json`, writeManifest(change(manifest)).text);
}

describe('without a database', () => {
  test('the newest backup is labelled as what was deployed with this commit', async () => {
    const deployment = deployed();
    const before = head(deployment);
    const runner = deployment.clone();
    const ran = run(runner.top, ['ci']);
    expect(ran.code).toBe(0);
    const backups = backupsAt(deployment);
    const [label = ''] = deploymentsIn(backups);
    expect(ran.stdout).toBe(`${label}\n`);
    expect(backups.size).toBe(2);
    const [source] = [...backups].filter(([name]) => name.startsWith('backup_'));
    expect(backups.get(label)?.metadata).toMatchObject({
      content: source?.[1].metadata.content,
      origin: { environment: 'ci', trigger: 'ci', commit: before },
    });
    // Just after what it labels, so that it is the newest, and before anything that was saved since.
    const dateOf = (metadata?: { readonly backup_date: string }) => Date.parse(metadata?.backup_date ?? '');
    expect(dateOf(backups.get(label)?.metadata) - dateOf(source?.[1].metadata)).toBe(1);
    expect(JSON.parse(deployment.atRemote('show', 'main:backups/latest_backup.json')).name).toBe(label);
    // The runner's own files stay as they were checked out.
    expect(runner.status()).toBe('');
    expect(runner.git(['rev-parse', 'HEAD']).trim()).toBe(before);
    expect(await restoredRows(deployment.clone().top)).toBe(3);
  });

  test('the commit is the bot’s, on top of what was pushed, and asks hosts not to deploy again', () => {
    const deployment = deployed();
    const before = head(deployment);
    run(deployment.clone().top, ['ci']);
    const [author, parent, ...message] = deployment.atRemote('log', '-1', '--format=%an%n%P%n%B', 'main').split('\n');
    expect(author).toBe('github-actions[bot]');
    expect(parent).toBe(before);
    expect(message[0]).toMatch(/^\[skip ci\] Save deployment_/);
    expect(message.join('\n')).toContain('[skip render]');
  });

  test('a second run adds nothing, another commit another label', () => {
    const deployment = deployed();
    run(deployment.clone().top, ['ci']);
    const once = head(deployment);
    expect(json(deployment.clone().top).document).toMatchObject({ status: 'pushed' });
    // That clone had the label's own commit checked out; from here on the commit stays.
    const runner = deployment.clone();
    run(runner.top, ['ci']);
    const twice = head(deployment);
    expect(twice).not.toBe(once);
    expect(json(runner.top).document).toMatchObject({ status: 'unchanged', backup: { how: 'kept' } });
    expect(head(deployment)).toBe(twice);
  });

  test('a label is not newer than what others saved since', () => {
    const deployment = deployed();
    const late = deployment.clone();
    addRows(deployment.app.db, 2);
    const newer: string = JSON.parse(run(deployment.app.top, ['backup', '--json']).stdout).name;
    publish(deployment, 'more');
    expect(run(late.top, ['ci']).code).toBe(0);
    const listed = JSON.parse(run(deployment.clone().top, ['list', '--json']).stdout);
    expect(listed.backups).toHaveLength(3);
    expect(listed.backups[0].name).toBe(newer);
    expect(JSON.parse(deployment.atRemote('show', 'main:backups/latest_backup.json')).name).toBe(newer);
  });

  test('with no backup yet there is nothing to do', () => {
    const deployment = newDeployment();
    publish(deployment, 'begin');
    const before = head(deployment);
    const ran = run(deployment.clone().top, ['ci']);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(ran.stderr).toContain('no backup yet');
    expect(head(deployment)).toBe(before);
  });
});

describe('with a database', () => {
  test('it is saved, and a fresh clone restores it where the app keeps its own', async () => {
    const deployment = deployed(MANY);
    const runner = deployment.clone();
    const fetched = join(scratch(), 'fetched.db');
    addRows(fetched, MANY + 7);
    const ran = json(runner.top, '--db', fetched, '--environment', 'production');
    expect(ran.code).toBe(0);
    expect(ran.document).toMatchObject({ status: 'pushed', backup: { how: 'saved', rows: MANY + 7 } });
    const saved = backupsAt(deployment).get(ran.document.backup.name);
    expect(saved?.metadata).toMatchObject({ database: 'app.db', origin: { environment: 'production', trigger: 'ci' } });
    const fresh = deployment.clone();
    expect(run(fresh.top, ['auto-restore'], { OVERWINTER_ENVIRONMENT: 'production' }).code).toBe(0);
    expect(rowsIn(fresh.db)).toBe(MANY + 7);
    expect(json(runner.top, '--db', fetched, '--environment', 'production').document.status).toBe('unchanged');
  });

  test('the same content under another commit is a label, not a second copy', () => {
    const deployment = deployed(MANY);
    const runner = deployment.clone();
    addRows(runner.db, MANY);
    expect(json(runner.top, '--db', 'app.db').document.backup.how).toBe('labelled');
    expect(deployment.atRemote('diff', '--name-only', 'main~1', 'main', '--', 'backups/parts')).toBe('');
  });

  test('one that lost its rows is refused until it is meant', () => {
    const deployment = deployed(MANY);
    const pointer = () => deployment.atRemote('show', 'main:backups/latest_backup.json');
    const before = pointer();
    const runner = deployment.clone();
    addRows(runner.db, 2);
    const ran = json(runner.top, '--db', 'app.db');
    expect(ran.code).toBe(4);
    expect(ran.document.error.code).toBe('BACKUP_SHRUNK');
    expect(pointer()).toBe(before);
    expect(deploymentsIn(backupsAt(deployment))).toEqual([]);
    expect(run(runner.top, ['ci', '--db', 'app.db', '--allow-shrink']).code).toBe(0);
  });

  test('one that is missing is an error', () => {
    const deployment = deployed();
    expect(json(deployment.clone().top, '--db', 'nowhere.db').document.error.code).toBe('DATABASE_MISSING');
  });
});

describe('a branch of their own', () => {
  test('backups go there alone, with their parts, and the default branch stays as it is', async () => {
    const deployment = deployed(MANY);
    const before = head(deployment);
    const runner = deployment.clone();
    expect(run(runner.top, ['ci', '--branch', 'backups']).code).toBe(0);
    expect(head(deployment)).toBe(before);
    const paths = deployment.atRemote('ls-tree', '-r', '--name-only', 'backups').split('\n').filter(Boolean);
    expect(paths.every((path) => path.startsWith('backups/'))).toBe(true);
    expect(deployment.atRemote('rev-list', '--count', 'backups').trim()).toBe('1');
    const once = head(deployment, 'backups');
    expect(json(runner.top, '--branch', 'backups').document.status).toBe('unchanged');
    expect(head(deployment, 'backups')).toBe(once);
    const reader = deployment.clone();
    // Its name is a folder's too, so it has to be said which is meant.
    reader.git(['checkout', '-q', '-B', 'backups', 'origin/backups']);
    expect(await restoredRows(reader.top)).toBe(MANY);
  });

  test('a database is saved there too', () => {
    const deployment = deployed();
    const runner = deployment.clone();
    for (const rows of [5, 1]) {
      addRows(runner.db, rows);
      expect(run(runner.top, ['ci', '--db', 'app.db', '--branch', 'backups']).code).toBe(0);
    }
    expect(deploymentsIn(backupsAt(deployment, 'backups'))).toHaveLength(2);
    expect(deployment.atRemote('rev-list', '--count', 'backups').trim()).toBe('2');
  });
});

describe('what is wrong is healed or stops the push', () => {
  test('a part that a merge lost comes back from history', async () => {
    const deployment = deployed(MANY);
    const [part = ''] = partsIn(deployment.app.top);
    deployment.app.git(['rm', '-q', part]);
    publish(deployment, 'a merge that went wrong');
    const ran = json(deployment.clone().top);
    expect(ran.code).toBe(0);
    expect(ran.document.healed).toEqual([part.slice('backups/'.length)]);
    expect(deployment.atRemote('ls-tree', '--name-only', 'main', part).trim()).toBe(part);
    expect(await restoredRows(deployment.clone().top)).toBe(MANY);
  });

  test('so does one whose bytes were changed', async () => {
    const deployment = deployed(MANY);
    const [part = ''] = partsIn(deployment.app.top);
    const text = deployment.app.read(part);
    deployment.app.write(part, text.replace('xxx', 'yyy'));
    publish(deployment, 'search and replace');
    expect(json(deployment.clone().top).document.healed).toHaveLength(1);
    expect(deployment.atRemote('show', `main:${part}`)).toBe(text);
  });

  test('where git has not got it either, nothing is pushed and the part is named', () => {
    const deployment = newDeployment();
    addRows(deployment.app.db, MANY);
    run(deployment.app.top, ['backup']);
    const [part = ''] = partsIn(deployment.app.top);
    rmSync(join(deployment.app.top, part));
    publish(deployment, 'half a backup');
    const before = head(deployment);
    const ran = run(deployment.clone().top, ['ci']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('intact');
    expect(head(deployment)).toBe(before);
  });

  test('a backup that fails its restore drill is not pushed', () => {
    const deployment = newDeployment();
    const { app } = deployment;
    addRows(app.db, 3);
    const name: string = JSON.parse(run(app.top, ['backup', '--json']).stdout).name;
    // Whole and well-formed, and yet no database: two rows that say the same under a unique index.
    const database = new Database(app.db);
    database.exec("UPDATE notes SET text = 'same'");
    database.close();
    const twin: string = JSON.parse(run(app.top, ['backup', '--json']).stdout).name;
    rmSync(join(app.top, `backups/${name}.json`));
    const sql = 'CREATE UNIQUE INDEX one ON notes(text)';
    rewrite(app, twin, (manifest) =>
      withContent(manifest, [...manifest.schema, { type: 'index', name: 'one', table: 'notes', sql }]),
    );
    publish(deployment, 'begin');
    const before = head(deployment);
    const page = pageIn(scratch());
    const ran = run(deployment.clone().top, ['ci', '--json'], { GITHUB_STEP_SUMMARY: page.path });
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout).error.code).toBe('VERIFY_FAILED');
    expect(head(deployment)).toBe(before);
    expect(page.read()).toContain('❌ failed');
  });
});

describe('the alarm', () => {
  /** A backup of production that was made so many hours ago. */
  function savedInProduction(hours: number): Deployment {
    const deployment = newDeployment();
    const { app } = deployment;
    addRows(app.db, 3);
    const ran = run(app.top, ['backup', 'by-hand', '--json'], { OVERWINTER_ENVIRONMENT: 'production' });
    const name: string = JSON.parse(ran.stdout).name;
    const date = new Date(Date.now() - hours * 3600_000).toISOString();
    rewrite(app, name, (manifest) => ({ ...manifest, metadata: { ...manifest.metadata, backup_date: date } }));
    publish(deployment, 'begin');
    return deployment;
  }

  test('it keeps quiet while production saves', () => {
    const ran = json(savedInProduction(47).clone().top, '--max-age', '2d');
    expect(ran.code).toBe(0);
    expect(ran.document.freshness).toMatchObject({ environment: 'production', stale: false });
  });

  test('it fails when production has not, after the backup was pushed, and labels do not hide it', () => {
    const deployment = savedInProduction(49);
    const runner = deployment.clone();
    const page = pageIn(scratch());
    for (const args of [
      ['--max-age', '2d'],
      ['--max-age', '2d', '--json'],
    ]) {
      const ran = run(runner.top, ['ci', ...args], { GITHUB_STEP_SUMMARY: page.path });
      expect(ran.code).toBe(3);
      expect(`${ran.stderr}${ran.stdout}`).toContain('BACKUP_STALE');
    }
    expect(deploymentsIn(backupsAt(deployment))).toHaveLength(1);
    expect(page.read()).toContain('is 2 days old, and 2 days is the limit');
  });

  test('a database that was read just now and had not changed is fresh', () => {
    const runner = savedInProduction(49).clone();
    addRows(runner.db, 3);
    for (const how of ['labelled', 'kept']) {
      const ran = json(runner.top, '--db', 'app.db', '--environment', 'production', '--max-age', '2d');
      expect(ran).toMatchObject({ code: 0, document: { backup: { how }, freshness: { ageSeconds: 0, stale: false } } });
    }
  });

  test('it fails when there is none at all, and watches another environment on request', () => {
    const deployment = deployed();
    expect(json(deployment.clone().top, '--max-age', '2d').document.error.message).toContain('there is none');
    expect(run(deployment.clone().top, ['ci', '--max-age', '2d', '--environment', 'development']).code).toBe(0);
  });

  test('spans', () => {
    expect(['90m', '36h', '2d', '1w', '2', 'd', '-1d', '1.5d'].map(spanInSeconds)).toEqual([
      5400,
      129600,
      172800,
      604800,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(run(deployed().app.top, ['ci', '--max-age', 'soon']).code).toBe(2);
  });
});

describe('old backups', () => {
  const NONE = '{"retention": {"last": 2, "daily": 0, "weekly": 0, "monthly": 0}}';

  test('go by retention, but never the last one of an environment', () => {
    const deployment = newDeployment();
    const { app } = deployment;
    app.write('overwinter.config.json', NONE);
    const save = (environment: string): string => {
      addRows(app.db, 1);
      return JSON.parse(run(app.top, ['backup', '--json'], { OVERWINTER_ENVIRONMENT: environment }).stdout).name;
    };
    const all = [save('production'), save('development'), save('development'), save('development')];
    publish(deployment, 'begin');
    const ran = json(deployment.clone().top);
    expect(ran.document.removed).toEqual([all[2], all[1]]);
    expect([...backupsAt(deployment).keys()].sort()).toEqual([all[0], all[3], ran.document.backup.name].sort());
  });

  test('on a branch beside the default one nothing goes and the pointer stays', () => {
    const deployment = deployed();
    const { app } = deployment;
    app.git(['checkout', '-q', '-b', 'feature']);
    app.write('overwinter.config.json', NONE);
    for (const _ of [1, 2, 3]) {
      addRows(app.db, 1);
      run(app.top, ['backup']);
    }
    app.git(['add', '-A']);
    app.git(['commit', '-q', '-m', 'work']);
    app.git(['push', '-q', 'origin', 'feature']);
    const runner = deployment.clone();
    runner.git(['checkout', '-q', 'feature']);
    const pointer = deployment.atRemote('show', 'feature:backups/latest_backup.json');
    expect(json(runner.top).document).toMatchObject({ status: 'pushed', branch: 'feature', removed: [] });
    expect(deployment.atRemote('show', 'feature:backups/latest_backup.json')).toBe(pointer);
  });
});

describe('where it runs', () => {
  test('a dry run tells and pushes nothing, on a branch that is there and on one that is not', () => {
    const deployment = deployed();
    const before = deployment.atRemote('for-each-ref');
    for (const branch of ['main', 'backups']) {
      const { document } = json(deployment.clone().top, '--dry-run', '--branch', branch);
      expect(document).toMatchObject({ status: 'dry-run', backup: { how: 'labelled' }, verified: { ok: true } });
    }
    expect(deployment.atRemote('for-each-ref')).toBe(before);
  });

  test('a runner that checked out a commit says in its environment what was pushed', () => {
    const deployment = deployed();
    const runner = deployment.clone();
    runner.git(['checkout', '-q', '--detach']);
    const lost = run(runner.top, ['ci']);
    expect(lost.code).toBe(2);
    expect(lost.stderr).toContain('--branch main');
    expect(run(runner.top, ['ci'], { GITHUB_REF: 'refs/heads/main' }).code).toBe(0);
    expect(deploymentsIn(backupsAt(deployment))).toHaveLength(1);
  });

  test('outside a repository, before the first commit and without the remote it says so', () => {
    const folder = scratch();
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(run(folder, ['ci']).code).toBe(2);
    expect(run(newDeployment().app.top, ['ci']).stderr).toContain('no commit yet');
    expect(json(deployed().clone().top, '--remote', 'elsewhere').document.error).toMatchObject({
      code: 'USAGE',
      message: "The repository has no remote 'elsewhere' that could be pushed to.",
      commands: ['overwinter ci --remote origin'],
    });
  });

  test('the summary counts rows by table and shows none', () => {
    const deployment = deployed(20);
    const runner = deployment.clone();
    addRows(runner.db, 25, 'secret');
    const database = new Database(runner.db);
    database.exec('CREATE TABLE "a|b"(x); INSERT INTO "a|b" VALUES (1)');
    database.close();
    const page = pageIn(scratch());
    run(runner.top, ['ci', '--db', 'app.db'], { GITHUB_STEP_SUMMARY: page.path });
    expect(page.read()).toContain('## ✅ Backup pushed');
    expect(page.read()).toContain('| `notes` | 5 | 20 | 0 |');
    expect(page.read()).toContain('| `a\\|b` | 1 | 0 | 0 |');
    expect(page.read()).not.toContain('secret');
  });
});

function withContent(manifest: Manifest, schema: Manifest['schema']): Manifest {
  const changed = { ...manifest, schema };
  return { ...changed, metadata: { ...changed.metadata, content: contentDigest(changed) } };
}

describe('where the checkout kept nothing that lets git push', () => {
  const BASIC = Buffer.from('x-access-token:token-of-this-step').toString('base64');

  async function shut(): Promise<{ deployment: Deployment; top: string }> {
    const deployment = deployed();
    deployment.atRemote('config', 'http.receivepack', 'true');
    const host = await gitHost(dirname(deployment.remote), { basic: BASIC });
    const runner = deployment.clone();
    runner.git(['remote', 'set-url', 'origin', `http://${host.host}/${basename(deployment.remote)}`]);
    return { deployment, top: runner.top };
  }

  test('the token of the step that pushes is enough', async () => {
    const { deployment, top } = await shut();
    const ran = await runBeside(top, ['ci'], { OVERWINTER_GIT_TOKEN: 'token-of-this-step' });
    expect(ran.stderr).not.toContain('token-of-this-step');
    expect(ran.code).toBe(0);
    expect(deploymentsIn(backupsAt(deployment))).toHaveLength(1);
  });

  test('one that a checkout left behind is not sent beside it', async () => {
    const { deployment, top } = await shut();
    const stale = ['config', 'http.extraHeader', 'Authorization: Basic c3RhbGU6c3RhbGU='];
    execFileSync('git', stale, { cwd: top });
    expect(await runBeside(top, ['ci'], { OVERWINTER_GIT_TOKEN: 'token-of-this-step' })).toMatchObject({ code: 0 });
    expect(deploymentsIn(backupsAt(deployment))).toHaveLength(1);
  });

  test('without one nothing is pushed, and it says so', async () => {
    const { deployment, top } = await shut();
    expect(await runBeside(top, ['ci'], { GIT_TERMINAL_PROMPT: '0' })).toMatchObject({ code: 1 });
    expect(deploymentsIn(backupsAt(deployment))).toHaveLength(0);
  });
});
