/**
 * Records of one fixed size in a file that only grows: what an audit remembers of every entry, at any size of the log. What was
 * appended counts from the next {@link RecordFile.sync}; a process that ends before that goes on from the length that its state names.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { fileFailure } from '../files/file-failure.ts';

const BUFFER = 1024 * 1024;

export class RecordFile {
  readonly path: string;
  readonly recordSize: number;
  readonly #file: FileHandle;
  readonly #buffer: Uint8Array;
  #buffered = 0;
  #written: number;

  private constructor(path: string, recordSize: number, file: FileHandle, length: number, buffer: number) {
    this.path = path;
    this.recordSize = recordSize;
    this.#file = file;
    this.#written = length;
    this.#buffer = new Uint8Array(buffer - (buffer % recordSize));
  }

  /**
   * Makes the file, or cuts it to `records`. Throws CommandFailure if it can't be written; resolves to undefined if it has fewer
   * records than that.
   */
  static async open(
    path: string,
    recordSize: number,
    records: number,
    buffer = BUFFER,
  ): Promise<RecordFile | undefined> {
    try {
      // Neither cuts what is there nor refuses what is not.
      const file = await open(path, 'a+', 0o600).then(async (made) => {
        await made.close();
        return open(path, 'r+');
      });
      const length = records * recordSize;
      const { size } = await file.stat();
      if (size < length) {
        await file.close();
        return undefined;
      }
      await file.truncate(length);
      return new RecordFile(path, recordSize, file, length, buffer);
    } catch (error) {
      throw fileFailure('file_unwritable', 'write', path, error);
    }
  }

  get records(): number {
    return (this.#written + this.#buffered) / this.recordSize;
  }

  /** @param records whole ones */
  async append(records: Uint8Array): Promise<void> {
    for (let at = 0; at < records.length; ) {
      const part = records.subarray(at, at + this.#buffer.length - this.#buffered);
      this.#buffer.set(part, this.#buffered);
      this.#buffered += part.length;
      at += part.length;
      if (this.#buffered === this.#buffer.length) await this.#flush();
    }
  }

  /** Resolves when everything would survive a crash of the machine. */
  async sync(): Promise<void> {
    await this.#flush();
    await this.#doing(() => this.#file.datasync());
  }

  /** Everything so far, in whole records; each part is valid until the next is asked for. */
  async *parts(size = BUFFER): AsyncGenerator<Uint8Array> {
    await this.#flush();
    const part = new Uint8Array(Math.max(1, Math.floor(size / this.recordSize)) * this.recordSize);
    for (let at = 0; at < this.#written; ) {
      const { bytesRead } = await this.#doing(() =>
        this.#file.read(part, 0, Math.min(part.length, this.#written - at), at),
      );
      const whole = bytesRead - (bytesRead % this.recordSize);
      if (whole === 0) throw new Error(`${this.path} is shorter than what was written to it`);
      yield part.subarray(0, whole);
      at += whole;
    }
  }

  /** The record at a place. */
  async at(index: number): Promise<Uint8Array> {
    await this.#flush();
    const record = new Uint8Array(this.recordSize);
    const { bytesRead } = await this.#doing(() => this.#file.read(record, 0, record.length, index * this.recordSize));
    if (bytesRead !== record.length) throw new RangeError('index: there is no such record');
    return record;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    for (let at = 0; at < this.#buffered; ) {
      const part = this.#buffer.subarray(at, this.#buffered);
      const { bytesWritten } = await this.#doing(() => this.#file.write(part, 0, part.length, this.#written + at));
      at += bytesWritten;
    }
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  async #doing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fileFailure('file_unwritable', 'write', this.path, error);
    }
  }
}
