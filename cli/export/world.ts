import type { ExportScope } from '../../shared/export/scope.ts';
import type { ExportState } from '../../shared/export/state.ts';
import type { ObjectPrefix } from '../../shared/rules/types.ts';
import type { ObjectStore } from '../../shared/storage/port.ts';
import type { RulesOptions } from '../options/cloud-options.ts';
import type { ProgressLine } from '../terminal/progress.ts';
import type { ExportPack } from './pack.ts';

export interface ExportOptions extends RulesOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly rule?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly bucket?: readonly string[];
  readonly concurrency: number;
  readonly qps?: number;
  readonly restart?: boolean;
  readonly allRegions?: boolean;
}

/** This is how far an export has come, and where that is kept. */
export interface ExportProgress {
  readonly state: ExportState;
  /** Keeps a change, behind all that was written to the pack before. @throws FILE_UNWRITABLE, CHECKPOINT_UNUSABLE */
  keep(change: Partial<ExportState>): Promise<void>;
}

/** This is what each part of an export works with. */
export interface ExportRun {
  readonly options: ExportOptions;
  readonly scope: ExportScope;
  /** The folder of the evidence. */
  readonly place: ObjectPrefix;
  /** It lets no write through. */
  readonly storage: ObjectStore;
  /** The storage of the evidence as it was at the instant that the export is about: its lists have nothing that came later. */
  readonly evidence: ObjectStore;
  /** Tells whether nothing could be read of the region of a bucket. */
  readonly failsAlone: (bucket: string) => boolean;
  /** The instant that the export is about. */
  readonly now: Date;
  /** The instant at which this process looks at what is stored: later, where an export is gone on with. */
  readonly lookedAt: Date;
  readonly signal: AbortSignal;
  readonly pack: ExportPack;
  readonly line: ProgressLine;
  readonly progress: ExportProgress;
}
