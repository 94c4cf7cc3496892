/** Makes the disk fail, fill up and be slow, and well again. */
import { Seeded } from '../../src/host/index.ts'
import type { Life } from './life.ts'

export class Disturber {
  /** Whether the disk has ever failed in this life. */
  hasDisturbed = false
  /** Whether it does now. */
  isDisturbed = false
  readonly #life: Life

  constructor(life: Life, syncMsMax: number, seed: number) {
    this.#life = life
    const random = new Seeded(seed)
    life.syncMs = () => (syncMsMax === 0 ? 0 : random.between(0, syncMsMax))
  }

  /** From now on syncs fail, or something that is drawn goes wrong. @returns what. */
  disturb(random: Seeded, isSync: boolean): string {
    const { disk } = this.#life
    this.hasDisturbed = true
    this.isDisturbed = true
    const times = random.between(1, 3)
    const fail = (verb: Parameters<typeof disk.fail>[0], code: string) => {
      disk.fail(verb, code, times)
      return `${times} times ${verb} fails with ${code}`
    }
    switch (isSync ? 0 : random.between(0, 6)) {
      case 0:
      case 1:
        return fail('sync', 'EIO')
      case 2:
        return fail('write', random.pick(['EIO', 'EROFS', 'ENOSPC']))
      case 3:
        return fail(random.pick(['open', 'rename', 'remove', 'syncFolder', 'truncate']), 'EIO')
      case 4: {
        const bytes = random.between(0, 300)
        disk.fill(bytes)
        return `${bytes} bytes are free`
      }
      case 5:
        disk.writeBytesMax = () => random.between(1, 40)
        return 'writes are short'
      default:
        disk.fail('write', 'EIO', 1)
        return `${fail('truncate', 'EIO')}, after a write`
    }
  }

  /** All is well. */
  heal(): void {
    this.isDisturbed = false
    this.#life.disk.heal()
  }
}
