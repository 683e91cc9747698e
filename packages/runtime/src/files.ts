/**
 * The file system as a port. Paths are absolute or relative to the process; missing files are
 * `undefined`, everything else that goes wrong (disk full, no permission) rejects.
 */
export interface Files {
  read(path: string): Promise<Uint8Array | undefined>
  /** Bytes `start` up to (not including) `end`, in pieces with back-pressure. */
  stream(path: string, start: number, end: number): AsyncIterable<Uint8Array>
  /** SHA-256 of a whole file, 64 lower-case hex digits; memory does not grow with its length. */
  sha256(path: string): Promise<string | undefined>
  /** Length in bytes, or undefined when there is no such file. */
  size(path: string): Promise<number | undefined>
  /** Writes a whole file so that a crash leaves the old or the new one: temp file, fsync, rename, fsync of the folder. */
  writeAtomic(path: string, bytes: Uint8Array, mode?: number): Promise<void>
  /** Opens for appending, making the file and its folder if needed. */
  append(path: string): Promise<AppendFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Names in a folder; empty when there is none. */
  list(folder: string): Promise<string[]>
}

export interface AppendFile {
  write(bytes: Uint8Array): Promise<void>
  /** Settles when what was written is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}
