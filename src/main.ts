#!/usr/bin/env node
import { recall } from './local/unchanged.ts';

const call = { argv: process.argv.slice(2), cwd: process.cwd(), env: process.env };

// The commonest call of all finds nothing to do; it must not cost more than finding that out.
const words = call.argv[0] === 'backup' ? recall(call) : undefined;
if (words !== undefined) {
  process.stderr.write(words.stderr);
  process.stdout.write(words.stdout);
} else {
  const { main } = await import('./entrances/cli/program.ts');
  await main({ ...call, now: () => new Date(), out: process.stdout, err: process.stderr });
}
