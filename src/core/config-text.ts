const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A line of configuration that somebody may paste: `{ users: { password_hash: '' } }`. */
export function asConfigText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asConfigText).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return membersIn(value, (key) => (IDENTIFIER.test(key) ? key : asConfigText(key)), asConfigText);
}

/** The same for a configuration in JSON: `{ "users": { "password_hash": "" } }`. */
export function asJsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asJsonText).join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  return membersIn(value, (key) => JSON.stringify(key), asJsonText);
}

function membersIn(value: unknown, name: (key: string) => string, text: (value: unknown) => string): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${name(key)}: ${text(each)}`)
    .join(', ')} }`;
}
