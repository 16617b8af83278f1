/** Instants as text. In Holdfast an instant is a Date; its text is always UTC. */

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Rounds up to the full second: retention has second precision, and must never end early. */
export function ceilToSecond(instant: Date): Date {
  return new Date(Math.ceil(instant.getTime() / second) * second);
}

/** `2033-11-20T10:00:00Z`: ISO 8601 in UTC, without milliseconds unless there are some. */
export function formatInstant(instant: Date): string {
  const text = instant.toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
