/**
 * A client whose writes can be checked. Step n counts, adds n to a list, sets a value and, in one
 * transaction, two fields; so after any end of the server the four tell how far it had come:
 *
 *     count >= list >= value >= fields >= count - 1      each step is done in its order
 *     acknowledged <= fields, count <= asked             nothing is lost, nothing invented
 */
import assert from 'node:assert/strict'
import type { Seeded } from '../../src/host/index.ts'
import { replyText } from '../../src/resp/reply.ts'
import { encode, Link } from '../support/link.ts'

/** The list is begun anew after so many steps. */
const LIST_STEPS = 300

export class Writer {
  readonly id: number
  /** Steps of which all replies have come. */
  acknowledged = 0
  /** Steps that have been sent. */
  asked = 0

  constructor(id: number) {
    this.id = id
  }

  /** Writes step after step, some at once, until the link breaks. */
  async writeUntilBroken(port: number, random: Seeded): Promise<void> {
    let link: Link
    try {
      link = await Link.open(port)
    } catch {
      return
    }
    try {
      for (;;) {
        const count = random.between(1, 12)
        const commands = Array.from({ length: count }, () => this.#step(++this.asked, random))
        link.send(Buffer.concat(commands.flat().map((argv) => encode(argv))))
        for (const step of commands) {
          for (const argv of step) await this.#expectGood(link, argv)
          this.acknowledged++
        }
      }
    } catch (error) {
      assert.match(String(error), /closed|ECONN|EPIPE/)
    } finally {
      link.close()
    }
  }

  /** Compares what is there with what was promised, and goes on from there. */
  async check(link: Link): Promise<void> {
    const { id, acknowledged, asked } = this
    const count = Number((await link.text('GET', `count:${id}`)) ?? 0)
    const list = await link.ask('LRANGE', `list:${id}`, '0', '-1')
    assert.ok(list.kind === 'array')
    const numbers = list.items.map((item) => Number(replyText(item)))
    const last = numbers.at(-1) ?? 0
    const value = Number((await link.text('GET', `value:${id}`))?.split(':')[0] ?? 0)
    const a = Number((await link.text('HGET', `fields:${id}`, 'a')) ?? 0)
    const b = Number((await link.text('HGET', `fields:${id}`, 'b')) ?? 0)
    const found = `count ${count}, list ${last}, value ${value}, fields ${a} and ${b}`
    const where = `client ${id}, acknowledged ${acknowledged}, asked ${asked}: ${found}`
    assert.equal(a, b, `half of a transaction: ${where}`)
    assert.ok(a >= acknowledged, `lost: ${where}`)
    assert.ok(count <= asked, `never asked for: ${where}`)
    const isEmptied = last === 0 && count % LIST_STEPS <= 1
    assert.ok(isEmptied || (count >= last && last >= value), `out of order: ${where}`)
    assert.ok(count >= value && value >= a && a >= count - 1, `out of order: ${where}`)
    const isWhole = numbers.every((number, i) => i === 0 || number === numbers[i - 1]! + 1)
    assert.ok(isWhole, `the list has gaps: ${where}`)
    // A step that was half done is done again, from the beginning.
    this.acknowledged = a
    this.asked = a
    if (count !== a) await link.ask('SET', `count:${id}`, String(a))
    if (last > a) await link.ask('RPOP', `list:${id}`)
  }

  #step(n: number, random: Seeded): string[][] {
    const { id } = this
    const text = `${n}:${'x'.repeat(random.between(0, random.chance(0.05) ? 20_000 : 300))}`
    const list = `list:${id}`
    return [
      ['INCR', `count:${id}`],
      ...(n % LIST_STEPS === 0 ? [['DEL', list]] : []),
      ['RPUSH', list, String(n)],
      ['SET', `value:${id}`, text],
      ['MULTI'],
      ['HSET', `fields:${id}`, 'a', String(n)],
      ['HSET', `fields:${id}`, 'b', String(n)],
      ['EXEC'],
    ]
  }

  async #expectGood(link: Link, argv: readonly string[]): Promise<void> {
    const reply = await link.reply()
    assert.notEqual(reply.kind, 'error', `${argv[0]}: ${replyText(reply)}`)
    if (argv[0] === 'INCR') {
      assert.equal(replyText(reply), String(this.acknowledged + 1), 'a count was lost while it ran')
    }
  }
}
