/**
 * Text for people, logs and reports, without what opens a door: a remote's address may carry a token, and git repeats the address
 * in whatever it says.
 */
export function withoutSecrets(text: string): string {
  return (
    text
      .replace(/\b(https?:\/\/)[^\s/@'"]+@/gi, '$1***@')
      // A password may hold what a URL should not: the last @ ends it.
      .replace(/\b((?!https?:)[a-z][a-z0-9+.-]*:\/\/[^\s/@:'"]*):[^\s'"]+@/gi, '$1:***@')
      .replace(/([?&](?:ssl)?password=)[^\s&'"]+/gi, '$1***')
      .replace(/\b(authorization: *(?:basic|bearer|token) +)\S+/gi, '$1***')
  );
}
