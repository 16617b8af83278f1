import { readFile } from 'node:fs/promises';
import { headline } from '../../shared/report/headline.ts';
import type { Posture } from '../../shared/report/posture.ts';
import type { VersionPosture } from '../../shared/report/types.ts';
import { mostUrgent } from '../../shared/report/urgent.ts';
import { toJson } from '../terminal/output.ts';

/** More rows make the page slow to open; the CSV has all. */
export const mostRows = 50_000;

/** Returns the page as `build.js` has made it, beside the command. */
export const pageTemplate = (): Promise<string> =>
  readFile(new URL('../report-page/page.html', import.meta.url), 'utf8');

/** This is where the page's data goes: the one place that build.js leaves open. */
const place = '"%POSTURE%"';

/**
 * Returns one page that needs nothing else. The data stands in it as JSON that no parser of HTML can take for markup.
 * @param template with one place for the data
 */
export async function reportHtml(
  template: string,
  posture: Posture,
  versions: AsyncIterable<VersionPosture>,
): Promise<string> {
  const { urgent, total } = await mostUrgent(versions, mostRows);
  const data = { headline: headline(posture), posture, total, versions: urgent };
  const [before, after] = template.split(place);
  return [before, inScript(toJson(data, 0)), after].join('');
}

/** Within `<script>` only `<` can end it or begin a comment; in JSON it may always be escaped. */
const inScript = (json: string): string => json.replaceAll('<', '\\u003c');
