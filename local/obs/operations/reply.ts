import type { Reply } from '../../oss/reply.ts';
import type { ObsCall } from '../operation.ts';
import { element, writeObsXml, type XmlElement } from '../xml.ts';

/** Returns a reply with a document in the namespace of the call's dialect. */
export function documentReply(
  call: ObsCall,
  root: string,
  content: XmlElement['content'],
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml', ...headers },
    body: writeObsXml(element(root, content), call.dialect.namespace),
  };
}
