import { copyFileSync, existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { roundTrip } from '../support/round-trip.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/** The register of coordinate systems that Debian's `proj-data` ships: 36 tables, 35 triggers, views upon views. */
const PUBLIC = '/usr/share/proj/proj.db';

test.skipIf(!existsSync(PUBLIC))(
  'a public database that nobody made for this test comes back the same (needs the package proj-data)',
  async () => {
    const project = projectIn(scratch());
    copyFileSync(PUBLIC, project.db);
    const { saved } = await roundTrip(project);
    expect(saved.rows).toBeGreaterThan(10_000);
  },
);
