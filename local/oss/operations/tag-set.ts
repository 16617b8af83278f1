import * as z from 'zod';
import { receiveXml } from '../body.ts';
import type { Call } from '../request.ts';
import type { Tags } from '../tags.ts';
import type { Xml } from '../xml.ts';

const tagging = z.strictObject({
  Tagging: z.strictObject({
    TagSet: z.union([
      z.literal(''),
      z.strictObject({ Tag: z.array(z.strictObject({ Key: z.string(), Value: z.string() })) }),
    ]),
  }),
});

/** Reads the document that objects and buckets share. @throws MalformedXML, InvalidTag */
export async function receiveTags(call: Call, check: (pairs: [string, string][]) => Tags): Promise<Tags> {
  const { Tagging } = await receiveXml(call, tagging, ['Tag']);
  const list = Tagging.TagSet === '' ? [] : Tagging.TagSet.Tag;
  return check(list.map(({ Key, Value }) => [Key, Value]));
}

export function writeTags(tags: Tags): Xml {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return { Tagging: { TagSet: list.length > 0 ? { Tag: list } : '' } };
}
