/**
 * Days and times as the server writes them: a text that is written in any other way would come back another. Its own calendar goes on for ever
 * in both directions, as ours does.
 */
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{0,5}[1-9])?$/;

export function isDay(text: string): boolean {
  const [, year = '', month = '', day = ''] = DAY.exec(text) ?? [];
  if (year === '' || year === '0000') return false;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day);
}

export const isTimeOfDay = (text: string): boolean => TIME.test(text);

export function isTimestamp(text: string): boolean {
  return text.charAt(10) === ' ' && isDay(text.slice(0, 10)) && isTimeOfDay(text.slice(11));
}

/** In UTC. */
export const isMoment = (text: string): boolean => text.endsWith('+00') && isTimestamp(text.slice(0, -3));
