/**
 * Sentences of the library's in another language: each as the library has it, without the full stop behind it, with `{1}`, `{2}`, … for
 * the commands and names in it, and then the same in that language.
 */
export type Sentences = Readonly<Record<string, string>>;

/** Nobody's sentence is as long; what names of tables and files make longer is shown as it is. */
const LONGEST = 2000;

/** The text in the words of the sentences, as a whole or one sentence after another; undefined where they do not have all of it. */
export function translated(sentences: Sentences, text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const body = text.replace(/\.$/, '');
  const whole = wholeIn(sentences, body);
  if (whole !== undefined) return whole + text.slice(body.length);
  const sign = ['. ', '; ', ': '].find((each) => text.includes(each));
  if (sign === undefined) return undefined;
  const others = text.split(sign).map((part) => (/\w/.test(part) ? translated(sentences, part) : part));
  return others.includes(undefined) ? undefined : others.join(sign);
}

function wholeIn(sentences: Sentences, text: string): string | undefined {
  for (const [english, other] of Object.entries(sentences)) {
    const found = patternOf(english).exec(text)?.slice(1);
    if (found === undefined) continue;
    const valueAt = (number: string) => found[Number(number) - 1] ?? '';
    return other.replaceAll(
      /\{(\d)\}/g,
      (_, number: string) => translated(sentences, valueAt(number)) ?? valueAt(number),
    );
  }
  return undefined;
}

const patternOf = (english: string): RegExp =>
  new RegExp(`^${english.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\d\}/g, '(.+?)')}$`, 's');
