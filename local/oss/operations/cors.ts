import * as z from 'zod';
import { refuse } from '../errors.ts';
import type { Cloud, Operation } from '../operation.ts';
import { readXml } from '../read-xml.ts';
import type { Reply } from '../reply.ts';
import type { Call } from '../request.ts';
import { findBucket } from '../versions.ts';
import { writeXmlElement, type Xml } from '../xml.ts';
import { keptOperations } from './kept.ts';

const rule = z.strictObject({
  AllowedOrigin: z.array(z.string()).min(1),
  AllowedMethod: z.array(z.enum(['GET', 'PUT', 'DELETE', 'POST', 'HEAD'])).min(1),
  AllowedHeader: z.array(z.string()).default([]),
  ExposeHeader: z.array(z.string()).default([]),
  MaxAgeSeconds: z
    .string()
    .regex(/^-?\d+$/)
    .optional(),
});
const corsDocument = z.strictObject({
  CORSConfiguration: z.strictObject({
    CORSRule: z.array(rule).min(1),
    ResponseVary: z.string().optional(),
  }),
});
const repeated = ['CORSRule', 'AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader'];

type CorsRule = z.infer<typeof rule>;

/** Rules for pages of other origins. OPTIONS answers by them; gate.ts keeps such pages out of this machine all the same. */
export const corsOperations: readonly Operation[] = [
  ...keptOperations({
    resource: 'cors',
    root: 'CORSConfiguration',
    put: 'PutBucketCors',
    get: 'GetBucketCors',
    remove: 'DeleteBucketCors',
    missing: { code: 'NoSuchCORSConfiguration' },
    read: (document) => ({ document: writeRules(document) }),
  }),
  { name: 'OptionObject', method: 'OPTIONS', on: 'object', run: preflight },
  { name: 'OptionObject', method: 'OPTIONS', on: 'bucket', run: preflight },
];

/** The service writes allowed headers in lower case (Python SDK v2's suite). */
function writeRules(document: string): string {
  const { CORSConfiguration } = readXml(Buffer.from(document), corsDocument, repeated);
  for (const { MaxAgeSeconds = '' } of CORSConfiguration.CORSRule) {
    if (MaxAgeSeconds.startsWith('-')) {
      throw refuse('InvalidArgument', {
        details: { ArgumentName: 'MaxAgeSeconds', ArgumentValue: MaxAgeSeconds },
      });
    }
  }
  const rules: Xml[] = CORSConfiguration.CORSRule.map((each) => ({
    AllowedOrigin: each.AllowedOrigin,
    AllowedMethod: each.AllowedMethod,
    AllowedHeader: each.AllowedHeader.map((name) => name.toLowerCase()),
    ExposeHeader: each.ExposeHeader,
    MaxAgeSeconds: each.MaxAgeSeconds,
  }));
  return writeXmlElement({
    CORSConfiguration: { CORSRule: rules, ResponseVary: CORSConfiguration.ResponseVary ?? 'false' },
  });
}

/** Answers what a browser asks before a request from another origin. @throws AccessForbidden */
function preflight(call: Call, cloud: Cloud): Reply {
  const document = findBucket(cloud.store, call.bucket).configurations?.['cors'];
  const origin = call.headers['origin'] ?? '';
  const method = call.headers['access-control-request-method'] ?? '';
  const asked = call.headers['access-control-request-headers'] ?? '';
  const names = asked
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const rules = document
    ? readXml(Buffer.from(document), corsDocument, repeated).CORSConfiguration.CORSRule
    : [];
  const found = rules.find((each) => isFor(each, origin, method, names));
  if (!found) throw refuse('AccessForbidden');
  return {
    status: 200,
    headers: {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Methods': found.AllowedMethod.join(', '),
      ...(asked !== '' && { 'Access-Control-Allow-Headers': asked }),
      ...(found.ExposeHeader.length > 0 && {
        'Access-Control-Expose-Headers': found.ExposeHeader.join(', '),
      }),
      ...(found.MaxAgeSeconds !== undefined && { 'Access-Control-Max-Age': found.MaxAgeSeconds }),
    },
  };
}

function isFor(rule: CorsRule, origin: string, method: string, names: readonly string[]): boolean {
  return (
    rule.AllowedOrigin.some((pattern) => fits(pattern, origin)) &&
    rule.AllowedMethod.some((each) => each === method) &&
    names.every((name) => rule.AllowedHeader.some((pattern) => fits(pattern, name)))
  );
}

/** One `*` at most stands for any text (documented). */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}
