import { setTimeout as sleep } from 'node:timers/promises';
import { refuse } from './errors.ts';
import type { Headers, Query } from './signature/request.ts';

const NAME = 'x-oss-traffic-limit';

/**
 * Bounds of x-oss-traffic-limit, in bits a second: 30 KB, as the SDKs of version 2 say, to 100 MB. The pages say 100 KB at least, but
 * ali-oss's suite sends 645,763.
 */
const [SLOWEST, FASTEST] = [245_760, 838_860_800];

/** Reads how many bits a second a request wants at most. @throws InvalidArgument */
export function readTrafficLimit(query: Query, headers: Headers): number | undefined {
  const limit = query.get(NAME) ?? headers[NAME];
  if (limit === undefined) return undefined;
  if (/^\d+$/.test(limit) && Number(limit) >= SLOWEST && Number(limit) <= FASTEST) return Number(limit);
  throw refuse('InvalidArgument', {
    message: `${NAME} must be ${SLOWEST} to ${FASTEST} bits a second.`,
    ec: '0004-00000502',
    details: { ArgumentName: NAME, ArgumentValue: limit },
  });
}

/** Lets bytes through at a speed, by the machine's clock: twenty pieces a second. */
export async function* slowed(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  bitsPerSecond: number,
): AsyncGenerator<Buffer> {
  const most = Math.floor(bitsPerSecond / 8 / 20);
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += most) {
      const piece = chunk.subarray(start, start + most);
      await sleep((piece.length * 8000) / bitsPerSecond);
      yield piece;
    }
  }
}
