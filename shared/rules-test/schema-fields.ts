import * as z from 'zod';
import { read } from '../rules/schema/fields.ts';
import { instantForm, momentForm, parseInstant, parseMoment } from './moment.ts';

/* The values that cases are made of, in the manner of ../rules/schema/fields.ts. */

export const text = (what: string) => z.string({ error: what }).min(1, { error: what });

export const instantField = z
  .string({ error: instantForm })
  .meta({ examples: ['2026-11-20T10:00:00Z'] })
  .transform(read(parseInstant));
export const moment = z
  .string({ error: momentForm })
  .meta({ examples: ['2026-11-20T10:00:00Z', '20h ago', 'in 7y'] })
  .transform(read(parseMoment));
