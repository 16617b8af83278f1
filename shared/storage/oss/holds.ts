import type { LegalHolds } from '../port.ts';
import { type Perform, receipt } from './call.ts';
import { BadReply, parseXml, requiredText } from './xml.ts';

/** multicloudj's recordings; the API has no page about legal holds. */
const neverHeld: ReadonlySet<string> = new Set(['NoSuchObjectLegalHoldConfiguration']);

/** Returns the calls about the legal hold of a version (PutObjectLegalHold, GetObjectLegalHold). */
export function holdCalls(perform: Perform): LegalHolds {
  return {
    getHold: ({ bucket, key, versionId }) =>
      perform<boolean>('getHold', {
        bucket,
        key,
        versionId,
        method: 'GET',
        query: { legalHold: '' },
        success: [200],
        read: ({ body }) => isOn(requiredText(parseXml(body.toString(), 'LegalHold'), 'Status')),
        answer: ({ code }) => (neverHeld.has(code) ? { is: false } : undefined),
      }),

    async putHold({ bucket, key, versionId }, status, lastLook) {
      await lastLook?.();
      return await perform('putHold', {
        bucket,
        key,
        versionId,
        method: 'PUT',
        query: { legalHold: '' },
        xml: `<LegalHold><Status>${status}</Status></LegalHold>`,
        success: [200],
        read: receipt,
      });
    },
  };
}

function isOn(status: string): boolean {
  if (status !== 'ON' && status !== 'OFF') {
    throw new BadReply(`${JSON.stringify(status)} is not the status of a legal hold`);
  }
  return status === 'ON';
}
