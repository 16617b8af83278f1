import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import * as z from 'zod';

const folder = new URL('../local/fc/captures/', import.meta.url);

/** The key that signed every captured request, and the account that it belongs to. */
export const capturedKey = { accessKeyId: 'LTAIholdertest', accessKeySecret: 'holder-secret' };
export const capturedAccount = '1234567890123456';

const line = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  status: z.number(),
  /** The stand-in's answer. */
  reply: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
});

/** A request that the real Serverless Devs sent, and the status that a stand-in answered. */
export interface FcCapture extends z.infer<typeof line> {
  readonly name: string;
  /** `ACS3`, `FC`, `OSS` or `LOG`: the form of its signature. */
  readonly form: string;
  readonly signedAt: Date;
}

/** The requests of one file in test/local/fc/captures, in their order. */
export function readFcCaptures(file: string): FcCapture[] {
  const lines = readFileSync(new URL(`${file}.jsonl`, folder), 'utf8')
    .trim()
    .split('\n');
  return lines.map((text, index) => {
    const capture = line.parse(JSON.parse(text));
    const { headers, method, url } = capture;
    const form = /^[A-Z0-9]+/.exec(headers['authorization'] ?? '')?.[0] ?? '';
    const signedAt = new Date(headers['x-acs-date'] ?? headers['date'] ?? headers['x-oss-date'] ?? '');
    return { ...capture, form, signedAt, name: `${file}#${index + 1} ${method} ${url}` };
  });
}

/** Sends a request with exactly these headers. */
export function sendFc(
  port: number,
  { method, url, headers, body }: Pick<FcCapture, 'method' | 'url' | 'headers' | 'body'>,
): Promise<{ status: number; code: string; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path: url, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const code = /"Code":"([^"]*)"/.exec(text)?.[1] ?? '';
        resolve({ status: response.statusCode ?? 0, code, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
