import { describe, expect, test } from 'vitest';
import { overwinter } from '../support/command-line.ts';
import { contents, makeProject, SHAPES } from '../support/project-shapes.ts';

for (const shape of SHAPES) {
  describe(shape.name, () => {
    test('init twice is init once, and --remove leaves every byte as it was', () => {
      const project = makeProject(shape);
      const before = contents(project.top);
      const planned = overwinter(project.app, ['init', '--dry-run', '--json']);
      expect(planned.stderr + planned.code).toBe('0');
      expect(contents(project.top)).toEqual(before);
      const first = overwinter(project.app, ['init', '--json']);
      expect(first.code).toBe(0);
      const after = contents(project.top);
      const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
      expect({ changes: JSON.parse(planned.stdout).changes }).toEqual({ changes: JSON.parse(first.stdout).changes });
      expect(JSON.parse(first.stdout).changes.length).toBe(changed.filter((path) => path !== '.git/config').length);
      const second = overwinter(project.app, ['init', '--json']);
      expect(JSON.parse(second.stdout)).toMatchObject({ changes: [], git: [], backup: null, status: 'green' });
      expect(contents(project.top)).toEqual(after);
      expect(overwinter(project.app, ['init', '--remove']).code).toBe(0);
      expect(contents(project.top)).toEqual(before);
      expect(overwinter(project.app, ['init', '--remove']).stderr).toContain('Nothing to change');
    });
  });
}
