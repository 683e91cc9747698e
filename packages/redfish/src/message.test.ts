import { describe, expect, it } from 'vitest'
import { messagesOf, parseMessageRegistry, saysAny, wordsOf } from './message.ts'

const info = '@Message.ExtendedInfo'

describe('messages', () => {
  it('are found wherever services put them', () => {
    const one = { MessageId: 'Base.1.8.InternalError' }
    for (const body of [
      { error: { [info]: [one] } },
      { [info]: [one] },
      { 'Boot/Mode@Message.ExtendedInfo': [one] },
      { Messages: [one] },
      { error: { code: 'Base.1.8.InternalError', message: 'It broke.' } },
    ]) {
      expect(saysAny(messagesOf(body), 'InternalError')).toBe(true)
    }
    const wordless = {
      error: { message: 'No room.', [info]: [{ MessageId: 'Base.1.0.GeneralError' }] },
    }
    expect(messagesOf(wordless).map(({ text }) => text)).toEqual([undefined, 'No room.'])
    expect(messagesOf({ error: 'no' })).toEqual([])
    expect(messagesOf({ Messages: Array.from({ length: 500 }, () => one) })).toHaveLength(32)
  })

  it("become words: their own, a registry's, ours, or their id", () => {
    const words = (message: object, ...registries: Parameters<typeof wordsOf>[1][]) =>
      wordsOf(messagesOf({ Messages: [message] })[0] ?? never(), registries[0])
    const never = (): never => {
      throw new Error('no message')
    }
    expect(words({ MessageId: 'X.1.0.Y', Message: 'Said %1.', MessageArgs: ['so'] })).toBe(
      'Said so.',
    )
    const registry = parseMessageRegistry({ Messages: { Y: { Message: 'Why %1 and %2?' } } })
    expect(words({ MessageId: 'X.1.0.Y', MessageArgs: ['a', 'b'] }, [registry])).toBe(
      'Why a and b?',
    )
    expect(words({ MessageId: 'Base.1.0.PropertyUnknown', MessageArgs: ['Boot'] })).toBe(
      'the property Boot is not known here',
    )
    expect(words({ MessageId: 'IDRAC.2.8.SYS999' })).toBe('IDRAC.2.8.SYS999')
    expect(words({})).toBe('no reason given')
    // An argument that is not there stays open rather than wrong.
    expect(words({ Message: '%1 of %2', MessageArgs: ['1'] })).toBe('1 of %2')
  })
})
