/** Writes docs/api.md from the documentation that stands at every export of the compiled library. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const INDEX = resolve(ROOT, 'dist/index.d.ts');

export interface Documented {
  readonly name: string;
  readonly words: string;
  readonly example: string;
  /** The declaration, as the compiler wrote it. */
  readonly declaration: string;
}

/** Every export of the library, in the order of `src/index.ts`. Throws for one without words or an example. */
export function documented(): readonly Documented[] {
  const exports = readFileSync(INDEX, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm);
  return [...exports].flatMap(([, names = '', from = '']) => {
    const text = readFileSync(resolve(dirname(INDEX), from.replace(/\.[jt]s$/, '.d.ts')), 'utf8');
    return names.split(',').map((each) => {
      const [own = '', name = own] = each
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      return read(text, own, name);
    });
  });
}

function read(text: string, own: string, name: string): Documented {
  const found = new RegExp(
    `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\nexport (?:declare )?((?:function|interface|type|const|class) ${own}\\b[\\s\\S]*?)(?=\\n(?:export|import|declare|/\\*\\*)|$(?![\\s\\S]))`,
  ).exec(text);
  const doc = (found?.[1] ?? '').replace(/^ *\* ?/gm, '').trim();
  const [words = '', example] = doc.split('@example');
  const code = /```ts\n([\s\S]*?)\n```/.exec(example ?? '')?.[1];
  if (found === null || words === '' || code === undefined) throw new Error(`${name} has no words or no example`);
  return { name, words: words.trim(), example: code, declaration: (found[2] ?? '').trim() };
}

const section = ({ name, words, example, declaration }: Documented) => {
  // The panel's words are hundreds; the editor shows them.
  const shown = declaration.startsWith('type Texts') ? '' : `\n\`\`\`ts\n${declaration}\n\`\`\`\n`;
  return `## ${name}\n\n${words.replaceAll('\n', ' ')}\n\n\`\`\`ts\n${example}\n\`\`\`\n${shown}`;
};

export function apiPage(): string {
  const all = documented();
  const list = all.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(' · ');
  const head =
    '# The library\n\nWritten by `npm run docs` from the source. Every example is compiled and run by the tests.\n\n';
  return `${head}${list}\n\n${all.map(section).join('\n')}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(resolve(ROOT, 'docs/api.md'), apiPage());
