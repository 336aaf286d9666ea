/** What the library for command lines says of a call, each in our own words; what is not here is said as it says it. */
const SENTENCES: readonly (readonly [RegExp, (...found: readonly string[]) => string])[] = [
  [/^option '(.+)' argument missing$/, (option) => `'${option}' was given without its value.`],
  [
    /^option '(.+)' argument '(.*)' is invalid\. (.+)$/s,
    (option, value, why) => `'${value}' is no value for '${option}'. ${why}`,
  ],
  [
    /^command-argument value '(.*)' is invalid for argument '(.+)'\. (.+)$/s,
    (value, word, why) => `'${value}' is no ${word}. ${why}`,
  ],
  [/^missing required argument '(.+)'$/, (word) => `One word is missing: ${word}.`],
  [/^required option '(.+)' not specified$/, (option) => `'${option}' is missing.`],
  [
    /^too many arguments for '(.+)'\. Expected (\d+) arguments? but got (\d+)\.$/,
    (command, most, given) =>
      `'${command}' takes ${most === '0' ? 'no words' : `${most} ${most === '1' ? 'word' : 'words'} at most`}, and ${given} ${given === '1' ? 'was' : 'were'} given.`,
  ],
];

export function usageWords(said: string): string {
  for (const [pattern, words] of SENTENCES) {
    const found = pattern.exec(said)?.slice(1);
    if (found !== undefined)
      return words(...found).replace(/Allowed choices are (.+)\.$/, 'It may be one of these: $1.');
  }
  return said.charAt(0).toUpperCase() + said.slice(1).replace(/\.?$/, '.');
}
