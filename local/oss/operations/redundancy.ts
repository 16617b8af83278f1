import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import type { Bucket } from '../state.ts';
import { findBucket } from '../versions.ts';
import { type Xml, xmlDate } from '../xml.ts';
import { pageSize } from './paging.ts';

const RESOURCE = 'redundancyTransition';
const TASK = 'x-oss-redundancy-transition-taskid';
const TARGET = 'x-oss-target-redundancy-type';

const one = { on: 'bucket', requires: [RESOURCE, TASK] } as const;

/** Tasks that change the redundancy of a bucket. They stay in their queue, for nothing is stored twice here. */
export const redundancyOperations: readonly Operation[] = [
  {
    name: 'CreateBucketDataRedundancyTransition',
    method: 'POST',
    on: 'bucket',
    requires: [RESOURCE, TARGET],
    run: create,
  },
  {
    name: 'GetBucketDataRedundancyTransition',
    method: 'GET',
    ...one,
    run: (call, cloud) => xmlReply({ BucketDataRedundancyTransition: describe(findTask(call, cloud)) }),
  },
  { name: 'DeleteBucketDataRedundancyTransition', method: 'DELETE', ...one, run: remove },
  {
    name: 'ListBucketDataRedundancyTransition',
    method: 'GET',
    on: 'bucket',
    requires: [RESOURCE],
    run: (call, cloud) => listReply(tasksOf(findBucket(cloud.store, call.bucket))),
  },
  {
    name: 'ListUserDataRedundancyTransition',
    method: 'GET',
    on: 'service',
    requires: [RESOURCE],
    allows: ['continuation-token', 'max-keys'],
    run: listAll,
  },
];

interface Task {
  readonly id: string;
  readonly bucket: string;
  readonly createdAt: Date;
}

/** A bucket has one task at most; asking again gives the same one. */
function create(call: Call, cloud: Cloud): Reply {
  const target = call.query.get(TARGET) ?? '';
  const bucket = findBucket(cloud.store, call.bucket);
  if (target !== 'ZRS') {
    throw refuse('InvalidArgument', { details: { ArgumentName: TARGET, ArgumentValue: target } });
  }
  const [existing] = tasksOf(bucket);
  const id = existing?.id ?? newLongId().toLowerCase();
  if (!existing) {
    const configurations = {
      ...bucket.configurations,
      [RESOURCE]: `${id} ${cloud.now().toISOString()}`,
    };
    cloud.store.saveBucket({ ...bucket, configurations });
  }
  return xmlReply({ BucketDataRedundancyTransition: { TaskId: id } });
}

function remove(call: Call, cloud: Cloud): Reply {
  findTask(call, cloud);
  const bucket = findBucket(cloud.store, call.bucket);
  const { [RESOURCE]: _gone, ...configurations } = bucket.configurations ?? {};
  cloud.store.saveBucket({ ...bucket, configurations });
  return { status: 204 };
}

/** The latest first, over all buckets of the account. */
function listAll(call: Call, cloud: Cloud): Reply {
  const limit = pageSize(call, 100);
  const after = call.query.get('continuation-token') ?? '';
  const all = cloud.store
    .buckets()
    .flatMap(tasksOf)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1));
  const rest = all.slice(after === '' ? 0 : all.findIndex(({ id }) => id === after) + 1);
  return listReply(rest.slice(0, limit), rest.length > limit ? rest[limit - 1]?.id : '');
}

function listReply(tasks: readonly Task[], next?: string): Reply {
  return xmlReply({
    ListBucketDataRedundancyTransition: {
      ...(next !== undefined && { IsTruncated: next !== '', NextContinuationToken: next }),
      BucketDataRedundancyTransition: tasks.map(describe),
    },
  });
}

function describe({ id, bucket, createdAt }: Task): Xml {
  return { Bucket: bucket, TaskId: id, Status: 'Queueing', CreateTime: xmlDate(createdAt) };
}

function findTask(call: Call, cloud: Cloud): Task {
  const id = call.query.get(TASK) ?? '';
  const task = tasksOf(findBucket(cloud.store, call.bucket)).find((each) => each.id === id);
  if (!task) throw refuse('NoSuchConfiguration', { details: { TaskId: id } });
  return task;
}

function tasksOf({ name, configurations }: Bucket): Task[] {
  const [id, createdAt] = configurations?.[RESOURCE]?.split(' ') ?? [];
  return id && createdAt ? [{ id, bucket: name, createdAt: new Date(createdAt) }] : [];
}
