#!/usr/bin/env node
import { recall } from './local/unchanged.ts';

// Whoever reads us may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const call = { argv: process.argv.slice(2), cwd: process.cwd(), env: process.env };
const inHook = call.argv[0] === 'hook';

// The commonest calls of all find nothing to do; they must not cost more than finding that out.
const words = call.argv[0] === 'backup' ? recall(call) : undefined;
if (words !== undefined) {
  process.stderr.write(words.stderr);
  process.stdout.write(words.stdout);
} else if (!(inHook && (await isCommitUnchanged()))) {
  try {
    const { main } = await import('./entrances/cli/program.ts');
    await main({ ...call, now: () => new Date(), out: process.stdout, err: process.stderr });
  } catch (error) {
    // Half an installation is no reason to stop a commit.
    if (!inHook) throw error;
    process.stderr.write(`overwinter: it could not start (the commit goes on without a backup): ${error}\n`);
  }
}

async function isCommitUnchanged(): Promise<boolean> {
  if (call.argv[1] !== 'pre-commit') return false;
  const { nothingToCommit } = await import('./local/unchanged-commit.ts');
  return nothingToCommit(call);
}
