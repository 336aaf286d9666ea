/** Two machines' clocks never agree to the second. */
const TOLERANCE_MS = 5 * 60_000;

/** Whether something says that it was made at a time that is still to come: what it says of its age is worth nothing. */
export const isFromTheFuture = (time: number, now: Date): boolean => time > now.getTime() + TOLERANCE_MS;
