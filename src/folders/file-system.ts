import { statfsSync } from 'node:fs';

/** What Linux calls those that are this machine's alone: ext4, xfs, btrfs, tmpfs, ramfs, overlayfs, zfs, f2fs, bcachefs. */
const OF_THIS_MACHINE = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
]);

/** Whether a folder is certainly on a file system that no other machine writes to, nor makes the times of. */
export function isOfThisMachine(folder: string): boolean {
  try {
    return process.platform === 'linux' && OF_THIS_MACHINE.has(statfsSync(folder).type >>> 0);
  } catch {
    return false;
  }
}
