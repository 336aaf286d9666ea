import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { unseal } from '../../src/operations/unseal.ts';
import { exportAddress } from '../../src/pull/address.ts';
import { pull } from '../../src/pull/pull.ts';
import { askedOnce } from '../../src/stores/asked-once.ts';
import { folderKind } from '../../src/stores/folder/folder-kind.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';
import { liveBranch } from '../../src/stores/git/live-branch.ts';
import { gitRevisionStore } from '../../src/stores/git/revision.ts';
import type { WritableStore } from '../../src/stores/store.ts';
import { type Filling, filesOfBackup, type Made, readableContract, storeContract } from '../contracts/store.ts';
import { newDeployment, publish } from '../support/deployment.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { exportServer, TOKEN } from '../support/export-server.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';
import { addRows, newRepository, plainEnvironment } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/* Every adapter does what its types promise; the folder itself has its contract in folder-store.test.ts. */

storeContract('the kind folder:', () => {
  const base = scratch();
  mkdirSync(join(base, 'disk'));
  const around = { env: {}, base, environment: 'test', local: join(base, '.overwinter'), backups: base, folder: base };
  const open = () => writable(folderKind.parse('disk')(around).open());
  return { store: open(), again: open };
});

storeContract('a branch of a checkout', () => branchOf(undefined));
storeContract('a branch without a checkout', () => branchOf('remote'));

/** Two machines that know nothing of each other but the branch. */
function branchOf(which: 'remote' | undefined): Made {
  const deployment = newDeployment();
  publish(deployment, 'begin');
  deployment.app.git(['config', 'uploadpack.allowFilter', 'true'], { cwd: deployment.remote });
  const open = () => {
    const top = which === undefined ? deployment.clone().top : scratch();
    const folder = join(top, 'backups');
    const local = join(top, '.overwinter');
    const remote = which && `file://${deployment.remote}`;
    return writable(liveBranch({ branch: 'saved', folder, backups: folder, local, remote }, plainEnvironment).open());
  };
  return { store: open(), again: open };
}

storeContract('a place that is asked each question once', () => {
  const place = memoryPlace();
  const open = () => askedOnce(memoryStore(place), new Map());
  return { store: open(), again: open };
});

readableContract('a revision', filesOfBackup, async (files) => {
  const repository = newRepository({ hooks: false });
  for (const [path, bytes] of files) {
    const file = join(repository.root, 'backups', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'save']);
  return gitRevisionStore(await repository.open(), 'HEAD', join(repository.root, 'backups'));
});

const partsOf = async (): Promise<Filling> =>
  new Map([...(await filesOfBackup())].filter(([path]) => path.startsWith('parts/')));

/** The rows of `filesOfBackup`. */
function sameRows(changes: Parameters<typeof projectIn>[1] = {}) {
  const project = projectIn(scratch(), { environment: 'test', ...changes });
  addRows(project.db, 3000, 'x'.repeat(120));
  return project;
}

readableContract('an encrypted backup, opened', partsOf, async () => {
  const project = sameRows({ encryption: encryptionFor({ to: [], passphrase: 'between the two of us alone' }) });
  const { name } = await backup(project, { trigger: 'test' });
  return (await unseal(project.encryption, project.store, await openBackup(project.store, name))).store;
});

readableContract('what a running app gave', partsOf, async () => {
  const server = await exportServer(sameRows());
  const into = folderStore(join(scratch(), 'pulled'));
  const web = { fetch, sleep, random: Math.random, patience: 10_000 };
  await pull(web, { address: exportAddress(server.url), token: TOKEN, into, have: async () => undefined });
  return into;
});

function writable(opened: object): WritableStore {
  if (!isWritable(opened)) throw new Error('it can only be delivered to');
  return opened;
}

const isWritable = (opened: object): opened is WritableStore => 'batch' in opened;
