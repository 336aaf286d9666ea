/** How many backups stay: the newest `last`, and the newest of each of so many days, weeks and months. */
export interface Retention {
  readonly last: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

export interface Dated {
  readonly name: string;
  readonly date: Date;
}

const day = (date: Date) => date.toISOString().slice(0, 10);
const month = (date: Date) => date.toISOString().slice(0, 7);

/** The Monday of a date's week, in UTC. */
function week(date: Date): string {
  const monday = new Date(date);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  return day(monday);
}

/** The names to keep. The newest backup is always among them, whatever the numbers say. */
export function keptBackups(backups: readonly Dated[], retention: Retention): Set<string> {
  const newestFirst = [...backups].sort((a, b) => b.date.getTime() - a.date.getTime() || (a.name < b.name ? 1 : -1));
  const kept = new Set(newestFirst.slice(0, Math.max(1, retention.last)).map((backup) => backup.name));
  const keepOnePer = (period: (date: Date) => string, howMany: number) => {
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      if (seen.size >= howMany) break;
      const key = period(backup.date);
      if (!seen.has(key)) kept.add(backup.name);
      seen.add(key);
    }
  };
  keepOnePer(day, retention.daily);
  keepOnePer(week, retention.weekly);
  keepOnePer(month, retention.monthly);
  return kept;
}
