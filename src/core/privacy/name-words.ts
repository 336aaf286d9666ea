/** `userAPIKey`, `user_api_key`, `USER-API-KEY`: the words of a name, small and without accents. */
export function wordsOf(name: string): string[] {
  // Most names are as plain as this, and Node takes a while over its tables of all letters.
  if (/^[a-z_]+$/.test(name)) return name.split('_').filter((word) => word !== '');
  return name
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .normalize('NFC')
    .replaceAll('ı', 'i')
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/(\p{L})\d+$/u, '$1'))
    .filter((word) => word !== '');
}

/** `codes` is `code`; `pass` and `access` stay what they are. */
export function singular(word: string): string {
  if (word.endsWith('ies') && word.length > 5) return `${word.slice(0, -3)}y`;
  if (word.endsWith('sses')) return word.slice(0, -2);
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** A word that is several known ones in one go: `passwordhash`, `apikey`. No known word is taken apart, nor one that holds a strange piece. */
export function takenApart(word: string, isKnown: (piece: string) => boolean): readonly string[] {
  if (word.length < 6 || word.length > 40 || isKnown(word)) return [word];
  // For each place in the word, the fewest pieces that lead there.
  const ways: (readonly string[] | undefined)[] = [[]];
  for (let end = 1; end <= word.length; end++) {
    for (let start = Math.max(0, end - 16); start <= end - 2; start++) {
      const way = ways[start];
      const piece = word.slice(start, end);
      if (way === undefined || way.length + 1 >= (ways[end]?.length ?? Infinity) || !isKnown(piece)) continue;
      ways[end] = [...way, piece];
    }
  }
  return ways[word.length] ?? [word];
}
