import * as z from 'zod';
import { reasonToIgnore } from '../events/event-names.ts';
import {
  type MalformedEvent,
  malformedEntry,
  type ObjectEvent,
  readObjectEvents,
} from '../events/object-events.ts';
import { type CloudName, formatAddress } from '../platform/address.ts';
import { failure } from '../platform/errors.ts';
import { firstIssue } from '../platform/first-issue.ts';
import { jsonIn } from '../platform/read-json.ts';
import { type CheckTask, checkTask, type RepairTask, repairTask, type ShardTask, shardTask } from './task.ts';

const anyTask = z.discriminatedUnion('task', [checkTask, shardTask, repairTask]);
export type Task = CheckTask | ShardTask | RepairTask;

/**
 * Tells what an event of `protect-existing` asks for: a task of Holdfast's own, or a repair for each inventory whose
 * manifest.json has arrived. Events about other objects ask for nothing.
 * @param event JSON: a task, or an OSS event in any of its shapes
 * @throws EVENT_MALFORMED
 */
export function readRequests(event: Uint8Array): Task[] {
  const own = readTask(event);
  if (own !== undefined) return [own];
  return repairTasksOf(readObjectEvents(event), 'oss');
}

/**
 * Returns a repair for each inventory whose manifest.json has arrived, by the events of a cloud.
 * @throws EVENT_MALFORMED, OBS_EVENT_MALFORMED
 */
export const repairTasksOf = (
  entries: readonly (ObjectEvent | MalformedEvent)[],
  cloud: CloudName,
): RepairTask[] =>
  entries.flatMap((entry): RepairTask[] => {
    if ('malformed' in entry) throw malformedEntry(entry);
    const { name, bucket, key } = entry;
    if (reasonToIgnore(name) !== undefined || !/(?:^|\/)manifest\.json$/.test(key)) return [];
    return [{ task: 'repair', version: 1, manifest: formatAddress(cloud, { bucket, key }), leg: 0 }];
  });

/** Says whether an event claims to be a task of Holdfast's own; it may be malformed all the same. */
export const isTask = (event: Uint8Array): boolean => hasTask(jsonOf(event));

/** Undefined for what is no JSON; the reader of OSS events says so. */
const jsonOf = (event: Uint8Array): unknown => jsonIn(Buffer.from(event).toString());

const hasTask = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'task' in value;

/** @returns undefined for what does not claim to be a task */
function readTask(event: Uint8Array): Task | undefined {
  const value = jsonOf(event);
  if (!hasTask(value)) return undefined;
  const read = anyTask.safeParse(value);
  if (read.success) return read.data;
  throw failure('EVENT_MALFORMED', { reason: firstIssue(read.error, 'the task') });
}
