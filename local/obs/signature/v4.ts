import { createHash, createHmac } from 'node:crypto';
import { refuse } from '../../oss/errors.ts';
import { type Claim, encode, type Query, type Signable, type Signed } from '../../oss/signature/request.ts';

const algorithm = 'AWS4-HMAC-SHA256';

interface V4Terms {
  /** Access key id, date, region, service and `aws4_request`, separated by slashes. */
  readonly credential: string;
  readonly signature: string;
  readonly signedHeaders: readonly string[];
  readonly timestamp: string;
  readonly payloadHash: string;
  /** The parameters that are signed. */
  readonly query: Query;
}

/** `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` (AWS: "Signature Version 4"). */
export function readAwsV4Header(
  authorization: string,
  region: string,
  request: Signable,
  path: string,
): Claim {
  const fields = new Map(
    authorization
      .slice(algorithm.length)
      .split(',')
      .map((part) => {
        const [name = '', ...value] = part.trim().split('=');
        return [name, value.join('=')] as const;
      }),
  );
  const { headers } = request;
  const terms = {
    credential: fields.get('Credential') ?? '',
    signature: fields.get('Signature') ?? '',
    signedHeaders: (fields.get('SignedHeaders') ?? '').split(';'),
    timestamp: headers['x-amz-date'] ?? '',
    payloadHash: headers['x-amz-content-sha256'] ?? '',
    query: request.query,
  };
  if (terms.payloadHash.startsWith('STREAMING-')) {
    throw refuse('NotImplemented', { details: { Header: 'x-amz-content-sha256' } });
  }
  const instant = readTimestamp(terms.timestamp);
  return {
    ...claimOf(terms, region, request, path),
    securityToken: headers['x-amz-security-token'],
    validity: { kind: 'at', instant },
  };
}

/** `?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=…&X-Amz-Date=…&X-Amz-Expires=…&X-Amz-SignedHeaders=…&X-Amz-Signature=…` */
export function readAwsV4Query(region: string, request: Signable, path: string): Claim {
  const { query } = request;
  const seconds = Number(query.get('X-Amz-Expires'));
  if (!(seconds >= 1 && seconds <= 604_800)) {
    throw refuse('InvalidArgument', { message: 'X-Amz-Expires is invalid.' });
  }
  const timestamp = query.get('X-Amz-Date') ?? '';
  const from = readTimestamp(timestamp);
  const terms = {
    credential: query.get('X-Amz-Credential') ?? '',
    signature: query.get('X-Amz-Signature') ?? '',
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    timestamp,
    payloadHash: 'UNSIGNED-PAYLOAD',
    query: new Map([...query].filter(([name]) => name !== 'X-Amz-Signature')),
  };
  return {
    ...claimOf(terms, region, request, path),
    securityToken: query.get('X-Amz-Security-Token'),
    validity: { kind: 'between', from, until: new Date(from.getTime() + seconds * 1000) },
  };
}

function claimOf(terms: V4Terms, region: string, request: Signable, path: string) {
  const [accessKeyId = '', date = '', scopeRegion, service, end] = terms.credential.split('/');
  const isScope = scopeRegion === region && service === 's3' && end === 'aws4_request';
  if (!isScope || !terms.timestamp.startsWith(date) || date === '') {
    throw refuse('InvalidArgument', {
      message: `The credential must be scoped to ${region}/s3/aws4_request.`,
    });
  }
  const unsigned = unsignedHeader(terms.signedHeaders, request);
  if (unsigned !== undefined) {
    throw refuse('AccessDenied', {
      message: `There were headers present which were not signed: ${unsigned}`,
    });
  }
  const scope = `${date}/${region}/s3/aws4_request`;
  const canonical = [
    request.method,
    path,
    canonicalQuery(terms.query),
    ...terms.signedHeaders.map(
      (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`,
    ),
    '',
    terms.signedHeaders.join(';'),
    terms.payloadHash,
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const stringToSign = [algorithm, terms.timestamp, scope, hash].join('\n');
  const sign = (secret: string): Signed => {
    const key = ['aws4_request', 's3', region, date].reduceRight<Buffer | string>(
      (from, part) => createHmac('sha256', from).update(part).digest(),
      `AWS4${secret}`,
    );
    return { signature: createHmac('sha256', key).update(stringToSign).digest('hex'), stringToSign };
  };
  return { accessKeyId, signature: terms.signature, sign };
}

/** The host and every `x-amz-…` header have to be signed. */
function unsignedHeader(signed: readonly string[], { headers }: Signable): string | undefined {
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  return needed.find((name) => !signed.includes(name));
}

const canonicalQuery = (query: Query): string =>
  [...query]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');

/** @throws AccessDenied for anything but `20261121T211508Z` */
function readTimestamp(text: string): Date {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const instant = new Date(iso);
  if (iso !== text && !Number.isNaN(instant.getTime())) return instant;
  throw refuse('AccessDenied', { message: 'AWS authentication requires a valid X-Amz-Date.' });
}
