import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainClient, tryToDelete } from '../../local/plain-client.ts';
import { lookForDisposition } from '../../shared/disposition/look.ts';
import { holdQuestion } from '../../shared/holds/legal-hold.ts';
import { openScopes } from '../../shared/matters/matching.ts';
import { readMatters } from '../../shared/matters/read.ts';
import { parseMatterRecord } from '../../shared/matters/record.ts';
import { observeVersion } from '../../shared/objects/observe.ts';
import { settle } from '../../shared/objects/settle.ts';
import { day } from '../../shared/platform/instant.ts';
import { versionId } from '../../shared/storage/port.ts';
import { type HoldTestWorld, holdTestWorld } from '../support/hold-world.ts';
import { validRules } from '../support/rules-file.ts';

/*
 * Records that are closed late or never, matters that open and close, repairs every few days, and somebody who tries to delete:
 * nothing goes early, nothing is kept over the cap unsaid, and what a look for disposition lets go is what the service lets go.
 */

const rulesText = `version: 1
limits: { maxRetention: 22d }
audit: oss://evidence/decisions/
objects:
  - { name: evidence, match: { bucket: evidence }, retain: 22d }
  - { name: files, match: { bucket: fin-1 }, retain: { for: 20d, fromTag: closed-on, whileOpen: hold } }
`;
const rules = validRules(rulesText);
const place = { bucket: 'evidence', prefix: 'decisions/' };
const capMs = 22 * day;

const asked = process.env['HOLDFAST_MODEL_RUNS'];
const runs = asked === undefined ? { numRuns: 2, seed: 1, endOnFailure: true } : { numRuns: Number(asked) };

/** A version as the model knows it, with what has to keep it. */
interface Kept {
  readonly key: string;
  readonly id: string;
  /** The end of its final period; undefined while it is open. */
  final: Date | undefined;
  /** Matters that it was there for when they were opened. */
  readonly matters: Set<string>;
}

interface RecordsModel {
  versions: Kept[];
  readonly open: Set<string>;
  opened: number;
}

type Step = 'upload' | 'close' | 'pass' | 'matter' | 'release' | 'delete';
const steps = fc.array(
  fc.tuple(
    fc.constantFrom<Step>(
      'upload',
      'upload',
      'close',
      'close',
      'pass',
      'pass',
      'pass',
      'matter',
      'release',
      'delete',
    ),
    fc.nat({ max: 11 }),
  ),
  { minLength: 16, maxLength: 28 },
);

const pickOf = <Item>(items: readonly Item[], drawn: number): Item | undefined =>
  items[drawn % Math.max(1, items.length)];

it('lets no version go while it is open, in its final period, or in a matter', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const world = await holdTestWorld(['fin-1'], rulesText);
      const model: RecordsModel = { versions: [], open: new Set(), opened: 0 };
      for (const [step, number] of drawn) {
        await take[step](world, model, number);
        await repair(world);
        await compare(world, model);
      }
      for (const version of [...model.versions]) await deleteVersion(world, model, version);
    }),
    runs,
  );
});

/** Takes one step; the number chooses among what there is. */
type TakeStep = (world: HoldTestWorld, model: RecordsModel, number: number) => Promise<void>;

