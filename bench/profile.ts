import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
});

export interface Share {
  readonly name: string;
  /** Of the time that the process was busy, in per cent. */
  readonly percent: number;
}

/** Where the time went: the functions on top of the stack most often, from the profile in a folder. */
export function topFunctions(folder: string, count: number): Share[] {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile in ${folder}`);
  const { nodes, samples } = cpuProfile.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const hits = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? '';
    if (name !== '(idle)') hits.set(name, (hits.get(name) ?? 0) + 1);
  }
  const busy = [...hits.values()].reduce((sum, each) => sum + each, 0);
  return [...hits]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, hit]) => ({ name, percent: (100 * hit) / busy }));
}

function nameOf({
  functionName,
  url,
  lineNumber,
}: {
  functionName: string;
  url: string;
  lineNumber: number;
}) {
  const place = url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '');
  return place === '' ? functionName : `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`;
}
