import { looksLikeCredential } from './credentials.ts';

/** `"api_key": "…"` and `"apiKey":"…"`. */
const MEMBER = /"([\w-]{2,64})\\?"\s{0,9}:\s{0,9}\\?"([^"\\\s]{6,200})/g;

/** `API_KEY=…`, `Password=…;`, `?token=…`. */
const ASSIGNMENT = /(?<![\w-])([A-Za-z][\w-]{1,63})\s{0,2}=\s{0,2}["']?([^\s"'&;,<>]{6,200})/g;

/** `wifi password: …`, where what follows has a digit in it: most sentences do not. */
const REMARK = /(?<![\w-])([A-Za-z][\w-]{1,63}): {0,3}([^\s"'&;,<>]{6,200})/g;

/** Whether a value names a credential and says it: JSON, settings, connection strings, notes. */
export function saysCredential(text: string): boolean {
  return (
    says(text, MEMBER, isFilled) ||
    says(text, ASSIGNMENT, isFilled) ||
    says(text, REMARK, (value) => /\d/.test(value) && isFilled(value))
  );
}

function says(text: string, form: RegExp, isSecret: (value: string) => boolean): boolean {
  for (const [, name = '', value = ''] of text.matchAll(form))
    if (isSecret(value) && !/^\d+$/.test(value) && looksLikeCredential(name)) return true;
  return false;
}

/** Not `***`, `<token>`, `${TOKEN}` or a word that stands for it. */
const isFilled = (value: string) =>
  !/^[*\u2022xX.#-]+$|^[${%[(]|^(true|false|null|none|undefined|required|optional|hidden|redacted|password|secret|string)$/i.test(
    value,
  );
