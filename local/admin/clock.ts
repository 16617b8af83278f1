import * as z from 'zod';
import { day } from '../../shared/platform/instant.ts';
import { parseSpan } from '../duration.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { type Answer, BadRequest, type Routes } from './answer.ts';

const longestSpan = 200 * 365 * day;
const clockHelp =
  'send {"advance":"21h"} (ms, s, m, h, d), {"leap":"150d"} or {"set":"2027-01-01T00:00:00Z"}';

const clockOrder = z.union([
  z.strictObject({ advance: z.string() }),
  z.strictObject({ leap: z.string() }),
  z.strictObject({ set: z.iso.datetime({ offset: true }) }),
]);

/** Tells what time it is in the embedded cloud. */
export const clockOf = (time: VirtualTime) => ({ now: time.now().toISOString(), offsetMs: time.offsetMs });

/** Makes the routes that tell the time and let it pass. */
export function clockRoutes(time: VirtualTime): Routes {
  const moveClock: Answer = async ({ body }) => {
    const order = clockOrder.safeParse(body).data;
    if (!order) throw new BadRequest('the clock takes one of advance, leap and set', clockHelp);
    if ('set' in order) {
      const when = new Date(order.set);
      if (when < time.now())
        throw new BadRequest(`time moves forward only, and ${order.set} has passed`, clockHelp);
      await time.setTo(when);
    } else if ('advance' in order) await time.advance(span(order.advance));
    else await time.leap(span(order.leap));
    return clockOf(time);
  };
  return { 'GET clock': () => clockOf(time), 'POST clock': moveClock };
}

function span(text: string): number {
  const ms = parseSpan(text);
  if (ms === undefined || ms > longestSpan)
    throw new BadRequest(`"${text}" is not a span of time up to 200 years`, clockHelp);
  return ms;
}
