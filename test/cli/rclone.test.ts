import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgramBeside } from '../support/command-line.ts';
import { typedIn } from '../support/guide.ts';
import { hasRclone, withoutRclone } from '../support/rclone.ts';
import { addRows, plainEnvironment, rowsIn } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

test.skipIf(!hasRclone)(
  `what the guide says brings everything back into an empty folder, with the address and the secrets alone${withoutRclone}`,
  async () => {
    const { env, commands } = typedIn('rclone.md', 'To bring it back');
    const there = join(scratch(), 'dropbox');
    mkdirSync(there);
    // What is called 'dropbox' is a folder of this machine.
    const secrets = {
      ...plainEnvironment,
      ...{ OVERWINTER_HOST: 'none', RCLONE_CONFIG: '/dev/null' },
      ...{ RCLONE_CONFIG_DROPBOX_TYPE: 'alias', RCLONE_CONFIG_DROPBOX_REMOTE: there },
    };
    const app = scratch();
    writeFileSync(join(app, 'package.json'), '{}');
    mkdirSync(join(app, 'data'));
    addRows(join(app, 'data/app.db'), 2000, 'x'.repeat(40));
    for (const words of [['backup'], ['push']])
      expect(await runProgramBeside(app, words, { ...secrets, ...env })).toMatchObject({ code: 0 });
    rmSync(app, { recursive: true });

    const elsewhere = scratch();
    expect(commands.map(([program]) => program)).toEqual(Array(4).fill('overwinter'));
    for (const [, ...words] of commands) {
      const done = await runProgramBeside(elsewhere, words, { ...secrets, ...env });
      expect(done, `${words.join(' ')}: ${done.stderr}`).toMatchObject({ code: 0 });
      if (words[0] === 'auto-restore') expect(rowsIn(join(elsewhere, 'data/app.db'))).toBe(2000);
    }
  },
);
