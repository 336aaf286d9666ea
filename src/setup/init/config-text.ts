import { asConfigText } from '../../core/config.ts';
import type { Settlement } from '../../core/privacy/select.ts';
import type { WishedDatabase } from './project-facts.ts';

/** The configuration that says what was found, and nothing more. Paths are from the app's folder. */
export interface Found extends WishedDatabase {
  readonly dir: string;
  readonly others: readonly WishedDatabase[];
}

const REASON = '// looks like a credential: this is what a restore brings back';
const KEPT = '// looks like a credential: saved, as no row could come back without it';
const DATABASES =
  /^ {2}databases: \[\n {4}\{ (?:name: '[^'\n]*', )?db: ('[^'\n]*') \},\n(?: {4}\{ (?:name: '[^'\n]*', )?db: '[^'\n]*'(?:, (?:redact|exclude|keep): \{.*\})? \},(?: \/\/ looks like a credential: .*)?\n)* {2}\],\n/m;
const PRIVACY_LINE = /^ {2}(?:redact|exclude|keep): \{.*\}, \/\/ looks like a credential: .*\n/gm;

export function typescriptConfig(found: Found): string {
  const lines = settings(found).map(([key, value]) => `  ${key}: ${listed(value)},\n`);
  const more = Object.entries(found.privacy ?? {}).map(
    ([key, value]) => `  ${key}: ${asConfigText(value)}, ${key === 'keep' ? KEPT : REASON}\n`,
  );
  return `import { defineConfig } from 'overwinter';\n\nexport default defineConfig({\n${[...lines, ...more].join('')}});\n`;
}

/** A database a line, so that there is room for what is said of each. */
const listed = (value: string | readonly Entry[]) =>
  typeof value === 'string'
    ? asConfigText(value)
    : `[\n${value.map((entry) => `    ${asConfigText(entry)},${reasonOf(entry)}\n`).join('')}  ]`;

const reasonOf = ({ keep, redact, exclude }: Entry) =>
  keep !== undefined ? ` ${KEPT}` : redact === undefined && exclude === undefined ? '' : ` ${REASON}`;

export function jsonConfig(found: Found): string {
  return `${JSON.stringify({ ...Object.fromEntries(settings(found)), ...found.privacy }, null, 2)}\n`;
}

/** The text of a generated configuration as it would be for the first database alone, without what was found about credentials. */
export function withoutFindings(text: string): string {
  if (!text.startsWith('{'))
    return text.replace(PRIVACY_LINE, '').replace(DATABASES, (_, first: string) => `  db: ${first},\n`);
  try {
    const { redact, exclude, keep, databases, ...others } = JSON.parse(text);
    if ([redact, exclude, keep, databases].every((each) => each === undefined)) return text;
    const rest = databases === undefined ? others : { db: databases[0].db, ...others };
    return `${JSON.stringify(rest, null, 2)}\n`;
  } catch {
    return text;
  }
}

/** What the configuration is, in the list of what is made; a credential that is saved is named. */
export function configInWords({ privacy = {}, others }: Found): string {
  const kept = [privacy, ...others.map((each) => each.privacy ?? {})].flatMap(({ keep = {} }) =>
    Object.entries(keep).flatMap(([table, names]) => names.map((name) => `${table}.${name}`)),
  );
  if (kept.length === 0) return 'the configuration';
  return `the configuration: backups hold ${kept.join(', ')}, which looks like a credential, as no row could come back without it`;
}

type Entry = Omit<WishedDatabase, 'privacy' | 'file' | 'isSqlite'> & Settlement;

function settings({ name, db, dir, others }: Found): [string, string | readonly Entry[]][] {
  const first = { ...(name === undefined ? {} : { name }), db };
  const several = [
    first,
    ...others.map(({ privacy, file: _file, isSqlite: _isSqlite, ...entry }) => ({ ...entry, ...privacy })),
  ];
  const isOne = others.length === 0 && name === undefined;
  const databases: [string, string | readonly Entry[]] = isOne ? ['db', db] : ['databases', several];
  return dir === 'backups' ? [databases] : [databases, ['dir', dir]];
}
