/** The configuration that says what was found, and nothing more. Paths are from the app's folder. */
export interface Found {
  readonly db: string;
  readonly dir: string;
}

export function typescriptConfig(found: Found): string {
  const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = settings(found).map(([key, value]) => `  ${key}: ${text(value)},\n`);
  return `import { defineConfig } from 'overwinter';\n\nexport default defineConfig({\n${lines.join('')}});\n`;
}

export function jsonConfig(found: Found): string {
  return `${JSON.stringify(Object.fromEntries(settings(found)), null, 2)}\n`;
}

function settings({ db, dir }: Found): [string, string][] {
  return dir === 'backups'
    ? [['db', db]]
    : [
        ['db', db],
        ['dir', dir],
      ];
}
