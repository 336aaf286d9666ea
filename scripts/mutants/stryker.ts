import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mutation, Node, Place } from './mutation.ts';
import { isSpared } from './rules.ts';

export const STRYKER = '9.6.1';

/** What is used of Stryker: its ways to break code, its parser, and how it puts many of them into one file, switched off. */
interface Stryker {
  readonly parse: (code: string, file: string) => Promise<unknown>;
  readonly print: (tree: unknown) => string;
  readonly code: (node: Node) => string;
  readonly collector: () => unknown;
  readonly mutators: readonly Mutator[];
  readonly transform: (tree: unknown, collector: unknown, how: object, mutators: readonly Mutator[]) => void;
}

interface Mutator {
  readonly name: string;
  readonly mutate: (path: Path) => Iterable<Node>;
}

interface Path {
  readonly node: Node;
  readonly key: unknown;
  readonly parentPath: Path | null;
}

/** Stryker is not among the dependencies: it is installed beside the work, once. */
export async function stryker(folder: string): Promise<Stryker> {
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    const how = ['--ignore-scripts', '--no-audit', '--no-fund', `@stryker-mutator/instrumenter@${STRYKER}`];
    execFileSync('npm', ['install', ...how], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const inside = join(folder, 'node_modules/@stryker-mutator/instrumenter/dist/src');
  const inner = (path: string) => import(pathToFileURL(join(inside, `${path}.js`)).href);
  const generator = createRequire(join(folder, 'package.json'))('@babel/generator');
  const [parsers, printers, babel, collectors, mutate] = await Promise.all([
    inner('parsers/index'),
    inner('printers/index'),
    inner('transformers/babel-transformer'),
    inner('transformers/mutant-collector'),
    inner('mutators/mutate'),
  ]);
  return {
    parse: parsers.createParser({ plugins: [] }),
    print: printers.print,
    code: (node) => generator.default(node).code,
    collector: () => new collectors.MutantCollector(),
    mutators: mutate.allMutators.map((mutator: Mutator) => (mutator.name === 'ArrowFunction' ? bodies : mutator)),
    transform: babel.transformBabel,
  };
}

/** A function that is one expression gives nothing; switched inside it, because the function itself is often made while a file loads. */
const bodies: Mutator = {
  name: 'ArrowFunction',
  *mutate({ node, key, parentPath }) {
    const isBody = parentPath?.node.type === 'ArrowFunctionExpression' && key === 'body';
    if (isBody && node.type !== 'BlockStatement') yield UNDEFINED;
  },
};

const UNDEFINED = Object.freeze({
  type: 'Identifier',
  name: 'undefined',
  start: 0,
  end: 0,
  loc: { start: { line: 0, column: 0 } },
});

interface Broken {
  /** In the order of their numbers in the code. */
  readonly mutations: readonly Mutation[];
  readonly files: ReadonlyMap<string, string>;
}

/** Puts the wanted ways to break the files into them, switched off; without `wanted` all are told and none is put in. */
export async function breakable(
  tools: Stryker,
  sources: ReadonlyMap<string, string>,
  wanted: ReadonlySet<string> = new Set(),
): Promise<Broken> {
  const all: Mutation[] = [];
  const put: Mutation[] = [];
  const files = new Map<string, string>();
  const collector = tools.collector();
  for (const [file, source] of sources) {
    const tree = await tools.parse(source, file);
    const before = put.length;
    const seen = new Map<string, number>();
    const mutators = tools.mutators.map((mutator) => ({
      name: mutator.name,
      *mutate(path: Path) {
        for (const replacement of mutator.mutate(path)) {
          const mutation = describe(tools, { file, source, kind: mutator.name, path, replacement }, seen);
          if (mutation === undefined) continue;
          all.push(mutation);
          if (!wanted.has(mutation.key)) continue;
          put.push(mutation);
          yield replacement;
        }
      },
    }));
    const how = {
      options: { excludedMutations: [], ignorers: [], noHeader: false },
      mutateDescription: true,
      logger: console,
    };
    tools.transform(tree, collector, how, mutators);
    if (put.length > before) files.set(file, tools.print(tree));
  }
  return { mutations: wanted.size > 0 ? put : all, files };
}

interface Found {
  readonly file: string;
  readonly source: string;
  readonly kind: string;
  readonly path: Path;
  readonly replacement: Node;
}

function describe(tools: Stryker, found: Found, seen: Map<string, number>): Mutation | undefined {
  const { file, source, kind, path, replacement } = found;
  const { node } = path;
  const text = ({ start, end }: Node) => source.slice(start, end);
  const becomes = tools.code(replacement);
  const place: Place = { kind, node, around: ancestors(path), text, becomes };
  if (isSpared(place)) return undefined;
  const { line } = node.loc.start;
  const inLine = source.split('\n')[line - 1]?.trim() ?? '';
  const says = `${file}\n${inLine}\n${kind}\n${text(node)}\n${becomes}`;
  const times = (seen.get(says) ?? 0) + 1;
  seen.set(says, times);
  const key = createHash('sha256').update(`${says}\n${times}`).digest('hex').slice(0, 16);
  const first = (many: string) => many.split('\n')[0] ?? '';
  return { key, file, line, kind, was: first(text(node)), becomes: first(becomes) };
}

function ancestors(path: Path): Node[] {
  const around: Node[] = [];
  for (let outer = path.parentPath; outer !== null; outer = outer.parentPath) around.push(outer.node);
  return around;
}
