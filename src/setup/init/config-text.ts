import type { Settlement } from '../../core/privacy/select.ts';
import { asConfigText } from '../../core/privacy/settings.ts';

/** The configuration that says what was found, and nothing more. Paths are from the app's folder. */
export interface Found {
  readonly db: string;
  readonly dir: string;
  /** What a backup needs to be told, because of columns that look like credentials. */
  readonly privacy?: Settlement | undefined;
}

const REASON = '// looks like a credential: this is what a restore brings back';
const KEPT = '// looks like a credential: saved, as no row could come back without it';
const PRIVACY_LINE = /^ {2}(?:redact|exclude|keep): \{.*\}, \/\/ looks like a credential: .*\n/gm;

export function typescriptConfig(found: Found): string {
  const lines = settings(found).map(([key, value]) => `  ${key}: ${asConfigText(value)},\n`);
  const more = Object.entries(found.privacy ?? {}).map(
    ([key, value]) => `  ${key}: ${asConfigText(value)}, ${key === 'keep' ? KEPT : REASON}\n`,
  );
  return `import { defineConfig } from 'overwinter';\n\nexport default defineConfig({\n${[...lines, ...more].join('')}});\n`;
}

export function jsonConfig(found: Found): string {
  return `${JSON.stringify({ ...Object.fromEntries(settings(found)), ...found.privacy }, null, 2)}\n`;
}

/** The text of a generated configuration without what was found about credentials. */
export function withoutPrivacy(text: string): string {
  if (!text.startsWith('{')) return text.replace(PRIVACY_LINE, '');
  try {
    const { redact, exclude, keep, ...rest } = JSON.parse(text);
    if (redact === undefined && exclude === undefined && keep === undefined) return text;
    return `${JSON.stringify(rest, null, 2)}\n`;
  } catch {
    return text;
  }
}

/** What the configuration is, in the list of what is made; a credential that is saved is named. */
export function configInWords({ privacy = {} }: Found): string {
  const kept = Object.entries(privacy.keep ?? {}).flatMap(([table, names]) => names.map((name) => `${table}.${name}`));
  if (kept.length === 0) return 'the configuration';
  return `the configuration: backups hold ${kept.join(', ')}, which looks like a credential, as no row could come back without it`;
}

function settings({ db, dir }: Found): [string, string][] {
  return dir === 'backups'
    ? [['db', db]]
    : [
        ['db', db],
        ['dir', dir],
      ];
}
