import { asConfigText, type PrivacyConfig } from '../../core/privacy/settings.ts';

/** The configuration that says what was found, and nothing more. Paths are from the app's folder. */
export interface Found {
  readonly db: string;
  readonly dir: string;
  /** What a backup needs to be told, because of columns that look like credentials. */
  readonly privacy?: Pick<PrivacyConfig, 'redact' | 'exclude'> | undefined;
}

const REASON = '// looks like a credential: this is what a restore brings back';
const PRIVACY_LINE = /^ {2}(?:redact|exclude): \{.*\}, \/\/ looks like a credential: .*\n/gm;

export function typescriptConfig(found: Found): string {
  const lines = settings(found).map(([key, value]) => `  ${key}: ${asConfigText(value)},\n`);
  const more = Object.entries(found.privacy ?? {}).map(
    ([key, value]) => `  ${key}: ${asConfigText(value)}, ${REASON}\n`,
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
    const { redact, exclude, ...rest } = JSON.parse(text);
    if (redact === undefined && exclude === undefined) return text;
    return `${JSON.stringify(rest, null, 2)}\n`;
  } catch {
    return text;
  }
}

function settings({ db, dir }: Found): [string, string][] {
  return dir === 'backups'
    ? [['db', db]]
    : [
        ['db', db],
        ['dir', dir],
      ];
}
