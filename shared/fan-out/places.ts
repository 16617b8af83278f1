import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectAt } from '../storage/port.ts';

/*
 * What a run keeps, below a folder of its own in the folder of the dead letters:
 *
 *   fan-out/BUCKET-HASH/1/survey.json               where the rows of an inventory lie, for the files that were read
 *   fan-out/BUCKET-HASH/1/plan.json                 its shards, written before the first one is begun
 *   fan-out/BUCKET-HASH/1/tasks.json                the same as tasks, for a workflow, when that was asked for
 *   fan-out/BUCKET-HASH/1/progress/00017.json       how far a shard has come
 *   fan-out/BUCKET-HASH/1/lines/00017-0001.jsonl    a part of its report
 *   fan-out/BUCKET-HASH/1/results/00017.json        what it has come to: it is done
 *   fan-out/BUCKET-HASH.json                        which run of this kind is the current one
 *
 * Nothing of it is ever deleted by Holdfast.
 */

const within = ({ bucket, prefix }: ObjectPrefix, name: string): ObjectAt => ({
  bucket,
  key: `${prefix}${name}`,
});
const padded = (number: number, length: number) => String(number).padStart(length, '0');
const shardName = (number: number) => padded(number, 5);

/** Returns the folder of all runs. */
export const fanOutFolders = ({ bucket, prefix }: ObjectPrefix): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}fan-out/`,
});

/** Returns the folder of one kind of run, without its number. */
export const fanOutFolder = (place: ObjectPrefix, name: string): ObjectPrefix => ({
  bucket: place.bucket,
  prefix: `${fanOutFolders(place).prefix}${name}/`,
});

export const runFolder = ({ bucket, prefix }: ObjectPrefix, generation: number): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}${generation}/`,
});

export const stateAt = ({ bucket, prefix }: ObjectPrefix): ObjectAt => ({
  bucket,
  key: `${prefix.replace(/\/$/, '')}.json`,
});

export const planAt = (folder: ObjectPrefix) => within(folder, 'plan.json');
export const tasksAt = (folder: ObjectPrefix) => within(folder, 'tasks.json');
export const surveyAt = (folder: ObjectPrefix) => within(folder, 'survey.json');
export const progressAt = (folder: ObjectPrefix, shard: number) =>
  within(folder, `progress/${shardName(shard)}.json`);
export const linesAt = (folder: ObjectPrefix, shard: number, part: number) =>
  within(folder, `lines/${shardName(shard)}-${padded(part, 4)}.jsonl`);
export const resultAt = (folder: ObjectPrefix, shard: number) =>
  within(folder, `results/${shardName(shard)}.json`);

export const resultsOf = ({ bucket, prefix }: ObjectPrefix): ObjectPrefix => ({
  bucket,
  prefix: `${prefix}results/`,
});

/** Returns the shard that a result's key names; undefined for anything else. */
export function shardOfResult(key: string): number | undefined {
  const [, digits] = /\/results\/(\d{5,})\.json$/.exec(key) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
