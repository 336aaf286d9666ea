import { Writable } from 'node:stream';
import { main } from '../../src/cli/program.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process, where what a test put in the place of something is there. */
export async function overwinterHere(call: {
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Ran> {
  const said = { out: '', err: '' };
  const into = (which: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[which] += String(chunk);
        done();
      },
    });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const env = { PATH: process.env.PATH ?? '', OVERWINTER_HOST: 'none', ...call.env };
    await main({ ...call, env, now: () => new Date(), out: into('out'), err: into('err') });
    return { code: Number(process.exitCode), ...said };
  } finally {
    process.exitCode = before;
  }
}
