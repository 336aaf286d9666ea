#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { keepCompiled } from './cli/compiled.ts';
import { recall } from './local/unchanged.ts';

// Whoever reads us may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const call = { argv: process.argv.slice(2), cwd: process.cwd(), env: process.env };
const inHook = call.argv[0] === 'hook';
let isDone = false;

start().then(
  () => {
    isDone = true;
  },
  (error) =>
    // Where nobody can catch it, whatever node was told to make of rejections.
    setImmediate(() => {
      throw error;
    }),
);

async function start(): Promise<void> {
  // Without anything left to wait for, node would end as if all were done.
  process.once('beforeExit', () => {
    if (isDone) return;
    process.stderr.write('overwinter: it ended before its work was done\n');
    process.exitCode = 1;
  });
  // The commonest calls of all find nothing to do; they must not cost more than finding that out.
  if (inHook && (await isCommitUnchanged())) return;
  const words = call.argv[0] === 'backup' ? await recall(call) : undefined;
  if (words !== undefined) {
    process.stderr.write(words.stderr);
    process.stdout.write(words.stdout);
    return;
  }
  const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  keepCompiled(beside('compiled'), beside('program.cjs'));
  try {
    const { main } = await import('./cli/program.ts');
    await main({ ...call, now: () => new Date(), out: process.stdout, err: process.stderr });
  } catch (error) {
    // Half an installation is no reason to stop a commit.
    if (!inHook) throw error;
    const [line] = String(error).split('\n', 1);
    process.stderr.write(`overwinter: it could not start (the commit goes on without a backup): ${line}\n`);
  }
}

async function isCommitUnchanged(): Promise<boolean> {
  if (call.argv[1] !== 'pre-commit') return false;
  const { nothingToCommit } = await import('./local/unchanged-commit.ts');
  return nothingToCommit(call);
}
