import type { AuditRecord } from '../../shared/audit/file.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { color, shownVersionId } from '../terminal/output.ts';

/**
 * Returns one record of evidence as a line for people: when, who, what about, and the dates and days that go with it.
 * @param by the function or the command that wrote it
 */
export function recordLine(cloud: CloudName, record: AuditRecord, by: string): string {
  const text = (name: string): string | undefined => {
    const value = record[name];
    if (value === undefined || value === null) return undefined;
    return visible(typeof value === 'string' ? value : JSON.stringify(value));
  };
  const [time = '-', action = '-'] = [text('time'), text('action')];
  const caller = text('caller');
  const parts = [
    time,
    `${visible(by)}${caller === undefined ? '' : ` (${caller})`}:`,
    target(cloud, text),
    color.bold(action),
    dates(text),
    days(text),
    phrase('by rule', text('rule')),
    certificate(text),
    reason(text),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

type Text = (name: string) => string | undefined;

function target(cloud: CloudName, text: Text): string {
  const [bucket, key, versionId] = [text('bucket'), text('key'), text('versionId')];
  if (bucket === undefined) return targetWithoutBucket(text);
  const id = key === undefined || versionId === undefined ? undefined : shownVersionId(versionId);
  return formatAddress(cloud, { bucket, key, versionId: id });
}

function targetWithoutBucket(text: Text): string {
  const [matter, plan] = [text('matter'), text('plan')];
  if (matter !== undefined) return `matter ${matter}`;
  return plan === undefined ? (text('letter') ?? text('function') ?? '-') : `plan ${plan}`;
}

/** The hashes of the files of a certificate, as `sha256sum` shows them, and what it is about. */
function certificate(text: Text): string {
  const [hash, list] = [text('certificate'), text('list')];
  if (hash === undefined) return '';
  const counts = `${quantity(Number(text('gone') ?? 0), 'version')} gone, ${text('there') ?? 0} still there`;
  return `${counts}, certificate ${hash}${list === undefined ? '' : `, list ${list}`}`;
}

function dates(text: Text): string {
  const [until, before] = [text('retainUntil'), text('previousUntil')];
  if (until === undefined) return phrase('until', before);
  return `until ${until}${before === undefined || before === until ? '' : ` (before: ${before})`}`;
}

/** Days of a bucket policy: those that it has, and those that it was to get. */
function days(text: Text): string {
  const [after, before] = [text('newDays') ?? text('days'), text('previousDays') ?? text('days')];
  if (after === undefined) return phrase('days before:', before);
  return `${quantity(Number(after), 'day')}${before === undefined || before === after ? '' : ` (before: ${before})`}`;
}

function reason(text: Text): string {
  const said = [text('code'), text('reason')].filter((part) => part !== undefined).join(': ');
  const deadline = phrase('lock deadline', text('lockDeadline'));
  const inside = [said, deadline, phrase('approved by', text('approvedBy'))]
    .filter((part) => part !== '')
    .join('; ');
  return inside === '' ? '' : `(${inside})`;
}

const phrase = (words: string, value: string | undefined): string =>
  value === undefined ? '' : `${words} ${value}`;
