import { describe, expect, it } from 'vitest'
import { COMMANDS, commandText, type CommandName, type CommandRow } from './command-table.ts'
import { nodePorts } from './node-ports.ts'
import { runYard } from './program.ts'

describe('commandText', () => {
  it('quotes what a shell would read otherwise', () => {
    expect(commandText('deploy create', [], { image: "bob's disk", count: 2, wait: true })).toBe(
      "yard deploy create --image 'bob'\\''s disk' --count 2 --wait",
    )
  })

  it('leaves out what is empty, and repeats what is a list', () => {
    expect(commandText('events', [], { site: '', kind: 'sled.state' })).toBe(
      'yard events --kind sled.state',
    )
    expect(commandText('deploy create', [], { image: 'a', site: ['x', 'y'] })).toBe(
      'yard deploy create --image a --site x --site y',
    )
  })

  it('refuses an option that the command does not have', () => {
    expect(() => commandText('site list', [], { colour: 'red' })).toThrow(/has no option --colour/)
    expect(() => commandText('site list', ['x'])).toThrow(/takes 0 words/)
  })
})

describe('the table of commands', () => {
  const rows = Object.entries(COMMANDS) as [CommandName, CommandRow][]

  it.each(rows)('%s explains each of its options', async (name, row) => {
    let help = ''
    const ports = {
      ...nodePorts(),
      out: (text: string): void => {
        help += text
      },
    }
    expect(await runYard([...name.split(' '), '--help'], ports)).toBe(0)
    for (const option of [...row.options, { name: 'output' }]) {
      expect(help).toContain(`--${option.name}`)
    }
  })
})
