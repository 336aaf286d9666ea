import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownVisibility, rememberReaders } from '../../src/local/readers.ts';
import { ageKey } from '../support/age.ts';
import { overwinter } from '../support/command-line.ts';
import { type MadeProject, makeProject } from '../support/project-shapes.ts';
import { plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const REMOTE = 'git@github.com:ada/app.git';

test('what was heard of a remote is known of that remote alone', () => {
  const local = join(scratch(), '.overwinter');
  expect(knownVisibility(local, REMOTE)).toBeUndefined();
  rememberReaders(local, REMOTE, 'anyone');
  expect(knownVisibility(local, REMOTE)).toBe('public');
  expect(knownVisibility(local, 'git@github.com:ada/other.git')).toBeUndefined();
  rememberReaders(local, REMOTE, 'unknown');
  expect(knownVisibility(local, REMOTE)).toBe('public');
  rememberReaders(local, REMOTE, 'not-anyone');
  expect(knownVisibility(local, REMOTE)).toBe('private');
});

/** A project whose machine has heard that its remote is public. */
function publicProject(config: string): MadeProject {
  const files = { 'package.json': '{}\n', '.gitignore': 'node_modules\n', 'overwinter.config.json': config };
  const project = makeProject({ name: 'app', files, db: 'app.db', git: true });
  expect(overwinter(project.app, ['init'], plainEnvironment).code).toBe(0);
  project.git(['add', '.', ':!backups']);
  project.git(['commit', '-q', '--no-verify', '-m', 'set up']);
  project.git(['remote', 'add', 'origin', REMOTE]);
  rememberReaders(join(project.app, '.overwinter'), REMOTE, 'anyone');
  return project;
}

function commit(project: MadeProject) {
  project.write('code.txt', 'new\n');
  project.git(['add', 'code.txt']);
  return project.tryGit(['commit', '-q', '-m', 'work']);
}

describe('a repository that everybody can read', () => {
  test('gets no backup with a commit, and the commit goes on', async () => {
    const project = publicProject('{}');
    const { status, stderr } = commit(project);
    expect(status).toBe(0);
    expect(stderr).toContain('overwinter: Everybody can read ada/app');
    expect(stderr).toContain('"publicRemote": "allow" in overwinter.config.json');
    expect(project.changed()).toEqual(['code.txt']);
  });

  test('gets it where that is allowed', async () => {
    const project = publicProject('{ "publicRemote": "allow" }');
    expect(commit(project).stderr).not.toContain('Everybody');
    expect(project.changed().some((path) => path.startsWith('backups/'))).toBe(true);
  });

  test('gets it where it is encrypted', async () => {
    const { recipient } = ageKey();
    const project = publicProject(JSON.stringify({ encrypt: { recipients: [recipient] } }));
    expect(commit(project).stderr).not.toContain('Everybody');
    expect(project.changed().some((path) => path.startsWith('backups/'))).toBe(true);
  });

  test.each([
    ['public', 4],
    ['private', 0],
  ])('gets none from CI either: %s', async (visibility, code) => {
    const project = publicProject('{}');
    const bare = scratch();
    project.git(['init', '-q', '--bare', bare]);
    project.git(['config', `url.${bare}.insteadOf`, REMOTE]);
    project.git(['config', 'remote.origin.pushurl', bare]);
    const event = join(scratch(), 'event.json');
    writeFileSync(event, JSON.stringify({ repository: { full_name: 'ada/app', visibility } }));
    const ran = overwinter(project.app, ['ci', '--db', 'app.db', '--branch', 'backups'], {
      ...plainEnvironment,
      GITHUB_EVENT_PATH: event,
    });
    expect([ran.code, code === 0 ? '' : ran.stderr]).toEqual([
      code,
      code === 0 ? '' : expect.stringContaining('PUBLIC_REMOTE'),
    ]);
    expect(project.git(['ls-remote', bare]) === '').toBe(code !== 0);
    expect(existsSync(join(project.app, 'app.db'))).toBe(true);
  });
});
