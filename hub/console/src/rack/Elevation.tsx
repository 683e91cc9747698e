import type { SiteDetail, Sled } from '@brickyard/api/schemas'
import { useNavigate } from '@tanstack/react-router'
import {
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
} from 'react'
import { BrickDrawing } from './BrickDrawing.tsx'
import { nextBrick, planRack, UNIT_HEIGHT, type Direction } from './plan.ts'

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}
/** Width drawn for before the page has been measured. */
const WIDTH_FIRST = 520

/**
 * The rack as it stands: one link per sled, reached by one Tab and walked by arrow keys. Text keeps
 * its size at every width; only the boxes follow.
 */
export function Elevation(props: {
  rack: NonNullable<SiteDetail['rack']>
  sleds: readonly Sled[]
}) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const plan = useMemo(
    () => planRack(props.rack, props.sleds, width),
    [props.rack, props.sleds, width],
  )
  const [active, setActive] = useState(0)
  const navigate = useNavigate()
  const move = (event: KeyboardEvent, index: number): void => {
    const direction = ARROWS[event.key]
    if (direction === undefined) return
    event.preventDefault()
    const next = nextBrick(plan.bricks, index, direction)
    if (next === undefined) return
    setActive(next)
    frame.current?.querySelectorAll<SVGAElement>('a')[next]?.focus()
  }
  const follow = (event: MouseEvent, sled: Sled): void => {
    // A middle click or a modifier means a new tab: the browser's own way is right for that.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    void navigate({
      to: '/sites/$site/sleds/$sled',
      params: { site: sled.site, sled: sled.name },
    })
  }
  return (
    <div ref={frame}>
      <svg
        width={plan.width}
        height={plan.height + 2}
        viewBox={`0 -1 ${plan.width} ${plan.height + 2}`}
        role="group"
        aria-label={`Rack of ${props.rack.site}, ${plan.bricks.length} sleds; arrow keys move between them`}
        className="block select-none"
      >
        <defs>
          <pattern
            id="hatch"
            width="7"
            height="7"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line x1="0" y1="0" x2="0" y2="7" stroke="var(--hatch)" strokeWidth="3" />
          </pattern>
        </defs>
        <Frame plan={plan} />
        {plan.bricks.map((brick, index) => (
          <a
            key={brick.sled.name}
            href={`/sites/${brick.sled.site}/sleds/${brick.sled.name}`}
            tabIndex={index === Math.min(active, plan.bricks.length - 1) ? 0 : -1}
            onKeyDown={(event) => move(event, index)}
            onFocus={() => setActive(index)}
            onClick={(event) => follow(event, brick.sled)}
            className="brick"
          >
            <BrickDrawing brick={brick} />
          </a>
        ))}
      </svg>
      {plan.unplaced.length > 0 && (
        <ul className="mt-3 grid gap-1 text-sm text-warn">
          {plan.unplaced.map(({ sled, why }) => (
            <li key={sled.name}>
              {sled.name} is not drawn: {why}.
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Rails, unit numbers, cages and the slots where nothing is declared. */
function Frame({ plan }: { plan: ReturnType<typeof planRack> }) {
  return (
    <g aria-hidden="true">
      {plan.units.map(({ unit, y }) => (
        <text
          key={unit}
          x={20}
          y={y + UNIT_HEIGHT / 2 + 4}
          textAnchor="end"
          className="fill-ink-faint font-mono text-[10px]"
        >
          {unit}
        </text>
      ))}
      {plan.cages.map(({ cage, box }) => (
        <g key={cage.name}>
          <rect {...box} rx="7" fill="var(--ground)" stroke="var(--line-strong)" />
          <text
            transform={`translate(${box.x + box.width + 15} ${box.y + box.height / 2}) rotate(90)`}
            textAnchor="middle"
            className="fill-ink-faint text-[11px]"
          >
            {cage.name} · Open19 {cage.generation} · {cage.heightRackUnits} U
          </text>
        </g>
      ))}
      {plan.emptySlots.map(({ cage, slot, box }) => (
        <g key={`${cage}-${slot}`}>
          <rect {...box} rx="4" fill="url(#hatch)" />
          <text
            x={box.x + 8}
            y={box.y + box.height / 2 + 4}
            className="fill-ink-faint font-mono text-[10px]"
          >
            {slot}
          </text>
        </g>
      ))}
    </g>
  )
}

function useWidth(frame: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(WIDTH_FIRST)
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(240, Math.floor(entry.contentRect.width)))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [frame])
  return width
}
