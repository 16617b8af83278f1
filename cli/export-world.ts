import type { VersionSet } from '../shared/disposition/version-set.ts';
import type { ExportScope } from '../shared/export/scope.ts';
import type { ObjectPrefix } from '../shared/rules/types.ts';
import type { ObjectStore } from '../shared/storage/port.ts';
import type { RulesOptions } from './cloud-options.ts';
import type { ExportPack } from './export-pack.ts';
import type { ProgressLine } from './progress.ts';

export interface ExportOptions extends RulesOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly rule?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly bucket?: readonly string[];
  readonly concurrency: number;
  readonly qps?: number;
}

/** This is what each part of an export works with. */
export interface ExportRun {
  readonly options: ExportOptions;
  readonly scope: ExportScope;
  /** The folder of the evidence. */
  readonly place: ObjectPrefix;
  /** It lets no write through. */
  readonly storage: ObjectStore;
  /** The instant that the export is about. */
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly pack: ExportPack;
  readonly line: ProgressLine;
  /** The versions of the period; undefined where it has no end. */
  readonly known: VersionSet | undefined;
}
