import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';

const BLOCK = 512;

/**
 * Writes the regular files of a POSIX ustar archive below `folder`. Links, devices and long-name extensions are
 * refused, as is any path that would leave the folder; the few archives that tests unpack have none.
 */
export async function untar(archive: Uint8Array, folder: string): Promise<void> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const field = (start: number, length: number) =>
      bytes.toString('latin1', at + start, at + start + length).split('\0', 1)[0] ?? '';
    const path = [field(345, 155), field(0, 100)].filter((part) => part !== '').join('/');
    const size = Number.parseInt(field(124, 12).trim(), 8);
    const type = field(156, 1);
    const target = resolve(folder, path);
    if (target !== resolve(folder) && !target.startsWith(resolve(folder) + sep)) {
      throw new Error(`an archive names ${path}, outside of its folder`);
    }
    if (type === '' || type === '0') {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes.subarray(at + BLOCK, at + BLOCK + size));
    } else if (type !== '5') {
      throw new Error(`an archive holds ${path} of type ${type}, which is not unpacked here`);
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
