import { sleep } from '@brickyard/runtime/clock'
import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'
import { virtualClock } from './virtual-clock.ts'

describe('virtual clock', () => {
  it('runs what is due in the order of its time, and first armed first', async () => {
    const clock = virtualClock()
    const ran: string[] = []
    clock.after(20, () => ran.push('c'))
    clock.after(10, () => ran.push('a'))
    clock.after(10, () => ran.push('b'))
    clock.after(15, () => ran.push('never')).cancel()
    await clock.advance(15)
    expect(ran).toEqual(['a', 'b'])
    await clock.advance(5)
    expect(ran).toEqual(['a', 'b', 'c'])
    expect(clock.monotonicMs()).toBe(20)
    expect(clock.timerCount).toBe(0)
  })

  it('keeps the heap in order for any delays', async () => {
    const random = seededRandom('heap')
    const clock = virtualClock()
    const ran: number[] = []
    for (let n = 0; n < 500; n++) {
      const delay = random.below(100)
      clock.after(delay, () => ran.push(delay))
    }
    await clock.advance(100)
    expect(ran).toHaveLength(500)
    expect(ran).toEqual([...ran].sort((a, b) => a - b))
  })

  it('lets promises, web streams and responses settle before time goes on', async () => {
    const clock = virtualClock()
    const seen: [string, number][] = []
    const work = async (): Promise<void> => {
      await sleep(clock, 5)
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('hel'))
          controller.enqueue(new TextEncoder().encode('lo'))
          controller.close()
        },
      })
      seen.push([await new Response(stream).text(), clock.monotonicMs()])
      await sleep(clock, 1)
      seen.push(['slept', clock.monotonicMs()])
    }
    const over = work()
    clock.after(5, () => undefined)
    clock.after(5.5, () => seen.push(['later', clock.monotonicMs()]))
    await clock.advance(10)
    await over
    expect(seen).toEqual([
      ['hello', 5],
      ['later', 5.5],
      ['slept', 6],
    ])
  })

  it('stops as soon as what was waited for holds, and says when it never does', async () => {
    const clock = virtualClock()
    let done = false
    clock.after(1000, () => {
      done = true
    })
    expect(await clock.runUntil(() => done, 999)).toBe(false)
    expect(await clock.runUntil(() => done, 10_000)).toBe(true)
    expect(clock.monotonicMs()).toBe(1000)
  })

  it('never stands still for code that waits for the rest of a deadline', async () => {
    const clock = virtualClock()
    await clock.advance(1e7 + 1 / 3)
    const deadlineMs = clock.monotonicMs() + 0.1 + 0.7
    let looks = 0
    const look = (): void => {
      looks++
      const leftMs = deadlineMs - clock.monotonicMs()
      if (leftMs > 0) clock.after(leftMs, look)
    }
    look()
    await clock.advance(2)
    expect(looks).toBeLessThanOrEqual(3)
    expect(clock.timerCount).toBe(0)
  })

  it('lets the wall clock jump without moving a timer', async () => {
    const clock = virtualClock(5000)
    let ran = false
    clock.after(100, () => {
      ran = true
    })
    clock.setWallMs(0)
    expect(clock.wallMs()).toBe(0)
    await clock.advance(99)
    expect(ran).toBe(false)
    await clock.advance(1)
    expect([ran, clock.wallMs()]).toEqual([true, 100])
  })
})

describe('seeded random', () => {
  it('gives the same stream for a seed and other streams for other names', () => {
    const draw = (seed: string): number[] => {
      const random = seededRandom(seed)
      return Array.from({ length: 5 }, () => random.below(1000))
    }
    expect(draw('1')).toEqual(draw('1'))
    expect(draw('1')).not.toEqual(draw('2'))
    const parent = seededRandom('1')
    expect(parent.fork('a').bytes(8)).toEqual(seededRandom('1/a').bytes(8))
  })
})
