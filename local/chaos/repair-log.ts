import * as z from 'zod';
import type { Cloud } from '../cloud.ts';

const failedLine = z.object({ action: z.literal('failed'), versionId: z.string() });

/**
 * Reads what the repairs of the timer have reported on OBS, where it repairs every bucket once a day.
 * @returns the ids of the versions that its log names as failed
 */
export function repairedByTimer({ graph }: Cloud): Set<string> {
  const lines = graph.invocations('holdfast-policy-timer').flatMap(({ logs }) => logs);
  return new Set(
    lines.flatMap((line) => {
      const { data } = failedLine.safeParse(parseLine(line));
      return data === undefined ? [] : [data.versionId];
    }),
  );
}

/** Undefined for a line that is no JSON. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