const take: Readonly<Record<Step, TakeStep>> = {
  async upload(world, model, number) {
    const key = number % 2 === 0 ? `a/${number}` : `b/${number}`;
    const id = await world.upload('fin-1', key);
    model.versions.push({ key, id, final: undefined, matters: new Set() });
  },
  async close({ cloud }, model, number) {
    const version = pickOf(
      model.versions.filter(({ final }) => final === undefined),
      number,
    );
    if (version === undefined) return;
    const date = cloud.time.now().toISOString().slice(0, 10);
    const client = plainClient(cloud.url, 'fin-1');
    await client.putObjectTagging(version.key, { 'closed-on': date }, { versionId: version.id });
    version.final = new Date(Date.parse(date) + 21 * day);
  },
  async pass({ cloud }, _model, number) {
    // Less than half a generation, which is what a repair has to come within.
    await cloud.advance((1 + (number % 4)) * day);
  },
  async matter(world, model, number) {
    model.opened += 1;
    const id = `case-${model.opened}`;
    const folder = number % 2 === 0 ? 'a/' : 'b/';
    await world.open(id, { match: [`oss://fin-1/${folder}**`] });
    model.open.add(id);
    for (const { key, matters } of model.versions) if (key.startsWith(folder)) matters.add(id);
  },
  async release(world, model, number) {
    const id = pickOf([...model.open], number);
    if (id === undefined) return;
    await world.release(id);
    model.open.delete(id);
    const late = pickOf(
      model.versions.filter(({ matters }) => matters.has(id)),
      number,
    );
    if (late !== undefined) {
      // An event that had read the matter before its release puts a hold on behind it.
      const at = { bucket: 'fin-1', key: late.key, versionId: versionId(late.id) };
      await world.storage.holds?.putHold(at, 'ON');
      await world.release(id, { again: true });
    }
    for (const { matters } of model.versions) matters.delete(id);
  },
  async delete(world, model, number) {
    const version = pickOf(model.versions, number);
    if (version !== undefined) await deleteVersion(world, model, version);
  },
};

const hasToStay = ({ final, matters }: Kept, now: Date): boolean =>
  final === undefined || now < final || matters.size > 0;

/** The service refuses exactly while the version has to stay. */
async function deleteVersion({ cloud }: HoldTestWorld, model: RecordsModel, version: Kept): Promise<void> {
  const stays = hasToStay(version, cloud.time.now());
  const said = await tryToDelete(plainClient(cloud.url, 'fin-1'), version.key, version.id);
  expect(said === 'deleted', `${version.key} ${said}`).toBe(!stays);
  model.versions = model.versions.filter((each) => stays || each !== version);
}

async function repair({ storage, cloud }: HoldTestWorld): Promise<void> {
  const clock = { now: () => cloud.time.now(), sleep: () => Promise.resolve() };
  for await (const { bucket, key, versionId: id, kind } of storage.listVersions('fin-1', '')) {
    if (kind !== 'version') continue;
    for (const version of await observeVersion(storage, { bucket, key, versionId: id }, true)) {
      const { errors, decision } = await settle({ storage, rules, clock }, version);
      expect(errors).toEqual([]);
      if (!('until' in decision)) continue;
      expect(decision.until.getTime()).toBeLessThanOrEqual(clock.now().getTime() + capMs);
      // An event hold may keep it for longer than the cap after its upload; then it says so.
      if (decision.heldOpen === undefined) continue;
      const isOver = decision.until.getTime() > version.lastModified.getTime() + capMs;
      expect(decision.warnings.some((text) => text.startsWith('held longer than limits.max'))).toBe(isOver);
    }
  }
}

/** A look for disposition lets go what the model does, but for uploads that came into an open matter: those it keeps as well. */
async function compare({ storage, cloud }: HoldTestWorld, { versions, open }: RecordsModel): Promise<void> {
  const now = cloud.time.now();
  const load = () => Promise.resolve(parseMatterRecord);
  const scopes = openScopes(await readMatters({ storage, folder: place, load, withoutPasses: true }));
  expect(new Set(scopes.map(({ id }) => id))).toEqual(open);
  const policyOf = () => Promise.resolve(undefined);
  const deps = { storage, askHold: holdQuestion(storage), rules, scopes, policyOf };
  for (const version of versions) {
    const at = { bucket: 'fin-1', key: version.key, versionId: versionId(version.id) };
    const { verdict } = await lookForDisposition(deps, { ...at, lastModified: now, type: 'Normal' }, now);
    if (hasToStay(version, now)) expect(verdict.disposable, version.key).toBe(false);
    else if (!verdict.disposable) expect(verdict.because, version.key).toBe('matter');
  }
}
