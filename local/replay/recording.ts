import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const one = z.union([
  z.strictObject({ hasExactly: z.array(z.strictObject({ equalTo: z.string() })).length(1) }),
  z.strictObject({ equalTo: z.string() }),
]);

const recordingDocument = z.object({
  name: z.string(),
  insertionIndex: z.number().default(0),
  request: z.object({
    url: z.string().optional(),
    urlPath: z.string().optional(),
    method: z.enum(['GET', 'HEAD', 'PUT', 'POST', 'DELETE']),
    headers: z.object({ Host: z.object({ equalTo: z.string() }) }),
    queryParameters: z.record(z.string(), one).default({}),
    bodyPatterns: z
      .array(
        z.union([
          z.object({ equalToXml: z.string() }),
          z.object({ binaryEqualTo: z.string() }),
          z.object({ equalTo: z.string() }),
        ]),
      )
      .default([]),
  }),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    base64Body: z.string().optional(),
  }),
});

/** One request and the reply that the real service gave. */
export interface Recording {
  readonly file: string;
  /** This is what it belongs to: recordings of one test are a story, others know nothing of it. */
  readonly test: string;
  readonly at: Date;
  readonly method: string;
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  /** Undefined where the recorder did not keep it. */
  readonly body: Buffer | undefined;
  readonly reply: {
    readonly status: number;
    /** By lower-case name. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

/**
 * Reads the recordings of a folder in WireMock's form, in the order in which they happened: by test, by the reply's
 * Date, and within a second by insertionIndex, which counts backwards.
 * @throws ZodError, SyntaxError, the system's error for a folder that cannot be read
 */
export function readRecordings(folder: string): Recording[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const parsed = recordingDocument.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      return { index: parsed.insertionIndex, recording: toRecording(file, parsed) };
    })
    .sort(
      (a, b) =>
        a.recording.test.localeCompare(b.recording.test) ||
        a.recording.at.getTime() - b.recording.at.getTime() ||
        b.index - a.index,
    )
    .map(({ recording }) => recording);
}

function toRecording(
  file: string,
  { name, request, response }: z.infer<typeof recordingDocument>,
): Recording {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([header, value]) => [header.toLowerCase(), value]),
  );
  const path = request.urlPath ?? request.url ?? '/';
  const query = Object.entries(request.queryParameters).map(([parameter, value]) => {
    return [parameter, 'equalTo' in value ? value.equalTo : (value.hasExactly[0]?.equalTo ?? '')] as const;
  });
  const { body, base64Body } = response;
  return {
    file,
    test: name.replace(/-[A-Z]+-\d+$/, ''),
    at: new Date(headers['date'] ?? ''),
    method: request.method,
    bucket: bucketOf(request.headers.Host.equalTo),
    key: decodeURIComponent(path.slice(1)),
    query: new Map(query),
    body: readBody(request.bodyPatterns[0]),
    reply: {
      status: response.status,
      headers,
      body: base64Body === undefined ? (body ?? '') : Buffer.from(base64Body, 'base64').toString('utf8'),
    },
  };
}

/** The bucket that a host begins with; empty for the service itself. */
function bucketOf(host: string): string {
  const [first = ''] = host.split('.');
  return /^oss-[a-z0-9-]+$/.test(first) && host.endsWith('.aliyuncs.com') && host.split('.').length === 3
    ? ''
    : first;
}

function readBody(pattern: z.infer<typeof recordingDocument>['request']['bodyPatterns'][number] | undefined) {
  if (!pattern) return undefined;
  if ('equalToXml' in pattern) return Buffer.from(pattern.equalToXml);
  if ('binaryEqualTo' in pattern) return Buffer.from(pattern.binaryEqualTo, 'base64');
  return Buffer.from(pattern.equalTo);
}
