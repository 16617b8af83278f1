/** One finished request. Fields that a request does not have are empty. */
export interface RequestRecord {
  readonly time: string;
  readonly requestId: string;
  readonly principal: string;
  /** The API's own name, such as PutObjectRetention; `Unknown` when the server has no such operation. */
  readonly operation: string;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  /** The version id in the request. */
  readonly versionId: string;
  /** The HTTP status; 0 when the connection ended without a reply. */
  readonly status: number;
  /** The error code; empty when it went well. */
  readonly code: string;
  /** Headers and parameters that the operation ignored, since they mean nothing to it; a parameter begins with `?`. */
  readonly ignored: readonly string[];
}

export interface RequestLog {
  /** The records, oldest first. */
  list(): readonly RequestRecord[];
  clear(): void;
  /** Calls back with each record from now on, before the reply goes out. @returns what ends that */
  follow(listener: (record: RequestRecord) => void): () => void;
}

/** Keeps the last records in memory. */
export function requestLog(capacity = 100_000): RequestLog & { add(record: RequestRecord): void } {
  let records: RequestRecord[] = [];
  const listeners = new Set<(record: RequestRecord) => void>();
  return {
    list: () => records.slice(-capacity),
    clear() {
      records = [];
    },
    add(record) {
      records.push(record);
      if (records.length >= capacity * 2) records = records.slice(-capacity);
      for (const listener of listeners) listener(record);
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
