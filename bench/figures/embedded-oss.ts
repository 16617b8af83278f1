import { kinds, measureRates } from '../oss-load.ts';
import { serve } from '../serve.ts';
import type { Figure, FigureResult } from './figure.ts';

const count = 10_000;
const load = { connections: 16, pipelined: 4 };
const goal = { perSecond: 10_000, share: 0.3 };

/**
 * Signed requests a second of the embedded OSS's CPU, in memory, against a node:http server that does nothing. Ratios are of
 * CPU a request, so that less is better as in all figures.
 */
export const embeddedOss: Figure = async () => {
  const rates = async (program: 'server.js' | 'empty-server.js') => {
    const served = await serve({ program });
    const measured = await measureRates(served, count, load);
    await served.end();
    return measured.map(({ perCpuSecond }) => perCpuSecond);
  };
  const empty = await rates('empty-server.js');
  const ours = await rates('server.js');
  return Object.keys(kinds).flatMap((kind, index): FigureResult[] => {
    const [own, theirs] = [ours[index] ?? 0, empty[index] ?? 0];
    const value = `${Math.round(own).toLocaleString('en')} a second`;
    return [
      {
        what: `embedded OSS, ${kind}, CPU`,
        value,
        reference: `empty server, ${Math.round(theirs).toLocaleString('en')}`,
        measured: theirs / own,
        goal: 1 / goal.share,
      },
      {
        what: `embedded OSS, ${kind}, requests a second of CPU`,
        value,
        reference: goal.perSecond.toLocaleString('en'),
        measured: goal.perSecond / own,
        goal: 1,
      },
    ];
  });
};
