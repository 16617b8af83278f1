import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { color } from './output.ts';

/**
 * Returns a log line of a function, one JSON object, as a line for people; anything else as it is. Nothing in it is
 * hidden.
 * @param cloud where the function works
 */
export function logLine(line: string, cloud: CloudName): string {
  const entry = parse(line);
  if (entry === undefined) return visible(line);
  const text = (key: string) => (typeof entry[key] === 'string' ? visible(entry[key]) : undefined);
  const number = (key: string) => (typeof entry[key] === 'number' ? entry[key] : undefined);
  const days = number('newDays') ?? number('days');
  const [bucket, key] = [text('bucket'), text('key')];
  const parts = [
    paint(text('level') ?? '')(text('action') ?? text('msg') ?? ''),
    bucket === undefined ? key : formatAddress(cloud, { bucket, key }),
    text('retainUntil') && `until ${text('retainUntil')}`,
    text('rule') && `by rule ${text('rule')}`,
    days === undefined ? undefined : quantity(days, 'day'),
    entry['dryRun'] === true ? '(dry run)' : undefined,
    text('reason') && `- ${[text('code'), text('reason')].filter(Boolean).join(': ')}`,
  ];
  return parts.filter(Boolean).join(' ');
}

function paint(level: string): (text: string) => string {
  if (level === 'error') return color.red;
  return level === 'warn' ? color.yellow : color.green;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
