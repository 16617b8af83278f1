import type fc from 'fast-check';
import { expect } from 'vitest';
import { tryToDelete } from '../../local/plain-client.ts';
import { objectCreated } from '../support/holdfast-cloud.ts';
import {
  alive,
  hasTwin,
  look,
  lookProtected,
  type Model,
  now,
  type Pending,
  pick,
  type Version,
} from './model.ts';
import { askedOf, keys, type TagSet, tagSets } from './rules.ts';
import type { World } from './world.ts';

export type Command = fc.AsyncCommand<Model, World>;

/** A command from its parts; fast-check prints its name when a run fails. */
export function command(
  name: string,
  run: (model: Model, world: World) => Promise<void> | void,
  check: (model: Model) => boolean = () => true,
): Command {
  return { check, run: async (model, world) => run(model, world), toString: () => name };
}

const hasVersions = (model: Model): boolean => alive(model).length > 0;
const hasPending = ({ pending }: Model): boolean => pending.length > 0;

/** Uploads: the second of two with the same key overwrites the first, with the same content or other. */
export const upload = (drawnKey: number, drawnTags: number, body: string): Command => {
  const key = pick(keys, drawnKey);
  const tags = pick(tagSets, drawnTags);
  return command(`upload ${key} ${JSON.stringify(tags)} ${body}`, async (model, world) => {
    const headers = { 'x-oss-tagging': new URLSearchParams(tags).toString() };
    const { res } = await world.docs.put(key, Buffer.from(body), { headers });
    const versionId = String(res.headers['x-oss-version-id']);
    const head = await world.docs.head(key, { versionId });
    const lastModified = new Date(String(head.res.headers['last-modified']));
    const version = {
      key,
      versionId,
      body,
      lastModified,
      tags: [tags],
      seen: undefined,
      disturbed: false,
      gone: false,
    };
    model.versions.push(version);
    for (const event of world.takeEvents()) model.pending.push({ event, version });
  });
};

export const setTags = (drawn: number, drawnTags: number): Command => {
  const tags: TagSet = pick(tagSets, drawnTags);
  return command(
    `tag ${drawn} ${JSON.stringify(tags)}`,
    async (model, { docs }) => {
      const { key, versionId, tags: all } = pick(alive(model), drawn);
      await docs.putObjectTagging(key, tags, { versionId });
      all.push(tags);
    },
    hasVersions,
  );
};

/** Leaves a delete marker: the versions below stay, and are protected all the same. */
export const remove = (drawnKey: number): Command =>
  command(`delete ${pick(keys, drawnKey)}`, async (_model, { docs }) => {
    await docs.delete(pick(keys, drawnKey));
  });

/** Deletes a version for good, which the service refuses exactly while it is retained. */
export const removeVersion = (drawn: number): Command =>
  command(
    `delete version ${drawn}`,
    async (model, world) => {
      const version = pick(alive(model), drawn);
      const until = await look(world, version);
      const said = await tryToDelete(world.docs, version.key, version.versionId);
      const retained = until !== undefined && until > world.cloud.time.now();
      expect(said).toBe(retained ? world.refusal : 'deleted');
      version.gone = said === 'deleted';
    },
    hasVersions,
  );

/** The event arrives, and is dealt with as far as it can be now; FC repeats what failed, in its own time. */
export const deliver = (drawn: number): Command =>
  command(
    `deliver ${drawn}`,
    async (model, world) => {
      const { event, version } = takePending(model, drawn);
      const before = version.gone ? undefined : await look(world, version);
      world.requests.clear();
      world.runtime.submit(objectCreated, event);
      await world.cloud.idle();
      if (model.stormy || version.disturbed || version.gone || hasTwin(model, version))
        return settleLater(version);
      await lookProtected(world, version);
      const asked = askedOf(version.key, now(version), version.lastModified).until;
      const isNeeded = asked !== undefined && (before === undefined || before < asked);
      expect(writesTo(world, version), 'one write when it is needed, none otherwise').toBe(isNeeded ? 1 : 0);
    },
    hasPending,
  );

/** The same event comes again, later or at once. */
export const repeat = (drawn: number): Command =>
  command(
    `repeat ${drawn}`,
    (model) => {
      model.pending.push(pick(model.pending, drawn));
    },
    hasPending,
  );

export const lose = (drawn: number): Command =>
  command(`lose ${drawn}`, (model) => void takePending(model, drawn), hasPending);

/** All that wait arrive at the same time. */
export const deliverAll = (): Command =>
  command(
    'deliver all',
    async (model, world) => {
      const arrived = model.pending.splice(0);
      for (const { event } of arrived) world.runtime.submit(objectCreated, event);
      await world.cloud.idle();
      for (const { version } of arrived) {
        if (model.stormy || version.disturbed || hasTwin(model, version)) settleLater(version);
        else if (!version.gone) await lookProtected(world, version);
      }
    },
    hasPending,
  );

/** The instance dies before, during or after its work. */
export const deliverAndKill = (drawn: number, seed: number): Command =>
  command(
    `deliver ${drawn} and kill (${seed})`,
    async (model, { cloud, runtime }) => {
      const { event, version } = takePending(model, drawn);
      runtime.weather.add({ kind: 'instances', killRate: 1, seed });
      runtime.submit(objectCreated, event);
      await cloud.idle();
      runtime.weather.clear();
      settleLater(version);
    },
    hasPending,
  );

function takePending(model: Model, drawn: number): Pending {
  const taken = pick(model.pending, drawn);
  model.pending.splice(model.pending.indexOf(taken), 1);
  return taken;
}

function settleLater(version: Version): void {
  version.disturbed = true;
}

function writesTo({ requests }: World, { versionId }: Version): number {
  const writes = requests
    .list()
    .filter((request) => request.operation === 'PutObjectRetention' && request.versionId === versionId);
  return writes.length;
}
