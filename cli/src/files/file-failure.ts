import { CommandFailure, type FailureKind } from '../failure.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
};

/** What the operating system refused, in words; `doing` as in "read", "write". */
export function fileFailure(kind: FailureKind, doing: string, path: string, error: unknown): CommandFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code] ?? (code === '' ? 'it failed' : `it failed (${code})`);
  return new CommandFailure(kind, `cannot ${doing} ${path}: ${reason}`, { cause: error });
}
