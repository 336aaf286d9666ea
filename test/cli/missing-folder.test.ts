import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { addRows } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

test('a folder of files that is misspelt is said with every backup', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'overwinter.config.json'), '{ "db": "app.db", "files": ["data/uplods"] }');
  mkdirSync(join(folder, 'data/uploads'), { recursive: true });
  writeFileSync(join(folder, 'data/uploads/photo.jpg'), 'a photo');
  addRows(join(folder, 'app.db'), 3);
  const said = overwinter(folder, ['backup']);
  expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining('There is no folder data/uplods') });
  expect(JSON.parse(overwinter(folder, ['backup', 'again', '--json']).stdout)).toMatchObject({
    foldersMissing: ['data/uplods'],
  });
});
