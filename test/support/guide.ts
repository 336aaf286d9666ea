import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a guide says to type under a heading: its variables, and its commands, each as its words. */
export function typedIn(guide: string, heading: string): { env: Record<string, string>; commands: string[][] } {
  const text = readFileSync(join(import.meta.dirname, '../../docs/guides', guide), 'utf8');
  const section = text.slice(text.indexOf(`\n## ${heading}\n`));
  const [, block = ''] = /```sh\n(.*?)```/s.exec(section) ?? [];
  const lines = block.split('\n').map((line) => line.replace(/\s+#.*$/, ''));
  const exported = lines.filter((line) => line.startsWith('export '));
  const env = Object.fromEntries(
    [...exported.join(' ').matchAll(/(\w+)=('[^']*'|\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value.replace(/^'|'$/g, ''),
    ]),
  );
  return {
    env,
    commands: lines.filter((line) => line !== '' && !line.startsWith('export ')).map((line) => line.split(/\s+/)),
  };
}
