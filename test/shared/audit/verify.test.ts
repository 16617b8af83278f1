import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainClient } from '../../../local/plain-client.ts';
import { formatName, parseName, sha256 } from '../../../shared/audit/name.ts';
import { verifyState } from '../../../shared/export/evidence-state.ts';
import { minute } from '../../../shared/platform/instant.ts';
import { type EvidenceWorld, evidenceWorld } from '../../support/evidence.ts';
import { type OssServer, startOss } from '../../support/oss-server.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.close());

/** Files of up to three writers with anchors among them, and one at the end as the timer's next run writes it. */
const history = fc
  .array(fc.constantFrom<(number | 'anchor')[]>(0, 1, 2, 'anchor'), { minLength: 2, maxLength: 7 })
  .map((steps) => [...steps, 'anchor' as const]);

async function written(steps: readonly (number | 'anchor')[]) {
  const world = await evidenceWorld(server, 13 * minute);
  const files: string[] = [];
  for (const step of steps) files.push(formatName((await world.write(step)).name));
  return { world, files };
}

type Tampering = (world: EvidenceWorld, file: string, other: string) => Promise<void>;

const removed: Tampering = (world, file) => world.remove(file);
const changed: Tampering = async (world, file) => {
  const text = await world.read(file);
  await world.remove(file);
  await world.put(file, text.replace('protect', 'elapsed').replace('anchor', 'another'));
};
const overwritten: Tampering = (world, file) => world.put(file, '{}\n');
const truncated: Tampering = async (world, file) => {
  const text = await world.read(file);
  await world.remove(file);
  await world.put(file, text.slice(0, text.indexOf('\n') + 1));
};
const emptied: Tampering = async (world, file) => {
  await world.remove(file);
  await world.put(file, '');
};
const swapped: Tampering = async (world, file, other) => {
  const [one, two] = [await world.read(file), await world.read(other)];
  await world.put(file, two);
  await world.put(other, one);
};
const duplicated: Tampering = async (world, file) => {
  const name = parseName(file);
  if (name === undefined) throw new Error(file);
  await world.put(formatName({ ...name, sequence: name.sequence + 7 }), await world.read(file));
};
const hidden: Tampering = async (world, file) => {
  await plainClient(`http://127.0.0.1:${server.port}`, world.bucket).delete(`audit/${file}`);
};

describe('evidence', () => {
  it('is counted file by file while it is verified', async () => {
    const { world } = await written([0, 1, 'anchor']);
    expect((await world.verify()).progress).toEqual([1, 2, 3]);
  });

  it('is found whole as it was written, whatever the writers and the hours', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const { world, files } = await written(steps);
        expect(await world.verify()).toMatchObject({
          found: [],
          files: files.length,
          lastAnchor: files.at(-1),
        });
      }),
      { numRuns: 5 },
    );
  });

  it('is verified alike when the verification goes on behind any hour, also where a file is missing', async () => {
    const { world, files } = await written([0, 1, 'anchor', 0, 1, 2, 'anchor', 0, 2, 1, 'anchor']);
    for (const file of ['', files[1] ?? '', files[7] ?? '']) {
      if (file !== '') await world.remove(file);
      const { hours, progress, ...whole } = await world.verify();
      expect(hours.length).toBeGreaterThan(1);
      for (const { state, found } of hours) {
        const kept = verifyState.parse(JSON.parse(JSON.stringify(state)));
        const { progress: later, hours: _, ...rest } = await world.verify(kept);
        expect({ ...rest, found: [...found, ...rest.found] }).toEqual(whole);
        expect(later).toEqual(progress.slice(progress.length - later.length));
        expect(later.length).toBeLessThan(progress.length);
      }
    }
  });

  it.each<[what: string, tampering: Tampering, faults: readonly string[]]>([
    ['removed', removed, ['missing']],
    ['changed', changed, ['changed']],
    ['overwritten by a newer version', overwritten, ['changed']],
    ['truncated', truncated, ['changed']],
    ['emptied', emptied, ['changed']],
    ['swapped with another', swapped, ['changed']],
    ['copied to another number', duplicated, ['misplaced']],
    ['hidden by a delete marker', hidden, ['hidden']],
  ])('of which any one file was %s is found out, and the file is named', async (_what, tampering, faults) => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), async (steps, choice) => {
        const { world, files } = await written(steps);
        // The last anchor is named by nothing yet: it is the one file whose removal cannot show.
        const file = files[choice % (files.length - 1)] ?? '';
        await tampering(world, file, files.at(-1) ?? '');
        const { found } = await world.verify();
        expect(found.map(({ fault }) => fault)).toEqual(expect.arrayContaining([...faults]));
        const name = file.replace(/-[0-9a-f]{64}\.jsonl$/, '').replace(/\d{8}$/, '');
        expect(found.some((finding) => faults.includes(finding.fault) && finding.file.startsWith(name))).toBe(
          true,
        );
      }),
      { numRuns: 5 },
    );
  });

  it('of which the end of a chain was removed is found out by the anchor alone', async () => {
    const { world, files } = await written([0, 0, 'anchor']);
    await world.remove(files[1] ?? '');
    expect((await world.verify()).found).toEqual([
      { fault: 'missing', file: files[1], reason: `the anchor ${files[2]} names it` },
    ]);
  });

  it('may lack what was never named: the end of a chain after the last anchor', async () => {
    const { world, files } = await written([0, 'anchor', 0]);
    expect(await world.verify()).toMatchObject({ found: [], unnamed: 2 });
    await world.remove(files[2] ?? '');
    expect(await world.verify()).toMatchObject({ found: [], unnamed: 1 });
  });

  it('with anything else in its folder is not whole, but for the object that a console makes for the folder', async () => {
    const { world } = await written([0, 'anchor']);
    await world.put('', '');
    expect((await world.verify()).found).toEqual([]);
    await world.put('notes.txt', 'x');
    expect((await world.verify()).found).toMatchObject([{ fault: 'foreign', file: 'notes.txt' }]);
  });

  it('with a second file of the same number is out of order', async () => {
    const { world, files } = await written([0, 'anchor']);
    const [first = ''] = files;
    const forged = (await world.read(first)).replace('protect', 'elapsed');
    const name = parseName(first);
    if (name === undefined) throw new Error(first);
    await world.put(formatName({ ...name, sha256: sha256(forged) }), forged);
    const { found } = await world.verify();
    expect(found.map(({ fault }) => fault)).toContain('out-of-order');
  });

  it('that is long enough ago is not under retention if nothing retains it', async () => {
    const { world, files } = await written([0, 'anchor']);
    server.advance(6 * minute);
    expect((await world.verify()).found).toMatchObject(files.map((file) => ({ fault: 'unretained', file })));
  });
});
