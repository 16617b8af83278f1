import { expect, vi } from 'vitest';
import { heldPolicy, plainClient } from '../../local/plain-client.ts';
import { minute } from '../../shared/platform/instant.ts';
import { objectCreated, policyTimer } from '../support/holdfast-cloud.ts';
import { type Model, type Pending, pick } from './model.ts';
import { type Command, command, upload } from './objects.ts';

/*
 * Where the world differs from what we imagined: events that arrive encoded or are stamped by a clock that is behind, very
 * many versions of one key, a service that is silent, and a person who acts while the timer is at work.
 */

interface Entry {
  eventTime: string;
  readonly oss: { readonly object: { key: string; versionId?: string } };
}

/** What others make of an event on its way. */
const disguises: Readonly<Record<string, (entry: Entry, { version }: Pending) => void>> = {
  'its key encoded': ({ oss }) => {
    oss.object.key = encodeURIComponent(oss.object.key);
  },
  'its version id, encoded': ({ oss }, { version }) => {
    oss.object.versionId = encodeURIComponent(version.versionId)
      .replaceAll('.', '%2E')
      .replaceAll('-', '%2D');
  },
  'its version id': ({ oss }, { version }) => {
    oss.object.versionId = version.versionId;
  },
  'stamped ten minutes early': (entry) => {
    entry.eventTime = new Date(Date.parse(entry.eventTime) - 10 * minute).toISOString();
  },
};
export const disguiseNames = Object.keys(disguises);

/** Changes an event that waits, without changing what it means. */
export const disguise = (drawn: number, how: string): Command =>
  command(
    `event ${drawn} with ${how}`,
    ({ pending }) => {
      const event = pick(pending, drawn);
      const parsed: { events: Entry[] } = JSON.parse(event.event.toString());
      for (const entry of parsed.events) disguises[how]?.(entry, event);
      pending[pending.indexOf(event)] = { ...event, event: Buffer.from(JSON.stringify(parsed)) };
    },
    ({ pending }) => pending.length > 0,
  );

/** Overwrites one key again and again, each time with other content; all events but the first are lost. Once a run. */
export const crowd = (drawnKey: number, count: number): Command =>
  command(
    `${count} versions of one key`,
    async (model, world) => {
      model.crowded = true;
      const before = model.pending.length;
      for (let number = 0; number < count; number += 1) {
        await upload(drawnKey, 0, `crowd ${number}`).run(model, world);
      }
      model.pending.splice(before + 1);
    },
    ({ crowded }) => !crowded,
  );

/** Requests of the function are never answered: it has to end by its own time limit, and FC repeats it. */
export const silence = (times: number, moment: 'before' | 'after'): Command =>
  command(
    `${times} silent calls (${moment})`,
    (model, { cloud }) => {
      model.stormy = true;
      cloud.oss.faults.add({ principal: `function ${objectCreated}`, times, effect: { hang: moment } });
    },
    ({ stormy }) => !stormy,
  );

/**
 * The timer has seen a policy that it is to abort; before it acts, a person has aborted it and initiated the right one. The
 * right one stays.
 */
export const person = (): Command =>
  command(
    'a person acts between look and write',
    async (model, { cloud }) => {
      const bucket = 'strict';
      const client = plainClient(cloud.url, bucket);
      await client.initiateBucketWorm(bucket, '41');
      const principal = `function ${policyTimer}`;
      const look = { principal, bucket, operation: 'GetBucketWorm' };
      cloud.oss.faults.add({ ...look, skip: 1, times: 1, effect: { delayMs: 2000 } });
      cloud.oss.requests.clear();
      let ended = false;
      const run = cloud.fc.invoke(policyTimer, Buffer.from('{}')).finally(() => {
        ended = true;
      });
      await vi.waitFor(
        () => {
          const looks = cloud.oss.requests
            .list()
            .filter((each) => each.operation === look.operation && each.bucket === bucket);
          expect(ended || looks.length > 0).toBe(true);
        },
        { timeout: 120_000, interval: 2 },
      );
      // A timer that was quicker has aborted it already.
      await client.abortBucketWorm(bucket).catch(() => undefined);
      await client.initiateBucketWorm(bucket, '40');
      model.policies.set(bucket, { days: 40, createdAt: cloud.time.now() });
      await run;
      expect(await heldPolicy(client, bucket)).toMatchObject({ state: 'InProgress', days: 40 });
    },
    (model: Model) => !model.policies.has('strict'),
  );
