import type { Act, Sled } from '@brickyard/api/schemas'
import type { Answer } from '@brickyard/api/client'
import type { SledState } from '@brickyard/model/sled-lifecycle'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { actQuery } from '../api/queries.ts'
import { answered, hub } from '../api/request.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { Icon } from '../ui/Icon.tsx'
import { Mark, type Shape } from '../ui/Mark.tsx'
import { Menu, MenuButton } from '../ui/Menu.tsx'
import { TONE_TEXT, type Tone } from '../ui/tone.ts'
import {
  CHANGE_LOGIN,
  INSPECT,
  POWER_VERBS_SAID,
  RECOVER,
  RELEASE_ADOPTION,
  RESTART_BMC,
  shortSerial,
  type VerbSaid,
} from './verb-words.ts'

const IDENTIFY_SECONDS = 60
/** While an act is under way it is asked for: its change may have come before we listened. */
const ACT_POLL_MS = 2_000
/** States that a fresh inspection leads out of. */
const RECOVERABLE: readonly SledState[] = ['failed', 'held', 'quarantined', 'missing']

/** A wish about the sled that was chosen and waits for its confirmation. */
interface Asked {
  readonly said: VerbSaid
  readonly send: () => Answer<Act>
}

/** Power, LED and inspection, and what became of the last wish. */
export function SledActions({ sled }: { sled: Sled }) {
  const [asked, setAsked] = useState<Asked>()
  const [actId, setActId] = useState<string>()
  const act = useMutation({
    mutationFn: (send: () => Answer<Act>) => answered(send()),
    onSuccess: ({ id }) => {
      setAsked(undefined)
      setActId(id)
    },
  })
  const light = (seconds: number) => (): void =>
    setAsked({
      said: {
        title: seconds > 0 ? `Light the LED for ${seconds} s` : 'Turn the LED off',
        note: '',
        effect: 'Nothing but the light on the sled’s front changes.',
        hard: false,
      },
      send: () => hub.sleds.identify(sled.site, sled.name, seconds),
    })
  return (
    <>
      {actId !== undefined && <ActNote id={actId} />}
      <Menu label="Identify" face={<Face icon="light" word="Identify" />} bordered>
        <MenuButton onClick={light(IDENTIFY_SECONDS)} note="so that a person finds it">
          Light for {IDENTIFY_SECONDS} s
        </MenuButton>
        <MenuButton onClick={light(0)}>Turn off</MenuButton>
      </Menu>
      <Menu label="Power" face={<Face icon="power" word="Power" />} bordered>
        {POWER_VERBS_SAID.map((said) => (
          <MenuButton
            key={said.verb}
            note={said.note}
            danger={said.hard}
            onClick={() =>
              setAsked({ said, send: () => hub.sleds.power(sled.site, sled.name, said.verb) })
            }
          >
            {said.title}
          </MenuButton>
        ))}
      </Menu>
      <Menu label="More" face="More" bordered>
        <MenuButton
          note={INSPECT.note}
          onClick={() =>
            setAsked({ said: INSPECT, send: () => hub.sleds.inspect(sled.site, sled.name) })
          }
        >
          {INSPECT.title}
        </MenuButton>
        <MenuButton
          note={CHANGE_LOGIN.note}
          onClick={() =>
            setAsked({
              said: CHANGE_LOGIN,
              send: () => hub.sleds.rotateCredentials(sled.site, sled.name),
            })
          }
        >
          {CHANGE_LOGIN.title}
        </MenuButton>
        {sled.state !== 'adopted' && sled.bmcAddress !== null && (
          <MenuButton
            note={RESTART_BMC.note}
            onClick={() =>
              setAsked({
                said: RESTART_BMC,
                send: () => hub.sleds.restartBmc(sled.site, sled.name),
              })
            }
          >
            {RESTART_BMC.title}
          </MenuButton>
        )}
        {sled.state === 'adopted' && (
          <MenuButton
            danger
            note={RELEASE_ADOPTION.note}
            onClick={() =>
              setAsked({
                said: RELEASE_ADOPTION,
                send: () => hub.sleds.releaseAdoption(sled.site, sled.name),
              })
            }
          >
            {RELEASE_ADOPTION.title}
          </MenuButton>
        )}
        {RECOVERABLE.includes(sled.state) && (
          <MenuButton
            note={RECOVER.note}
            onClick={() =>
              setAsked({ said: RECOVER, send: () => hub.sleds.recover(sled.site, sled.name) })
            }
          >
            {RECOVER.title}
          </MenuButton>
        )}
      </Menu>
      {asked !== undefined && (
        <Confirm
          title={`${sled.site}/${sled.name}`}
          action={asked.said.title}
          danger={asked.said.hard}
          typed={asked.said.hard ? shortSerial(sled) : undefined}
          busy={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate(asked.send)}
          onClose={() => {
            setAsked(undefined)
            act.reset()
          }}
        >
          <Plan sled={sled} said={asked.said} />
        </Confirm>
      )}
    </>
  )
}

function Face({ icon, word }: { icon: 'light' | 'power'; word: string }) {
  return (
    <>
      <Icon name={icon} /> {word}
    </>
  )
}

/** What the verb will do to this sled, before the button. */
function Plan({ sled, said }: { sled: Sled; said: VerbSaid }) {
  return (
    <>
      <p>
        <strong className="font-medium text-ink">{said.title}.</strong> {said.effect}
      </p>
      {said.hard && sled.deployment !== null && (
        <p className="text-ink">It carries a deployment: whatever runs on it is cut off.</p>
      )}
      {said.hard && sled.currentOperation !== null && (
        <p className="text-ink">An operation is running on it.</p>
      )}
      {sled.stale && (
        <p>The site is away: the wish waits for it, and expires if it stays away too long.</p>
      )}
    </>
  )
}

const ACT_SAID: Readonly<Record<Act['state'], { word: string; shape: Shape; tone: Tone }>> = {
  sent: { word: 'sent', shape: 'half', tone: 'busy' },
  'waiting-for-site': { word: 'waiting for the site', shape: 'ring', tone: 'busy' },
  done: { word: 'done, read back', shape: 'check', tone: 'good' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
  expired: { word: 'expired', shape: 'struck', tone: 'warn' },
}

function ActNote({ id }: { id: string }) {
  const { data: act } = useQuery({
    ...actQuery(id),
    refetchInterval: ({ state }) =>
      state.data?.state === 'sent' || state.data?.state === 'waiting-for-site'
        ? ACT_POLL_MS
        : false,
  })
  if (act === undefined) return null
  const said = ACT_SAID[act.state]
  return (
    <span
      role="status"
      className={`inline-flex items-center gap-1.5 self-center text-sm ${TONE_TEXT[said.tone]}`}
    >
      <Mark shape={said.shape} />
      {act.kind.replaceAll('-', ' ')}: {said.word}
      {act.reason !== null && <span className="text-ink-soft">({act.reason})</span>}
    </span>
  )
}
