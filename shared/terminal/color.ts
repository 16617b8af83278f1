import pc from 'picocolors';

/** A stream as far as its looks are concerned. */
export interface Screen {
  readonly isTTY?: boolean;
  /** The width of the terminal; absent where there is none. */
  readonly columns?: number;
}

/** Colours only for a terminal that did not decline them (https://no-color.org). */
export function wantsColor(stream: Screen, env = process.env): boolean {
  if (env['NO_COLOR']) return false;
  return (
    !['', '0', undefined].includes(env['FORCE_COLOR']) || (stream.isTTY === true && env['TERM'] !== 'dumb')
  );
}

/** Colours for what goes to standard output. */
export const color = pc.createColors(wantsColor(process.stdout));

/** Colours for what goes to standard error. */
export const errorColor = pc.createColors(wantsColor(process.stderr));
