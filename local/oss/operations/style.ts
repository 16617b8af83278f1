import * as z from 'zod';
import { receiveXml } from '../body.ts';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { type Reply, xmlReply } from '../reply.ts';
import type { Call } from '../request.ts';
import { findBucket } from '../versions.ts';
import type { Xml } from '../xml.ts';

const styleDocument = z.strictObject({ Style: z.strictObject({ Content: z.string() }) });
const stored = z.object({
  content: z.string(),
  category: z.string(),
  created: z.string(),
  modified: z.string(),
});
type Style = z.infer<typeof stored>;

const one = { on: 'bucket', requires: ['style', 'styleName'] } as const;

/** Styles of images are kept; no image is processed. */
export const styleOperations: readonly Operation[] = [
  { name: 'PutStyle', method: 'PUT', ...one, allows: ['category'], run: put },
  {
    name: 'GetStyle',
    method: 'GET',
    ...one,
    run: (call, cloud) => {
      const name = call.query.get('styleName') ?? '';
      return xmlReply({ Style: describe(name, find(call, cloud, name)) });
    },
  },
  { name: 'ListStyle', method: 'GET', on: 'bucket', requires: ['style'], run: list },
  { name: 'DeleteStyle', method: 'DELETE', ...one, run: remove },
];

const PREFIX = 'style:';

async function put(call: Call, cloud: Cloud): Promise<Reply> {
  const { Style: sent } = await receiveXml(call, styleDocument);
  const bucket = findBucket(cloud.store, call.bucket);
  const name = `${PREFIX}${call.query.get('styleName') ?? ''}`;
  const former = bucket.configurations?.[name];
  const now = cloud.now().toUTCString();
  const style: Style = {
    content: sent.Content,
    category: call.query.get('category') ?? 'image',
    created: former === undefined ? now : stored.parse(JSON.parse(former)).created,
    modified: now,
  };
  const configurations = { ...bucket.configurations, [name]: JSON.stringify(style) };
  cloud.store.saveBucket({ ...bucket, configurations });
  return { status: 200 };
}

function find(call: Call, cloud: Cloud, name: string): Style {
  const text = findBucket(cloud.store, call.bucket).configurations?.[PREFIX + name];
  if (text === undefined) throw refuse('NoSuchStyle', { details: { StyleName: name } });
  return stored.parse(JSON.parse(text));
}

function describe(name: string, { content, category, created, modified }: Style): Xml {
  return {
    Name: name,
    Content: content,
    Category: category,
    CreateTime: created,
    LastModifyTime: modified,
  };
}

function list(call: Call, cloud: Cloud): Reply {
  const names = Object.keys(findBucket(cloud.store, call.bucket).configurations ?? {})
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
    .sort();
  return xmlReply({ StyleList: { Style: names.map((name) => describe(name, find(call, cloud, name))) } });
}

function remove(call: Call, cloud: Cloud): Reply {
  const bucket = findBucket(cloud.store, call.bucket);
  const { [PREFIX + (call.query.get('styleName') ?? '')]: _gone, ...configurations } =
    bucket.configurations ?? {};
  cloud.store.saveBucket({ ...bucket, configurations });
  return { status: 204 };
}
