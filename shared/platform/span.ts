/** The first and the last of some instants; undefined of none. */
export type Span = readonly [first: Date | undefined, last: Date | undefined];

/** Returns the span with one more instant. Pure. */
export const widened = ([first, last]: Span, at: Date): readonly [first: Date, last: Date] => [
  first === undefined || at < first ? at : first,
  last === undefined || at > last ? at : last,
];
