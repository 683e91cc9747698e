import type { EventBody } from '@brickyard/protocol/events'

/** Who reads a console and who of them writes. */
export interface ConsolePeople {
  readonly readers: readonly string[]
  readonly writer: string | null
}

export const NOBODY: ConsolePeople = { readers: [], writer: null }

type Deed = Omit<EventBody<'sled.console'>, 'sled'>

/** What happened between two looks at who is there, in the order it must have happened. */
export function peopleDeeds(before: ConsolePeople, after: ConsolePeople): Deed[] {
  const came = [...new Set(after.readers)].filter((name) => !before.readers.includes(name))
  const went = [...new Set(before.readers)].filter((name) => !after.readers.includes(name))
  const changed = before.writer !== after.writer
  return [
    ...came.map((by): Deed => ({ what: 'joined', by })),
    ...(changed ? [{ what: 'writer', by: after.writer, from: before.writer } as const] : []),
    ...went.map((by): Deed => ({ what: 'left', by })),
  ]
}
